"""`./office lock`: write requirements.lock and requirements-test.lock anew from pyproject.toml; `--upgrade` takes newer versions.

Every package is pinned with its digests, for all platforms of Python 3.11 and later, and no download host is recorded.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.config import HOUSE

LOCKS = {"requirements.lock": (), "requirements-test.lock": ("--extra", "test")}
COMPILE = (
    "pip", "compile", "--universal", "--python-version", "3.11", "--generate-hashes",
    "--no-header", "--no-annotate", "--no-emit-index-url", "--quiet",
)  # fmt: skip


def main(arguments: list[str]) -> int:
    """Returns 1 if a lock could not be written; the old one then stays as it is."""
    if arguments not in ([], ["--upgrade"]):
        print("office lock: the only option is --upgrade.", file=sys.stderr)
        return 2
    with _uv() as uv, tempfile.TemporaryDirectory(dir=HOUSE, prefix=".lock-") as folder:
        for name, extra in LOCKS.items():
            new = Path(folder, name)
            shutil.copyfile(HOUSE / name, new)  # what is pinned stays pinned unless it must move
            words = [uv, *COMPILE, *extra, *arguments, "--output-file", str(new), "pyproject.toml"]
            if subprocess.run(words, cwd=HOUSE, check=False).returncode or _names_a_host(new):
                print(f"office lock: {name} was not written.", file=sys.stderr)
                return 1
            new.chmod(0o644)
            new.replace(HOUSE / name)
            print(f"{name} is written.")
    return 0


def _names_a_host(lock: Path) -> bool:
    return "://" in lock.read_text(encoding="utf-8")


@contextmanager
def _uv() -> Iterator[str]:
    """The program uv: the caller's own, else one installed by pip for as long as this command runs."""
    own = shutil.which("uv")
    if own:
        yield own
        return
    with tempfile.TemporaryDirectory(prefix="office-uv-") as folder:
        pip = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--target", folder, "uv"]
        subprocess.run(pip, check=True)
        yield str(Path(folder, "bin", "uv"))
