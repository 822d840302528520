"""Blank pieces leave for another branch: the lowest numbers, or those that somebody named."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.services.blank_pieces import (
    LONGEST,
    Piece,
    faulty_serials,
    lowest_pieces,
    move_pieces,
    pieces_of_branch,
    serial_of,
)
from app.services.errors import Absent, Faulty
from app.services.guard import allow
from app.services.numbering import next_number
from app.services.road import write_line
from app.services.same_page import made_already
from app.services.world import BEIJING, World
from models.rulebook.oversight import StockKind, TransferState
from models.rulebook.permissions import Actor, Permission
from models.rulebook.serials import MOST, BadSerials, read_list, told
from models.rulebook.vocabulary import TokenAction
from models.tables import Branch, Transfer


@dataclass(frozen=True, slots=True)
class TransferOrder:
    """Either the lowest `count` pieces, or (0) those of `serials`, as typed. `mark`: of the page."""

    kind: StockKind
    to_branch_id: int
    count: int = 0
    serials: str = ""
    mark: str = ""


def send_transfer(world: World, actor: Actor, order: TransferOrder) -> int:
    """The id of the transfer; of a second click the first one's. Raises Faulty at to_branch_id, count and serials."""
    allow(Permission.manage_stock, actor)
    with world.writing() as session:
        there = made_already(session, world, actor, Transfer, "send", order.mark)
        if there is not None:
            return there
        branch, goal = _ends(session, actor, order)
        pieces = _picked(session, branch.id, order)
        now = world.now()
        series = f"{branch.code}-T-{now.astimezone(BEIJING).year}"
        transfer = Transfer(
            number=f"{series}-{next_number(session, series):06d}",
            kind=order.kind,
            state_since=now,
            from_branch_id=branch.id,
            to_branch_id=goal.id,
            serials=[serial_of(piece) for piece in pieces],
            arrived=[],
            sent_by=actor.staff_id,
            sent_at=now,
        )
        session.add(transfer)
        session.flush()
        said = {"number": transfer.number, "serials": told(transfer.serials), "to_branch": goal.code, "page": order.mark}
        move_pieces(session, now, actor, order.kind, pieces, TokenAction.send_away, transfer_id=transfer.id)
        write_line(session, now, actor, transfer, "send", after=TransferState.sent, branch_id=branch.id, **said)
        session.commit()
        return transfer.id


def _ends(session: Session, actor: Actor, order: TransferOrder) -> tuple[Branch, Branch]:
    branch = session.get(Branch, actor.branch_id) if actor.branch_id is not None else None
    goal = session.get(Branch, order.to_branch_id)
    if branch is None:
        raise Absent()
    if goal is None or goal.id == branch.id:
        raise Faulty(fields={"to_branch_id": "transfer_branch"})
    return branch, goal


def _picked(session: Session, branch_id: int, order: TransferOrder) -> Sequence[Piece]:
    try:
        named = read_list(order.serials, LONGEST[order.kind])
    except BadSerials as fault:
        raise faulty_serials(fault, "serials") from None
    if bool(named) is bool(order.count):
        raise Faulty(fields={"count": "count_or_serials"})
    if named:
        return pieces_of_branch(session, order.kind, branch_id, named, TokenAction.send_away, "serials")
    if not 0 < order.count <= MOST:
        raise Faulty(fields={"count": "count_of_pieces"}, most=MOST)
    pieces = lowest_pieces(session, order.kind, branch_id, order.count)
    if len(pieces) < order.count:
        raise Faulty(fields={"count": "not_so_many"}, there=len(pieces))
    return pieces


def branches_beside(session: Session, branch_id: int | None) -> Sequence[Branch]:
    """Every other branch, by code."""
    return session.scalars(select(Branch).where(Branch.id != branch_id).order_by(Branch.code)).all()
