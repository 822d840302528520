"""`./office administrator`: the first member of staff of a new office, who then lets in the others."""

import argparse
import getpass
import sys

from app.config import read_settings
from app.services.appoint_administrator import appoint_administrator
from app.services.errors import Refusal
from app.wiring import build_world
from models.migrations.run import upgrade

SENTENCES = {
    "administrator_exists": "There is an administrator already; he lets in the others, in the supervision pages.",
    "number_taken": "This staff number is taken.",
    "password_short": "The password is too short: at least 10 characters.",
    "password_long": "The password is too long.",
    "password_obvious": "This password is too easily guessed.",
    "required": "Staff number and name may not be empty.",
}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="./office administrator",
        description="Appoint the first administrator. The password is asked for, or read from standard input.",
    )
    parser.add_argument("number", help="staff number")
    parser.add_argument("name")
    given = parser.parse_args(arguments)
    settings = read_settings()
    settings.instance.mkdir(parents=True, exist_ok=True)
    world = build_world(settings)
    upgrade(world.engine)
    try:
        appoint_administrator(world, given.number, given.name, _password())
    except Refusal as refusal:
        print(f"office: {SENTENCES[refusal.code]}", file=sys.stderr)
        return 1
    print(f"{given.number} is administrator. At the first login a second factor is set up.")
    return 0


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    while True:
        first = getpass.getpass("Password: ")
        if first == getpass.getpass("Once more: "):
            return first
        print("The two differ.", file=sys.stderr)
