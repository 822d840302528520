"""A child for the tests of `lasting_child`: `python -m tests.card_issuance.stubborn_child HOW`."""

import os
import sys
import time

from card_issuance.lasting_child import ChildFault, answer_questions, refuse_to_start


def say_no(facts, payload):
    raise ChildFault("no", "It will not.")


def break_down(facts, payload):
    raise RuntimeError("secret 1234")


def wait(facts, payload):
    time.sleep(facts["seconds"])
    return {"waited": facts["seconds"]}, b""


def die(facts, payload):
    os._exit(9)


def half(facts, payload):
    os.write(0, b"\x00\x00\x10\x00half a frame")
    os._exit(0)


if __name__ == "__main__":
    match sys.argv[1]:
        case "refuse":
            refuse_to_start("sulking", "Not today.")
        case "silent":
            time.sleep(60)
        case "crash":
            sys.exit(3)
        case _:
            answer_questions(
                {
                    "echo": lambda facts, payload: (facts, payload[::-1]),
                    "environment": lambda facts, payload: (dict(os.environ), b""),
                    "say_no": say_no,
                    "break_down": break_down,
                    "wait": wait,
                    "die": die,
                    "half": half,
                },
                {"pid": os.getpid()},
            )
