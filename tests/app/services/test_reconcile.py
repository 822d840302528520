"""Reconciliation: a pure plan, tried on tables; then real crashes at every point of certifying, finished by it."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.services import reconcile as room
from app.services.cancel_run import cancel_run
from app.services.reconcile import (
    AllottedEnvelope,
    FinishSigning,
    Observed,
    OpenRun,
    PublishList,
    Recorded,
    RevokeOrphan,
    StopRun,
    UndoRun,
    UnsettledCertificate,
    VoidEnvelope,
    plan,
    reconcile,
)
from app.services.world import World
from card_issuance.authority import AuthorityUnreachable
from models.rulebook.vocabulary import CertificateStatus, EnvelopeState, Fault, ItemState, RunState
from models.rulebook.workflow import RUN_UNDERWAY
from models.tables import Certificate, JournalLine, RevocationList, StrayCertificate
from tests.builders.issuance import Scene, hand_all_over, plant_scene, row, see_all
from tests.conftest import START

NOW = START
LONG_UP = Observed(NOW, NOW - timedelta(hours=1))
NOTHING = Recorded((), (), (), False)


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


# The plan


@pytest.mark.parametrize("state", list(RunState))
@pytest.mark.parametrize("silent", [0, 19, 21])
def test_a_run_under_way_stops_when_its_station_is_silent_for_twenty_seconds(state: RunState, silent: int) -> None:
    recorded = replace(NOTHING, runs=(OpenRun(1, state, NOW - seconds(silent)),))
    expected = (StopRun(1),) if state in RUN_UNDERWAY and silent > 20 else ()
    assert plan(recorded, LONG_UP) == expected


@pytest.mark.parametrize("state", list(RunState))
def test_an_unlock_whose_grant_lapsed_before_it_touched_the_token_is_undone(state: RunState) -> None:
    recorded = replace(NOTHING, runs=(OpenRun(1, state, NOW, lapsed=True),))
    assert plan(recorded, LONG_UP) == ((UndoRun(1),) if state in (RunState.queued, RunState.stopped) else ())


def test_an_office_that_just_came_up_listens_first() -> None:
    recorded = replace(NOTHING, runs=(OpenRun(1, RunState.writing, NOW - timedelta(hours=2)), OpenRun(2, RunState.queued, None)))
    assert plan(recorded, Observed(NOW, NOW - seconds(5))) == ()
    assert plan(recorded, Observed(NOW, NOW - seconds(21))) == (StopRun(1), StopRun(2))


@pytest.mark.parametrize(
    ("status", "run", "item"),
    list(product((CertificateStatus.prepared, CertificateStatus.on_hold), RunState, ItemState)),
)
def test_a_certificate_that_nobody_will_hand_over_is_revoked(status: CertificateStatus, run: RunState, item: ItemState) -> None:
    recorded = replace(NOTHING, certificates=(UnsettledCertificate(7, status, NOW - seconds(31), run, item),))
    dead = run is RunState.cancelled or item in {ItemState.ordered, ItemState.given_up}
    unsigned = status is CertificateStatus.prepared
    expected = (RevokeOrphan(7), PublishList()) if dead else (FinishSigning(7), PublishList()) if unsigned else ()
    assert plan(recorded, LONG_UP) == expected


def test_a_certificate_that_is_being_signed_right_now_is_left_alone() -> None:
    young = UnsettledCertificate(7, CertificateStatus.prepared, NOW - seconds(29), RunState.certifying, ItemState.in_ceremony)
    assert plan(replace(NOTHING, certificates=(young,)), LONG_UP) == ()


@pytest.mark.parametrize("run", [None, *RunState])
def test_an_envelope_of_a_dead_run_is_void(run: RunState | None) -> None:
    recorded = replace(NOTHING, envelopes=(AllottedEnvelope(3, EnvelopeState.allotted, run),))
    assert plan(recorded, LONG_UP) == ((VoidEnvelope(3),) if run in (None, RunState.cancelled) else ())


def test_a_list_that_is_due_is_published() -> None:
    assert plan(replace(NOTHING, list_is_due=True), LONG_UP) == (PublishList(),)


# The execution


@pytest.fixture
def scene(world: World, app: Flask) -> Scene:
    return plant_scene(world, app)


def test_a_silent_station_stops_its_run_and_finds_it_again_when_it_is_back(scene: Scene) -> None:
    up_since, clock = scene.world.now(), scene.world.clock
    job = scene.begin()[0]
    scene.station.report(job, "initialising")
    clock.move(seconds=25)  # type: ignore[attr-defined]
    reconcile(scene.world, up_since)
    assert (scene.run(job).state, scene.run(job).fault) == (RunState.stopped, Fault.station_gone)
    assert scene.station.report(job, "generating").status_code == 409
    (again,) = scene.station.poll()
    assert again["lease"] == job["lease"] + 1
    scene.make(again)
    assert scene.violations() == []


def test_running_it_twice_changes_nothing(scene: Scene) -> None:
    up_since, clock = scene.world.now(), scene.world.clock
    scene.station.certify(scene.begin()[0])
    clock.move(seconds=60)  # type: ignore[attr-defined]
    reconcile(scene.world, up_since)
    before = see_all(scene.world, lambda session: session.scalar(select(func.max(JournalLine.id))))
    lists = see_all(scene.world, lambda session: session.scalar(select(func.max(RevocationList.number))))
    assert reconcile(scene.world, up_since) == ()
    assert see_all(scene.world, lambda session: session.scalar(select(func.max(JournalLine.id)))) == before
    assert see_all(scene.world, lambda session: session.scalar(select(func.max(RevocationList.number)))) == lists


def test_an_action_that_somebody_was_faster_with_is_no_fault(scene: Scene) -> None:
    job = scene.begin()[0]
    scene.station.perform(job)
    run = scene.run(job)
    certificate = row(scene.world, Certificate)
    cancel_run(scene.world, scene.clerk, run.id, run.version, "不办了")
    scene.world.clock.move(seconds=60)  # type: ignore[attr-defined]
    for action in (RevokeOrphan(certificate.id), VoidEnvelope(1), FinishSigning(certificate.id), StopRun(run.id)):
        with pytest.raises(room.Refusal):
            room.execute(scene.world, action)


class Crash(BaseException):
    """The office dies here: nothing after this line happens."""


class Dying:
    """The real authority; the office dies before or after one of its acts."""

    is_twin = True

    def __init__(self, real: Any, act: str, after: bool) -> None:
        self._real, self._act, self._after = real, act, after

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._real, name)
        if name != self._act:
            return real

        def act(*given: Any) -> Any:
            if self._after:
                real(*given)
            raise Crash

        return act


def finish(scene: Scene, job: dict[str, Any]) -> str:
    """What the station does after the office was away: it asks for its certificate again, and goes on."""
    assert scene.station.certify(job).status_code == 200
    for state in ("writing", "proving"):
        assert scene.station.report(job, state).status_code == 200
    number: str = scene.station.envelope(job, "pin").json["number"]
    assert scene.station.report(job, "awaiting_confirmation", envelope=number, printed=True).status_code == 200
    return number


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("act", ["prepare", "issue", "revocation_list"])
@pytest.mark.parametrize("outcome", ["goes_on", "cancelled"])
def test_a_crash_at_any_point_of_certifying_ends_in_the_undisturbed_result_or_in_nothing(
    scene: Scene, act: str, after: bool, outcome: str
) -> None:
    up_since, whole = scene.world.now(), scene.world
    job = scene.begin()[0]
    scene.station.report(job, "generating")
    office = scene.station.app.extensions
    office["world"] = replace(whole, authority=Dying(whole.authority, act, after))
    with pytest.raises(Crash):
        scene.station.certify(job)
    office["world"] = whole  # the office is started again
    whole.clock.move(seconds=40)  # type: ignore[attr-defined]
    scene.station.poll()
    reconcile(whole, up_since)
    if outcome == "cancelled":
        scene.station.stop(job, "driver_failed")
        run = scene.run(job)
        cancel_run(whole, scene.clerk, run.id, run.version, "介质损坏")
        scene.make(scene.begin(scene.serials[1])[0])
    else:
        scene.confirm(job, finish(scene, job))
    reconcile(whole, up_since)
    assert scene.violations() == []
    listed = see_all(whole, lambda session: {c.serial: c for c in session.scalars(select(Certificate))})
    ours = {line.serial for line in whole.authority.signed() if line.transaction == job["run"]}
    assert ours <= set(listed)  # nothing was signed that has no row
    live = [c for c in listed.values() if c.status in (CertificateStatus.on_hold, CertificateStatus.valid)]
    assert len(live) == 1


def test_the_authority_being_away_leaves_the_list_for_later(scene: Scene) -> None:
    number = scene.make(scene.begin()[0])
    away = replace(scene.world, authority=Away(scene.world.authority))
    scene.world = away
    assert not hand_all_over(scene, [(scene.serials[0], number)]).published
    back = replace(away, authority=away.authority.real)  # type: ignore[attr-defined]
    assert PublishList() in reconcile(back, back.now())
    assert row(back, Certificate).status is CertificateStatus.valid
    newest = see_all(back, lambda s: s.scalars(select(RevocationList).order_by(RevocationList.number.desc())).first())
    strays = see_all(back, lambda s: s.scalar(select(func.count()).select_from(StrayCertificate)))
    assert newest.entries == strays  # of other tests, whose authority this is too


class Away:
    is_twin = True

    def __init__(self, real: Any) -> None:
        self.real = real

    def __getattr__(self, name: str) -> Any:
        def unreachable(*_: Any) -> Any:
            raise AuthorityUnreachable("away")

        return unreachable


def test_a_certificate_signed_behind_the_offices_back_is_found_and_revoked(scene: Scene) -> None:
    """As after a backup of the database was put back: the authority's record knows more than the office."""
    job = scene.begin()[0]
    with closing(sqlite3.connect(":memory:")) as backup:
        with closing(sqlite3.connect(scene.world.engine.url.database)) as office:
            office.backup(backup)
        scene.station.certify(job)
        reconcile(scene.world, scene.world.now())
        serial = see_all(scene.world, lambda s: s.scalars(select(Certificate.serial)).one())
        scene.world.engine.dispose()
        with closing(sqlite3.connect(scene.world.engine.url.database)) as office:
            backup.backup(office)
    reconcile(scene.world, scene.world.now())
    found = row(scene.world, StrayCertificate, StrayCertificate.serial == serial)
    assert found.transaction == job["run"]
    newest = see_all(scene.world, lambda s: s.scalars(select(RevocationList).order_by(RevocationList.number.desc())).first())
    assert newest.entries >= 1
