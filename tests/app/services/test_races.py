"""Two people or two clicks at once: one effect. Real threads against one database, many rounds."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.services.begin_runs import RunOrder, begin_runs
from app.services.cancel_run import cancel_run
from app.services.confirm_envelope import confirm_envelope
from app.services.errors import Refusal
from app.services.hand_over import hand_over
from app.services.publish_crl import publish_crl
from app.services.spoil_envelope import spoil_envelope
from app.services.world import World
from models.rulebook.vocabulary import CaseState, CertificateStatus, EnvelopeState, RunState, TokenState
from models.tables import CaseItem, Certificate, Envelope, Handover, RevocationList, Run, Token
from tests.builders.issuance import (
    collector,
    make_items,
    plant_case,
    plant_scene,
    plant_station,
    plant_stock,
    row,
    scanned,
    see_all,
)

ROUNDS = 200


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def world(request: pytest.FixtureRequest, world: World) -> World:
    """Either database: SQLite has one writer at a time, PostgreSQL many."""
    chosen: World = world if request.param == "sqlite" else request.getfixturevalue("postgresql_world")
    return chosen


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """All acts let go at the same moment; their results, or the Refusal that each met. Anything else is raised."""
    gate = threading.Barrier(len(acts))
    results: list[Any] = [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        gate.wait()
        try:
            results[place] = ("done", act())
        except Refusal as refusal:
            results[place] = ("refused", refusal)
        except BaseException as fault:
            results[place] = ("broken", fault)

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for outcome, result in results:
        if outcome == "broken":
            raise result
    return results


def done(results: list[Any]) -> list[Any]:
    return [result for outcome, result in results if outcome == "done"]


def test_double_begin_begins_once(world: World, app: Flask) -> None:
    scene = plant_scene(world, app)
    for _ in range(ROUNDS):
        orders = scene.orders(scene.serials[0]), scene.orders(scene.serials[1])
        begun = done(at_once(*(lambda o=order: begin_runs(world, scene.clerk, scene.case_id, o) for order in orders)))
        assert len(begun) == 1
        run = row(world, Run, Run.id == begun[0][0].run_id)
        cancel_run(world, scene.clerk, run.id, run.version, "再来一次")
    assert scene.violations() == []
    assert see_all(world, lambda session: session.scalar(select(func.count()).select_from(Run))) == ROUNDS


def test_one_token_at_two_stations_goes_to_one_item(world: World, app: Flask) -> None:
    scene = plant_scene(world, app, items=2)
    other = plant_station(world, app, name="工位二")
    stations = scene.station.id, other.id

    def orders() -> list[list[RunOrder]]:
        with world.reading() as session:
            items = session.scalars(select(CaseItem).order_by(CaseItem.position)).all()
            return [[RunOrder(i.id, i.version, scene.serials[0], s)] for i, s in zip(items, stations, strict=True)]

    for _ in range(ROUNDS):
        begun = done(at_once(*(lambda o=order: begin_runs(world, scene.clerk, scene.case_id, o) for order in orders())))
        assert len(begun) == 1
        run = row(world, Run, Run.id == begun[0][0].run_id)
        cancel_run(world, scene.clerk, run.id, run.version, "再来一次")
    assert row(world, Token, Token.serial == scene.serials[0]).state is TokenState.in_stock
    assert scene.violations() == []


def test_double_confirm_confirms_once_and_against_a_spoiled_envelope_one_of_both_wins(world: World, app: Flask) -> None:
    rounds = 40
    scene = plant_scene(world, app, envelopes=rounds + 2)
    job = scene.begin()[0]
    number = scene.station.perform(job)
    for turn in range(rounds):
        run = scene.run(job)
        confirm = lambda r=run, n=number: confirm_envelope(world, scene.clerk, r.id, r.version, n)  # noqa: E731
        spoil = lambda r=run: spoil_envelope(world, scene.clerk, r.id, r.version, "打印不清")  # noqa: E731
        assert len(done(at_once(confirm, spoil if turn % 2 else confirm))) == 1
        run = scene.run(job)
        if run.state is RunState.confirmed:
            spoil_envelope(world, scene.clerk, run.id, run.version, "再来一次")
        (again,) = scene.station.poll()
        for state in ("writing", "proving"):
            scene.station.report(again, state)
        number = scene.station.envelope(again, f"pin-{turn}").json["number"]
        scene.station.report(again, "awaiting_confirmation", envelope=number, printed=True)
        scene.station.working.clear()
    live = select(func.count()).select_from(Envelope).where(Envelope.state == EnvelopeState.live)
    assert see_all(world, lambda session: session.scalar(live)) == 0
    assert scene.violations() == []


def test_double_hand_over_hands_over_once(world: World, app: Flask) -> None:
    rounds = 100
    scene = plant_scene(world, app, tokens=0, envelopes=0)
    serials = plant_stock(world, tokens=rounds, envelopes=rounds)
    for turn in range(rounds):
        number = f"HD01E{turn + 1:06d}"
        case_id = plant_case(world, state=CaseState.awaiting_handover, number=f"HD01-20261123-{turn:04d}")
        make_items(world, case_id, scene.station.id, [serials[turn]], [number])
        things = scanned(world, case_id, [(serials[turn], number)])

        def act(case: int = case_id, given: Any = things) -> Any:
            return hand_over(world, scene.clerk, case, 1, collector(), given)

        assert len(done(at_once(act, act))) == 1
    numbers = see_all(world, lambda session: session.scalars(select(Handover.number).order_by(Handover.id)).all())
    assert numbers == [f"HD01-H-2026-{n + 1:06d}" for n in range(rounds)]  # no gap, no twin
    assert publish_crl(world)


def test_two_requests_for_the_certificate_at_once_get_the_same(world: World, app: Flask) -> None:
    rounds = 20
    scene = plant_scene(world, app, items=1, tokens=rounds, envelopes=1)
    for turn in range(rounds):
        job = scene.begin(scene.serials[turn])[0]
        scene.station.csr(job)
        answers = done(at_once(*(lambda j=job: scene.station.certify(j).json for _ in range(3))))
        assert len({answer["certificate"] for answer in answers}) == 1
        scene.station.stop(job, "driver_failed")
        run = scene.run(job)
        cancel_run(world, scene.clerk, run.id, run.version, "再来一次")
    revoked = select(func.count()).select_from(Certificate).where(Certificate.status == CertificateStatus.revoked)
    assert see_all(world, lambda session: session.scalar(revoked)) == rounds
    assert scene.violations() == []


def test_two_polls_at_once_give_a_job_to_one(world: World, app: Flask) -> None:
    scene = plant_scene(world, app)
    for _ in range(50):
        begin_runs(world, scene.clerk, scene.case_id, scene.orders(scene.serials[0]))
        jobs = [job for answer in done(at_once(scene.station.poll, scene.station.poll)) for job in answer]
        assert len({job["lease"] for job in jobs}) == len(jobs)  # never two under one lease
        run = row(world, Run, Run.key == jobs[0]["run"])
        scene.station.stop({"run": run.key, "lease": run.lease}, "no_token")
        run = row(world, Run, Run.id == run.id)
        cancel_run(world, scene.clerk, run.id, run.version, "再来一次")
        scene.station.working.clear()
    assert scene.violations() == []


@pytest.mark.parametrize("publishers", [4])
def test_lists_published_at_once_have_growing_numbers_and_the_last_says_everything(
    world: World, app: Flask, publishers: int
) -> None:
    scene = plant_scene(world, app, tokens=0, envelopes=0)
    serials = plant_stock(world, tokens=20, envelopes=20)
    for turn in range(20):
        case_id = plant_case(world, state=CaseState.awaiting_handover, number=f"HD01-20261123-{turn:04d}")
        make_items(world, case_id, scene.station.id, [serials[turn]], [f"HD01E{turn + 1:06d}"])
        assert all(done(at_once(*(lambda: publish_crl(world) for _ in range(publishers)))))
        newest = see_all(world, lambda s: s.scalars(select(RevocationList).order_by(RevocationList.number.desc())).first())
        assert newest.entries == turn + 1
