"""`./office test [pytest's arguments]`: every test, with pytest's own summary at the end.

Without arguments two files run side by side, the long ones first. With arguments pytest runs as it was asked to.
"""

import os
import subprocess
import sys

from app.config import HOUSE

SIDE_BY_SIDE = ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder", "--durations", "30"]


def main(arguments: list[str]) -> int:
    environment = os.environ | {"PYTHONHASHSEED": "0"}  # both workers must collect sets in one order
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # hundreds of processes begin: none of them compiles the office anew
    words = [sys.executable, "-m", "pytest", *(arguments or SIDE_BY_SIDE)]
    return subprocess.run(words, cwd=HOUSE, env=environment, check=False).returncode
