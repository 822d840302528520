"""`./office test [pytest's arguments]`: every test, with pytest's own summary at the end.

Without arguments two workers share the files between them; a file stays with one worker, since some files tell one story.
"""

import os
import subprocess
import sys

from app.config import HOUSE

_SHARED = ("-n", "2", "--dist", "loadfile")


def main(arguments: list[str]) -> int:
    # Both workers must see the tests in one order, and sets have their order from this seed.
    environment = {"PYTHONHASHSEED": "0"} | os.environ
    command = [sys.executable, "-m", "pytest", *(arguments or _SHARED)]
    return subprocess.run(command, cwd=HOUSE, env=environment, check=False).returncode
