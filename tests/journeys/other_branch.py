"""A second branch with a counter of its own: its station is another process, with other slots, to which holders carry their tokens."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select

from app.services.demonstration_staff import DEMO_PASSWORD
from app.services.enrol_station import invite_station
from card_issuance.simulated import Cabinet
from card_issuance.station_store import StationStore, demonstration_module
from models.tables import Branch, Staff
from tests.journeys.aftercare_clerk import AftercareClerk
from tests.journeys.browser import Witness, origin
from tests.journeys.clerk import StationHand
from tests.journeys.returning import ReturningWalk
from tests.journeys.running import RunningHouse, wait_for

BRANCH, CLERK, REVIEWER = "CY01", "2001", "2003"
ADMINISTRATOR = "9009"


class OtherCounter(RunningHouse):
    """A station more at the same office."""

    @property
    def home(self) -> Path:
        return self.instance / "other-station"

    def enrol_station(self, code: str) -> None:
        words = ("--enrol", code, "--office", self.wire.url, "--demonstration", "--run")
        self.station = self._start("other-station.log", "station", "--directory", str(self.home), *words)
        wait_for("the other station answers", lambda: self._up(self.station, f"{self.station_url}/"))


class OtherBranch:
    def __init__(self, walk: ReturningWalk, station_url: str, cabinet: Cabinet) -> None:
        self.walk, self.cabinet = walk, cabinet
        self.witness = Witness(frozenset({origin(walk.house.url), origin(station_url)}))
        self.hand = StationHand(walk.browser, station_url, self.witness)
        self._staff: dict[str, AftercareClerk] = {}

    def staff(self, number: str) -> AftercareClerk:
        if number not in self._staff:
            self._staff[number] = AftercareClerk(self.walk.browser, self.walk.house.url, self.witness)
            self._staff[number].sign_in(number, DEMO_PASSWORD)
        return self._staff[number]

    def carry_here(self, serial: str) -> None:
        """The holder takes his token to this branch, where it is put into the slot."""
        _carry(self.walk.desk.cabinet, self.cabinet, serial)
        self.hand.insert(serial)

    def carry_home(self, serial: str) -> None:
        self.hand.remove(serial)
        _carry(self.cabinet, self.walk.desk.cabinet, serial)

    def close(self) -> None:
        for person in (*self._staff.values(), self.hand):
            person.close()


@contextmanager
def other_branch(walk: ReturningWalk) -> Iterator[OtherBranch]:
    """Its station is invited by the administrator, is given the officer master keys of the first, and enrols with the code."""
    counter = OtherCounter(walk.house.instance, walk.house.office_port)
    with walk.desk.world.reading() as session:
        administrator = session.scalars(select(Staff).where(Staff.number == ADMINISTRATOR)).one().as_actor()
        branch_id = session.scalars(select(Branch.id).where(Branch.code == BRANCH)).one()
    invitation = invite_station(walk.desk.world, administrator, branch_id, "1 号窗口")
    counter.home.mkdir(mode=0o700)
    shutil.copy2(StationStore(walk.house.settings.station_home).masters_file, StationStore(counter.home).masters_file)
    try:
        counter.enrol_station(invitation.code)
        branch = OtherBranch(walk, counter.station_url, demonstration_module(counter.home).cabinet)
        yield branch
        branch.close()
        assert not branch.witness.complaints, branch.witness.complaints
    finally:
        counter.close()


def _carry(source: Cabinet, target: Cabinet, serial: str) -> None:
    """From hand to hand: what is in a slot is pulled first."""
    source.remove(serial)
    (target.root / "drawer").mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.move(source.root / "drawer" / serial, target.root / "drawer" / serial)
