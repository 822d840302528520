"""The power fails before or after every commit of every use case: nothing half done stays, and the road goes on to its end.

Twice each: once the same button is pressed again at once, once nobody comes back for two minutes and reconciliation tidies up.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.services.errors import OutOfTurn, Stale
from app.services.reconcile import reconcile
from models.rulebook.vocabulary import CaseState, CertificateStatus, ItemState
from models.tables import Certificate, Receipt
from tests.builders.issuance import plant_station, plant_stock
from tests.invariants import violations
from tests.journeys.acted_road import ActedRoad, Late
from tests.journeys.tally import Tally

pytestmark = pytest.mark.kill

TO_RUN = ("accept", "approve", "begin")
TO_CERTIFY = (*TO_RUN, "poll", "initialising", "generating", "certifying")
TO_ENVELOPE = (*TO_CERTIFY, "certify", "writing", "proving")
TO_PLACED = (*TO_ENVELOPE, "allot", "printing")
TO_CONFIRM = (*TO_PLACED, "placed")
TO_HANDOVER = (*TO_CONFIRM, "confirm")

# name → certificates asked for, the steps before, the step in which the power fails
SCENES: dict[str, tuple[int, tuple[str, ...], str]] = {
    "accept": (2, (), "accept"),
    "approve": (2, ("accept",), "approve"),
    "approve a free one": (1, ("accept",), "approve"),
    "settle the fee": (2, ("accept", "approve"), "settle"),
    "withdraw": (2, ("accept", "approve"), "withdraw"),
    "begin two runs": (2, ("accept", "approve", "settle"), "begin"),
    "give an item up": (1, ("accept", "approve"), "give_up"),
    "give the job": (1, TO_RUN, "poll"),
    "report a step": (1, (*TO_RUN, "poll"), "initialising"),
    "certify": (1, TO_CERTIFY, "certify"),
    "allot an envelope": (1, TO_ENVELOPE, "allot"),
    "report the envelope": (1, TO_PLACED, "placed"),
    "take up a restarted station": (1, TO_PLACED, "restart"),
    "stop": (1, TO_PLACED, "stop"),
    "resume": (1, (*TO_PLACED, "stop"), "resume"),
    "confirm": (1, TO_CONFIRM, "confirm"),
    "spoil before confirmation": (1, TO_CONFIRM, "spoil"),
    "spoil after confirmation": (1, TO_HANDOVER, "spoil"),
    "cancel a stopped run": (1, (*TO_PLACED, "stop"), "cancel"),
    "cancel a waiting run": (1, TO_CONFIRM, "cancel"),
    "cancel a made item": (1, TO_HANDOVER, "cancel"),
    "hand over": (1, TO_HANDOVER, "hand_over"),
    "hand two over": (2, ("accept", "approve", "settle", *TO_HANDOVER[2:]), "hand_over"),
}
MOST_COMMITS = 20


class PowerCut(BaseException):
    """Not an Exception: no handler of the product may answer it."""


@contextmanager
def power_cut_at(commit: int, when: str) -> Iterator[None]:
    """Raise at the n-th commit of any session from here on, before the database has it or after."""
    seen = 0

    def fail(_: Session) -> None:
        nonlocal seen
        seen += 1
        if seen == commit:
            raise PowerCut()

    name = "before_commit" if when == "before" else "after_commit"
    event.listen(Session, name, fail)
    try:
        yield
    finally:
        event.remove(Session, name, fail)


@pytest.fixture(scope="module")
def tally(request: pytest.FixtureRequest) -> Iterator[Tally]:
    made = Tally()
    yield made
    made.show(request.config, "Power cuts at the commits of the office's use cases")


@pytest.fixture
def station(world, app):
    plant_stock(world, tokens=60, envelopes=90)
    return plant_station(world, app)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("scene", SCENES)
def test_a_power_cut_at_any_commit_leaves_nothing_half_done(world, app, station, tally, scene, when):
    certificates, before, last = SCENES[scene]
    for commit in range(1, MOST_COMMITS):
        for comes_back in (True, False):
            road = ActedRoad(world, app, station, certificates)
            road.take(*before)
            if not _cut(road, last, commit, when):
                assert commit > 1, "the use case commits nothing"
                return
            if comes_back:
                _press_again(road, last)
            else:
                _nobody_comes(world)
            _check_end(world, road, scene)
            tally.count(scene, ())
            with world.reading() as session:
                broken = violations(session)
            tally.violations(broken)
            assert broken == []
    raise AssertionError(f"{scene} commits without end")


def _cut(road: ActedRoad, step: str, commit: int, when: str) -> bool:
    """Whether the power failed; the use case may have fewer commits."""
    try:
        with power_cut_at(commit, when):
            road.step(step)()
    except PowerCut:
        return True
    return False


def _press_again(road: ActedRoad, step: str) -> None:
    """The page is loaded again and the same button pressed: it acts, or tells that the first click had its effect."""
    reconcile(road.world, road.world.now())
    with road.world.reading() as session:
        assert violations(session) == []
    try:
        road.step(step)()
    except (OutOfTurn, Stale, Late):
        return  # the first one had its effect
    except (IndexError, StopIteration):
        return  # the page does not offer the button any more


def _nobody_comes(world: Any) -> None:
    """Two minutes without a station: reconciliation alone brings order, and doing it twice changes nothing."""
    up_since = world.now()
    world.clock.move(minutes=2)
    reconcile(world, up_since)
    with world.reading() as session:
        assert violations(session) == []
    assert reconcile(world, up_since) == ()


def _check_end(world: Any, road: ActedRoad, scene: str) -> None:
    """The case is at its end, everything is handed over (or given up), and it was paid for once."""
    road.finish()
    reconcile(world, world.now())
    with world.reading() as session:
        case = road.case
        receipts = session.query(Receipt).filter_by(case_id=case.id).all()
        live = session.query(Certificate).filter(
            Certificate.item_id.in_([item.id for item in case.items]), Certificate.status == CertificateStatus.valid
        )
        handed_over = sum(item.state is ItemState.handed_over for item in case.items)
        assert live.count() == handed_over
    if case.state is CaseState.withdrawn:
        assert (scene, receipts) == ("withdraw", [])
        return
    assert case.state is CaseState.closed
    assert [receipt.amount_fen for receipt in receipts] == ([18_000] if road.certificates == 2 else [])
    assert handed_over == road.certificates or scene == "give an item up"
