"""Two supervisors' acts that are not the same act, at once, where many may write: what each of them read still holds when both are done.

Twice the same act is in `tests/app/doubles`.
"""

from functools import partial

import pytest
from sqlalchemy import func, select

from app.services.ask_exception import ask_exception
from app.services.carry_out_destruction import destroy_record
from app.services.close_day import close_day
from app.services.count_again import count_again
from app.services.decide_exception import grant_exception
from app.services.exception_content import Wanted
from app.services.explain_difference import Explanation
from app.services.keep_drawer import bank
from app.services.pay_refund import pay_refund
from app.services.receive_transfer import receive_transfer
from app.services.send_transfer import TransferOrder, send_transfer
from app.services.set_hold import HoldOrder, set_hold
from app.services.settle_fee import settle_fee
from app.services.settle_transfer import settle_transfer
from app.services.verify_traces import verify_traces
from app.services.withdraw_exception import withdraw_exception
from app.services.world import World
from app.services.write_off_stock import write_off_stock
from models.rulebook.day_sheet import read_sheet
from models.rulebook.oversight import DayState, ExceptionKind, MoneyKind, MovementKind, StockKind
from models.rulebook.vocabulary import PaymentMethod, Role
from models.tables import DestructionTrace, LegalHold, MoneyEntry, Movement, Receipt
from models.worklists.day import last_drawer_entry
from tests.app.services.test_races import at_once, done
from tests.builders import day
from tests.builders.cases import awaiting_payment, case_now
from tests.builders.exceptions import asked, granted
from tests.builders.people import actor_of, branch_id_of
from tests.builders.retention import approved, long_closed
from tests.builders.stock import ledger_fits, plant_delivery
from tests.invariants import violations

pytestmark = pytest.mark.postgresql
ROUNDS = 8
CASH = PaymentMethod.cash


@pytest.fixture
def world(postgresql_world: World) -> World:
    return postgresql_world


@pytest.fixture(autouse=True)
def _rules_hold(world: World):
    yield
    with world.reading() as session:
        assert violations(session, settled=False) == []
        assert ledger_fits(session) == []


def test_the_same_pieces_are_sent_to_one_branch_or_written_off(world: World) -> None:
    boss = actor_of(world, Role.supervisor)
    goals = [branch_id_of(world, code) for code in ("CY01", "DS01")]
    for turn in range(ROUNDS):
        first, last = (f"HD01-T{1000 + turn * 10 + at:05d}" for at in (0, 9))
        plant_delivery(world, note_number=f"N-{turn}", first=first, last=last)
        orders = [TransferOrder(StockKind.token, goal, serials=f"{first}~{last}") for goal in goals]
        lowest = TransferOrder(StockKind.token, goals[0], count=4)
        results = at_once(
            *(partial(send_transfer, world, boss, order) for order in (*orders, lowest)),
            partial(write_off_stock, world, boss, StockKind.token, MovementKind.spoiled, f"{first}~{last}", "受潮"),
        )
        with world.reading() as session:
            gone = session.scalars(
                select(Movement.serial).where(Movement.amount == -1, Movement.serial.between(first, last))
            ).all()
        assert done(results)
        assert len(gone) == len(set(gone))


def test_what_is_missing_of_a_transfer_arrives_or_is_booked_as_lost(world: World) -> None:
    here, there = actor_of(world, Role.supervisor), actor_of(world, Role.supervisor, "CY01")
    for turn in range(ROUNDS):
        first, last = (f"HD01-T{1000 + turn * 10 + at:05d}" for at in (0, 9))
        plant_delivery(world, note_number=f"N-{turn}", first=first, last=last)
        order = TransferOrder(StockKind.token, there.branch_id or 0, serials=f"{first}~{last}")
        transfer = send_transfer(world, here, order)
        receive_transfer(world, there, transfer, 1, first, "箱内少九只")
        acts = (
            partial(receive_transfer, world, there, transfer, 2, None),
            partial(settle_transfer, world, here, transfer, 2, "查无下落"),
        )
        assert len(done(at_once(*acts))) == 1


