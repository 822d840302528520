"""How much of everything a branch has, by state; which serials, as ranges; and what runs low."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.rulebook.oversight import ImportState, StockKind
from models.rulebook.oversight_workflow import IMPORT
from models.rulebook.serials import Span, spans
from models.rulebook.vocabulary import EnvelopeState, TokenState
from models.rulebook.workflow import open_actions
from models.tables import Envelope, LowWater, StockImport, Token

CAP = 1001  # a count stops here: the page says "1,000+"


def counts_by_state(session: Session, table: Any, branch_id: int | None) -> Mapping[StrEnum, int]:
    """Rows by state, each counted up to CAP, of one branch or (None) of all."""
    found: dict[StrEnum, int] = {}
    for state in table.state.type.enum_class:
        rows = select(table.id).where(table.state == state)
        if branch_id is not None:
            rows = rows.where(table.branch_id == branch_id)
        count = session.scalar(select(func.count()).select_from(rows.limit(CAP).subquery()))
        if count:
            found[state] = count
    return found


IMPORTS = 20  # files that are left, told on one page
_OPEN_IMPORTS = [state for state in ImportState if open_actions(IMPORT, state)]
SERIALS = 2_000  # of one state are told by range on one page
_TABLES: Mapping[StockKind, tuple[Any, Any]] = MappingProxyType(
    {StockKind.token: (Token, Token.serial), StockKind.envelope: (Envelope, Envelope.number)}
)
# States whose serials a supervisor looks for, in the order of the page; the others are the cases' affair.
LAID_UP: Mapping[StockKind, tuple[StrEnum, ...]] = MappingProxyType(
    {
        kind: tuple(states(name) for name in ("in_stock", "in_transit", "missing", "spoiled", "returned"))
        for kind, states in ((StockKind.token, TokenState), (StockKind.envelope, EnvelopeState))
    }
)


@dataclass(frozen=True)
class Laid:
    """Pieces of one state. `count` up to CAP; `ranges` of the first SERIALS, `is_cut` where there are more."""

    state: StrEnum
    count: int
    ranges: Sequence[Span]
    is_cut: bool


@dataclass(frozen=True)
class Shelf:
    """One kind of stock at a branch. `mark`: none was set. `version`: of the mark."""

    kind: StockKind
    in_stock: int
    mark: int | None
    version: int
    laid: Sequence[Laid]

    @property
    def is_low(self) -> bool:
        return self.mark is not None and self.in_stock < self.mark


@dataclass(frozen=True)
class LowStock:
    """`in_stock` is below `mark`."""

    kind: StockKind
    in_stock: int
    mark: int


def shelves(session: Session, branch_id: int, with_ranges: bool = True) -> Sequence[Shelf]:
    """Both kinds at a branch."""
    marks = {row.kind: row for row in session.scalars(select(LowWater).where(LowWater.branch_id == branch_id))}
    found = []
    for kind in StockKind:
        mark = marks.get(kind)
        laid = [_laid(session, branch_id, kind, state) for state in LAID_UP[kind]] if with_ranges else []
        found.append(
            Shelf(
                kind,
                count_in_stock(session, branch_id, kind),
                mark.mark if mark else None,
                mark.version if mark else 0,
                [one for one in laid if one.count],
            )
        )
    return found


def low_stock(session: Session, branch_id: int) -> Sequence[LowStock]:
    """What the branch is to order: the page is stock.index_view."""
    return [
        LowStock(shelf.kind, shelf.in_stock, shelf.mark)
        for shelf in shelves(session, branch_id, with_ranges=False)
        if shelf.mark is not None and shelf.is_low
    ]


def open_imports(session: Session, branch_id: int | None) -> Sequence[StockImport]:
    """Files of deliveries of the branch that are looked at only, or not taken over to their end; the newest first."""
    left = select(StockImport).where(StockImport.branch_id == branch_id, StockImport.state.in_(_OPEN_IMPORTS))
    return session.scalars(left.order_by(StockImport.id.desc()).limit(IMPORTS)).all()


def count_in_stock(session: Session, branch_id: int, kind: StockKind) -> int:
    """Blank pieces in the branch's drawer, all of them: a drawer holds thousands, not more."""
    table, _ = _TABLES[kind]
    mine = select(func.count()).where(table.branch_id == branch_id, table.state == LAID_UP[kind][0])
    return session.scalar(mine) or 0


def serials_in(session: Session, branch_id: int, kind: StockKind, state: StrEnum, most: int | None = None) -> Sequence[str]:
    """Serials of a branch's pieces in one state, in order."""
    table, column = _TABLES[kind]
    rows = select(column).where(table.branch_id == branch_id, table.state == state).order_by(column)
    return session.scalars(rows if most is None else rows.limit(most)).all()


def _laid(session: Session, branch_id: int, kind: StockKind, state: StrEnum) -> Laid:
    serials = serials_in(session, branch_id, kind, state, SERIALS + 1)
    is_cut = len(serials) > SERIALS
    return Laid(state, len(serials), spans(serials[:SERIALS]), is_cut)
