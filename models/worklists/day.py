"""What the day close reads: the ledgers by branch and day, and the counts that there are."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, joinedload

from models.rulebook.oversight import DayState, MoneyKind, MovementKind, StockKind
from models.rulebook.oversight_workflow import DAY, SHIFT, DayAction, ShiftAction
from models.rulebook.vocabulary import EnvelopeState, PaymentMethod, StaffState, TokenState
from models.tables import Branch, Case, DayClose, Envelope, MoneyEntry, Movement, Receipt, ShiftHandover, Staff, Token

REACHES_BACK = 31  # days: an office that begins to close its days folds what is older into the first opening
COUNTED = tuple(state for state, action in DAY if action is DayAction.countersign)
STANDING = tuple(state for state in DayState if state not in {DAY[before, DayAction.count_again] for before in COUNTED})
CLOSED = tuple(after for (_, action), after in DAY.items() if action is DayAction.countersign)
OFFERED = tuple(state for state, action in SHIFT if action is ShiftAction.accept)


def days_counted(branch_id: int | None) -> Select[Any]:
    """Counts that wait for a supervisor's countersignature. `branch_id`: None for all."""
    query = select(DayClose).where(DayClose.state.in_(COUNTED))
    return query if branch_id is None else query.where(DayClose.branch_id == branch_id)


def open_days(session: Session, branch_id: int, today: date) -> list[date]:
    """The branch's days that are not closed, in order; none where today is closed."""
    first = first_open_day(session, branch_id, today)
    return [first + timedelta(days=n) for n in range((today - first).days + 1)]


def first_open_day(session: Session, branch_id: int, today: date) -> date:
    """The day after the last close. Where none was ever closed: the first on which anything was booked."""
    closed_through = session.scalar(select(Branch.closed_through).where(Branch.id == branch_id))
    if closed_through is not None:
        return closed_through + timedelta(days=1)
    booked = [
        session.scalar(select(func.min(Movement.day)).where(Movement.branch_id == branch_id, Movement.kind == kind))
        for kind in StockKind
    ]
    booked += [session.scalar(select(func.min(table.day)).where(table.branch_id == branch_id)) for table in (Receipt, MoneyEntry)]
    earliest = min((day for day in booked if day is not None), default=today)
    return min(max(earliest, today - timedelta(days=REACHES_BACK)), today)


def closed_before(session: Session, branch_id: int, day: date) -> DayClose | None:
    """The last day that was closed before this one."""
    mine = select(DayClose).where(DayClose.branch_id == branch_id, DayClose.day < day, DayClose.state.in_(CLOSED))
    return session.scalar(mine.order_by(DayClose.day.desc()).limit(1))


def standing_count(session: Session, branch_id: int) -> DayClose | None:
    """The count that waits for its countersignature, or to be thrown away."""
    mine = days_counted(branch_id).options(joinedload(DayClose.counter)).order_by(DayClose.id.desc())
    found: DayClose | None = session.scalar(mine.limit(1))
    return found


def latest_days(session: Session, branch_id: int, count: int) -> Sequence[DayClose]:
    mine = select(DayClose).where(DayClose.branch_id == branch_id).order_by(DayClose.day.desc(), DayClose.id.desc())
    return session.scalars(mine.options(joinedload(DayClose.counter), joinedload(DayClose.countersigner)).limit(count)).all()


def stock_moved(session: Session, branch_id: int, kind: StockKind, when: ColumnElement[bool]) -> dict[MovementKind, int]:
    """The net of each column over the movements that `when` picks."""
    query = select(Movement.what, func.sum(Movement.amount)).where(Movement.branch_id == branch_id, Movement.kind == kind, when)
    return {what: int(amount) for what, amount in session.execute(query.group_by(Movement.what))}


def serials_in_stock(session: Session, branch_id: int, kind: StockKind) -> set[str]:
    """The branch's blank pieces as their own rows have it."""
    if kind is StockKind.token:
        return set(session.scalars(select(Token.serial).where(Token.branch_id == branch_id, Token.state == TokenState.in_stock)))
    blank = (Envelope.branch_id == branch_id, Envelope.state == EnvelopeState.in_stock)
    return set(session.scalars(select(Envelope.number).where(*blank)))


def serials_moved_after(session: Session, branch_id: int, kind: StockKind, day: date) -> dict[str, int]:
    """Net pieces by serial on later days: 1 came, -1 went."""
    query = select(Movement.serial, func.sum(Movement.amount)).where(
        Movement.branch_id == branch_id, Movement.kind == kind, Movement.day > day
    )
    return {serial: int(amount) for serial, amount in session.execute(query.group_by(Movement.serial))}


