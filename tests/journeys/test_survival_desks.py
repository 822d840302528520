"""The office is killed by SIGKILL at every act of its desks when a holder comes back: before and after the commit, and where the
act changes the revocation list, before and after the list is stored.

The act is a real request of a form, and the browser sends the same form once more, as it offers when no answer came: the act
has had one effect, and the published list says what the books say, whether or not anybody came back to press again.

An act that is the same in several roads is killed in one of them. `SURVIVAL_SWEEP=1` kills it in all.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path

import pytest
from sqlalchemy import update

from app.services.demonstration_staff import DEMO_PASSWORD, demonstration_staff
from models.rulebook.vocabulary import CertificateStatus
from models.tables import Certificate, JournalLine, StaffSession
from tests.journeys.desk import CLERK, REVIEWER, Made
from tests.journeys.desk_roads import ROADS, Act, DeskTrial
from tests.journeys.form_clerk import Fields, FormClerk
from tests.journeys.holders_desk import SUPERVISOR, HoldersDesk
from tests.journeys.judges import reasons_on_list
from tests.journeys.running import RunningHouse, running, wait_for
from tests.journeys.standstill import LIST, reached
from tests.journeys.tally import Tally

pytestmark = pytest.mark.kill

SWEEP = bool(os.environ.get("SURVIVAL_SWEEP"))
POINTS = ("before the commit", "after the commit", "before the list", "after the list")


class StandingHouse(RunningHouse):
    """Its office stands still where it is told to."""

    @property
    def sign(self) -> Path:
        return self.instance / "stand-still"

    def command(self, *arguments: str) -> list[str]:
        if arguments[0] != "serve":
            return super().command(*arguments)
        return ["tests.journeys.standstill", str(self.sign), *arguments]


class KilledDesks(DeskTrial):
    house: StandingHouse

    def __init__(self, house: StandingHouse, folder: Path, tally: Tally) -> None:
        super().__init__(house, HoldersDesk(house), folder, tally)
        self.people = {number: FormClerk(house.url) for number in (CLERK, REVIEWER, SUPERVISOR)}
        codes = {person.number: person.code for person in demonstration_staff(self.desk.world).people}
        for number, person in self.people.items():
            person.sign_in(number, DEMO_PASSWORD, codes[number])
        self.killed = 0

    def keep_proof_fresh(self) -> None:
        """As if everybody had just given his password: the machine may be slow, and this is not about it."""
        with self.desk.world.writing() as session:
            session.execute(update(StaffSession).values(proven_at=self.desk.world.now()))
            session.commit()

    def do(self, act: Act, point: str, road: str) -> None:
        """Press the button; the office is killed at `point` on the way, if the act goes by there."""
        when, _, where = point.split()
        person, lines = self.people[act.who], self._lines(act)
        form = person.fill(act.page, act.action, **act.typed)
        if (where == LIST and not act.publishes) or (act.seldom and not SWEEP):
            person.send(act.action, form)
            assert self._lines(act) == lines + 1
            return
        self._killed_on_the_way(person, act, form, f"{when} {LIST if where == LIST else act.word}")
        had_effect = where == LIST or when == "after"
        assert self._lines(act) == lines + had_effect
        self.judge_books()
        self.house.start_office()
        wait_for("the list says what the books say", self._list_is_true)
        person.send(act.action, form)  # once more
        told = act.saves and not had_effect  # that the page is older than what was saved: he looks again, and presses
        if told:
            assert self._lines(act) == lines
            person.send(act.action, person.fill(act.page, act.action, **act.typed))
        assert self._lines(act) == lines + 1, "the act had another effect"
        assert self._list_is_true()
        self.tally.count(f"{road}: {point}", ("told to look again",) * told)
        self.killed += 1

    def _killed_on_the_way(self, person: FormClerk, act: Act, form: Fields, point: str) -> None:
        answers: list[str] = []

        def press() -> None:
            with suppress(OSError, HTTPException):
                answers.append(person.send(act.action, form))

        self.house.sign.write_text(point)
        pressing = threading.Thread(target=press, daemon=True)
        pressing.start()
        wait_for(f"the office stands still {point}", lambda: reached(self.house.sign).exists() or answers)
        assert not answers, f"the office went past {point!r}"
        self.house.kill_office()
        pressing.join(30)
        assert not answers
        reached(self.house.sign).unlink()

    def _lines(self, act: Act) -> int:
        return self.desk.count(JournalLine, JournalLine.act == act.word, JournalLine.subject == act.subject)

    def _list_is_true(self) -> bool:
        """Serials and reasons on the published list are those that the books have."""
        held = {CertificateStatus.on_hold: "Certificate Hold", CertificateStatus.suspended: "Certificate Hold"}
        wanted = {}
        for each in self.rows(Certificate, Certificate.status.not_in([CertificateStatus.valid, CertificateStatus.prepared])):
            reason = " ".join(word.title() for word in each.reason.value.split("_")) if each.reason else ""
            wanted[int(each.serial, 16)] = held.get(each.status, reason)
        return reasons_on_list(self.house) == wanted


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[KilledDesks]:
    folder, tally = tmp_path_factory.mktemp("desks"), Tally()
    with running(StandingHouse(folder / "instance")) as house:
        made = KilledDesks(house, folder, tally)
        yield made
        made.desk.close()
    tally.show(request.config, "The office killed by SIGKILL at the acts of its desks, holders came back")


@pytest.fixture
def made(trial: KilledDesks) -> Made:
    """What a holder has, good in everybody's eyes."""
    trial.house.sign.unlink(missing_ok=True)
    reached(trial.house.sign).unlink(missing_ok=True)
    trial.start_the_dead()
    trial.keep_proof_fresh()
    made = trial.latest or trial.desk.issue()
    trial.latest = None
    return made


# Whose list changes at an act that is killed in no other road.
LISTED = {name for name in ROADS if name != "unlock" and (SWEEP or name != "replacement, damaged")}


@pytest.mark.parametrize(
    ("road", "point"), [(road, point) for road in ROADS for point in POINTS if road in LISTED or not point.endswith(LIST)]
)
def test_the_office_is_killed_at_every_act_and_each_has_one_effect(trial, made, road, point):
    before = trial.killed
    for act in ROADS[road](trial, made):
        trial.do(act, point, road)
    assert trial.killed > before, "no act went by there"


def test_in_the_end_nothing_is_orphaned(trial):
    """Runs last: everything that the kills left behind, judged together."""
    assert trial.killed
    trial.start_the_dead()
    trial.judge_record()
    trial.judge_end()