def test_a_fee_is_paid_or_waived(world: World) -> None:
    for _ in range(ROUNDS):
        case = awaiting_payment(world)
        waiver = asked(world, ExceptionKind.fee_waiver, case=case)
        acts = (
            partial(settle_fee, world, actor_of(world), case.id, case_now(world, case.id).version, CASH),
            partial(grant_exception, world, actor_of(world, Role.supervisor), waiver.id, waiver.version, "核对无误"),
            partial(withdraw_exception, world, actor_of(world), waiver.id, waiver.version),
        )
        assert done(at_once(*acts))
        with world.reading() as session:
            paid = session.scalar(select(func.count(Receipt.id)).where(Receipt.case_id == case.id)) or 0
            waived = session.scalar(select(func.count(MoneyEntry.id)).where(MoneyEntry.case_id == case.id)) or 0
        assert paid + waived <= 1


def test_a_refund_is_paid_by_one_of_two_cashiers_and_never_more_than_was_taken(world: World) -> None:
    for _ in range(ROUNDS):
        one = granted(world, ExceptionKind.refund)
        pay = [partial(pay_refund, world, actor_of(world, which=which), one.id, one.version, CASH) for which in (1, 2)]
        again = partial(withdraw_exception, world, actor_of(world), one.id, one.version)
        assert len(done(at_once(*pay, again))) == 1
        case = case_now(world, one.case_id)
        rest = 18_000 - sum(each.amount_fen for each in entries(world, case.id))
        if rest:
            wanted = Wanted(amount_fen=rest)
            ask_exception(world, actor_of(world), case.id, case.version, ExceptionKind.refund, "样例事由", wanted)
        assert rest in (0, 18_000)


def test_a_record_is_held_or_destroyed(world: World) -> None:
    """Never both: whoever comes second finds what the first one did. Alone, and with everything of its applicant."""
    boss, held = actor_of(world, Role.supervisor), []
    cases = [long_closed(world) for _ in range(ROUNDS)]
    listed = approved(world, *cases)
    for turn, case in enumerate(cases):
        order = HoldOrder("样例人民法院", f"样例字第 {turn} 号", "案件在审", whole_applicant=bool(turn % 2))
        at_once(partial(set_hold, world, boss, case.id, order), partial(destroy_record, world, boss, listed.id, case.id))
        with world.reading() as session:
            holds = session.scalar(select(func.count(LegalHold.id)).where(LegalHold.reference == order.reference))
            traces = session.scalar(select(func.count(DestructionTrace.id)).where(DestructionTrace.case_id == case.id))
        assert (holds, traces) in {(1, 0), (0, 1)}
        assert (case_now(world, case.id).destroyed_at is None) is bool(holds)
        held.append(holds)
    with world.reading() as session:
        assert verify_traces(session).sound


def test_what_is_booked_while_the_day_is_closed_is_on_its_sheet_or_on_the_next_days(world: World) -> None:
    boss = actor_of(world, Role.supervisor)
    day.deliver(world, tokens=60)
    day.float_in(world, 500)
    for turn in range(ROUNDS):
        counted, first = day.count(world, day=world.today()), f"HD01-T{turn * 3 + 1:05d}"
        with world.reading() as session:
            seen = last_drawer_entry(session, boss.branch_id or 0)
        at_once(
            partial(close_day, world, boss, counted.id, counted.version, Explanation()),
            partial(write_off_stock, world, boss, StockKind.token, MovementKind.spoiled, first, "受潮"),
            partial(bank, world, boss, seen, 1_000, f"BK-{turn}", "解款"),
        )
        now = day.day_now(world, counted.id)
        if now.state is DayState.closed:
            sheet = read_sheet(now.sheet)
            with world.reading() as session:
                on_it = Movement.branch_id == boss.branch_id, Movement.kind == StockKind.token, Movement.day <= sheet.day
                assert session.scalar(select(func.sum(Movement.amount)).where(*on_it)) == sheet.of(StockKind.token).closing
                money = MoneyEntry.branch_id == boss.branch_id, MoneyEntry.day <= sheet.day
                moved = {
                    kind: session.scalar(select(func.sum(MoneyEntry.amount_fen)).where(*money, MoneyEntry.kind == kind)) or 0
                    for kind in (MoneyKind.float_in, MoneyKind.banked)
                }
                assert moved[MoneyKind.float_in] - moved[MoneyKind.banked] == sheet.cash.closing
            world.clock.move(days=1)  # type: ignore[attr-defined]
        else:
            count_again(world, actor_of(world), counted.id, now.version, "重新盘点")


def entries(world: World, case_id: int) -> list[MoneyEntry]:
    with world.reading() as session:
        return list(session.scalars(select(MoneyEntry).where(MoneyEntry.case_id == case_id)))
