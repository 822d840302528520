"""Blank pieces of the stock, tokens and envelopes alike: found by their serials, brought in, and moved many at a time.

As in `stock` a piece changes its state only if it is still in the one it was read in; journal and ledger hear of each.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from app.services.book_movement import book_movements
from app.services.errors import Faulty, OutOfTurn, Stale
from app.services.road import Who
from models.rulebook import workflow
from models.rulebook.oversight import StockKind
from models.rulebook.oversight_workflow import ENVELOPE_MOVEMENTS, TOKEN_MOVEMENTS
from models.rulebook.permissions import Actor
from models.rulebook.serials import BadSerials, told
from models.rulebook.vocabulary import EnvelopeAction, EnvelopeState, TokenAction, TokenState
from models.tables import Envelope, JournalLine, Token

Piece = Token | Envelope
AT_ONCE = 500  # values in one statement

_TABLES: Mapping[StockKind, tuple[type[Any], Any]] = MappingProxyType(
    {StockKind.token: (Token, Token.serial), StockKind.envelope: (Envelope, Envelope.number)}
)
_STATES: Mapping[StockKind, type[TokenState] | type[EnvelopeState]] = MappingProxyType(
    {StockKind.token: TokenState, StockKind.envelope: EnvelopeState}
)
LONGEST: Mapping[StockKind, int] = MappingProxyType({StockKind.token: 40, StockKind.envelope: 20})


def serial_of(piece: Piece) -> str:
    return piece.serial if isinstance(piece, Token) else piece.number


def faulty_serials(fault: BadSerials, field: str) -> Faulty:
    """The refusal at the field that the fault names, or else at this one."""
    facts = dict(fault.facts)
    return Faulty(fields={facts.pop("at", field): fault.code}, **facts)


def known_serials(session: Session, kind: StockKind, serials: Sequence[str]) -> list[str]:
    """Those that are in the books already, at whatever branch and in whatever state."""
    _, column = _TABLES[kind]
    return [found for few in _in_parts(serials) for found in session.scalars(select(column).where(column.in_(few)))]


def bring_in(session: Session, at: datetime, kind: StockKind, serials: Sequence[str], branch_id: int) -> None:
    """New rows in stock. The caller books them as received. Raises IntegrityError where somebody else brought one in just now."""
    _put_down(session, at, kind, serials, branch_id, "in_stock")


def announce(session: Session, at: datetime, kind: StockKind, serials: Sequence[str], branch_id: int) -> None:
    """New rows that nobody can use yet; their numbers are taken. Raises IntegrityError as `bring_in`."""
    _put_down(session, at, kind, serials, branch_id, "announced")


def forget_announced(session: Session, kind: StockKind, serials: Sequence[str], branch_id: int) -> None:
    """Take those rows away again. Raises Stale where one of them is not announced any more."""
    table, column = _TABLES[kind]
    mine = (table.state == _STATES[kind]("announced"), table.branch_id == branch_id)
    gone = sum(session.execute(delete(table).where(column.in_(few), *mine)).rowcount for few in _in_parts(serials))
    if gone != len(serials):
        raise Stale()


def shelve(session: Session, at: datetime, kind: StockKind, serials: Sequence[str], branch_id: int) -> None:
    """Announced pieces of the branch into its stock. The caller books them as received. Raises Stale as above."""
    table, column = _TABLES[kind]
    announced, in_stock = (_STATES[kind](name) for name in ("announced", "in_stock"))
    mine = (table.state == announced, table.branch_id == branch_id)
    moved = 0
    for few in _in_parts(serials):
        there = update(table).where(column.in_(few), *mine).values(state=in_stock, state_since=at)
        moved += session.execute(there.execution_options(synchronize_session=False)).rowcount
    if moved != len(serials):
        raise Stale()


def _put_down(session: Session, at: datetime, kind: StockKind, serials: Sequence[str], branch_id: int, state: str) -> None:
    table, column = _TABLES[kind]
    first = {"branch_id": branch_id, "state": _STATES[kind](state), "state_since": at}
    session.execute(insert(table), [{column.key: serial, **first} for serial in serials])


def lowest_pieces(session: Session, kind: StockKind, branch_id: int, count: int) -> Sequence[Piece]:
    """The first so many blank ones of the branch, lowest number first, held for the writer. Fewer where there are no more."""
    table, column = _TABLES[kind]
    in_stock = TokenState.in_stock if kind is StockKind.token else EnvelopeState.in_stock
    mine = select(table).where(table.branch_id == branch_id, table.state == in_stock)
    return session.scalars(mine.order_by(column).limit(count).with_for_update()).all()


def pieces_called(session: Session, kind: StockKind, serials: Sequence[str]) -> dict[str, Piece]:
    """The pieces with these serials, of every branch, held for the writer."""
    table, column = _TABLES[kind]
    rows = (select(table).where(column.in_(few)).order_by(column).with_for_update() for few in _in_parts(sorted(serials)))
    return {serial_of(piece): piece for statement in rows for piece in session.scalars(statement)}


def pieces_of_branch(
    session: Session, kind: StockKind, branch_id: int, serials: Sequence[str], action: TokenAction, field: str
) -> list[Piece]:
    """The branch's own pieces with these serials, each in a state that the action is open in. Raises Faulty at the field, naming those
    that are not: pieces_not_here, pieces_not_blank. Another branch's piece is not told from one that does not exist."""
    found = pieces_called(session, kind, serials)
    absent = [serial for serial in serials if serial not in found or found[serial].branch_id != branch_id]
    if absent:
        raise Faulty(fields={field: "pieces_not_here"}, serials=told(absent))
    closed = [serial for serial in serials if _next(kind, found[serial].state, action) is None]
    if closed:
        raise Faulty(fields={field: "pieces_not_blank"}, serials=told(closed))
    return [found[serial] for serial in serials]


