"""Two clerks, two stations, two clicks on a holder's token at once: one effect. Real threads, either database."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app.services.begin_runs import RunOrder, begin_runs
from app.services.cancel_run import cancel_run
from app.services.confirm_envelope import confirm_envelope
from app.services.hand_over import hand_over
from app.services.world import World
from models.rulebook.vocabulary import CaseKind, CaseState, CertificateStatus, RunState, TokenState
from models.tables import Case, Certificate, Envelope, Grant, Handover, Run
from tests.app.services.test_races import ROUNDS, at_once, done, world  # noqa: F401
from tests.builders.holders import Holding, grant, plant_aftercare, plant_holder
from tests.builders.issuance import collector, plant_station, row, scanned, see_all


def order(holder: Holding, case_id: int, station_id: int) -> list[RunOrder]:
    with holder.world.reading() as session:
        (item,) = session.get_one(Case, case_id).items
        return [RunOrder(item.id, item.version, holder.serial, station_id)]


def give_up(holder: Holding) -> Run:
    """The one open run, cancelled before the station looked at it."""
    run = row(holder.world, Run, Run.state == RunState.queued)
    cancel_run(holder.world, holder.scene.clerk, run.id, run.version, "再来一次")
    return run


def test_one_grant_begins_one_unlock(world: World, app: Flask) -> None:  # noqa: F811
    holder = plant_holder(world, app)
    case_id = holder.comes(CaseKind.unlock, granted=False)
    for _ in range(ROUNDS):
        grant(world, case_id)
        orders = order(holder, case_id, holder.scene.station.id)
        begin = lambda o=orders: begin_runs(world, holder.scene.clerk, case_id, o)  # noqa: E731
        assert len(done(at_once(begin, begin))) == 1
        give_up(holder)
    unused = select(func.count()).select_from(Grant).where(Grant.used_at.is_(None))
    used = select(func.count(func.distinct(Grant.run_id)))
    assert see_all(world, lambda session: session.scalar(unused)) == 0
    assert see_all(world, lambda session: session.scalar(used)) == ROUNDS
    assert holder.scene.violations() == []


def test_one_token_at_two_stations_and_in_two_cases_is_worked_on_once(world: World, app: Flask) -> None:  # noqa: F811
    """The desks open one case about a certificate at a time; the claim on the token holds without that."""
    holder = plant_holder(world, app)
    other = plant_station(world, app, name="工位二")
    first = holder.comes(CaseKind.renewal)
    with world.writing() as session:
        session.execute(update(Case).where(Case.id == first).values(state=CaseState.closed))
        session.commit()
    second = plant_aftercare(world, holder.certificate_id, CaseKind.unlock, granted=False)
    with world.writing() as session:  # both open, as no desk would have them
        session.connection().exec_driver_sql("DROP INDEX uq_case_file_open_per_certificate_id")
        session.execute(update(Case).where(Case.id == first).values(state=CaseState.ready_to_issue))
        session.commit()
    for _ in range(ROUNDS // 2):
        if not see_all(world, lambda s: s.scalar(select(Grant.id).where(Grant.used_at.is_(None)))):
            grant(world, second)
        chances = [
            (first, order(holder, first, holder.scene.station.id)),
            (second, order(holder, second, other.id)),
        ]
        acts = [lambda c=case, o=orders: begin_runs(world, holder.scene.clerk, c, o) for case, orders in chances]
        assert len(done(at_once(*acts))) == 1
        assert holder.token().state is TokenState.in_ceremony
        give_up(holder)
    assert holder.token().state is TokenState.handed_over
    assert holder.scene.violations() == []


@pytest.mark.parametrize("kind", [CaseKind.renewal, CaseKind.unlock])
def test_a_double_confirm_makes_the_token_once_and_against_a_cancel_one_of_both_wins(
    world: World,  # noqa: F811
    app: Flask,
    kind: CaseKind,
) -> None:
    rounds = 40
    holder = plant_holder(world, app, envelopes=rounds + 2)
    for turn in range(rounds):
        holder.comes(kind)
        holder.scene.station.poll()
        job = holder.begin()
        number = holder.scene.station.perform(job)
        run = holder.scene.run(job)
        confirm = lambda r=run, n=number: confirm_envelope(  # noqa: E731
            world, holder.scene.clerk, r.id, r.version, n or holder.serial
        )
        cancel = lambda r=run: cancel_run(world, holder.scene.clerk, r.id, r.version, "改日再来")  # noqa: E731
        assert len(done(at_once(confirm, cancel if turn % 2 else confirm))) == 1
        if holder.scene.run(job).state is RunState.confirmed:
            holder.hand_over(number)
            if kind is CaseKind.renewal:
                newest = select(func.max(Certificate.id)).where(Certificate.status == CertificateStatus.valid)
                holder.certificate_id = see_all(world, lambda s, q=newest: s.scalar(q))
        else:
            with world.writing() as session:
                session.execute(update(Case).where(Case.id == holder.scene.case_id).values(certificate_id=None, token_id=None))
                session.commit()
        valid = select(func.count()).select_from(Certificate).where(Certificate.status == CertificateStatus.valid)
        assert see_all(world, lambda s, q=valid: s.scalar(q)) == 1


def test_a_double_hand_over_of_a_renewal_revokes_once(world: World, app: Flask) -> None:  # noqa: F811
    holder = plant_holder(world, app)
    rounds = 40
    for _ in range(rounds):
        case_id = holder.comes(CaseKind.renewal)
        holder.scene.station.poll()
        holder.make(holder.begin())
        things, version = scanned(world, case_id, [(holder.serial, "")]), holder.scene.case().version

        def act(case: int = case_id, seen: int = version, given: Any = things) -> Any:
            return hand_over(world, holder.scene.clerk, case, seen, collector(), given)

        assert len(done(at_once(act, act))) == 1
        newest = select(Certificate.id).where(Certificate.replaces_id == holder.certificate_id)
        holder.certificate_id = see_all(world, lambda s, q=newest: s.scalar(q))
    count = select(func.count()).select_from(Handover)
    assert see_all(world, lambda s: s.scalar(count)) == rounds + 1
    statuses = see_all(world, lambda s: s.scalars(select(Certificate.status)).all())
    assert sorted(statuses) == [CertificateStatus.revoked] * rounds + [CertificateStatus.valid]
    assert holder.scene.violations() == []


def test_two_calls_for_the_unlocks_envelope_leave_one(world: World, app: Flask) -> None:  # noqa: F811
    holder = plant_holder(world, app, envelopes=60)
    for _ in range(20):
        holder.comes(CaseKind.unlock)
        holder.scene.station.poll()
        job = holder.begin()
        for state in ("initialising", "proving"):
            holder.scene.station.report(job, state)
        answers = done(at_once(*(lambda j=job: holder.scene.station.envelope(j, "pin" + j["run"]).json for _ in range(3))))
        assert len({answer["number"] for answer in answers if "number" in answer}) == 1
        (number,) = {answer["number"] for answer in answers if "number" in answer}
        holder.scene.station.report(job, "printing")
        holder.scene.station.report(job, "awaiting_confirmation", envelope=number, printed=True)
        holder.scene.station.working.clear()
        holder.scene.confirm(job, number)
        holder.hand_over(number)
    live = select(func.count()).select_from(Envelope).where(Envelope.token_id == holder.token_id, Envelope.state == "live")
    assert see_all(world, lambda s: s.scalar(live)) == 1
    assert holder.scene.violations() == []