def serials_moved_on(session: Session, branch_id: int, kind: StockKind, day: date) -> dict[MovementKind, list[str]]:
    """By column the serials that moved that day; what was taken back within it did not."""
    query = (
        select(Movement.what, Movement.serial)
        .where(Movement.branch_id == branch_id, Movement.kind == kind, Movement.day == day)
        .group_by(Movement.what, Movement.serial)
        .having(func.sum(Movement.amount) != 0)
    )
    found: dict[MovementKind, list[str]] = {}
    for what, serial in session.execute(query):
        found.setdefault(what, []).append(serial)
    return found


def receipts_by_method(session: Session, branch_id: int, when: ColumnElement[bool]) -> dict[PaymentMethod, int]:
    query = select(Receipt.method, func.sum(Receipt.amount_fen)).where(Receipt.branch_id == branch_id, when)
    return {method: int(fen) for method, fen in session.execute(query.group_by(Receipt.method)) if fen}


def entries_by_kind(
    session: Session, branch_id: int, when: ColumnElement[bool]
) -> dict[tuple[MoneyKind, PaymentMethod | None], int]:
    query = select(MoneyEntry.kind, MoneyEntry.method, func.sum(MoneyEntry.amount_fen)).where(
        MoneyEntry.branch_id == branch_id, when
    )
    return {(kind, method): int(fen) for kind, method, fen in session.execute(query.group_by(MoneyEntry.kind, MoneyEntry.method))}


def last_drawer_entry(session: Session, branch_id: int, before: int | None = None) -> int:
    """The id of the last change put in or money banked, 0 for none. `before`: of those before this entry."""
    mine = select(func.max(MoneyEntry.id)).where(
        MoneyEntry.branch_id == branch_id, MoneyEntry.kind.in_((MoneyKind.float_in, MoneyKind.banked))
    )
    return session.scalar(mine if before is None else mine.where(MoneyEntry.id < before)) or 0


def waived_on(session: Session, branch_id: int, day: date) -> list[tuple[str, int]]:
    """(case number, fen) of the waivers of a day."""
    query = (
        select(Case.number, MoneyEntry.amount_fen)
        .join(Case, MoneyEntry.case_id == Case.id)
        .where(MoneyEntry.branch_id == branch_id, MoneyEntry.day == day, MoneyEntry.kind == MoneyKind.waiver)
        .order_by(MoneyEntry.id)
    )
    return [(number, fen) for number, fen in session.execute(query)]


def bookings_since(session: Session, branch_id: int, day: date, explaining: frozenset[MovementKind]) -> int:
    """Lines in the three ledgers from this day on, those left out that explain a difference."""
    moved = [
        select(func.count()).where(
            Movement.branch_id == branch_id, Movement.kind == kind, Movement.day >= day, Movement.what.not_in(explaining)
        )
        for kind in StockKind
    ]
    paid = [
        select(func.count()).where(Receipt.branch_id == branch_id, Receipt.day >= day),
        select(func.count()).where(
            MoneyEntry.branch_id == branch_id, MoneyEntry.day >= day, MoneyEntry.kind != MoneyKind.difference
        ),
    ]
    return sum(session.scalar(query) or 0 for query in (*moved, *paid))


def offers_of(session: Session, staff_id: int) -> Sequence[ShiftHandover]:
    """Handovers that wait for somebody's answer and are from him or to him."""
    mine = select(ShiftHandover).where(
        ShiftHandover.state.in_(OFFERED), (ShiftHandover.given_by == staff_id) | (ShiftHandover.taken_by == staff_id)
    )
    whole = (joinedload(ShiftHandover.giver), joinedload(ShiftHandover.taker))
    return session.scalars(mine.options(*whole).order_by(ShiftHandover.id)).all()


def latest_handovers(session: Session, branch_id: int, count: int) -> Sequence[ShiftHandover]:
    mine = select(ShiftHandover).where(ShiftHandover.branch_id == branch_id, ShiftHandover.state.not_in(OFFERED))
    whole = (joinedload(ShiftHandover.giver), joinedload(ShiftHandover.taker))
    return session.scalars(mine.options(*whole).order_by(ShiftHandover.day.desc(), ShiftHandover.id.desc()).limit(count)).all()


def colleagues(session: Session, actor_id: int, branch_id: int) -> Sequence[Staff]:
    """Who can take the drawer over: the branch's active staff but for himself; the caller asks what each may do."""
    mine = select(Staff).where(Staff.branch_id == branch_id, Staff.state == StaffState.active, Staff.id != actor_id)
    return session.scalars(mine.order_by(Staff.number)).all()