def move_pieces(
    session: Session,
    at: datetime,
    who: Who,
    kind: StockKind,
    pieces: Sequence[Piece],
    action: TokenAction,
    *,
    to_branch: int | None = None,
    transfer_id: int | None = None,
    reason: str = "",
) -> None:
    """Move pieces of one branch and one state along their table, to another branch's books if one is named. Raises OutOfTurn, or Stale
    where somebody else was first with any of them: then none is moved."""
    if not pieces:
        return
    before, from_branch = pieces[0].state, pieces[0].branch_id
    after = _next(kind, before, action)
    if after is None or any((piece.state, piece.branch_id) != (before, from_branch) for piece in pieces):
        raise OutOfTurn(state=before.value, action=action.value)
    branch_id = from_branch if to_branch is None else to_branch
    _claim(session, kind, pieces, before, state=after, state_since=at, branch_id=branch_id)
    serials = [serial_of(piece) for piece in pieces]
    changes = (
        TOKEN_MOVEMENTS.get((before, action), ())  # type: ignore[call-overload]
        if kind is StockKind.token
        else ENVELOPE_MOVEMENTS.get((before, EnvelopeAction(action.value)), ())  # type: ignore[call-overload]
    )
    book_movements(session, at, who, kind, serials, branch_id, changes, transfer_id=transfer_id, reason=reason)
    said = {"serial" if kind is StockKind.token else "number": ""} | ({"reason": reason} if reason else {})
    lines = [
        {
            "at": at,
            "staff_id": who.staff_id if isinstance(who, Actor) else None,
            "branch_id": branch_id,
            "subject": piece.__tablename__,
            "subject_id": piece.id,
            "act": action.value,
            "before": before.value,
            "after": after.value,
            "detail": {key: value or serial for key, value in said.items()},
        }
        for piece, serial in zip(pieces, serials, strict=True)
    ]
    session.execute(insert(JournalLine), lines)
    for piece in pieces:
        session.expire(piece)


def _claim(session: Session, kind: StockKind, pieces: Sequence[Piece], before: Any, **changes: Any) -> None:
    session.flush()
    table, _ = _TABLES[kind]
    moved = 0
    for few in _in_parts([piece.id for piece in pieces]):
        outcome = session.execute(
            update(table)
            .where(table.id.in_(few), table.state == before)
            .values(**changes)
            .execution_options(synchronize_session=False)
        )
        moved += outcome.rowcount
    if moved != len(pieces):
        raise Stale()


def _next(kind: StockKind, state: Any, action: TokenAction) -> TokenState | EnvelopeState | None:
    if kind is StockKind.token:
        return workflow.TOKEN.get((state, action))
    return workflow.ENVELOPE.get((state, EnvelopeAction(action.value)))


def _in_parts(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), AT_ONCE):
        yield values[start : start + AT_ONCE]
