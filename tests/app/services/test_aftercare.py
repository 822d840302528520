"""Cases about a certificate, by their use cases: who may agree, what follows at once, and what can be undone."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from cryptography import x509
from sqlalchemy import func, select

from app.services.accept_aftercare import accept_aftercare
from app.services.amend_applicant import apply_amendment
from app.services.amend_case import amend_case
from app.services.approve_case import approve_case
from app.services.ask_grant import ask_grant
from app.services.errors import Absent, Faulty, Forbidden, OutOfTurn, Refusal, Stale
from app.services.grant_case import grant_case
from app.services.open_aftercare import open_aftercare
from app.services.order_work import end_grants
from app.services.refuse_case import refuse_case
from app.services.save_aftercare import save_aftercare
from app.services.send_back_case import send_back_case
from app.services.settle_fee import settle_fee
from app.services.withdraw_case import withdraw_case
from app.services.world import World
from models.rulebook.editions import P1, write
from models.rulebook.kinds import AFTERCARE_KINDS, KINDS
from models.rulebook.permissions import Permission
from models.rulebook.vocabulary import (
    CaseKind,
    CaseState,
    CertificateStatus,
    PaymentMethod,
    RevocationReason,
    Role,
    RunKind,
    TokenState,
)
from models.tables import Applicant, ApplicantBigram, Case, Grant, JournalLine, Notice, RevocationList, StaffRole, Token
from models.tables import Edition as KeptEdition
from tests.builders import aftercare
from tests.builders.aftercare import Held, accepted, agreed, certificate_now, drafted, opened, plant_held
from tests.builders.cases import MOBILE, case_now, resident_number, unified_code
from tests.builders.cases import drafted as drafted_application
from tests.builders.people import actor_of

BY = Permission.grant_exception
WORK = [kind for kind in CaseKind if kind in AFTERCARE_KINDS and KINDS[kind].work is not None]
STATUS = [kind for kind in CaseKind if kind in AFTERCARE_KINDS and KINDS[kind].status is not None]


def fit(world: World, kind: CaseKind, **more: Any) -> Held:
    """A certificate that a case of the kind can be about."""
    status = CertificateStatus.suspended if kind is CaseKind.resumption else CertificateStatus.valid
    return plant_held(world, days=60, status=status, **more)


def token_of(world: World, held: Held) -> Token:
    with world.reading() as session:
        return session.scalars(select(Token).where(Token.serial == held.token_serial)).one()


def acts_of(world: World, case_id: int) -> list[tuple[str, str]]:
    with world.reading() as session:
        lines = session.scalars(select(JournalLine).where(JournalLine.case_id == case_id).order_by(JournalLine.id))
        return [(line.subject, line.act) for line in lines]


def listed(world: World) -> dict[str, str | None]:
    """Serial → reason, as the newest published list has it."""
    with world.reading() as session:
        der = session.scalars(select(RevocationList.der).order_by(RevocationList.number.desc()).limit(1)).one()
    found = {}
    for entry in x509.load_der_x509_crl(der):
        reasons = [e.value.reason.value for e in entry.extensions if isinstance(e.value, x509.CRLReason)]
        found[f"{entry.serial_number:x}"] = reasons[0] if reasons else None
    return found


@pytest.mark.parametrize("kind", WORK)
def test_an_agreed_case_orders_one_piece_of_its_kinds_work(world: World, kind: CaseKind) -> None:
    case = agreed(world, fit(world, kind), kind)
    if case.state is CaseState.awaiting_payment:
        settle_fee(world, actor_of(world), case.id, case.version, PaymentMethod.cash)
        case = case_now(world, case.id)
    assert case.state is CaseState.ready_to_issue
    assert [(item.position, item.work) for item in case.items] == [(1, KINDS[kind].work)]
    assert case.edition == "P1-2026"


@pytest.mark.parametrize("kind", STATUS)
def test_a_change_of_status_is_done_published_and_receipted_at_the_reviewers_word(world: World, kind: CaseKind) -> None:
    held = fit(world, kind)
    case = accepted(world, held, kind)
    done = approve_case(world, actor_of(world, Role.reviewer), case.id, case.version)
    assert done.carried_out
    assert done.published
    case = case_now(world, case.id)
    assert (case.state, case.items, case.fee_total_fen) == (CaseState.closed, [], 0)
    wanted = {
        CaseKind.suspension: (CertificateStatus.suspended, "certificateHold"),
        CaseKind.resumption: (CertificateStatus.valid, None),
        CaseKind.revocation: (CertificateStatus.revoked, "cessationOfOperation"),
    }
    status, reason = wanted[kind]
    assert certificate_now(world, held).status is status
    if reason is None:
        assert held.serial not in listed(world)
    else:
        assert listed(world)[held.serial] == reason
    with world.reading() as session:
        kinds = session.scalars(select(Notice.kind).where(Notice.case_id == case.id).order_by(Notice.id)).all()
        number = session.scalars(select(Notice.number).where(Notice.kind == "status")).one()
    assert kinds == ["acceptance", "status"]
    assert number == "HD01-Z-2026-000001"
    assert acts_of(world, case.id)[-4:] == [
        ("case_file", "approve"),
        ("case_file", "settle"),
        ("certificate", KINDS[kind].status.value if KINDS[kind].status else ""),
        ("case_file", "carry_out"),
    ]


def test_a_lost_tokens_certificate_is_revoked_by_the_grant_before_anything_is_paid(world: World) -> None:
    held = fit(world, CaseKind.replacement_lost)
    case = accepted(world, held, CaseKind.replacement_lost)
    assert certificate_now(world, held).status is CertificateStatus.valid
    granted = grant_case(world, actor_of(world, Role.supervisor), case.id, case.version, "声明与证件核对无误")
    certificate = certificate_now(world, held)
    assert (certificate.status, certificate.reason) == (CertificateStatus.revoked, RevocationReason.key_compromise)
    assert listed(world)[held.serial] == "keyCompromise"
    assert token_of(world, held).state is TokenState.lost
    assert granted.state is CaseState.awaiting_payment
    assert granted.total_fen == 80_00
    with world.reading() as session:
        assert session.scalars(select(Grant)).one().used_at == world.now()
    with pytest.raises(Refusal) as refused:
        amend_case(world, actor_of(world), case.id, case_now(world, case.id).version)
    assert refused.value.code == "loss_is_booked"
    withdraw_case(world, actor_of(world), case.id, case_now(world, case.id).version, "不补办了")
    assert certificate_now(world, held).status is CertificateStatus.revoked


def test_a_damaged_medium_is_booked_as_handed_in_once_nothing_can_be_withdrawn_any_more(world: World) -> None:
    kind = CaseKind.replacement_damaged
    held = fit(world, kind)
    case = agreed(world, held, kind, damage_visible="yes")
    assert (case.state, case.fee_total_fen) == (CaseState.awaiting_payment, 80_00)
    assert token_of(world, held).state is TokenState.handed_over
    settle_fee(world, actor_of(world), case.id, case.version, PaymentMethod.cash)
    assert token_of(world, held).state is TokenState.returned
    assert certificate_now(world, held).status is CertificateStatus.valid
    assert ("token", "hand_in") in acts_of(world, case.id)


@pytest.mark.parametrize(
    ("days", "answers", "fee"),
    [
        (0, {}, 0),
        (365, {}, 0),
        (366, {}, 80_00),
        (0, {"damage_visible": "yes"}, 80_00),
        (0, {"damage_altered": "yes"}, 80_00),
        (0, {"damage_read_here": "yes"}, 80_00),
    ],
)
def test_the_warranty_is_a_year_from_the_handover_of_the_medium(
    world: World, days: int, answers: dict[str, str], fee: int
) -> None:
    held = plant_held(world, days=700)
    world.clock.move(days=days)  # type: ignore[attr-defined]
    case = accepted(world, held, CaseKind.replacement_damaged, **answers)
    assert case.details["fee_fen"] == fee
    assert case.details["verdict"] == ("holder" if answers else "medium")


def test_an_unlock_gets_a_leave_of_fifteen_minutes_for_its_very_token(world: World) -> None:
    held = fit(world, CaseKind.unlock)
    case = agreed(world, held, CaseKind.unlock)
    with world.reading() as session:
        grant = session.scalars(select(Grant)).one()
        token = session.get_one(Token, grant.token_id)
    assert token.serial == held.token_serial
    assert grant.expires_at - grant.granted_at == timedelta(minutes=15)
    assert grant.used_at is None
    assert case.state is CaseState.ready_to_issue
    assert case.items[0].work is RunKind.unlock


def test_a_leave_that_lapsed_is_asked_for_again_and_the_old_one_is_worth_nothing(world: World) -> None:
    case = agreed(world, fit(world, CaseKind.unlock), CaseKind.unlock)
    ask_grant(world, actor_of(world), case.id, case.version)
    case = case_now(world, case.id)
    assert case.state is CaseState.awaiting_grant
    world.clock.move(minutes=1)  # type: ignore[attr-defined]
    grant_case(world, actor_of(world, Role.supervisor), case.id, case.version, "再次核对")
    case = case_now(world, case.id)
    assert case.state is CaseState.ready_to_issue
    assert len(case.items) == 1
    with world.reading() as session:
        older, newer = session.scalars(select(Grant).order_by(Grant.id)).all()
    assert older.expires_at == world.now()
    assert newer.expires_at == world.now() + timedelta(minutes=15)


def test_only_an_unlock_asks_again(world: World) -> None:
    case = agreed(world, fit(world, CaseKind.renewal), CaseKind.renewal)
    with pytest.raises(OutOfTurn):
        ask_grant(world, actor_of(world), case.id, case.version)


@pytest.mark.parametrize("kind", [CaseKind.unlock, CaseKind.suspension])
def test_nobody_agrees_to_what_he_opened_typed_or_asked_for(world: World, kind: CaseKind) -> None:
    role = KINDS[kind].agrees
    judge = actor_of(world, role)
    with world.writing() as session:  # the same person works at the counter too
        session.add(StaffRole(staff_id=judge.staff_id, role=Role.clerk))
        session.commit()
    judge = actor_of(world, role)
    held = fit(world, kind)
    ours = case_now(world, open_aftercare(world, judge, held.serial, kind).id)
    clerk = actor_of(world)
    save_aftercare(world, clerk, ours.id, ours.version, aftercare.draft(held, kind), resident_number(), MOBILE)
    accept_aftercare(world, clerk, ours.id, case_now(world, ours.id).version)
    typed = drafted(world, (other := fit(world, kind)), kind)
    save_aftercare(world, judge, typed.id, typed.version, aftercare.draft(other, kind, remark="已看过"))
    accept_aftercare(world, clerk, typed.id, case_now(world, typed.id).version)
    for case_id in (ours.id, typed.id):
        version = case_now(world, case_id).version
        decide = grant_case if role is Role.supervisor else approve_case
        with pytest.raises(Forbidden):
            decide(world, judge, case_id, version, *(["理由"] if role is Role.supervisor else []))


def test_a_reviewer_cannot_give_leave_nor_a_supervisor_review(world: World) -> None:
    unlock = accepted(world, fit(world, CaseKind.unlock), CaseKind.unlock)
    renewal = accepted(world, fit(world, CaseKind.renewal), CaseKind.renewal)
    with pytest.raises(Forbidden):
        grant_case(world, actor_of(world, Role.reviewer), unlock.id, unlock.version, "理由")
    with pytest.raises(OutOfTurn):
        approve_case(world, actor_of(world, Role.reviewer), unlock.id, unlock.version)
    with pytest.raises(OutOfTurn):
        refuse_case(world, actor_of(world, Role.reviewer), unlock.id, unlock.version, "理由")
    with pytest.raises(OutOfTurn):
        grant_case(world, actor_of(world, Role.supervisor), renewal.id, renewal.version, "理由")
    with pytest.raises(Absent):
        grant_case(world, actor_of(world, Role.supervisor, "CY01"), unlock.id, unlock.version, "理由")


def test_a_leave_needs_a_reason_that_fits_its_line(world: World) -> None:
    case = accepted(world, fit(world, CaseKind.unlock), CaseKind.unlock)
    for reason, code in (("  ", "required"), ("长" * 201, "too_long")):
        with pytest.raises(Faulty) as fault:
            grant_case(world, actor_of(world, Role.supervisor), case.id, case.version, reason)
        assert fault.value.fields == {"reason": code}


def test_the_supervisor_sends_back_or_refuses_and_the_certificate_is_free_again(world: World) -> None:
    held, boss = fit(world, CaseKind.unlock), actor_of(world, Role.supervisor)
    case = accepted(world, held, CaseKind.unlock)
    send_back_case(world, boss, case.id, case.version, "证件不清楚", by=BY)
    assert case_now(world, case.id).state is CaseState.returned
    withdraw_case(world, actor_of(world), case.id, case_now(world, case.id).version, "不办了")
    again = accepted(world, held, CaseKind.unlock)
    refused = refuse_case(world, boss, again.id, again.version, "到场人不是本单位的", by=BY)
    assert refused.notice_number.startswith("HD01-X-")
    assert opened(world, held, CaseKind.unlock).state is CaseState.draft


def test_an_unlock_sent_back_after_a_lapsed_leave_gives_its_work_up(world: World) -> None:
    case = agreed(world, fit(world, CaseKind.unlock), CaseKind.unlock)
    ask_grant(world, actor_of(world), case.id, case.version)
    send_back_case(world, actor_of(world, Role.supervisor), case.id, case_now(world, case.id).version, "再核对", by=BY)
    assert case_now(world, case.id).items == []
    with world.reading() as session:
        assert session.scalars(select(Grant)).one().expires_at == world.now()


def test_one_certificate_has_one_open_case_at_all_branches_and_a_new_one_after_it(world: World) -> None:
    held = fit(world, CaseKind.unlock)
    first = opened(world, held, CaseKind.unlock)
    for branch in ("HD01", "CY01"):
        with pytest.raises(Refusal) as refused:
            open_aftercare(world, actor_of(world, Role.clerk, branch), held.serial, CaseKind.suspension)
        assert refused.value.code == "case_is_open"
        assert refused.value.facts == {"number": first.number}
    withdraw_case(world, actor_of(world), first.id, first.version, "改办别的")
    assert opened(world, held, CaseKind.suspension, "CY01").branch_id != first.branch_id


@pytest.mark.parametrize("first", [CaseKind.renewal, CaseKind.amendment, CaseKind.unlock])
def test_an_unlock_runs_beside_what_waits_for_the_pin_and_nothing_else_does(world: World, first: CaseKind) -> None:
    held = fit(world, CaseKind.renewal)
    second = CaseKind.renewal if first is CaseKind.unlock else CaseKind.unlock
    opened(world, held, first)
    opened(world, held, second, "CY01")
    for kind in AFTERCARE_KINDS:
        with pytest.raises(Refusal, match="case_is_open"):
            open_aftercare(world, actor_of(world), held.serial, kind)


@pytest.mark.parametrize(
    ("kind", "status", "days"),
    [
        (CaseKind.renewal, CertificateStatus.valid, 91),
        (CaseKind.renewal, CertificateStatus.revoked, 10),
        (CaseKind.unlock, CertificateStatus.suspended, 10),
        (CaseKind.suspension, CertificateStatus.suspended, 10),
        (CaseKind.resumption, CertificateStatus.valid, 10),
        (CaseKind.amendment, CertificateStatus.valid, -1),
        (CaseKind.replacement_lost, CertificateStatus.revoked, 10),
        (CaseKind.suspension, CertificateStatus.on_hold, 10),
    ],
)
def test_a_kind_that_does_not_fit_the_certificate_is_not_opened(
    world: World, kind: CaseKind, status: CertificateStatus, days: int
) -> None:
    with pytest.raises(Refusal) as refused:
        opened(world, plant_held(world, days=days, status=status), kind)
    assert refused.value.code == "kind_not_open"


def test_a_certificate_that_expired_between_acceptance_and_agreement_is_not_worked_on(world: World) -> None:
    case = accepted(world, plant_held(world, days=1), CaseKind.amendment)
    world.clock.move(days=3)  # type: ignore[attr-defined]
    with pytest.raises(Refusal) as refused:
        approve_case(world, actor_of(world, Role.reviewer), case.id, case.version)
    assert refused.value.code == "kind_not_open"
    assert case_now(world, case.id).state is CaseState.in_review


def test_an_amendment_changes_the_applicant_when_it_takes_effect_and_not_before(world: World) -> None:
    held, code = fit(world, CaseKind.amendment), unified_code()
    case = agreed(world, held, CaseKind.amendment, new_name="北京样例新名贸易有限公司", new_credit_code=code)
    assert (case.new_name, case.new_credit_code) == ("北京样例新名贸易有限公司", code)
    assert case.applicant is not None
    assert (case.applicant.name, case.applicant.credit_code) == ("北京样例贸易有限公司", held.credit_code)
    with world.writing() as session:
        apply_amendment(session, world.now(), actor_of(world), session.get_one(Case, case.id))
        session.commit()
    with world.reading() as session:
        applicant = session.get_one(Applicant, held.applicant_id)
        pairs = set(session.scalars(select(ApplicantBigram.bigram).where(ApplicantBigram.applicant_id == applicant.id)))
    assert (applicant.name, applicant.credit_code) == ("北京样例新名贸易有限公司", code)
    assert "新名" in pairs
    assert acts_of(world, case.id)[-1] == ("applicant", "amend")


def test_an_amendment_must_change_something_to_a_code_that_is_free(world: World) -> None:
    held, taken = fit(world, CaseKind.amendment), fit(world, CaseKind.amendment, name="北京某某科技有限公司")
    case = drafted(world, held, CaseKind.amendment, new_name="北京样例贸易有限公司")
    clerk = actor_of(world)
    for changes, field, code in (
        ({"new_name": "北京样例贸易有限公司"}, "new_name", "nothing_new"),
        ({"new_name": "", "new_credit_code": held.credit_code}, "new_name", "nothing_new"),
        ({"new_credit_code": taken.credit_code}, "new_credit_code", "code_taken"),
        ({"new_credit_code": "91110108MA01A2B3C5"}, "new_credit_code", "wrong_check"),
    ):
        version = case_now(world, case.id).version
        version = save_aftercare(world, clerk, case.id, version, aftercare.draft(held, CaseKind.amendment, **changes))
        with pytest.raises(Faulty) as fault:
            accept_aftercare(world, clerk, case.id, version)
        assert fault.value.fields[field] == code


def test_a_code_is_promised_to_one_amendment_and_to_no_new_applicant(world: World) -> None:
    code = unified_code()
    accepted(world, fit(world, CaseKind.amendment), CaseKind.amendment, new_credit_code=code)
    second = drafted(world, fit(world, CaseKind.amendment), CaseKind.amendment, new_credit_code=code)
    with pytest.raises(Refusal) as refused:
        accept_aftercare(world, actor_of(world), second.id, second.version)
    assert refused.value.code == "code_taken"
    from app.services.accept_case import accept_case

    newcomer = drafted_application(world, credit_code=code)
    with pytest.raises(Faulty) as fault:
        accept_case(world, actor_of(world), newcomer.id, newcomer.version)
    assert fault.value.fields == {"credit_code": "code_promised"}


def test_personal_numbers_are_nowhere_but_sealed(world: World) -> None:
    case = accepted(world, fit(world, CaseKind.unlock), CaseKind.unlock)
    with world.reading() as session:
        kept = session.get_one(Case, case.id)
        texts = [str(kept.draft), str(kept.details)]
        texts += [str(line.detail) for line in session.scalars(select(JournalLine))]
        texts += [str(notice.content) for notice in session.scalars(select(Notice))]
    assert all(resident_number() not in text and MOBILE not in text for text in texts)


def test_a_stale_page_never_wins(world: World) -> None:
    held = fit(world, CaseKind.unlock)
    case = drafted(world, held, CaseKind.unlock)
    with pytest.raises(Stale):
        accept_aftercare(world, actor_of(world), case.id, case.version - 1)
    with pytest.raises(Stale):
        save_aftercare(world, actor_of(world), case.id, case.version - 1, aftercare.draft(held, CaseKind.unlock, remark="改"))


def test_no_leave_outlives_its_case(world: World) -> None:
    case = agreed(world, fit(world, CaseKind.unlock), CaseKind.unlock)
    with world.writing() as session:
        end_grants(session, world.now(), session.get_one(Case, case.id))
        session.commit()
        still = select(func.count()).where(Grant.expires_at > world.now())
        assert session.scalar(still) == 0


def test_a_change_of_status_that_costs_is_done_when_it_is_paid(world: World) -> None:
    """A later edition may ask a fee; the case keeps the edition and the fee that it was accepted by."""
    dear = replace(P1, code="P2-2026", effective_from=date(2026, 11, 1), fees_fen={**P1.fees_fen, CaseKind.suspension: 10_00})
    with world.writing() as session:
        session.add(KeptEdition(code=dear.code, effective_from=dear.effective_from, content=write(dear)))
        session.commit()
    held = fit(world, CaseKind.suspension)
    case = agreed(world, held, CaseKind.suspension)
    assert (case.state, case.fee_total_fen, case.edition) == (CaseState.awaiting_payment, 10_00, "P2-2026")
    assert certificate_now(world, held).status is CertificateStatus.valid
    paid = settle_fee(world, actor_of(world), case.id, case.version, PaymentMethod.cash)
    assert paid.amount_fen == 10_00
    assert case_now(world, case.id).state is CaseState.closed
    assert listed(world)[held.serial] == "certificateHold"
