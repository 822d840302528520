"""After real issuances the PINs are on paper and nowhere else: not in a file, a log, an argument list, the wire, or the office.

The office's memory is searched too. The station's must hold a PIN for a while; what is left there afterwards is told, not judged.
"""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.services.demonstration_staff import DEMO_PASSWORD
from card_issuance.station_store import StationStore, demonstration_module
from models.rulebook.vocabulary import KeyProfile, TokenState
from models.tables import Token
from tests.cups import PrintHall, cups
from tests.journeys.desk import Desk
from tests.journeys.judges import judge_token
from tests.journeys.running import RunningHouse, descendants, running_house, wait_for
from tests.journeys.scanner import Found, Scanner
from tests.reports.reading import pin_of

pytestmark = pytest.mark.kill


class Watch:
    """Argument lists and environments of all processes of a house, sampled until told to stop."""

    def __init__(self, house: RunningHouse) -> None:
        self.house = house
        self.seen: dict[bytes, str] = {}
        self.processes: set[int] = set()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def _work(self) -> None:
        while not self._stopping.wait(0.004):
            for program in (self.house.office, self.house.station):
                if program is not None:
                    self._look([program.pid, *descendants(program.pid)])

    def _look(self, pids: list[int]) -> None:
        for pid in pids:
            self.processes.add(pid)
            for name in ("cmdline", "environ"):
                try:
                    self.seen.setdefault(Path(f"/proc/{pid}/{name}").read_bytes(), f"/proc/{pid}/{name}")
                except OSError:
                    continue

    @contextmanager
    def watching(self) -> Iterator["Watch"]:
        self._thread.start()
        try:
            yield self
        finally:
            self._stopping.set()
            self._thread.join()


def test_the_pins_are_nowhere_but_on_paper(tmp_path, request):
    """On the station's page: plain runs, a spoiled envelope, a killed station, a killed office."""
    with running_house(tmp_path / "instance") as house, Watch(house).watching() as watch:
        desk = Desk(house)
        for profile in (KeyProfile.rsa_2048, KeyProfile.p_256):
            made = desk.see_through(desk.begin(desk.order(profile=profile), desk.take_token()))
            judge_token(desk.cabinet, made, tmp_path)
        desk.spoil(desk.run(made.run_id))
        desk.see_through(made.run_id)
        left = len(still_held(house, desk.pins))
        of = len(desk.pins)
        for kill, start in ((house.kill_station, house.start_station), (house.kill_office, house.start_office)):
            desk.wait_until_awake()
            run_id = desk.begin(desk.order(), desk.take_token())
            house.wire.cut_at("envelope", "after", kill)
            wait_for("the kill", lambda: house.office.poll() is not None or house.station.poll() is not None)
            start()
            made = desk.see_through(run_id)
        desk.hand_over(made)
        desk.close()

        assert len(set(desk.pins)) == 5
        scanner = Scanner([*desk.pins, *officer_pins(house)])
        found = nowhere_in_house(scanner, house, watch)
        found += [each for pid in office_processes(house) for each in scanner.in_memory(pid)]
        assert Scanner([DEMO_PASSWORD]).in_memory(house.office.pid), "the office's memory cannot be read"
        tell(
            request.config,
            f"PIN canary: {len(desk.pins)} PINs read from paper; found in files, wire, arguments, environments and the office's "
            f"memory: {len(found)}; watched {len(watch.processes)} processes; left in the station's memory after confirmation: "
            f"{left} of {of}",
        )
        assert found == []


def test_printed_by_cups_the_pin_is_nowhere_but_on_paper(tmp_path):
    with cups() as hall:
        printer = hall.printer("pin")
        told = {
            "STATION_PRINTER": "pin",
            "STATION_PRINTER_SERVER": str(hall.socket),
            "STATION_PRINTER_SPOOL": str(hall.spool),
        }
        with running_house(tmp_path / "instance", **told) as house, Watch(house).watching() as watch:
            desk = Desk(house)
            run_id = desk.begin(desk.order(), desk.take_token())
            desk.await_envelope(run_id)
            number = desk.run(run_id).envelope.number
            pins = [pin_of(paper) for paper in printer.paper().values()]
            assert len(pins) == 1
            made = desk.confirm(run_id, pins[0], [])
            assert made.envelope == number
            judge_token(desk.cabinet, made, tmp_path)
            desk.close()
            scanner = Scanner(pins)
            found = nowhere_in_house(scanner, house, watch) + in_print_hall(scanner, hall, printer.tray)
            found += [each for pid in office_processes(house) for each in scanner.in_memory(pid)]
            assert found == []
            assert scanner.in_tree(printer.tray), "the scanner cannot read the paper itself"


def still_held(house: RunningHouse, pins: list[str]) -> set[int]:
    """Which PINs are still somewhere in the station's memory or its children's."""
    assert house.station is not None
    secret = StationStore(house.settings.station_home).credentials().secret
    assert Scanner([secret]).in_memory(house.station.pid), "the station's memory cannot be read"
    scanner = Scanner(pins)
    pids = [house.station.pid, *descendants(house.station.pid)]
    return {each.which for pid in pids for each in scanner.in_memory(pid)}


def nowhere_in_house(scanner: Scanner, house: RunningHouse, watch: Watch) -> list[Found]:
    """Database with its log and its shared memory, logs, scans, the station's folder, the tokens, temporary files, the wire."""
    names = {path.name for path in house.instance.iterdir()}
    assert {"office.db", "office.db-wal", "office.db-shm", "office.log", "station.log", "scans", "station"} <= names
    assert watch.processes
    found = scanner.in_tree(house.instance) + scanner.in_tree(house.temporary)
    for path, body in house.wire.seen:
        found += scanner.in_bytes(path.encode() + b" " + body, f"the wire to {path}")
    for moment, body in house.wire.heard:
        found += scanner.in_bytes(body, f"the answer to {moment}")
    for content, place in watch.seen.items():
        found += scanner.in_bytes(content, place)
    return found


def in_print_hall(scanner: Scanner, hall: PrintHall, tray: Path) -> list[Found]:
    """Everything of CUPS but the paper: spool, caches, logs, temporary files."""
    found = []
    for folder in hall.home.iterdir():
        if folder.is_dir() and not folder.is_symlink() and folder != tray:
            found += scanner.in_tree(folder)
        elif folder.is_file():
            found += scanner.in_bytes(folder.read_bytes(), str(folder))
    return found


def office_processes(house: RunningHouse) -> list[int]:
    assert house.office is not None
    return [house.office.pid, *descendants(house.office.pid)]


def officer_pins(house: RunningHouse) -> list[str]:
    """Of every token that was in a ceremony: derived as the station derives them, stored nowhere."""
    store, length = (
        StationStore(house.settings.station_home),
        demonstration_module(house.settings.station_home).officer_pin_length,
    )
    with house.reading() as session:
        used = session.query(Token).filter(Token.state != TokenState.in_stock).all()
        masters = store.masters()
        return [masters.officer_pin(t.officer_master, t.serial, t.officer_epoch, length).reveal() for t in used]


def tell(config: pytest.Config, sentence: str) -> None:
    capture = config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        sys.stdout.write(f"\n{sentence}\n")
