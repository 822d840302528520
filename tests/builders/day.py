"""A branch's day for tests: stock that came by delivery, money that was taken, counts that are right or wrong."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from app.services.close_day import close_day
from app.services.count_again import count_again
from app.services.count_day import Counted, count_day
from app.services.day_sheet import day_sheet
from app.services.explain_difference import Explanation
from app.services.keep_drawer import bank, put_in
from app.services.offer_shift import offer_shift
from app.services.receive_delivery import DeliveryFacts, receive_delivery
from app.services.settle_fee import settle_fee
from app.services.take_shift import decline_shift, take_shift
from app.services.world import World
from models.rulebook.day_sheet import DaySheet, read_sheet, sheet_json
from models.rulebook.oversight import DayState, StockKind
from models.rulebook.permissions import Actor
from models.rulebook.vocabulary import CaseState, PaymentMethod, Role
from models.tables import Branch, Case, DayClose
from models.worklists.day import last_drawer_entry
from tests.builders.issuance import plant_case
from tests.builders.people import actor_of, branch_id_of


def deliver(world: World, tokens: int = 10, envelopes: int = 10, branch: str = "HD01", first: int = 1) -> None:
    """So many of each, numbered from `first`, taken in by the branch's supervisor."""
    for kind, letter, pieces in ((StockKind.token, "T", tokens), (StockKind.envelope, "E", envelopes)):
        if pieces:
            ends = (f"{branch}-{letter}{first:05d}", f"{branch}-{letter}{first + pieces - 1:05d}")
            facts = DeliveryFacts(kind, f"N-{letter}-{first}", "样例供应商", *ends, pieces)
            receive_delivery(world, actor_of(world, Role.supervisor, branch), facts)


def float_in(world: World, yuan: int, branch: str = "HD01") -> None:
    put_in(world, actor_of(world, Role.supervisor, branch), seen(world, branch), yuan * 100, "备用金")


def banked(world: World, yuan: int, branch: str = "HD01") -> None:
    bank(world, actor_of(world, Role.supervisor, branch), seen(world, branch), yuan * 100, "BK-1", "解款")


def take(world: World, method: PaymentMethod = PaymentMethod.cash, branch: str = "HD01") -> None:
    """180 yuan for a certificate."""
    with world.reading() as session:
        nth = session.scalar(select(func.count(Case.id))) or 0
    new = {"number": f"{branch}-20261123-{nth + 1:04d}", "credit_code": f"9111010800000{nth:05d}"}
    case_id = plant_case(world, branch=branch, state=CaseState.awaiting_payment, **new)
    with world.writing() as session:
        case = session.get_one(Case, case_id)
        case.items[0].fee_fen = case.fee_total_fen = 18_000
        session.commit()
        version = case.version
    slip = "" if method is PaymentMethod.cash else "SLIP-1"
    settle_fee(world, actor_of(world, Role.clerk, branch), case_id, version, method, slip)


def seen(world: World, branch: str = "HD01") -> int:
    with world.reading() as session:
        return last_drawer_entry(session, branch_id_of(world, branch))


def sheet_now(world: World, branch: str = "HD01", day: date | None = None) -> DaySheet:
    with world.reading() as session:
        return day_sheet(session, branch_id_of(world, branch), day or world.today())


def counted(world: World, tokens: int = 0, envelopes: int = 0, fen: int = 0, branch: str = "HD01", remark: str = "") -> Counted:
    """What lies in the drawer, and so much more (or less) than that."""
    return _counted(sheet_now(world, branch), tokens, envelopes, fen, remark)


def _counted(sheet: DaySheet, tokens: int = 0, envelopes: int = 0, fen: int = 0, remark: str = "") -> Counted:
    stock = [sheet.of(kind).expected for kind in StockKind]
    cash = sheet.cash.expected + fen
    return Counted(stock[0] + tokens, stock[1] + envelopes, {10_000: cash // 10_000}, cash % 10_000, remark)


def count(world: World, what: Counted | None = None, branch: str = "HD01", day: date | None = None) -> DayClose:
    """Counted by a clerk: rightly, if nothing else is said."""
    clerk = actor_of(world, Role.clerk, branch)
    return day_now(world, count_day(world, clerk, day or world.today(), what or counted(world, branch=branch)))


def countersign(world: World, made: DayClose, explanation: Explanation = Explanation(), branch: str = "HD01") -> DayClose:  # noqa: B008
    close_day(world, actor_of(world, Role.supervisor, branch), made.id, made.version, explanation)
    return day_now(world, made.id)


def close(world: World, branch: str = "HD01", day: date | None = None) -> DaySheet:
    """Counted rightly and countersigned."""
    return read_sheet(countersign(world, count(world, branch=branch, day=day), branch=branch).sheet)


def day_now(world: World, day_id: int) -> DayClose:
    with world.reading() as session:
        return session.get_one(DayClose, day_id)


def offer(world: World, branch: str = "HD01", remark: str = "") -> int:
    """The first clerk offers the drawer to the second."""
    giver, taker = (actor_of(world, Role.clerk, branch, which) for which in (1, 2))
    return offer_shift(world, giver, taker.staff_id, replace(counted(world, branch=branch), remark=remark))


def plant_days(world: World, giver: Actor, taker: Actor, supervisor: Actor) -> tuple[list[int], list[int]]:
    """Ids of a count that waits, of a day that was closed with a difference explained and of a count thrown away; and of handovers in
    each state. The branch's books stay open: whoever plants more may do so."""
    day, branch_id = world.today() - timedelta(days=1), giver.branch_id or 0

    def lies_there(**differs: Any) -> Counted:
        with world.reading() as session:
            return _counted(day_sheet(session, branch_id, world.today()), **differs)

    with world.writing() as session:
        closed = DayClose(
            number=f"{session.get_one(Branch, branch_id).code}-C-{day:%Y%m%d}-1",
            branch_id=branch_id,
            day=day,
            state=DayState.closed,
            state_since=world.now(),
            counted={"remark": "加急"},
            sheet=sheet_json(day_sheet(session, branch_id, day)) | {"reason": "加急", "cash_reason": "加急"},
            counted_by=giver.staff_id,
            counted_at=world.now(),
            countersigned_by=supervisor.staff_id,
            countersigned_at=world.now(),
        )
        session.add(closed)
        session.commit()
    void = count_day(world, giver, world.today(), lies_there(tokens=1, fen=1_234))
    count_again(world, giver, void, 1, "加急")
    waiting = count_day(world, giver, world.today(), lies_there(envelopes=1, remark="加急"))
    shifts = []
    for answer in (
        lambda made: take_shift(world, taker, made, 1),
        lambda made: decline_shift(world, taker, made, 1, "加急"),
        None,
    ):
        shifts.append(offer_shift(world, giver, taker.staff_id, lies_there()))
        if answer is not None:
            answer(shifts[-1])
    return [waiting, closed.id, void], shifts[::-1]
