"""A second person decides; the first certificate ever is free, over all branches; a fee is charged once."""

import pytest
from sqlalchemy import select

from app.services.accept_case import accept_case
from app.services.amend_case import amend_case
from app.services.approve_case import approve_case
from app.services.errors import Faulty, Forbidden, OutOfTurn, Stale
from app.services.print_receipt import print_receipt
from app.services.refuse_case import refuse_case
from app.services.reopen_case import reopen_case
from app.services.save_draft import save_draft
from app.services.send_back_case import send_back_case
from app.services.settle_fee import settle_fee
from app.services.withdraw_case import withdraw_case
from app.services.world import World
from models.rulebook.permissions import Actor
from models.rulebook.vocabulary import CaseState, PaymentMethod, Role
from models.tables import Applicant, Case, JournalLine, Notice, Receipt, SetClaim
from tests.builders import cases
from tests.builders.people import actor_of


def promised(world: World, case: Case) -> int:
    with world.reading() as session:
        return session.get_one(Applicant, case.applicant_id).certificates_promised


def reviewer(world: World, branch: str = "HD01", which: int = 1) -> Actor:
    return actor_of(world, Role.reviewer, branch, which)


def fees(world: World, case: Case) -> list[int]:
    return [item.fee_fen for item in cases.case_now(world, case.id).items]


def test_the_first_certificate_alone_is_free_and_settles_itself(world: World) -> None:
    case = cases.approved(world)
    assert (case.state, case.fee_total_fen, fees(world, case)) == (CaseState.ready_to_issue, 0, [0])
    with world.reading() as session:
        assert session.scalars(select(Receipt)).all() == []


def test_each_further_certificate_costs_180_yuan(world: World) -> None:
    case = cases.awaiting_payment(world, certificates=3)
    assert (case.state, fees(world, case), case.fee_total_fen) == (CaseState.awaiting_payment, [0, 18000, 18000], 36000)
    again = cases.approved(world, "CY01", credit_code=case.applicant.credit_code)
    assert (fees(world, again), promised(world, case)) == ([18000], 4)


def test_nobody_reviews_what_he_opened(world: World) -> None:
    case = cases.in_review(world)
    clerk = actor_of(world)
    both = Actor(clerk.staff_id, clerk.number, clerk.name, frozenset({Role.clerk, Role.reviewer}), clerk.branch_id)
    with pytest.raises(Forbidden):
        approve_case(world, both, case.id, case.version)


def test_nobody_reviews_what_he_typed_or_accepted_for_another(world: World) -> None:
    case, second = cases.drafted(world), reviewer(world)
    saved = save_draft(world, second, case.id, case.version, {**case.draft, "remark": "改"})
    accept_case(world, actor_of(world), case.id, saved.version)
    version = cases.case_now(world, case.id).version
    for decide in (
        lambda: approve_case(world, second, case.id, version),
        lambda: send_back_case(world, second, case.id, version, "看错"),
        lambda: refuse_case(world, second, case.id, version, "看错"),
    ):
        with pytest.raises(Forbidden):
            decide()
    approve_case(world, reviewer(world, which=2), case.id, version)


def test_a_clerk_approves_nothing(world: World) -> None:
    case = cases.in_review(world)
    with pytest.raises(Forbidden):
        approve_case(world, actor_of(world, which=2), case.id, case.version)


def test_a_case_is_sent_back_with_reasons_and_taken_up_again(world: World) -> None:
    case = cases.in_review(world)
    with pytest.raises(Faulty):
        send_back_case(world, reviewer(world), case.id, case.version, " ")
    send_back_case(world, reviewer(world), case.id, case.version, "复印件不清楚", ["1:identity_document"])
    back = cases.case_now(world, case.id)
    assert back.state is CaseState.returned
    with world.reading() as session:
        line = session.scalars(select(JournalLine).where(JournalLine.act == "send_back")).one()
    assert line.detail == {"reason": "复印件不清楚", "places": ["1:identity_document"]}
    reopen_case(world, actor_of(world), case.id, back.version)
    assert cases.case_now(world, case.id).state is CaseState.draft


