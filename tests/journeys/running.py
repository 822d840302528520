"""A whole house running: an office and a station as processes of their own, and a wire between them that a test can cut."""

import os
import signal
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from app.config import HOUSE, read_settings
from models.tables.engine import make_engine
from tests.journeys.wire import Wire
from tests.standby import STANDBY, Started

PATIENCE = 40.0  # seconds that anything may take on a busy machine


class TookTooLong(AssertionError):
    """What was waited for did not come."""


def wait_for(what: str, look: Callable[[], Any], patience: float = PATIENCE) -> Any:
    """Look again and again until there is something; fail with the name of what was missing."""
    until = time.monotonic() + patience
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > until:
            raise TookTooLong(what)
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class RunningHouse:
    """Both programs over one instance folder. Use `running_house()`."""

    instance: Path
    office_port: int = field(default_factory=free_port)
    station_port: int = field(default_factory=free_port)
    environment: Mapping[str, str] = field(default_factory=dict)
    office: Started | None = None
    station: Started | None = None

    def __post_init__(self) -> None:
        self.wire = Wire(self.office_port)
        self._killed: list[Started | None] = []
        self.settings = read_settings(self._environment(), self.instance, port=str(self.office_port))
        self.engine = make_engine(self.settings.database)

    @property
    def temporary(self) -> Path:
        """Where both programs put what they write aside: their own, so that it can be searched."""
        return self.instance.with_name(f"{self.instance.name}-tmp")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.office_port}"

    @property
    def station_url(self) -> str:
        return f"http://127.0.0.1:{self.station_port}"

    def reading(self) -> Session:
        return Session(self.engine)

    def start_office(self) -> None:
        """Start it and wait until its sign-in page answers."""
        self.office = self._start("office.log", "serve", "--no-station", "--port", str(self.office_port))
        wait_for("the office answers", lambda: self._up(self.office, f"{self.url}/login"))

    def start_station(self) -> None:
        self.station = self._start("station.log", "station", "--directory", str(self.settings.station_home))
        wait_for("the station answers", lambda: self._up(self.station, f"{self.station_url}/"))

    def kill_office(self, alone: bool = False) -> None:
        """As a power cut does, its children with it; `alone`: they live on, as after a crash of the program itself."""
        self._killed.append(self.office)
        _kill(self.office, alone)

    def kill_station(self, alone: bool = False) -> None:
        self._killed.append(self.station)
        _kill(self.station, alone)

    def logs(self) -> str:
        return "\n".join(f"--- {path.name}\n{path.read_text('utf-8')}" for path in sorted(self.instance.glob("*.log")))

    def close(self) -> None:
        for process in (self.station, self.office):
            _kill(process)
        self.wire.close()
        self.engine.dispose()

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("OFFICE_", "STATION_"))}
        kept.pop("DATABASE_URL", None)
        self.temporary.mkdir(parents=True, exist_ok=True)
        told = {
            "OFFICE_INSTANCE": str(self.instance),
            "TMPDIR": str(self.temporary),
            "STATION_OFFICE_URL": self.wire.url,
            "STATION_PAGE_PORT": str(self.station_port),
            "PYTHONPATH": str(HOUSE),
            "PYTHONUTF8": "1",
        }
        return kept | told | dict(self.environment)

    def command(self, *arguments: str) -> list[str]:
        """What `python -m` is given to start either program."""
        return ["app.cli", *arguments]

    def _start(self, log: str, *arguments: str) -> Started:
        return STANDBY.start(self.command(*arguments), self._environment(), self.instance, self.instance / log)

    def _up(self, process: Started | None, url: str) -> bool:
        if process is None or process.poll() is not None:
            if process in self._killed:
                return True  # it was up, and a cut of the wire killed it before we looked
            raise TookTooLong(f"the program ended\n{self.logs()}")
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


House = TypeVar("House", bound=RunningHouse)


def descendants(pid: int) -> list[int]:
    """Process ids of all that this process started, and what those started, whatever their session."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(words[1]), []).append(int(entry.parent.name))
    found, todo = [], [pid]
    while todo:
        children = parents.get(todo.pop(), [])
        found += children
        todo += children
    return found


def signal_quietly(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def _kill(process: Started | None, alone: bool = False) -> None:
    if process is None or process.poll() is not None:
        return
    if not alone:
        _kill_children(process.pid)
    process.kill()
    process.wait()


def _kill_children(pid: int) -> None:
    """All at once: whoever could still start another is stopped first, then nobody is left to be told of the other's end."""
    stopped: list[int] = []
    while fresh := [each for each in (pid, *descendants(pid)) if each not in stopped]:
        for each in fresh:
            signal_quietly(each, signal.SIGSTOP)
        stopped += fresh
    for each in stopped:
        signal_quietly(each, signal.SIGKILL)


@contextmanager
def running_house(instance: Path, **environment: str) -> Iterator[RunningHouse]:
    """An office and a station over an empty folder, with demonstration data; both gone at the end."""
    with running(RunningHouse(instance, environment=environment)) as house:
        yield house


@contextmanager
def running(house: House) -> Iterator[House]:
    """Both programs of this house; both gone at the end."""
    house.instance.mkdir(parents=True, exist_ok=True)
    try:
        house.start_office()
        house.start_station()
        yield house
    finally:
        house.close()
