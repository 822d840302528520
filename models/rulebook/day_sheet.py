"""The day's equations, pure: opening + what came − what went = closing, for tokens, envelopes and cash; and what differs from the count.

Pieces are whole, money is whole fen. What a branch books on days after the one that is being closed, before it is counted, is `later`:
the drawer is counted now, so closing + later is what must lie in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from models.rulebook.oversight import MovementKind, StockKind
from models.rulebook.vocabulary import PaymentMethod

# The columns of the sheet in the order in which they are read: what comes, then what goes.
COLUMNS = (
    MovementKind.received,
    MovementKind.arrived,
    MovementKind.found,
    MovementKind.sent,
    MovementKind.issued,
    MovementKind.spoiled,
    MovementKind.returned,
    MovementKind.lost,
)
# What may be booked between a count and its countersignature: it is how a difference is explained.
EXPLAINS = frozenset({MovementKind.lost, MovementKind.found})
# Notes and coins of the drawer, fen each.
DENOMINATIONS = (10_000, 5_000, 2_000, 1_000, 500, 100, 50, 10)
# Methods by which no money comes into the drawer.
CASHLESS = tuple(method for method in PaymentMethod if method is not PaymentMethod.cash)


@dataclass(frozen=True, slots=True)
class StockLine:
    """One kind of pieces. `moved`: by column, what comes positive and what goes negative; `ranges`: the serials at the closing as
    (first, last, pieces), `named`: those that moved, by column; `counted`: None where nobody counted."""

    kind: StockKind
    opening: int
    moved: Mapping[MovementKind, int] = field(default_factory=dict)
    later: int = 0
    ranges: tuple[tuple[str, str, int], ...] = ()
    counted: int | None = None
    named: Mapping[MovementKind, tuple[tuple[str, str, int], ...]] = field(default_factory=dict)

    @property
    def closing(self) -> int:
        return self.opening + sum(self.moved.values())

    @property
    def expected(self) -> int:
        """What must lie in the drawer when it is counted."""
        return self.closing + self.later

    @property
    def difference(self) -> int:
        """More than there should be is positive; 0 where nobody counted."""
        return 0 if self.counted is None else self.counted - self.expected

    def explained_by(self, lacking: int, surplus: int) -> bool:
        """Whether so many pieces booked as missing, and so many as found, leave no difference."""
        return self.difference == surplus - lacking


@dataclass(frozen=True, slots=True)
class CashLine:
    """The drawer's cash, fen. `refunds` and `banked` are what left it, positive; `difference_booked` has its sign."""

    opening: int
    receipts: int = 0
    float_in: int = 0
    refunds: int = 0
    banked: int = 0
    difference_booked: int = 0
    later: int = 0
    counted: int | None = None

    @property
    def closing(self) -> int:
        return self.opening + self.receipts + self.float_in - self.refunds - self.banked + self.difference_booked

    @property
    def expected(self) -> int:
        return self.closing + self.later

    @property
    def difference(self) -> int:
        return 0 if self.counted is None else self.counted - self.expected


@dataclass(frozen=True, slots=True)
class DaySheet:
    """`taken` and `repaid`: fen that did not go through the drawer, by method. `waived`: (case number, fen) each. `bookings`: how many
    lines of the ledgers, from this day on, stand behind the figures, the explanations left out: it tells whether anything was booked
    since."""

    day: date
    stock: tuple[StockLine, ...]
    cash: CashLine
    taken: Mapping[PaymentMethod, int] = field(default_factory=dict)
    repaid: Mapping[PaymentMethod, int] = field(default_factory=dict)
    waived: tuple[tuple[str, int], ...] = ()
    bookings: int = 0

    @property
    def differs(self) -> bool:
        return self.cash.difference != 0 or any(line.difference for line in self.stock)

    def of(self, kind: StockKind) -> StockLine:
        return next(line for line in self.stock if line.kind is kind)


def cash_in(notes: Mapping[int, int], other_fen: int = 0) -> int:
    """The sum of counted notes and coins: pieces by denomination, and what else lies in the drawer. Raises ValueError for a
    denomination that does not exist, or a negative number."""
    if not set(notes) <= set(DENOMINATIONS) or any(pieces < 0 for pieces in notes.values()) or other_fen < 0:
        raise ValueError("no such notes")
    return sum(each * pieces for each, pieces in notes.items()) + other_fen


def sheet_json(sheet: DaySheet) -> dict[str, Any]:
    """As it is kept: JSON values only."""
    return {
        "day": sheet.day.isoformat(),
        "stock": [
            {
                "kind": line.kind.value,
                "opening": line.opening,
                "moved": {column.value: amount for column, amount in line.moved.items()},
                "later": line.later,
                "ranges": [list(span) for span in line.ranges],
                "counted": line.counted,
                "named": {column.value: [list(span) for span in spans] for column, spans in line.named.items()},
            }
            for line in sheet.stock
        ],
        "cash": {name: getattr(sheet.cash, name) for name in CashLine.__dataclass_fields__},
        "taken": {method.value: fen for method, fen in sheet.taken.items()},
        "repaid": {method.value: fen for method, fen in sheet.repaid.items()},
        "waived": [list(one) for one in sheet.waived],
        "bookings": sheet.bookings,
    }


def read_sheet(kept: Mapping[str, Any]) -> DaySheet:
    """The sheet as `sheet_json` wrote it."""
    return DaySheet(
        day=date.fromisoformat(kept["day"]),
        stock=tuple(
            StockLine(
                kind=StockKind(line["kind"]),
                opening=line["opening"],
                moved={MovementKind(column): amount for column, amount in line["moved"].items()},
                later=line["later"],
                ranges=_spans(line["ranges"]),
                counted=line["counted"],
                named={MovementKind(column): _spans(spans) for column, spans in line["named"].items()},
            )
            for line in kept["stock"]
        ),
        cash=CashLine(**kept["cash"]),
        taken={PaymentMethod(method): fen for method, fen in kept["taken"].items()},
        repaid={PaymentMethod(method): fen for method, fen in kept["repaid"].items()},
        waived=tuple((number, fen) for number, fen in kept["waived"]),
        bookings=kept["bookings"],
    )


def _spans(kept: list[list[Any]]) -> tuple[tuple[str, str, int], ...]:
    return tuple((first, last, size) for first, last, size in kept)
