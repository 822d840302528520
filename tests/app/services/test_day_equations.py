"""Random days at two branches, with everything that can happen to pieces and cash, and the power failing at any commit: every day adds
up, each day opens with what the one before closed with, no piece is in two places, and what is closed stays as it was."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.services.book_money import book_money
from app.services.close_day import close_day
from app.services.count_again import count_again
from app.services.count_day import count_day
from app.services.day_sheet import cash_in_drawer
from app.services.errors import Refusal
from app.services.explain_difference import Explanation
from app.services.find_stock import find_stock
from app.services.keep_drawer import bank, put_in
from app.services.receive_transfer import receive_transfer
from app.services.send_transfer import TransferOrder, send_transfer
from app.services.settle_transfer import settle_transfer
from app.services.stock import move_envelope, move_token
from app.services.vault import Vault
from app.services.world import World
from app.services.write_off_stock import write_off_stock
from card_issuance.authority import Authority
from models.rulebook.day_sheet import read_sheet
from models.rulebook.oversight import DayState, MoneyKind, MovementKind, StockKind, TransferState
from models.rulebook.vocabulary import EnvelopeAction, EnvelopeState, PaymentMethod, Role, TokenAction, TokenState
from models.tables import Branch, DayClose, Envelope, MoneyEntry, Movement, Receipt, Token, Transfer
from models.worklists.day import days_counted
from tests.builders.day import counted, deliver, seen, sheet_now, take
from tests.builders.people import actor_of, branch_id_of
from tests.builders.stock import ledger_fits
from tests.conftest import VAULT_KEY, SetClock, engine_of
from tests.journeys.test_commit_kills import PowerCut, power_cut_at

BRANCHES = ("HD01", "CY01")


@pytest.fixture(scope="module")
def opened(template_database: Path, authority: Authority) -> Callable[[], Any]:
    """Opens an office of its own, in memory where there is such a place."""

    @contextmanager
    def office() -> Iterator[World]:
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        with tempfile.TemporaryDirectory(prefix="days-", dir=memory) as folder:
            shutil.copyfile(template_database, Path(folder) / "office.db")
            engine = engine_of(f"sqlite:///{folder}/office.db")
            yield World(SetClock(), engine, Vault(VAULT_KEY), authority, Path(folder), "http://127.0.0.1:8600")
            engine.dispose()

    return office


class Days:
    """What people do, each by the services; `pick` chooses among what there is."""

    def __init__(self, world: World) -> None:
        self.world, self.pieces = world, 0
        self.kept: dict[int, dict[str, Any]] = {}  # closed sheets as they were when they were closed

    def deliver(self, branch: str, pick: int) -> None:
        first, self.pieces = self.pieces + 1, self.pieces + 10
        deliver(self.world, 1 + pick % 8, pick % 6, branch, first)

    def move_token(self, branch: str, pick: int) -> None:
        """Out of stock into a ceremony, back, spoiled in it or in the drawer."""
        ways = {
            TokenState.in_stock: (TokenAction.begin, TokenAction.spoil),
            TokenState.in_ceremony: (TokenAction.put_back, TokenAction.spoil, TokenAction.make),
            TokenState.made: (TokenAction.spoil, TokenAction.hand_over, TokenAction.reopen),
        }
        self._move(branch, pick, Token, ways, lambda *given: move_token(*given, reason="样例"))

    def move_envelope(self, branch: str, pick: int) -> None:
        ways = {
            EnvelopeState.in_stock: (EnvelopeAction.allot, EnvelopeAction.spoil),
            EnvelopeState.allotted: (EnvelopeAction.void, EnvelopeAction.confirm),
            EnvelopeState.live: (EnvelopeAction.void,),
        }
        self._move(branch, pick, Envelope, ways, lambda *given: move_envelope(*given, reason="样例"))

    def _move(self, branch: str, pick: int, table: Any, ways: dict[Any, tuple[Any, ...]], move: Callable[..., None]) -> None:
        world, clerk = self.world, actor_of(self.world, branch=branch)
        with world.writing() as session:
            mine = select(table).where(table.branch_id == clerk.branch_id, table.state.in_(ways)).order_by(table.id)
            pieces = session.scalars(mine).all()
            if not pieces:
                return
            piece = pieces[pick % len(pieces)]
            actions = ways[piece.state]
            move(session, world.now(), clerk, piece, actions[pick // 7 % len(actions)], None)
            session.commit()

    def write_off(self, branch: str, pick: int) -> None:
        kind = list(StockKind)[pick % 2]
        way = (MovementKind.spoiled, MovementKind.returned, MovementKind.lost)[pick // 2 % 3]
        if spans := sheet_now(self.world, branch).of(kind).ranges:
            write_off_stock(self.world, actor_of(self.world, Role.supervisor, branch), kind, way, spans[0][0], "样例")

    def find(self, branch: str, pick: int) -> None:
        with self.world.reading() as session:
            lost = session.scalars(select(Token.serial).where(Token.state == TokenState.missing).order_by(Token.serial)).all()
        if lost:
            find_stock(self.world, self._supervisor(branch), StockKind.token, lost[pick % len(lost)], "样例")

    def send(self, branch: str, pick: int) -> None:
        goal = branch_id_of(self.world, BRANCHES[BRANCHES.index(branch) - 1])
        send_transfer(self.world, self._supervisor(branch), TransferOrder(list(StockKind)[pick % 2], goal, count=1 + pick % 4))

    def receive(self, branch: str, pick: int) -> None:
        """All of it, or all but the first; later what is missing is given up by the sender."""
        with self.world.reading() as session:
            here = Transfer.to_branch_id == branch_id_of(self.world, branch)
            open_ = session.scalars(select(Transfer).where(here, Transfer.state != TransferState.settled)).all()
        if not open_:
            return
        one = open_[pick % len(open_)]
        if one.state is TransferState.differs:
            sender = BRANCHES[BRANCHES.index(branch) - 1]
            settle_transfer(self.world, self._supervisor(sender), one.id, one.version, "没有找到")
        else:
            some = " ".join(one.serials[1:]) if pick % 2 and len(one.serials) > 1 else None
            receive_transfer(self.world, self._supervisor(branch), one.id, one.version, some, "少了一只" if some else "")

    def take(self, branch: str, pick: int) -> None:
        take(self.world, list(PaymentMethod)[pick % len(PaymentMethod)], branch)

    def refund(self, branch: str, pick: int) -> None:
        world = self.world
        with world.writing() as session:
            receipts = session.scalars(select(Receipt).where(Receipt.branch_id == branch_id_of(world, branch))).all()
            if receipts and cash_in_drawer(session, receipts[0].branch_id) >= 100:
                receipt, office = receipts[pick % len(receipts)], session.get_one(Branch, receipts[0].branch_id)
                how = {"method": receipt.method, "receipt": receipt, "reason": "样例"}
                book_money(session, world.now(), actor_of(world, branch=branch), office, MoneyKind.refund, 100, **how)
                session.commit()

    def put_in(self, branch: str, pick: int) -> None:
        put_in(self.world, self._supervisor(branch), seen(self.world, branch), 1 + pick * 111, "备用金")

    def bank(self, branch: str, pick: int) -> None:
        bank(self.world, self._supervisor(branch), seen(self.world, branch), 1 + pick * 97, "BK-1", "解款")

    def count(self, branch: str, pick: int) -> None:
        """Rightly; or one piece or some coins too few; today, or the day before."""
        tokens = -1 if pick % 3 == 1 and sheet_now(self.world, branch).of(StockKind.token).expected else 0
        fen = -1 if pick % 5 == 1 and sheet_now(self.world, branch).cash.expected else 7 if pick % 5 == 2 else 0
        what = counted(self.world, tokens=tokens, fen=fen, branch=branch)
        with self.world.reading() as session:
            closed = session.get_one(Branch, branch_id_of(self.world, branch)).closed_through
        day = self.world.today()
        if pick % 4 == 3 and closed is not None and (day - closed).days > 1:
            day = closed.replace(day=closed.day) + (day - closed) // 2 if (day - closed).days > 2 else day
        count_day(self.world, actor_of(self.world, branch=branch), day, what)

    def countersign(self, branch: str, pick: int) -> None:
        with self.world.reading() as session:
            waiting = session.scalars(days_counted(branch_id_of(self.world, branch))).all()
        for one in waiting:
            sheet = read_sheet(one.sheet)
            missing = sheet_now(self.world, branch).of(StockKind.token).ranges[:1] if sheet.of(StockKind.token).difference else ()
            lacking = {StockKind.token: " ".join(first for first, _, _ in missing)}
            close_day(self.world, self._supervisor(branch), one.id, one.version, Explanation(lacking, {}, "找零出错", "盘点两遍"))

    def count_again(self, branch: str, pick: int) -> None:
        with self.world.reading() as session:
            waiting = session.scalars(days_counted(branch_id_of(self.world, branch))).all()
        for one in waiting:
            count_again(self.world, actor_of(self.world, branch=branch), one.id, one.version, "重新点")

    def _supervisor(self, branch: str) -> Any:
        return actor_of(self.world, Role.supervisor, branch)

    def must_hold(self) -> None:
        with self.world.reading() as session:
            assert ledger_fits(session) == []
            places = select(Movement.serial, func.sum(Movement.amount)).group_by(Movement.kind, Movement.serial)
            assert all(total in (0, 1) for _, total in session.execute(places)), "a piece is in two places"
            for branch in session.scalars(select(Branch)):
                self._branch_holds(session, branch)

    def _branch_holds(self, session: Any, branch: Branch) -> None:
        rows = session.scalars(select(DayClose).where(DayClose.branch_id == branch.id).order_by(DayClose.day)).all()
        closed = [row for row in rows if row.state is DayState.closed]
        assert sum(row.state is DayState.counted for row in rows) <= 1
        assert (closed[-1].day if closed else None) == branch.closed_through
        before = None
        for row in closed:
            assert self.kept.setdefault(row.id, row.sheet) == row.sheet, "a closed day changed"
            sheet = read_sheet(row.sheet)
            assert not sheet.differs
            for line in sheet.stock:
                assert line.moved == _moved(session, branch.id, line.kind, row.day), "something was booked on a closed day"
                assert sum(size for _, _, size in line.ranges) == line.closing >= 0
                assert before is None or line.opening == before.of(line.kind).closing
            assert before is None or (sheet.cash.opening, (sheet.day - before.day).days) == (before.cash.closing, 1)
            before = sheet
        if closed:
            assert cash_in_drawer(session, branch.id) == _cash(session, branch.id)


def _moved(session: Any, branch_id: int, kind: StockKind, day: Any) -> dict[MovementKind, int]:
    mine = (Movement.branch_id == branch_id, Movement.kind == kind, Movement.day == day)
    rows = session.execute(select(Movement.what, func.sum(Movement.amount)).where(*mine).group_by(Movement.what))
    return {what: total for what, total in rows if total}


def _cash(session: Any, branch_id: int) -> int:
    """From the first entry on, without any sheet."""
    paid = select(func.sum(Receipt.amount_fen)).where(Receipt.branch_id == branch_id, Receipt.method == PaymentMethod.cash)
    total: int = session.scalar(paid) or 0
    for entry in session.scalars(select(MoneyEntry).where(MoneyEntry.branch_id == branch_id)):
        if entry.method is PaymentMethod.cash:
            out = entry.kind in (MoneyKind.refund, MoneyKind.banked)
            total += -entry.amount_fen if out else entry.amount_fen
    return total


EVENING = ("count", "countersign", "count_again")
ACTS = tuple(name for name in vars(Days) if not name.startswith("_") and name not in (*EVENING, "must_hold"))
# What happens most, most often.
OFTEN = (*ACTS, "deliver", "move_token", "move_token", "move_envelope", "take", "send", "receive", "receive")
PICK, CUT = st.integers(0, 60), st.sampled_from((None, None, None, None, "before", "after"))
BRANCH = st.sampled_from(BRANCHES)
ACT = st.tuples(st.sampled_from(OFTEN), BRANCH, PICK, CUT)
COUNTED = st.tuples(st.just("count"), BRANCH, PICK, CUT)
SIGNED = st.tuples(st.just("countersign"), BRANCH, PICK, CUT)
# Most days are counted and closed in the evening; and now and then something is booked between the two.
BUSINESS_DAY = st.tuples(
    st.lists(ACT, max_size=6),
    *(st.tuples(st.just(step), st.just(branch), PICK, CUT) for branch in BRANCHES for step in ("count", "countersign")),
    st.lists(st.one_of(ACT, COUNTED, SIGNED, st.tuples(st.just("count_again"), BRANCH, PICK, CUT)), max_size=2),
    st.sampled_from((16, 24, 24, 48)),
)


@settings(max_examples=25, deadline=None)
@given(days=st.lists(BUSINESS_DAY, min_size=2, max_size=4))
def test_every_day_adds_up_whatever_happens_and_wherever_the_power_fails(opened: Callable[[], Any], days: list[Any]) -> None:
    with opened() as world:
        people, unsound = Days(world), False
        for branch in BRANCHES:
            deliver(world, 6, 4, branch, 90_001)
        for morning, *evening, night, hours in days:
            for name, branch, pick, cut in (*morning, *evening, *night):
                try:
                    with power_cut_at(1, cut) if cut else nullcontext():
                        getattr(people, name)(branch, pick)
                except (Refusal, PowerCut) as ended:
                    unsound |= getattr(ended, "code", "") == "day_unsound"
                people.must_hold()
            world.clock.move(hours=hours)  # type: ignore[attr-defined]
        assert not unsound
