"""Stock on its way: transfers between branches, and the ledger of one piece."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session, joinedload

from models.rulebook.oversight import StockKind, TransferAction
from models.rulebook.oversight_workflow import TRANSFER
from models.tables import Movement, Transfer

# On its way, or not complete: the receiver has something to do; and the sender, where the receiver has counted and something is missing.
TO_RECEIVE = frozenset(state for state, action in TRANSFER if action is TransferAction.receive)
STILL_OPEN = frozenset(state for state, _ in TRANSFER)
TO_SETTLE = frozenset(state for state, action in TRANSFER if action is TransferAction.settle)


def concerns(branch_id: int) -> ColumnElement[bool]:
    """Transfers that a branch sees: what it sent and what is sent to it."""
    return or_(Transfer.from_branch_id == branch_id, Transfer.to_branch_id == branch_id)


def waiting_at(branch_id: int | None) -> list[list[ColumnElement[bool]]]:
    """Transfers that a branch has to do something about: to receive, or to settle what never arrived. None: that any has."""
    if branch_id is None:
        return [[Transfer.state.in_(STILL_OPEN)]]
    return [
        [Transfer.to_branch_id == branch_id, Transfer.state.in_(TO_RECEIVE)],
        [Transfer.from_branch_id == branch_id, Transfer.state.in_(TO_SETTLE)],
    ]


def transfers_waiting(branch_id: int) -> Select[tuple[int]]:
    """Their ids: the list is transfers.index_view with ?waits=yes."""
    return select(Transfer.id).where(or_(*(and_(*end) for end in waiting_at(branch_id))))


def transfer_called(session: Session, transfer_id: int) -> Transfer | None:
    ends = (joinedload(Transfer.from_branch), joinedload(Transfer.to_branch), joinedload(Transfer.sender))
    return session.get(Transfer, transfer_id, options=ends)


def ledger_of(session: Session, kind: StockKind, serial: str) -> Sequence[Movement]:
    """Everything that a piece went through, oldest first, at whatever branch."""
    lines = select(Movement).where(Movement.serial == serial, Movement.kind == kind).options(joinedload(Movement.branch))
    return session.scalars(lines.order_by(Movement.id)).all()
