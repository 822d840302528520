"""What the files of kills share: who is killed around which word between office and station, started again, and judged."""

import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, TypeVar

from card_issuance.authority_directory import RECORD
from card_issuance.authority_record import read_lines
from models.rulebook.vocabulary import EnvelopeState, RunKind, RunState
from models.tables import Certificate, Envelope, Run, StrayCertificate
from tests.invariants import violations
from tests.journeys.desk import Desk
from tests.journeys.running import RunningHouse, descendants, signal_quietly, wait_for
from tests.journeys.tally import Tally

D = TypeVar("D", bound=Desk)

# Every request of a station during an undisturbed run, in order; tests hold the lists to the truth.
WORDS = {
    RunKind.issue: (
        "poll",
        "report:initialising",
        "report:generating",
        "report:certifying",
        "certify",
        "report:writing",
        "report:proving",
        "envelope",
        "report:printing",
        "report:awaiting_confirmation",
    ),
    RunKind.rekey: (
        "poll",
        "report:awaiting_pin",
        "report:generating",
        "report:certifying",
        "certify",
        "report:writing",
        "report:proving",
        "report:awaiting_confirmation",
    ),
    RunKind.unlock: (
        "poll",
        "report:initialising",
        "report:proving",
        "envelope",
        "report:printing",
        "report:awaiting_confirmation",
    ),
}


class Trial(Generic[D]):
    """A house that many kills share, and the desk at which its people work."""

    def __init__(self, house: RunningHouse, desk: D, folder: Path, tally: Tally) -> None:
        self.house, self.desk, self.folder, self.tally = house, desk, folder, tally
        self.started = desk.world.now()

    def start_the_dead(self) -> None:
        if self.house.office is None or self.house.office.poll() is not None:
            self.house.start_office()
        if self.house.station is None or self.house.station.poll() is not None:
            self.house.start_station()

    def killer(self, side: str) -> Callable[[], None]:
        return self.house.kill_station if side == "station" else self.house.kill_office

    def killed_at(self, moment: str, when: str, side: str, begin: Callable[[], int], restart: bool = True) -> int:
        """A run whose station or office was killed there, and started again. `begin` gives the id of a run just queued."""
        kill = self.killer(side)
        if (moment, when) == ("poll", "before"):  # there is no telling before which poll the run will be given
            run_id = begin()
            reached = self.house.wire.cut_at(moment, when, kill)
        else:
            reached = self.house.wire.cut_at(moment, when, kill)
            run_id = begin()
        self.await_kill(reached, run_id)
        if restart:
            self.start_the_dead()
        return run_id

    def await_kill(self, reached: threading.Event, run_id: int) -> None:
        """Until then the people at the counter do what the station asks of them."""

        def look() -> bool:
            if not reached.is_set():
                self.desk.attend(self.desk.run(run_id))
            return reached.is_set()

        wait_for("the kill", look)
        self.house.wire.heard.clear()

    def await_repeat(self, moment: str) -> None:
        """Until the station has said the word again that the office's end cut off, and was answered."""
        wait_for("the station says it again and is answered", lambda: moment in {said for said, _ in list(self.house.wire.heard)})

    # Judges.

    def judge_books(self) -> None:
        """While things are under way; `judge_end` asks for more."""
        with self.house.reading() as session:
            assert violations(session, settled=False) == []

    def judge_end(self) -> None:
        """Everything that the kills left behind, judged together."""
        with self.house.reading() as session:
            broken = violations(session)
        self.tally.violations(broken)
        assert broken == []

    def judge_envelopes(self, token_id: int) -> None:
        """One speaks for the token, and none is left over from a run that did not get there."""
        desk, of = self.desk, Envelope.token_id == token_id
        assert desk.count(Envelope, of, Envelope.state == EnvelopeState.live) == 1
        assert desk.count(Envelope, of, Envelope.state == EnvelopeState.allotted) == 0

    def judge_record(self) -> None:
        """What the authority signed is what the books know, once for each run; and no run is left open."""
        lines = list(read_lines(self.house.settings.instance / "authority" / RECORD))
        assert {line.serial for line in lines} == {each.serial for each in self.rows(Certificate) if each.der is not None}
        assert self.desk.count(StrayCertificate) == 0
        assert len({line.transaction for line in lines}) == len(lines), "a run was certified twice"
        assert self.desk.count(Run, Run.state.not_in([RunState.confirmed, RunState.cancelled])) == 0

    def rows(self, kind: Any, *conditions: Any) -> list[Any]:
        with self.house.reading() as session:
            rows = session.query(kind).filter(*conditions).order_by(kind.id).all()
            session.expunge_all()
            return rows


def _kill_child(house: RunningHouse, program: str, module: str) -> None:
    process = getattr(house, program)
    found = [pid for pid in descendants(process.pid) if module in _command(pid)]
    for pid in found[-1:]:
        signal_quietly(pid, signal.SIGKILL)


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


KILLS: dict[str, Callable[[RunningHouse], None]] = {
    "station": lambda house: house.kill_station(),
    "station alone": lambda house: house.kill_station(alone=True),
    "office": lambda house: house.kill_office(),
    "office alone": lambda house: house.kill_office(alone=True),
    "token child": lambda house: _kill_child(house, "station", "card_issuance.token_child"),
    "signer": lambda house: _kill_child(house, "office", "card_issuance.authority_child"),
}
