"""What a program of the office writes is its owner's alone, whichever of its commands wrote it first."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.config import HOUSE

LIMITS = "from app.cli import keep_private; keep_private(); print(open('/proc/self/limits').read())"


@pytest.mark.parametrize(("command", "typed"), [(("migrate",), ""), (("administrator", "ADM-1", "样例"), "a long sentence 27\n")])
def test_no_file_of_a_new_office_is_readable_by_others(tmp_path: Path, command: tuple[str, ...], typed: str) -> None:
    folder = tmp_path / "instance"
    told = {"OFFICE_INSTANCE": str(folder), "DATABASE_URL": "", "PYTHONPATH": str(HOUSE)}
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", *command],
        cwd=HOUSE,
        env={**os.environ, **told},
        input=typed,
        capture_output=True,
        text=True,
        timeout=60,
        umask=0o022,
    )
    assert done.returncode == 0, done.stderr
    assert (folder / "office.db").exists()
    assert [str(path) for path in (folder, *folder.rglob("*")) if path.lstat().st_mode & 0o077] == []


def test_a_program_that_dies_leaves_no_picture_of_its_memory() -> None:
    done = subprocess.run([sys.executable, "-c", LIMITS], cwd=HOUSE, capture_output=True, text=True, timeout=60, check=True)
    line = next(line for line in done.stdout.splitlines() if line.startswith("Max core file size"))
    assert line.split()[4:6] == ["0", "0"]
