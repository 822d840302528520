"""`./office test [pytest's arguments]`: every test, with pytest's own summary at the end."""

import subprocess
import sys

from app.config import HOUSE


def main(arguments: list[str]) -> int:
    return subprocess.run([sys.executable, "-m", "pytest", *arguments], cwd=HOUSE, check=False).returncode
