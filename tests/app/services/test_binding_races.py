"""Two logins, a login and a revocation, two supervisors, two acknowledgements at once: one effect. Real threads, either database."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.services.acknowledge_events import acknowledge_events, take_from_feed
from app.services.answer_relay import answer_relay
from app.services.approve_case import approve_case
from app.services.bind_certificate import BindingRefused
from app.services.end_binding import end_by_platform
from app.services.errors import Refusal
from app.services.grant_case import grant_case
from app.services.open_case import OpenedCase
from app.services.open_platform_case import open_platform_case
from app.services.passwords import hash_password
from app.services.world import World
from models.rulebook.bindings import BindingCode
from models.rulebook.permissions import Actor
from models.rulebook.vocabulary import (
    BindingEnd,
    CaseKind,
    CaseState,
    CertificateStatus,
    EventKind,
    RelayAnswer,
    Role,
)
from models.tables import Binding, Case, Certificate, JournalLine, Platform, PlatformEvent
from tests.app.services.test_races import at_once, done
from tests.builders.aftercare import Held, accepted, agreed, plant_held
from tests.builders.bindings import accepted_at, agreed_at, bind, binding_now, bindings_at, plant_bound
from tests.builders.cases import case_now
from tests.builders.holders import plant_holder
from tests.builders.issuance import row
from tests.builders.people import actor_of, add_staff, branch_id_of
from tests.builders.platforms import events_of, plant_platform
from tests.invariants_bindings import binding_violations

ROUNDS = 6
DEAR = 3  # rounds that need a ceremony each


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def world(request: pytest.FixtureRequest, world: World) -> World:
    """Either database: SQLite has one writer at a time, PostgreSQL many."""
    chosen: World = world if request.param == "sqlite" else request.getfixturevalue("postgresql_world")
    return chosen


@pytest.fixture(autouse=True)
def _nothing_is_broken(world: World) -> Iterator[None]:
    yield
    with world.reading() as session:
        assert list(binding_violations(session)) == []


@pytest.fixture
def inspection(world: World) -> Platform:
    return plant_platform(world, registry_authority="样例市民政局")


def refused(results: list[Any]) -> list[Refusal]:
    return [result for outcome, result in results if outcome == "refused"]


def count(world: World, kind: type[Any], *conditions: Any) -> int:
    with world.reading() as session:
        return session.scalar(select(func.count()).select_from(kind).where(*conditions)) or 0


def live(world: World, held: Held) -> int:
    return count(world, Binding, Binding.applicant_id == held.applicant_id, Binding.until.is_(None))


def test_one_certificate_bound_twice_at_once_is_bound_once_and_the_second_gets_the_firsts(
    world: World, inspection: Platform
) -> None:
    for _ in range(ROUNDS):
        held = plant_held(world)
        results = done(at_once(*[lambda h=held: bind(world, inspection, h)] * 3))
        assert sorted(one.outcome for one in results) == [*[BindingCode.already_bound] * 2, BindingCode.may_bind]
        assert len({one.key for one in results}) == 1
    assert count(world, Binding) == ROUNDS == count(world, PlatformEvent)


def test_one_request_sent_twice_at_once_is_answered_twice_alike(world: World, inspection: Platform) -> None:
    for turn in range(ROUNDS):
        held = plant_held(world)
        results = done(at_once(*[lambda h=held, t=turn: bind(world, inspection, h, key=f"key-{t}")] * 2))
        assert sorted(one.replayed for one in results) == [False, True]
        assert len({(one.outcome, one.key, one.since) for one in results}) == 1


def test_of_two_certificates_at_once_one_is_bound_and_the_other_refused(world: World, inspection: Platform) -> None:
    for _ in range(ROUNDS):
        first = plant_held(world)
        second = plant_held(world, beside=first)
        results = at_once(lambda h=first: bind(world, inspection, h), lambda h=second: bind(world, inspection, h))
        assert [one.outcome for one in done(results)] == [BindingCode.may_bind]
        assert [one.code for one in refused(results)] == ["bound_to_other"]
        assert live(world, first) == 1


def test_two_choices_anew_at_once_are_one_choice(world: World, inspection: Platform) -> None:
    for _ in range(ROUNDS):
        first = plant_held(world)
        bind(world, inspection, first)
        world.clock.move(minutes=1)
        second = plant_held(world, beside=first)
        world.clock.move(minutes=1)
        results = at_once(lambda h=first: bind(world, inspection, h), lambda h=second: bind(world, inspection, h))
        assert [one.outcome for one in done(results)] == [BindingCode.choose_anew]
        assert [one.code for one in refused(results)] == ["bound_to_other"]
        assert live(world, first) == 1


@pytest.mark.parametrize("kind", [CaseKind.revocation, CaseKind.suspension])
def test_a_certificate_bound_and_taken_away_at_once_opens_nothing_afterwards(
    world: World, inspection: Platform, kind: CaseKind
) -> None:
    reviewer, met = actor_of(world, Role.reviewer), set[str]()
    for _ in range(ROUNDS):
        held = plant_held(world)
        case = accepted(world, held, kind)
        results = at_once(
            lambda h=held: bind(world, inspection, h), lambda c=case: approve_case(world, reviewer, c.id, c.version)
        )
        assert case_now(world, case.id).state is CaseState.closed
        rows = count(world, Binding, Binding.applicant_id == held.applicant_id)
        taken = [one for one in refused(results) if isinstance(one, BindingRefused)]
        assert rows + len(taken) == 1  # bound, or told why not
        if kind is CaseKind.revocation:
            assert live(world, held) == 0
        elif rows:
            assert events_of(world, inspection)[-1].kind is EventKind.certificate_suspended
        met.add("bound" if rows else "refused")
    assert count(world, Certificate, Certificate.status == CertificateStatus.valid) == 0


def test_a_login_while_the_renewed_certificate_is_handed_over_is_bound_to_the_new_one_or_refused(
    world: World, app: Flask
) -> None:
    platform, holder = plant_platform(world, wanted_use=None), plant_holder(world, app)
    for _ in range(DEAR):
        old = row(world, Certificate, Certificate.id == holder.certificate_id)
        held = Held(old.id, old.serial, holder.serial, holder.envelope, old.applicant_id, old.credit_code)
        holder.comes(CaseKind.renewal)
        number = holder.make(holder.begin())
        results = at_once(lambda n=number: holder.hand_over(n), lambda h=held: bind(world, platform, h))
        if results[0][0] == "refused":  # it was too close: the clerk clicks again
            holder.hand_over(number)
        new = row(world, Certificate, Certificate.replaces_id == old.id)
        bound = [one for one in bindings_at(world, platform) if one.until is None]
        assert [one.certificate_id for one in bound] == ([new.id] if results[1][0] == "done" else [])
        for one in bound:
            end_by_platform(world, platform.id, one.key)
        holder.certificate_id = new.id


def test_a_reset_and_the_platforms_own_end_at_once_end_it_once(world: World, inspection: Platform) -> None:
    supervisor = actor_of(world, Role.supervisor)
    for _ in range(ROUNDS):
        held = plant_held(world)
        bound = plant_bound(world, inspection, held)
        case = accepted_at(world, inspection, held, CaseKind.binding_reset)
        at_once(
            lambda c=case: grant_case(world, supervisor, c.id, c.version, "核对无误"),
            lambda b=bound: end_by_platform(world, inspection.id, b.key),
        )
        end, state = binding_now(world, bound.key).end, case_now(world, case.id).state
        assert (end, state) in {
            (BindingEnd.reset, CaseState.awaiting_acknowledgement),
            (BindingEnd.by_platform, CaseState.awaiting_grant),  # told that there is nothing to reset any more
            (BindingEnd.by_platform, CaseState.closed),
        }
        assert (
            count(
                world, JournalLine, JournalLine.subject == "binding", JournalLine.act == "end", JournalLine.subject_id == bound.id
            )
            == 1
        )


def test_a_rebinding_and_a_login_at_once_leave_the_chosen_one_the_way(world: World, inspection: Platform) -> None:
    supervisor = actor_of(world, Role.supervisor)
    for _ in range(ROUNDS):
        first = plant_held(world)
        second = plant_held(world, beside=first)
        case = accepted_at(world, inspection, second, CaseKind.rebinding)
        at_once(
            lambda c=case: grant_case(world, supervisor, c.id, c.version, "核对无误"),
            lambda h=first: bind(world, inspection, h),
        )
        if case_now(world, case.id).state is CaseState.awaiting_grant:  # it was too close: the supervisor clicks again
            grant_case(world, supervisor, case.id, case_now(world, case.id).version, "核对无误")
        world.clock.move(minutes=1)
        assert bind(world, inspection, second).created
        with pytest.raises(BindingRefused):
            bind(world, inspection, first)


def test_two_supervisors_reset_once(world: World, inspection: Platform) -> None:
    with world.writing() as session:
        other = add_staff(world, session, "S2-HD01", {Role.supervisor}, branch_id_of(world), hash_password("counter-and-desk"))
        session.commit()
    supervisors = actor_of(world, Role.supervisor), other.as_actor()
    for _ in range(ROUNDS):
        held = plant_held(world)
        plant_bound(world, inspection, held)
        case = accepted_at(world, inspection, held, CaseKind.binding_reset)
        acts = [lambda who=who, c=case: grant_case(world, who, c.id, c.version, "核对无误") for who in supervisors]
        assert len(done(at_once(*acts))) == 1
        assert count(world, PlatformEvent, PlatformEvent.case_id == case.id) == 1


def opened(world: World, who: Actor, platform: Platform, held: Held) -> OpenedCase:
    return open_platform_case(world, who, CaseKind.binding_reset, platform.id, held.applicant_id)


def test_two_counters_open_one_case(world: World, inspection: Platform) -> None:
    for _ in range(ROUNDS):
        held = plant_held(world)
        plant_bound(world, inspection, held)
        clerks = [actor_of(world, Role.clerk, branch) for branch in ("HD01", "CY01")]
        acts = [lambda who=who, h=held: opened(world, who, inspection, h) for who in clerks]
        results = at_once(*acts)
        assert (len(done(results)), [one.code for one in refused(results)]) == (1, ["case_is_open"])
    assert count(world, Case, Case.kind == CaseKind.binding_reset) == ROUNDS


def test_acknowledged_at_once_by_name_by_number_and_from_the_feed_the_case_is_closed_once(
    world: World, inspection: Platform
) -> None:
    for _ in range(ROUNDS):
        held = plant_held(world)
        plant_bound(world, inspection, held)
        case = agreed_at(world, inspection, held, CaseKind.binding_reset)
        number = len(events_of(world, inspection))
        key = events_of(world, inspection)[-1].key
        acts: list[Callable[[], Any]] = [
            lambda k=key: acknowledge_events(world, inspection.id, [k]),
            lambda n=number: acknowledge_events(world, inspection.id, up_to=n),
            lambda n=number: take_from_feed(world, inspection.id, n),
        ]
        at_once(*acts)
        acknowledge_events(world, inspection.id, up_to=number)  # whoever was in another's way says it again
        assert case_now(world, case.id).state is CaseState.closed
    closed = JournalLine.subject == "case_file", JournalLine.act == "acknowledge"
    assert count(world, JournalLine, *closed) == ROUNDS
    told = JournalLine.subject == "platform_event", JournalLine.act == "acknowledge"
    assert count(world, JournalLine, *told) == 2 * ROUNDS


def test_a_crowd_at_one_platform_is_numbered_without_a_gap(world: World, inspection: Platform) -> None:
    crowd = [plant_held(world) for _ in range(8)]
    for _ in range(3):
        results = at_once(*(lambda h=held: bind(world, inspection, h) for held in crowd))
        assert len(done(results)) == len(crowd)
        keys = [row.key for row in bindings_at(world, inspection) if row.until is None]
        results = at_once(*(lambda k=key: end_by_platform(world, inspection.id, k) for key in keys))
        assert len(done(results)) == len(crowd)
    assert [event.number for event in events_of(world, inspection)] == list(range(1, 6 * len(crowd) + 1))


def test_an_answer_written_down_twice_at_once_is_written_once(world: World, inspection: Platform) -> None:
    clerk = actor_of(world)
    for _ in range(ROUNDS):
        case = accepted_at(world, inspection, plant_held(world), CaseKind.credentials_reset)
        acts = [
            lambda a=answer, c=case: answer_relay(world, clerk, c.id, c.version, a, "已答复")
            for answer in (RelayAnswer.done, RelayAnswer.refused)
        ]
        assert len(done(at_once(*acts))) == 1


def test_a_revocation_and_a_reset_at_once_end_it_once(world: World, inspection: Platform) -> None:
    supervisor, reviewer = actor_of(world, Role.supervisor), actor_of(world, Role.reviewer)
    for _ in range(ROUNDS):
        held = plant_held(world)
        bound = plant_bound(world, inspection, held)
        reset = accepted_at(world, inspection, held, CaseKind.binding_reset)
        revocation = accepted(world, held, CaseKind.revocation)
        at_once(
            lambda c=reset: grant_case(world, supervisor, c.id, c.version, "核对无误"),
            lambda c=revocation: approve_case(world, reviewer, c.id, c.version),
        )
        if case_now(world, revocation.id).state is not CaseState.closed:  # it was too close: the reviewer clicks again
            approve_case(world, reviewer, revocation.id, case_now(world, revocation.id).version)
        assert binding_now(world, bound.key).end in {BindingEnd.reset, BindingEnd.certificate_revoked}
        assert live(world, held) == 0


def test_a_second_certificates_agreed_revocation_leaves_the_bound_one(world: World, inspection: Platform) -> None:
    first = plant_held(world)
    second = plant_held(world, beside=first)
    bind(world, inspection, first)
    agreed(world, second, CaseKind.revocation)
    assert live(world, first) == 1
