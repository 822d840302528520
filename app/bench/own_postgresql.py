"""A PostgreSQL server of a benchmark's own, from Debian's package: by a socket in its folder only; what is in the folder is kept."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SETTINGS = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_wal_size=4GB -c autovacuum=off"


def binaries() -> Path | None:
    """The newest installed version's folder, None without one."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Start the server whose data are in the folder, empty ones where there are none; yields the URL of its first database.

    As root it runs as Debian's user `postgres`, since it refuses root. Raises RuntimeError with the server's own words.
    """
    programs, data, as_user = binaries(), folder / "data", []
    if programs is None:
        raise RuntimeError("PostgreSQL is not installed (apt-get install postgresql)")
    folder.mkdir(parents=True, exist_ok=True)
    socket = Path(tempfile.mkdtemp(prefix="bench-pg-"))  # a socket's path must be short
    try:
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            for place in (folder, socket):
                os.chown(place, user.pw_uid, user.pw_gid)
            as_user = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        if not data.exists():
            _run(
                as_user, programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"
            )
        places = f"-c listen_addresses= -c unix_socket_directories={socket}"
        _run(as_user, programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", f"{places} {_SETTINGS}", "start")
        try:
            yield f"postgresql+psycopg://postgres@/postgres?host={socket}"
        finally:
            _run(as_user, programs / "pg_ctl", "-D", data, "-w", "-m", "fast", "stop")
    finally:
        shutil.rmtree(socket, ignore_errors=True)


def _run(as_user: list[str], *command: object) -> None:
    done = subprocess.run(
        [*as_user, *map(str, command)], cwd="/", stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stderr or done.stdout}")
