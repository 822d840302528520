"""`./office pictures`: make the README's pictures of every page and paper. They are taken beside the tests, by their browser."""

import subprocess
import sys

from app.config import HOUSE


def main(arguments: list[str]) -> int:
    return subprocess.run([sys.executable, "-m", "tests.pictures.make", *arguments], cwd=HOUSE, check=False).returncode
