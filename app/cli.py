"""`./office COMMAND`: each command is a module of `app.commands` with `main(arguments) -> exit code`."""

import gc
import os
import resource
import sys
from importlib import import_module

from app.config import Misconfigured

COMMANDS = ("serve", "station", "platform", "migrate", "administrator", "test", "check", "bench", "pictures", "lock")
# What these write is nobody else's on the machine: databases, keys, scans, logs.
PRIVATE = frozenset({"serve", "station", "platform", "migrate", "administrator"})


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] not in COMMANDS:
        print(f"office: give one of {', '.join(COMMANDS)}.", file=sys.stderr)
        return 2
    if arguments[0] in PRIVATE:
        keep_private()
    gc.disable()  # nothing that is imported is ever garbage, and no later collection needs to look at it
    command = import_module(f"app.commands.{arguments[0]}")
    gc.freeze()
    gc.enable()
    try:
        return command.main(arguments[1:])
    except Misconfigured as fault:
        print(f"office: {fault}", file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        return 130


def keep_private() -> None:
    """Files are readable by their owner only, and a program that dies leaves no picture of its memory: keys and PINs are in it. Children
    inherit both."""
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
