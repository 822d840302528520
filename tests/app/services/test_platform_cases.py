"""Cases about platforms: reset, rebinding and relayed credentials, from the counter to the platform's word."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select, update

from app.services.acknowledge_events import acknowledge_events
from app.services.amend_case import amend_case
from app.services.answer_relay import answer_relay
from app.services.bind_certificate import BindingRefused
from app.services.correct_aftercare import correct_aftercare
from app.services.end_binding import end_by_platform
from app.services.errors import Absent, Faulty, Forbidden, OutOfTurn, Refusal, Stale
from app.services.examine_aftercare import examine_aftercare
from app.services.examine_binding import advise, choosable
from app.services.give_notice import NoticeKind
from app.services.grant_case import grant_case
from app.services.open_platform_case import open_platform_case
from app.services.print_notice import print_notice
from app.services.refuse_case import refuse_case
from app.services.world import World
from models.rulebook.bindings import AdviceCode, BindingCode
from models.rulebook.findings import Code
from models.rulebook.permissions import Permission
from models.rulebook.vocabulary import (
    BindingEnd,
    CaseKind,
    CaseState,
    EventKind,
    PlatformState,
    RelayAnswer,
    Role,
)
from models.tables import BindingChoice, Grant, JournalLine, Notice, Platform, PlatformEvent, Relay
from models.worklists.bindings import relay_of, told_for, waiting_cases
from tests.builders.aftercare import Held, agreed, plant_held
from tests.builders.bindings import (
    accepted_at,
    agreed_at,
    bind,
    binding_now,
    bindings_at,
    drafted_at,
    opened_at,
    plant_bound,
)
from tests.builders.cases import case_now
from tests.builders.people import actor_of, branch_id_of
from tests.builders.platforms import events_of, plant_platform
from tests.invariants_aftercare import aftercare_violations
from tests.invariants_bindings import binding_violations

RESET, REBIND, CREDENTIALS = CaseKind.binding_reset, CaseKind.rebinding, CaseKind.credentials_reset


@pytest.fixture(autouse=True)
def _nothing_is_broken(world: World) -> Iterator[None]:
    yield
    with world.reading() as session:
        assert [*binding_violations(session), *aftercare_violations(session)] == []


@pytest.fixture
def inspection(world: World) -> Platform:
    return plant_platform(world, registry_authority="样例市民政局")


@pytest.fixture
def held(world: World) -> Held:
    return plant_held(world)


@pytest.fixture
def second(world: World, held: Held) -> Held:
    return plant_held(world, beside=held)


def acknowledged(world: World, platform: Platform) -> None:
    acknowledge_events(world, platform.id, up_to=10**6)


# --- the manual's own story --------------------------------------------------------------------------------------------------


def test_two_certificates_one_is_bound_the_other_refused_the_counter_resets_and_the_other_is_bound(
    world: World, inspection: Platform, held: Held, second: Held
) -> None:
    first = bind(world, inspection, held)
    with pytest.raises(BindingRefused) as refused:
        bind(world, inspection, second)
    assert refused.value.facts["zh"] == (
        "该单位已绑定另一张证书，本平台只能绑定其中一张。请使用已绑定的那张登录；需改用这张的，请到窗口办理改绑。"
    )
    world.clock.move(hours=2)
    case = agreed_at(world, inspection, held, RESET)
    assert case.state is CaseState.awaiting_acknowledgement
    ended = binding_now(world, first.key)
    assert (ended.end, ended.case_id, ended.until) == (BindingEnd.reset, case.id, world.now())
    event = events_of(world, inspection)[-1]
    assert (event.kind, event.case_id, event.body["binding"]["end"]) == (EventKind.binding_ended, case.id, "reset")
    world.clock.move(hours=1)
    acknowledge_events(world, inspection.id, [event.key])
    done = case_now(world, case.id)
    assert (done.state, done.closed_at) == (CaseState.closed, world.now())
    assert bind(world, inspection, second).outcome is BindingCode.may_bind


# --- reset -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [RESET, REBIND])
def test_the_slip_names_who_handled_it_and_who_granted_it_each_in_his_place(
    world: World, inspection: Platform, held: Held, second: Held, kind: CaseKind
) -> None:
    bind(world, inspection, held)
    case = agreed_at(world, inspection, second if kind is REBIND else held, kind)
    with world.reading() as session:
        slip = session.scalars(select(Notice).where(Notice.case_id == case.id, Notice.kind == NoticeKind.binding.value)).one()
    clerk, supervisor = actor_of(world), actor_of(world, Role.supervisor)
    assert (slip.content["clerk_name"], slip.content["agreed_name"]) == (clerk.called, supervisor.called)
    assert print_notice(world, clerk, slip.id).pdf.startswith(b"%PDF")


def test_a_relayed_reset_names_who_passed_it_on(world: World, inspection: Platform, held: Held) -> None:
    case = agreed_at(world, inspection, held, CREDENTIALS)
    with world.reading() as session:
        slip = session.scalars(select(Notice).where(Notice.case_id == case.id, Notice.kind == NoticeKind.relay.value)).one()
    assert slip.content["clerk_name"] == actor_of(world).called
    assert print_notice(world, actor_of(world), slip.id).pdf.startswith(b"%PDF")


def test_a_change_of_status_names_who_handled_it_and_who_reviewed_it(world: World, held: Held) -> None:
    case = agreed(world, held, CaseKind.suspension)
    with world.reading() as session:
        receipt = session.scalars(select(Notice).where(Notice.case_id == case.id, Notice.kind == NoticeKind.status.value)).one()
    names = (actor_of(world).called, actor_of(world, Role.reviewer).called)
    assert (receipt.content["clerk_name"], receipt.content["agreed_name"]) == names
    assert print_notice(world, actor_of(world), receipt.id).pdf.startswith(b"%PDF")


def test_a_reset_gives_its_slip_uses_its_leave_and_leaves_its_lines(world: World, inspection: Platform, held: Held) -> None:
    plant_bound(world, inspection, held)
    case = agreed_at(world, inspection, held, RESET)
    with world.reading() as session:
        slip = session.scalars(select(Notice).where(Notice.case_id == case.id, Notice.kind == NoticeKind.binding.value)).one()
        assert slip.number == "HD01-P-2026-000001"
        assert slip.content["waits"] is True
        grant = session.scalars(select(Grant)).one()
        assert grant.used_at == grant.granted_at == world.now()
        acts = session.scalars(select(JournalLine.act).where(JournalLine.case_id == case.id).order_by(JournalLine.id)).all()
        assert [act for act in acts if act in {"grant", "give", "use", "settle", "end", "tell_platform"}] == [
            *("grant", "give", "use", "settle", "end", "tell_platform")
        ]
        waiting = waiting_cases(session, branch_id_of(world), CaseState.awaiting_acknowledgement)
        assert [one.id for one in waiting.rows] == [case.id]
        told = told_for(session, case.id)
        assert told is not None
        assert told.acknowledged_at is None


def test_acknowledged_twice_the_case_is_closed_once(world: World, inspection: Platform, held: Held) -> None:
    plant_bound(world, inspection, held)
    case = agreed_at(world, inspection, held, RESET)
    acknowledged(world, inspection)
    version = case_now(world, case.id).version
    world.clock.move(hours=1)
    acknowledged(world, inspection)
    assert case_now(world, case.id).version == version
    with world.reading() as session:
        lines = session.scalars(
            select(JournalLine).where(JournalLine.subject == "case_file", JournalLine.act == "acknowledge")
        ).all()
        assert [(line.platform_id, line.staff_id, line.branch_id) for line in lines] == [
            (inspection.id, None, branch_id_of(world))
        ]


def test_the_acknowledgement_of_something_else_closes_nothing(world: World, inspection: Platform, held: Held) -> None:
    plant_bound(world, inspection, held)
    made = events_of(world, inspection)[0].key
    case = agreed_at(world, inspection, held, RESET)
    acknowledge_events(world, inspection.id, [made])
    assert case_now(world, case.id).state is CaseState.awaiting_acknowledgement


def test_another_platforms_word_closes_nothing(world: World, inspection: Platform, held: Held) -> None:
    hall = plant_platform(world, "tax_hall")
    plant_bound(world, inspection, held)
    case = agreed_at(world, inspection, held, RESET)
    said = acknowledge_events(world, hall.id, [events_of(world, inspection)[-1].key])
    assert len(said.unknown) == 1
    assert case_now(world, case.id).state is CaseState.awaiting_acknowledgement


def test_nobody_withdraws_or_changes_a_case_that_was_told(world: World, inspection: Platform, held: Held) -> None:
    plant_bound(world, inspection, held)
    case = agreed_at(world, inspection, held, RESET)
    with pytest.raises(OutOfTurn):
        amend_case(world, actor_of(world), case.id, case.version)


def test_the_holder_may_bind_again_before_the_platform_has_acknowledged(world: World, inspection: Platform, held: Held) -> None:
    plant_bound(world, inspection, held)
    case = agreed_at(world, inspection, held, RESET)
    assert bind(world, inspection, held, "u-2").outcome is BindingCode.may_bind
    assert case_now(world, case.id).state is CaseState.awaiting_acknowledgement
    with pytest.raises(Refusal, match="case_is_open"):
        opened_at(world, inspection, held, RESET)


@pytest.mark.parametrize("kind", [RESET, CREDENTIALS])
def test_nothing_is_opened_where_there_is_nothing_to_do(world: World, inspection: Platform, held: Held, kind: CaseKind) -> None:
    with world.writing() as session:
        session.execute(update(Platform).values(registry_authority=""))
        session.commit()
    with pytest.raises(Refusal) as refused:
        opened_at(world, inspection, held, kind)
    why = "nothing_bound" if kind is RESET else "no_authority"
    assert (refused.value.code, refused.value.facts["why"]) == ("kind_not_open", why)


def test_only_the_counter_opens_and_only_a_supervisor_agrees(world: World, inspection: Platform, held: Held) -> None:
    plant_bound(world, inspection, held)
    for role in (Role.supervisor, Role.auditor, Role.administrator):
        with pytest.raises(Forbidden):
            open_platform_case(world, actor_of(world, role), RESET, inspection.id, held.applicant_id)
    case = accepted_at(world, inspection, held, RESET)
    assert case.state is CaseState.awaiting_grant
    for who in (actor_of(world), actor_of(world, Role.reviewer)):
        with pytest.raises(Forbidden):
            grant_case(world, who, case.id, case.version, "核对无误")
    with pytest.raises(Absent):
        grant_case(world, actor_of(world, Role.supervisor, "CY01"), case.id, case.version, "核对无误")
    assert case_now(world, case.id).state is CaseState.awaiting_grant


def test_what_does_not_exist_is_not_opened(world: World, inspection: Platform, held: Held) -> None:
    clerk, other = actor_of(world), plant_held(world)
    for platform_id, applicant_id, kind in (
        (999, held.applicant_id, RESET),
        (inspection.id, 999, RESET),
        (inspection.id, held.applicant_id, CaseKind.renewal),
    ):
        with pytest.raises(Absent):
            open_platform_case(world, clerk, kind, platform_id, applicant_id, held.serial)
    for serial, fault in ((other.serial, "certificate_unknown"), ("nonsense", "certificate_unknown")):
        with pytest.raises(Faulty) as faulty:
            open_platform_case(world, clerk, CREDENTIALS, inspection.id, held.applicant_id, serial)
        assert faulty.value.fields == {"serial": fault}


def test_a_case_about_a_platform_is_opened_at_any_branch_and_beside_any_other(
    world: World, inspection: Platform, held: Held
) -> None:
    plant_bound(world, inspection, held)
    world.clock.move(days=300)
    from tests.builders.aftercare import opened

    renewal = opened(world, held, CaseKind.renewal)
    case = agreed_at(world, inspection, held, RESET, branch="CY01")
    assert (renewal.state, case.state) == (CaseState.draft, CaseState.awaiting_acknowledgement)


def test_missing_papers_are_told_and_corrected_on_the_same_road(world: World, inspection: Platform, held: Held) -> None:
    plant_bound(world, inspection, held)
    case = drafted_at(world, inspection, held, RESET, papers={})
    verdict = examine_aftercare(world, actor_of(world), case.id)
    assert {finding.clause for finding in verdict.refusals} == {"P1-2026.binding_reset.1", "P1-2026.binding_reset.2"}
    correct_aftercare(world, actor_of(world), case.id, case.version)
    assert case_now(world, case.id).state is CaseState.correction


def test_a_binding_that_ended_meanwhile_is_a_finding_and_no_leave_is_given(
    world: World, inspection: Platform, held: Held
) -> None:
    bound = plant_bound(world, inspection, held)
    case = accepted_at(world, inspection, held, RESET)
    end_by_platform(world, inspection.id, bound.key)
    supervisor = actor_of(world, Role.supervisor)
    with pytest.raises(Refusal, match="kind_not_open"):
        grant_case(world, supervisor, case.id, case.version, "核对无误")
    verdict = examine_aftercare(world, supervisor, case.id)
    (finding,) = verdict.refusals
    assert (finding.code, finding.clause) == (Code.binding_nothing_bound, "D.binding.1")
    assert "没有有效的绑定" in finding.message_zh
    refuse_case(world, supervisor, case.id, case.version, "已解除绑定", by=Permission.grant_exception)
    assert case_now(world, case.id).state is CaseState.refused


def test_a_platform_switched_off_meanwhile_is_a_finding(world: World, inspection: Platform, held: Held) -> None:
    plant_bound(world, inspection, held)
    case = drafted_at(world, inspection, held, RESET)
    with world.writing() as session:
        session.execute(update(Platform).values(state=PlatformState.disabled))
        session.commit()
    verdict = examine_aftercare(world, actor_of(world), case.id)
    assert [finding.code for finding in verdict.refusals] == [Code.binding_platform_disabled]


# --- rebinding ---------------------------------------------------------------------------------------------------------------


def test_the_chosen_certificate_alone_may_be_bound(world: World, inspection: Platform, held: Held, second: Held) -> None:
    first = bind(world, inspection, held)
    with world.reading() as session:
        assert [one.serial for one in choosable(session, inspection, held.applicant_id, world.now())] == [second.serial]
    world.clock.move(hours=1)
    case = agreed_at(world, inspection, second, REBIND)
    assert binding_now(world, first.key).end is BindingEnd.rebinding
    with world.reading() as session:
        choice = session.scalars(select(BindingChoice)).one()
        assert (choice.certificate_id, choice.case_id) == (second.certificate_id, case.id)
        (advised,) = advise(session, held.applicant_id, world.now())
        assert advised.advice.code is AdviceCode.use_chosen
        assert [one.serial for one in advised.certificates] == [second.serial]
    acknowledged(world, inspection)
    with pytest.raises(BindingRefused, match="other_chosen"):
        bind(world, inspection, held)
    assert bind(world, inspection, second).outcome is BindingCode.may_bind
    with world.reading() as session:
        (advised,) = advise(session, held.applicant_id, world.now())
        assert advised.advice.code is AdviceCode.use_bound


def test_a_choice_is_overtaken_by_a_later_reset(world: World, inspection: Platform, held: Held, second: Held) -> None:
    agreed_at(world, inspection, second, REBIND)
    world.clock.move(hours=1)
    bind(world, inspection, second)
    world.clock.move(hours=1)
    agreed_at(world, inspection, second, RESET)
    assert bind(world, inspection, held).outcome is BindingCode.may_bind


def test_with_nothing_bound_the_choice_is_written_down_and_the_case_closed_at_once(
    world: World, inspection: Platform, held: Held, second: Held
) -> None:
    case = agreed_at(world, inspection, second, REBIND)
    assert (case.state, case.closed_at) == (CaseState.closed, world.now())
    assert events_of(world, inspection) == []
    with pytest.raises(BindingRefused, match="other_chosen"):
        bind(world, inspection, held)
    with world.reading() as session:
        slip = session.scalars(select(Notice).where(Notice.kind == NoticeKind.binding.value)).one()
        assert (slip.content["waits"], slip.content["chosen_serial"]) == (False, second.serial)


def test_a_choice_does_not_outlive_its_certificate(world: World, inspection: Platform, held: Held, second: Held) -> None:
    agreed_at(world, inspection, second, REBIND)
    agreed(world, second, CaseKind.revocation)
    assert bind(world, inspection, held).outcome is BindingCode.may_bind


def test_there_must_be_another_certificate_to_choose(world: World, inspection: Platform, held: Held) -> None:
    plant_bound(world, inspection, held)
    with pytest.raises(Refusal) as refused:
        opened_at(world, inspection, held, REBIND)
    assert refused.value.facts["why"] == "only_one"


def test_the_bound_one_is_not_chosen_again_and_no_other_use_is_chosen(
    world: World, inspection: Platform, held: Held, second: Held
) -> None:
    plant_bound(world, inspection, held)
    other_use = plant_held(world, beside=held, uses=("tax",))
    for chosen, why in ((held, "chosen_already"), (other_use, "wrong_use")):
        with pytest.raises(Refusal) as refused:
            opened_at(world, inspection, chosen, REBIND)
        assert refused.value.facts["why"] == why
    with pytest.raises(Faulty) as faulty:
        open_platform_case(world, actor_of(world), REBIND, inspection.id, held.applicant_id)
    assert faulty.value.fields == {"serial": "required"}


def test_a_suspended_certificate_is_not_chosen(world: World, inspection: Platform, held: Held, second: Held) -> None:
    case = drafted_at(world, inspection, second, REBIND)
    agreed(world, second, CaseKind.suspension)
    verdict = examine_aftercare(world, actor_of(world), case.id)
    assert [finding.code for finding in verdict.refusals] == [Code.certificate_suspended]


def test_a_stale_binding_may_be_settled_at_the_counter_for_the_same_certificate(
    world: World, inspection: Platform, held: Held
) -> None:
    """One was bound before there were several: it is chosen anew even so."""
    bind(world, inspection, held)
    world.clock.move(days=1)
    plant_held(world, beside=held)
    world.clock.move(days=1)
    case = agreed_at(world, inspection, held, REBIND)
    assert case.state is CaseState.awaiting_acknowledgement
    assert bind(world, inspection, held).outcome is BindingCode.may_bind
    assert [row.end for row in bindings_at(world, inspection)] == [BindingEnd.rebinding, None]


# --- credentials -------------------------------------------------------------------------------------------------------------


def test_a_credentials_reset_is_relayed_at_acceptance_and_closed_by_the_answer(
    world: World, inspection: Platform, held: Held
) -> None:
    case = accepted_at(world, inspection, held, CREDENTIALS)
    assert case.state is CaseState.awaiting_answer
    with world.reading() as session:
        relay = relay_of(session, case.id)
        assert relay is not None
        assert (relay.number, relay.authority, relay.answer) == ("HD01-L-2026-000001", "样例市民政局", None)
        kinds = session.scalars(select(Notice.kind).where(Notice.case_id == case.id).order_by(Notice.id)).all()
        assert kinds == [NoticeKind.acceptance.value, NoticeKind.relay.value]
        assert session.scalars(select(Grant)).all() == []
        assert session.scalars(select(PlatformEvent)).all() == []  # the platform has nothing to obey
    world.clock.move(days=3)
    answered = answer_relay(world, actor_of(world), case.id, case.version, RelayAnswer.done, "新密码已寄出")
    assert (answered.number, answered.answer) == ("HD01-L-2026-000001", RelayAnswer.done)
    with world.reading() as session:
        relay = session.scalars(select(Relay)).one()
        assert (relay.answered_at, relay.answered_by, relay.note) == (world.now(), actor_of(world).staff_id, "新密码已寄出")
    assert case_now(world, case.id).state is CaseState.closed


def test_an_answer_is_written_down_once_by_its_own_branch_and_a_refusal_with_its_reason(
    world: World, inspection: Platform, held: Held
) -> None:
    case, clerk = accepted_at(world, inspection, held, CREDENTIALS), actor_of(world)
    for note, fault in (("", "required"), ("  ", "required"), ("长" * 501, "too_long")):
        with pytest.raises(Faulty) as faulty:
            answer_relay(world, clerk, case.id, case.version, RelayAnswer.refused, note)
        assert faulty.value.fields == {"note": fault}
    with pytest.raises(Absent):
        answer_relay(world, actor_of(world, Role.clerk, "CY01"), case.id, case.version, RelayAnswer.done)
    with pytest.raises(Stale):
        answer_relay(world, clerk, case.id, case.version - 1, RelayAnswer.done)
    answer_relay(world, clerk, case.id, case.version, RelayAnswer.refused, "户名不符")
    with pytest.raises(OutOfTurn):
        answer_relay(world, clerk, case.id, case.version, RelayAnswer.done)


def test_without_a_named_certificate_a_credentials_reset_is_about_the_bound_one(
    world: World, inspection: Platform, held: Held, second: Held
) -> None:
    clerk = actor_of(world)
    with pytest.raises(Faulty):
        open_platform_case(world, clerk, CREDENTIALS, inspection.id, held.applicant_id)
    bind(world, inspection, second)
    opened = open_platform_case(world, clerk, CREDENTIALS, inspection.id, held.applicant_id)
    assert case_now(world, opened.id).certificate_id == second.certificate_id
