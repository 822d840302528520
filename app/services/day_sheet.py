"""Put a day's sheet together from the ledgers: what there was, what came and went, what must lie in the drawer now."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.services.errors import Unavailable
from models.rulebook.day_sheet import CASHLESS, COLUMNS, EXPLAINS, CashLine, DaySheet, StockLine, read_sheet
from models.rulebook.oversight import MoneyKind, StockKind
from models.rulebook.serials import spans
from models.rulebook.vocabulary import PaymentMethod
from models.tables import Branch, MoneyEntry, Movement, Receipt
from models.worklists.day import (
    bookings_since,
    closed_before,
    entries_by_kind,
    receipts_by_method,
    serials_in_stock,
    serials_moved_after,
    serials_moved_on,
    stock_moved,
    waived_on,
)

_CASH = PaymentMethod.cash


def hold_day(session: Session, branch_id: int) -> None:
    """Nobody books at the branch until this transaction ends: `business_day` shares the row that is taken here."""
    session.flush()
    session.execute(select(Branch.id).where(Branch.id == branch_id).with_for_update())


def day_sheet(session: Session, branch_id: int, day: date, counted: Mapping[str, int] | None = None) -> DaySheet:
    """`counted`: pieces by kind, and "cash" in fen. Raises Unavailable where the rows in stock are not what the ledger says they are:
    such a day is not closed, it is looked into."""
    counted = counted or {}
    before = closed_before(session, branch_id, day)
    last = read_sheet(before.sheet) if before is not None else None
    since = last.day if last is not None else None
    taken, repaid = _cashless(session, branch_id, day)
    return DaySheet(
        day=day,
        stock=tuple(
            replace(
                _stock_line(session, branch_id, kind, day, since, last.of(kind).closing if last else 0),
                counted=counted.get(kind.value),
            )
            for kind in StockKind
        ),
        cash=replace(_cash_line(session, branch_id, day, since, last.cash.closing if last else 0), counted=counted.get("cash")),
        taken=taken,
        repaid=repaid,
        waived=tuple(waived_on(session, branch_id, day)),
        bookings=bookings_since(session, branch_id, day, EXPLAINS),
    )


def _stock_line(session: Session, branch_id: int, kind: StockKind, day: date, since: date | None, opening: int) -> StockLine:
    """`opening`: what there was when `since` was closed; with no day closed yet, the opening is what was there."""
    moved = stock_moved(session, branch_id, kind, Movement.day == day)
    named = serials_moved_on(session, branch_id, kind, day)
    after = serials_moved_after(session, branch_id, kind, day)
    present = serials_in_stock(session, branch_id, kind)
    at_closing = present - {serial for serial, net in after.items() if net > 0} | {
        serial for serial, net in after.items() if net < 0
    }
    if since is None:
        opening = len(at_closing) - sum(moved.values())
    else:
        between = (Movement.day > since) & (Movement.day < day)
        opening += sum(stock_moved(session, branch_id, kind, between).values())
    line = StockLine(
        kind=kind,
        opening=opening,
        moved={column: moved[column] for column in COLUMNS if moved.get(column)},
        later=sum(after.values()),
        ranges=_ranges(at_closing),
        named={column: _ranges(named[column]) for column in COLUMNS if column in named},
    )
    if line.closing != len(at_closing) or line.expected != len(present):
        raise Unavailable("day_unsound", stock=kind.value)
    return line


def _ranges(serials: Iterable[str]) -> tuple[tuple[str, str, int], ...]:
    return tuple((span.first, span.last, span.size) for span in spans(serials))


def _cash_line(session: Session, branch_id: int, day: date, since: date | None, opening: int) -> CashLine:
    first = since or date.min
    opening += _cash_moved(
        session, branch_id, (Receipt.day > first) & (Receipt.day < day), (MoneyEntry.day > first) & (MoneyEntry.day < day)
    )
    receipts = receipts_by_method(session, branch_id, Receipt.day == day)
    entries = entries_by_kind(session, branch_id, MoneyEntry.day == day)
    return CashLine(
        opening=opening,
        receipts=receipts.get(_CASH, 0),
        float_in=entries.get((MoneyKind.float_in, _CASH), 0),
        refunds=entries.get((MoneyKind.refund, _CASH), 0),
        banked=entries.get((MoneyKind.banked, _CASH), 0),
        difference_booked=entries.get((MoneyKind.difference, _CASH), 0),
        later=_cash_moved(session, branch_id, Receipt.day > day, MoneyEntry.day > day),
    )


def cash_in_drawer(session: Session, branch_id: int) -> int:
    """What must lie in the drawer now, fen, by the ledgers alone."""
    before = closed_before(session, branch_id, date.max)
    opening, since = (read_sheet(before.sheet).cash.closing, before.day) if before is not None else (0, date.min)
    return opening + _cash_moved(session, branch_id, Receipt.day > since, MoneyEntry.day > since)


def _cash_moved(session: Session, branch_id: int, receipts: ColumnElement[bool], entries: ColumnElement[bool]) -> int:
    booked = {kind: fen for (kind, method), fen in entries_by_kind(session, branch_id, entries).items() if method is _CASH}
    line = CashLine(
        opening=0,
        receipts=receipts_by_method(session, branch_id, receipts).get(_CASH, 0),
        float_in=booked.get(MoneyKind.float_in, 0),
        refunds=booked.get(MoneyKind.refund, 0),
        banked=booked.get(MoneyKind.banked, 0),
        difference_booked=booked.get(MoneyKind.difference, 0),
    )
    return line.closing


def _cashless(session: Session, branch_id: int, day: date) -> tuple[dict[PaymentMethod, int], dict[PaymentMethod, int]]:
    receipts: dict[PaymentMethod, int] = receipts_by_method(session, branch_id, Receipt.day == day)
    entries: dict[Any, int] = entries_by_kind(session, branch_id, MoneyEntry.day == day)
    refunds = {method: entries.get((MoneyKind.refund, method), 0) for method in CASHLESS}
    return {method: receipts[method] for method in CASHLESS if receipts.get(method)}, {
        m: fen for m, fen in refunds.items() if fen
    }