def test_a_refusal_is_final_says_why_and_gives_the_sets_back(world: World) -> None:
    case = cases.in_review(world, sets=[cases.papers("A-1")])
    done = refuse_case(world, reviewer(world), case.id, case.version, "执照已吊销", "恢复后再来")
    with world.reading() as session:
        notice = session.get_one(Notice, done.notice_id)
        assert notice.content["reasons"] == [["执照已吊销", ""]]
        assert session.scalars(select(SetClaim)).all() == []
    with pytest.raises(OutOfTurn):
        approve_case(world, reviewer(world), case.id, cases.case_now(world, case.id).version)


def test_a_later_edit_cancels_the_approval(world: World) -> None:
    case = cases.awaiting_payment(world)
    amend_case(world, actor_of(world), case.id, case.version)
    again = cases.case_now(world, case.id)
    assert (again.state, again.items, again.fee_total_fen, again.reviewed_by) == (CaseState.draft, [], None, None)
    assert promised(world, case) == 0
    accept_case(world, actor_of(world), case.id, again.version)
    version = cases.case_now(world, case.id).version
    approve_case(world, reviewer(world), case.id, version)
    assert (fees(world, case), promised(world, case)) == ([0, 18000], 2)


def test_the_free_certificate_of_a_withdrawn_case_goes_to_the_next_unpaid_one(world: World) -> None:
    first = cases.awaiting_payment(world)
    code = first.applicant.credit_code
    later = cases.approved(world, "CY01", credit_code=code)
    assert fees(world, later) == [18000]
    withdraw_case(world, actor_of(world), first.id, first.version, "不办了")
    heir = cases.case_now(world, later.id)
    assert (fees(world, later), heir.fee_total_fen, heir.state) == ([0], 0, CaseState.ready_to_issue)
    assert promised(world, later) == 1


def test_a_paid_fee_is_not_touched_when_another_case_is_withdrawn(world: World) -> None:
    first = cases.awaiting_payment(world)
    later = cases.approved(world, "CY01", credit_code=first.applicant.credit_code)
    settle_fee(world, actor_of(world, branch="CY01"), later.id, later.version, PaymentMethod.cash)
    withdraw_case(world, actor_of(world), first.id, first.version, "不办了")
    assert (fees(world, later), cases.case_now(world, later.id).fee_total_fen) == ([18000], 18000)


@pytest.mark.parametrize("method", [PaymentMethod.card, PaymentMethod.transfer])
def test_card_and_transfer_need_a_reference(world: World, method: PaymentMethod) -> None:
    case = cases.awaiting_payment(world)
    with pytest.raises(Faulty) as refused:
        settle_fee(world, actor_of(world), case.id, case.version, method, "  ")
    assert refused.value.fields == {"reference": "required"}
    done = settle_fee(world, actor_of(world), case.id, case.version, method, "T-1")
    assert (done.receipt_number, done.amount_fen) == ("HD01-R-2026-000001", 18000)


def test_a_fee_is_charged_once(world: World) -> None:
    case = cases.awaiting_payment(world)
    done = settle_fee(world, actor_of(world), case.id, case.version, PaymentMethod.cash)
    for version in (case.version, cases.case_now(world, case.id).version):
        with pytest.raises((Stale, OutOfTurn)):
            settle_fee(world, actor_of(world), case.id, version, PaymentMethod.cash)
    with world.reading() as session:
        assert [receipt.id for receipt in session.scalars(select(Receipt))] == [done.receipt_id]


def test_a_receipt_prints_the_same_bytes_again(world: World) -> None:
    case = cases.awaiting_payment(world)
    done = settle_fee(world, actor_of(world), case.id, case.version, PaymentMethod.cash)
    first = print_receipt(world, actor_of(world), done.receipt_id).pdf
    world.clock.move(days=30)
    assert print_receipt(world, actor_of(world), done.receipt_id).pdf == first
