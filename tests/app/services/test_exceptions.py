"""What only a supervisor can allow: asked for with a reason, decided by somebody else, used once and in time."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select

from app.services.accept_aftercare import accept_aftercare
from app.services.accept_case import accept_case
from app.services.amend_case import amend_case
from app.services.ask_exception import ask_exception
from app.services.day_sheet import cash_in_drawer
from app.services.decide_exception import grant_exception, refuse_exception
from app.services.errors import Absent, Faulty, Forbidden, OutOfTurn, Refusal, Stale
from app.services.exception_content import Wanted
from app.services.keep_drawer import bank
from app.services.pay_refund import pay_refund
from app.services.print_notice import print_notice
from app.services.reconcile import LapseException, reconcile
from app.services.reopen_case import reopen_case
from app.services.request_correction import request_correction
from app.services.save_draft import save_draft
from app.services.send_back_case import send_back_case
from app.services.settle_fee import settle_fee
from app.services.withdraw_case import withdraw_case
from app.services.withdraw_exception import withdraw_exception
from app.services.world import World
from models.rulebook.exceptions import Correctable
from models.rulebook.oversight import ExceptionKind, ExceptionState, MoneyKind
from models.rulebook.vocabulary import ApplicantKind, CaseKind, CaseState, PaymentMethod, Role
from models.tables import Applicant, Branch, Case, Examination, JournalLine, MoneyEntry, Notice, Receipt
from tests.builders import aftercare, cases
from tests.builders.cases import MOBILE, case_now, resident_number
from tests.builders.exceptions import ADDRESS, asked, case_for, exception_now, granted, not_covered
from tests.builders.people import actor_of
from tests.invariants import violations
from tests.reports.reading import text_of

WAIVER, ADMISSION, REFUND, CORRECTION = (
    ExceptionKind.fee_waiver,
    ExceptionKind.admission,
    ExceptionKind.refund,
    ExceptionKind.correction,
)


def ask(world: World, case: Case, kind: ExceptionKind, wanted: Wanted | None = None) -> int:
    return ask_exception(world, actor_of(world), case.id, case.version, kind, "样例事由", wanted).id


def grant(world: World, exception_id: int, by: str = "HD01") -> None:
    grant_exception(
        world, actor_of(world, Role.supervisor, by), exception_id, exception_now(world, exception_id).version, "核对无误"
    )


def pay(world: World, exception_id: int, method: PaymentMethod = PaymentMethod.cash, reference: str = "", **who: object) -> int:
    actor = who.get("actor") or actor_of(world)
    return pay_refund(world, actor, exception_id, exception_now(world, exception_id).version, method, reference).notice_id  # type: ignore[arg-type]


def entries(world: World) -> list[MoneyEntry]:
    with world.reading() as session:
        return list(session.scalars(select(MoneyEntry).order_by(MoneyEntry.id)))


def printed(world: World, case_id: int, kind: str) -> str:
    """What the paper of that kind says; the same at every reprint."""
    with world.reading() as session:
        notice = session.scalars(select(Notice).where(Notice.case_id == case_id, Notice.kind == kind)).one()
    once, again = (print_notice(world, actor_of(world), notice.id) for _ in range(2))
    assert once == again
    return text_of(once.pdf)


@pytest.fixture(autouse=True)
def _rules_hold(world: World):
    yield
    with world.reading() as session:
        assert violations(session, settled=False) == []


# Every kind.


@pytest.mark.parametrize("kind", list(ExceptionKind))
def test_is_asked_for_once_at_a_time(world: World, kind: ExceptionKind) -> None:
    case = case_for(world, kind)
    one = asked(world, kind, case=case)
    assert (one.state, one.number) == (ExceptionState.asked, "HD01-Q-2026-000001")
    with pytest.raises(Refusal, match="exception_asked_already"):
        asked(world, kind, case=case)
    refuse_exception(world, actor_of(world, Role.supervisor), one.id, one.version, "材料不足")
    assert asked(world, kind, case=case).number == "HD01-Q-2026-000002"


@pytest.mark.parametrize("kind", list(ExceptionKind))
def test_is_decided_by_another_person_of_the_same_branch(world: World, kind: ExceptionKind) -> None:
    one = asked(world, kind)
    supervisor = actor_of(world, Role.supervisor)
    with pytest.raises(Absent):
        grant_exception(world, actor_of(world, Role.supervisor, "CY01"), one.id, one.version, "核对无误")
    with pytest.raises(Forbidden, match="forbidden_role"):
        grant_exception(world, actor_of(world, Role.auditor), one.id, one.version, "核对无误")
    himself = replace(actor_of(world), roles=frozenset({Role.clerk, Role.supervisor}))
    for decide in (grant_exception, refuse_exception):
        with pytest.raises(Forbidden, match="forbidden_asker"):
            decide(world, himself, one.id, one.version, "核对无误")
        with pytest.raises(Faulty):
            decide(world, supervisor, one.id, one.version, "  ")
        with pytest.raises(Stale):
            decide(world, supervisor, one.id, one.version + 1, "核对无误")
    assert exception_now(world, one.id).state is ExceptionState.asked


def test_whoever_opened_the_case_does_not_decide_either(world: World) -> None:
    case = case_for(world, REFUND)
    asker = actor_of(world, Role.clerk, which=2)
    one = ask_exception(world, asker, case.id, case.version, REFUND, "样例事由", Wanted(amount_fen=100))
    opener = replace(actor_of(world), roles=frozenset({Role.clerk, Role.supervisor}))
    with pytest.raises(Forbidden, match="forbidden_asker"):
        grant_exception(world, opener, one.id, 1, "核对无误")


@pytest.mark.parametrize("kind", list(ExceptionKind))
def test_lapses_when_nobody_decides_within_three_days(world: World, kind: ExceptionKind) -> None:
    one = asked(world, kind)
    world.clock.move(days=3, seconds=-1)
    assert not any(isinstance(action, LapseException) for action in reconcile(world, world.now()))
    world.clock.move(seconds=1)
    with pytest.raises(Refusal, match="exception_lapsed"):
        grant(world, one.id)
    assert LapseException(one.id) in reconcile(world, world.now())
    assert exception_now(world, one.id).state is ExceptionState.lapsed
    assert not any(isinstance(action, LapseException) for action in reconcile(world, world.now()))
    with pytest.raises(OutOfTurn):
        grant(world, one.id)


def test_what_was_allowed_lapses_a_day_later_and_can_be_taken_back_before(world: World) -> None:
    first, second = granted(world, REFUND), granted(world, REFUND)
    withdraw_exception(world, actor_of(world), second.id, second.version)
    world.clock.move(days=1)
    with pytest.raises(Refusal, match="exception_lapsed"):
        pay(world, first.id)
    reconcile(world, world.now())
    assert exception_now(world, first.id).state is ExceptionState.lapsed
    assert exception_now(world, second.id).state is ExceptionState.withdrawn
    with pytest.raises(OutOfTurn):
        withdraw_exception(world, actor_of(world), first.id, exception_now(world, first.id).version)
    assert entries(world) == []


def test_only_who_asked_withdraws_or_a_supervisor_with_a_reason(world: World) -> None:
    one = granted(world, REFUND)
    for other in (actor_of(world, which=2), actor_of(world, Role.reviewer)):
        with pytest.raises(Forbidden, match="forbidden_not_the_asker"):
            withdraw_exception(world, other, one.id, one.version, "样例事由")
    with pytest.raises(Faulty):
        withdraw_exception(world, actor_of(world, Role.supervisor), one.id, one.version)
    with pytest.raises(Absent):
        withdraw_exception(world, actor_of(world, Role.supervisor, "CY01"), one.id, one.version, "样例事由")
    assert exception_now(world, one.id).state is ExceptionState.granted
    withdraw_exception(world, actor_of(world, Role.supervisor), one.id, one.version, "提出人离岗")
    assert exception_now(world, one.id).state is ExceptionState.withdrawn
    with world.reading() as session:
        [line] = session.scalars(select(JournalLine).where(JournalLine.act == "withdraw", JournalLine.subject_id == one.id))
        assert line.detail["reason"] == "提出人离岗"


def test_another_branch_cannot_ask_and_a_stale_page_does_not(world: World) -> None:
    case = case_for(world, REFUND)
    with pytest.raises(Absent):
        ask_exception(world, actor_of(world, branch="CY01"), case.id, case.version, REFUND, "样例事由", Wanted(amount_fen=1))
    with pytest.raises(Stale):
        ask_exception(world, actor_of(world), case.id, case.version - 1, REFUND, "样例事由", Wanted(amount_fen=1))
    with pytest.raises(Faulty):
        ask_exception(world, actor_of(world), case.id, case.version, REFUND, "", Wanted(amount_fen=1))
    with pytest.raises(Forbidden):
        ask_exception(world, actor_of(world, Role.supervisor), case.id, case.version, REFUND, "x", Wanted(amount_fen=1))


# Waiver.


def test_a_waiver_settles_the_case_without_a_receipt(world: World) -> None:
    one = granted(world, WAIVER)
    case = case_now(world, one.case_id)
    assert (one.state, case.state, case.fee_total_fen) == (ExceptionState.used, CaseState.ready_to_issue, 18000)
    [entry] = entries(world)
    assert (entry.kind, entry.amount_fen, entry.method, entry.day) == (MoneyKind.waiver, 18000, None, world.today())
    assert entry.number == "HD01-M-2026-000001"
    with world.reading() as session:
        assert session.scalars(select(Receipt)).all() == []
    slip = printed(world, case.id, "waiver")
    assert "费用减免单" in slip
    assert "180.00" in slip
    assert one.number in slip
    with pytest.raises(OutOfTurn):
        settle_fee(world, actor_of(world), case.id, case.version, PaymentMethod.cash)


def test_a_fee_that_was_taken_meanwhile_ends_the_request_for_a_waiver(world: World) -> None:
    one = asked(world, WAIVER)
    settle_fee(world, actor_of(world), one.case_id, one.case.version, PaymentMethod.cash)
    assert exception_now(world, one.id).state is ExceptionState.withdrawn
    with world.reading() as session:
        line = session.scalars(select(JournalLine).where(JournalLine.act == "withdraw")).one()
        assert line.detail["reason"] == "exception_overtaken"


def test_neither_an_edit_nor_a_withdrawal_of_the_case_leaves_a_waiver_waiting(world: World) -> None:
    for leave in (amend_case, withdraw_case):
        one = asked(world, WAIVER)
        more = ("不办了",) if leave is withdraw_case else ()
        leave(world, actor_of(world), one.case_id, one.case.version, *more)  # type: ignore[operator]
        assert exception_now(world, one.id).state is ExceptionState.withdrawn


def test_a_fee_of_nothing_cannot_be_waived(world: World) -> None:
    for case in (cases.in_review(world), cases.ready_to_issue(world)):
        with pytest.raises(Refusal, match="exception_not_open"):
            ask(world, case, WAIVER)


def test_a_waived_replacement_books_the_medium_that_was_handed_in(world: World) -> None:
    held = aftercare.plant_held(world)
    case = aftercare.agreed(world, held, CaseKind.replacement_damaged, damage_visible="yes")
    grant(world, ask(world, case, WAIVER))
    assert case_now(world, case.id).state is CaseState.ready_to_issue
    with world.reading() as session:
        assert session.scalars(select(JournalLine).where(JournalLine.act == "hand_in")).one().case_id == case.id


# Refund.


def test_a_refund_is_paid_out_once_by_somebody_else(world: World) -> None:
    one = granted(world, REFUND)
    assert one.state is ExceptionState.granted
    granter = replace(actor_of(world, Role.supervisor), roles=frozenset({Role.clerk, Role.supervisor}))
    with pytest.raises(Forbidden, match="forbidden_granter"):
        pay(world, one.id, actor=granter)
    with pytest.raises(Forbidden, match="forbidden_role"):
        pay(world, one.id, actor=actor_of(world, Role.supervisor))
    with pytest.raises(Absent):
        pay(world, one.id, actor=actor_of(world, branch="CY01"))
    with pytest.raises(Faulty):
        pay(world, one.id, PaymentMethod.transfer)
    pay(world, one.id, PaymentMethod.transfer, "T-42")
    with pytest.raises(OutOfTurn):
        pay(world, one.id)
    [entry] = entries(world)
    with world.reading() as session:
        receipt = session.scalars(select(Receipt)).one()
    assert (entry.kind, entry.amount_fen, entry.method, entry.reference) == (
        MoneyKind.refund,
        18000,
        PaymentMethod.transfer,
        "T-42",
    )
    assert (entry.receipt_id, entry.by) == (receipt.id, actor_of(world).staff_id)
    slip = printed(world, one.case_id, "refund")
    for told in ("退款单", receipt.number, entry.number, "T-42", "人民币壹佰捌拾元整"):
        assert told in slip


def test_no_more_is_paid_back_than_is_left_of_the_receipt(world: World) -> None:
    case = case_for(world, REFUND)
    for fen, code in ((0, "amount_nothing"), (-1, "amount_nothing"), (None, "required"), (18001, "amount_above")):
        with pytest.raises(Faulty) as fault:
            ask(world, case, REFUND, Wanted(amount_fen=fen))
        assert fault.value.fields == {"amount": code}
    first = ask(world, case, REFUND, Wanted(amount_fen=10000))
    grant(world, first)
    pay(world, first)
    with pytest.raises(Faulty) as fault:
        ask(world, case, REFUND, Wanted(amount_fen=8001))
    assert fault.value.facts == {"left": "80.00"}
    second = ask(world, case, REFUND, Wanted(amount_fen=8000))
    grant(world, second)
    pay(world, second)
    with pytest.raises(Refusal, match="exception_not_open"):
        ask(world, case, REFUND, Wanted(amount_fen=1))
    assert sum(entry.amount_fen for entry in entries(world)) == 18000


def test_cash_that_is_not_in_the_drawer_is_not_paid_out(world: World) -> None:
    """It was banked: by the books there would be less than nothing, and no count could ever agree."""
    one = granted(world, REFUND)
    with world.reading() as session:
        there = cash_in_drawer(session, one.branch_id)
    assert there > 0
    bank(world, actor_of(world, Role.supervisor), 0, there, "BK-1", "解款")
    with pytest.raises(Faulty) as fault:
        pay(world, one.id)
    assert (fault.value.fields, fault.value.facts) == ({"method": "drawer_too_little"}, {"yuan": "0.00"})
    assert [entry.kind for entry in entries(world)] == [MoneyKind.banked]
    pay(world, one.id, PaymentMethod.transfer, "T-42")


def test_after_the_close_money_is_booked_on_the_next_day(world: World) -> None:
    one = granted(world, REFUND)
    with world.writing() as session:
        session.get_one(Branch, one.branch_id).closed_through = world.today()
        session.commit()
    pay(world, one.id)
    assert (entries(world)[0].day - world.today()).days == 1


# Correction.


def test_a_correction_changes_the_record_and_the_slip_says_what_it_was(world: World) -> None:
    one = granted(world, CORRECTION)
    case = case_now(world, one.case_id)
    assert one.state is ExceptionState.used
    assert case.applicant is not None
    assert (case.applicant.address, case.draft["address"]) == (ADDRESS, ADDRESS)
    assert one.content == {"field": "address", "was": "北京市样例区样例路 1 号", "now": ADDRESS}
    slip = printed(world, case.id, "record")
    assert "北京市样例区样例路 1 号" in slip
    assert ADDRESS in slip


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        (Correctable.legal_representative, " 样例丁 ", "样例丁"),
        (Correctable.established_on, "20140228", "2014-02-28"),
        (Correctable.established_on, "", ""),
        (Correctable.remark, "样例备注", "样例备注"),
    ],
)
def test_each_of_the_fields_can_be_corrected(world: World, field: Correctable, typed: str, kept: str) -> None:
    case = case_for(world, CORRECTION)
    grant(world, ask(world, case, CORRECTION, Wanted(field=field, now=typed)))
    now = case_now(world, case.id)
    value = now.remark if field is Correctable.remark else getattr(now.applicant, field.value)
    assert str(value or "") == kept
    assert "记录更正单" in printed(world, case.id, "record")


@pytest.mark.parametrize(
    ("field", "typed", "code"),
    [
        (Correctable.address, "北京市样例区样例路 1 号", "correction_same"),
        (Correctable.legal_representative, "长" * 61, "too_long"),
        (Correctable.established_on, "20141301", "not_a_date"),
        (Correctable.established_on, "2027-01-01", "in_the_future"),
    ],
)
def test_what_would_not_do_is_refused_when_it_is_asked_for(world: World, field: Correctable, typed: str, code: str) -> None:
    with pytest.raises(Faulty) as fault:
        ask(world, case_for(world, CORRECTION), CORRECTION, Wanted(field=field, now=typed))
    assert fault.value.fields == {"now": code}


def test_a_record_that_was_changed_meanwhile_is_not_corrected_blindly(world: World) -> None:
    one = asked(world, CORRECTION)
    with world.writing() as session:
        session.get_one(Applicant, one.case.applicant_id).address = "北京市样例区样例路 9 号"
        session.commit()
    with pytest.raises(Refusal, match="exception_overtaken"):
        grant(world, one.id)
    refuse_exception(world, actor_of(world, Role.supervisor), one.id, one.version, "已另行更正")


def test_a_draft_is_typed_in_and_needs_no_correction(world: World) -> None:
    with pytest.raises(Refusal, match="exception_not_open"):
        ask(world, cases.drafted(world), CORRECTION, Wanted(field=Correctable.address, now=ADDRESS))


# Admission.


def accepted_examination(world: World, case_id: int) -> Examination:
    with world.reading() as session:
        return session.scalars(select(Examination).where(Examination.case_id == case_id).order_by(Examination.id.desc())).first()  # type: ignore[return-value]


def test_whom_no_rule_covers_is_accepted_by_the_supervisors_leave(world: World) -> None:
    one = asked(world, ADMISSION)
    with pytest.raises(Refusal, match="not_in_order"):
        accept_case(world, actor_of(world), one.case_id, one.case.version)
    grant(world, one.id)
    accept_case(world, actor_of(world), one.case_id, one.case.version)
    assert exception_now(world, one.id).state is ExceptionState.used
    examination = accepted_examination(world, one.case_id)
    assert examination.answer["accepted"]
    assert examination.answer["admission"] == {"number": one.number, "ground": "核对无误", "by": "S1-HD01 样例S1-HD01"}
    assert examination.question["applicant"]["named_after_proprietor"] is False
    assert "admitted" not in examination.question["applicant"]
    applicant = case_now(world, one.case_id).applicant
    assert applicant is not None
    assert not applicant.named_after_proprietor
    slip = printed(world, one.case_id, "acceptance")
    assert one.number in slip
    assert "核对无误" in slip


def test_everything_else_about_his_papers_is_still_judged(world: World) -> None:
    agent = cases.drafted(world, **not_covered(presenter_role="agent", sets=[cases.papers(code_bearing_licence={"mark": False})]))
    one = asked(world, ADMISSION, case=agent)
    grant(world, one.id)
    with pytest.raises(Refusal, match="not_in_order"):
        accept_case(world, actor_of(world), agent.id, agent.version)
    request_correction(world, actor_of(world), agent.id, agent.version)
    codes = {finding["code"] for finding in accepted_examination(world, agent.id).answer["findings"]}
    assert codes == {"presenter.not_proprietor", "licence.photocopy_unmarked"}
    assert exception_now(world, one.id).state is ExceptionState.used


def test_an_admission_that_a_paper_rests_on_holds_however_often_the_papers_come_back(world: World) -> None:
    one = granted(world, ADMISSION)
    accept_case(world, actor_of(world), one.case_id, one.case.version)
    reviewer = actor_of(world, Role.reviewer)
    send_back_case(world, reviewer, one.case_id, case_now(world, one.case_id).version, "复印件不清", ["1:application_form"])
    world.clock.move(days=9)
    reopen_case(world, actor_of(world), one.case_id, case_now(world, one.case_id).version)
    accept_case(world, actor_of(world), one.case_id, case_now(world, one.case_id).version)
    with pytest.raises(Refusal, match="exception_not_open"):
        asked(world, ADMISSION, case=case_now(world, one.case_id))


def test_an_admission_holds_for_no_other_credit_code_and_not_after_a_day(world: World) -> None:
    late, swapped = granted(world, ADMISSION), granted(world, ADMISSION)
    case = swapped.case
    save_draft(world, actor_of(world), case.id, case.version, not_covered(), resident_number(), MOBILE)
    with pytest.raises(Refusal, match="not_in_order"):
        accept_case(world, actor_of(world), case.id, case.version + 1)
    world.clock.move(days=1)
    with pytest.raises(Refusal, match="not_in_order"):
        accept_case(world, actor_of(world), late.case_id, late.case.version)


@pytest.mark.parametrize(
    "changes",
    [
        {"named_after_proprietor": True},
        {"has_seal": "yes"},
        {"kind": "enterprise"},
        {"has_seal": ""},
    ],
)
def test_nobody_else_can_be_admitted(world: World, changes: dict[str, object]) -> None:
    with pytest.raises(Refusal, match="exception_not_open"):
        ask(world, cases.drafted(world, **not_covered(**changes)), ADMISSION)


def test_who_is_not_named_yet_cannot_be_admitted(world: World) -> None:
    with pytest.raises(Refusal, match="admission_unnamed"):
        ask(world, cases.drafted(world, **not_covered(credit_code="")), ADMISSION)


@pytest.mark.parametrize("cut", [grant_exception, pay_refund], ids=lambda cut: cut.__name__)
def test_a_power_cut_before_the_commit_leaves_nothing_behind(world: World, cut: Callable[..., object], monkeypatch) -> None:
    from sqlalchemy.orm import Session

    one = asked(world, WAIVER) if cut is grant_exception else granted(world, REFUND)
    commit = Session.commit

    def broken(session: Session) -> None:
        session.flush()
        raise KeyboardInterrupt

    monkeypatch.setattr(Session, "commit", broken)
    with pytest.raises(KeyboardInterrupt):
        grant(world, one.id) if cut is grant_exception else pay(world, one.id)
    monkeypatch.setattr(Session, "commit", commit)
    assert exception_now(world, one.id).state is one.state
    assert entries(world) == []
    grant(world, one.id) if cut is grant_exception else pay(world, one.id)
    assert len(entries(world)) == 1


def test_the_holder_who_was_admitted_once_is_admitted_for_his_renewal_too(world: World) -> None:
    """A certificate of his is no rule: each case needs its own leave."""
    held = aftercare.plant_held(world, days=60)
    with world.writing() as session:
        found = session.get_one(Applicant, held.applicant_id)
        found.kind, found.has_seal, found.named_after_proprietor = ApplicantKind.individual_business, False, False
        session.commit()
    case = aftercare.drafted(world, held, CaseKind.renewal, presenter_role="proprietor")
    with pytest.raises(Refusal, match="not_in_order"):
        accept_aftercare(world, actor_of(world), case.id, case.version)
    grant(world, ask(world, case, ADMISSION))
    accept_aftercare(world, actor_of(world), case.id, case.version)
    assert case_now(world, case.id).state is CaseState.in_review
    assert "核对无误" in printed(world, case.id, "acceptance")
