"""`./office COMMAND`: each command is a module of `app.commands` with `main(arguments) -> exit code`."""

import sys
from importlib import import_module

from app.config import Misconfigured

COMMANDS = ("serve", "station", "platform", "migrate", "administrator", "test", "check", "bench", "pictures", "lock")


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] not in COMMANDS:
        print(f"office: give one of {', '.join(COMMANDS)}.", file=sys.stderr)
        return 2
    command = import_module(f"app.commands.{arguments[0]}")
    try:
        return command.main(arguments[1:])
    except Misconfigured as fault:
        print(f"office: {fault}", file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
