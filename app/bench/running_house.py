"""An office and a station as processes of their own over a folder that goes afterwards: what a benchmark measures, and nothing else.

Both are started as `./office serve` and `./office station` start them; only their ports and folders are chosen here.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.config import HOUSE, Settings, read_settings

_PATIENCE = 60.0  # seconds for a program to answer


@dataclass(frozen=True)
class RunningHouse:
    settings: Settings
    office: subprocess.Popen[bytes]
    station: subprocess.Popen[bytes] | None
    station_url: str


@contextmanager
def running_house(with_station: bool = True) -> Iterator[RunningHouse]:
    """Demonstration data, SQLite, loopback. Raises RuntimeError with the program's own words if one does not come up."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        instance, office_port, station_port = Path(folder), free_port(), free_port()
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("OFFICE_", "STATION_"))}
        environment.pop("DATABASE_URL", None)
        environment |= {
            "OFFICE_INSTANCE": folder,
            "STATION_PAGE_PORT": str(station_port),
            "PYTHONPATH": str(HOUSE),
            "PYTHONUTF8": "1",
        }
        settings = read_settings(environment, instance, port=str(office_port))
        started: list[subprocess.Popen[bytes]] = []

        def start(url: str, *words: str) -> subprocess.Popen[bytes]:
            log = instance / f"{words[0]}.log"
            with log.open("wb") as out:
                started.append(
                    subprocess.Popen(
                        [sys.executable, "-m", "app.cli", *words],
                        env=environment,
                        stdin=subprocess.DEVNULL,
                        stdout=out,
                        stderr=subprocess.STDOUT,
                    )
                )
            _await(started[-1], url, log)
            return started[-1]

        try:
            office = start(f"{settings.public_url}/login", "serve", "--no-station", "--port", str(office_port))
            station_url = f"http://127.0.0.1:{station_port}/"
            station = None
            if with_station:
                station = start(station_url, "station", "--directory", str(settings.station_home))
            yield RunningHouse(settings, office, station, station_url)
        finally:
            for process in reversed(started):
                process.terminate()
            for process in started:
                process.wait(20)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own programs
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise RuntimeError(f"{url} does not answer:\n{log.read_text('utf-8', 'replace')}")
