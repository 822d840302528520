"""Pieces that were booked as missing are there after all."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.services.blank_pieces import Piece, move_pieces, pieces_called, serial_of
from app.services.errors import Absent, Faulty
from app.services.guard import allow
from app.services.world import World
from app.services.write_off_stock import named_pieces
from models.rulebook import workflow
from models.rulebook.oversight import MovementKind, StockKind
from models.rulebook.permissions import Actor, Permission
from models.rulebook.serials import told
from models.rulebook.vocabulary import EnvelopeAction, TokenAction
from models.tables import Movement, Transfer


def find_stock(world: World, actor: Actor, kind: StockKind, serials: str, reason: str) -> int:
    """How many pieces came back into the branch's stock: its own, and those that went missing on their way to it.

    Raises Faulty at `serials`, `reason`; Absent for whoever belongs to no branch; Stale.
    """
    allow(Permission.manage_stock, actor)
    if actor.branch_id is None:
        raise Absent()
    if not reason.strip():
        raise Faulty(fields={"reason": "required"})
    named = named_pieces(serials, kind)
    with world.writing() as session:
        found = pieces_called(session, kind, named)
        reach = {serial for serial, piece in found.items() if _belongs(session, actor.branch_id, kind, piece)}
        unknown = [serial for serial in named if serial not in reach]
        if unknown:
            raise Faulty(fields={"serials": "pieces_not_missing"}, serials=told(unknown))
        for pieces in _by_branch([found[serial] for serial in named]):
            move_pieces(
                session,
                world.now(),
                actor,
                kind,
                pieces,
                TokenAction.recover,
                to_branch=actor.branch_id,
                reason=reason.strip(),
            )
        session.commit()
        return len(named)


def _belongs(session: Session, branch_id: int, kind: StockKind, piece: Piece) -> bool:
    """Whether it is missing here: in the branch's own books, or on its way to the branch when it was last seen."""
    table, find = (
        (workflow.TOKEN, TokenAction.recover) if kind is StockKind.token else (workflow.ENVELOPE, EnvelopeAction.recover)
    )
    if (piece.state, find) not in table:  # type: ignore[operator]
        return False
    if piece.branch_id == branch_id:
        return True
    last = (
        select(Movement.what, Transfer.to_branch_id)
        .outerjoin(Transfer, Movement.transfer_id == Transfer.id)
        .where(Movement.serial == serial_of(piece), Movement.kind == kind)
        .order_by(Movement.id.desc())
        .limit(1)
    )
    return session.execute(last).one_or_none() == (MovementKind.sent, branch_id)


def _by_branch(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """What is moved together is of one branch."""
    groups: dict[int, list[Piece]] = {}
    for piece in pieces:
        groups.setdefault(piece.branch_id, []).append(piece)
    return list(groups.values())
