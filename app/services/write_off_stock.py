"""Blank pieces of the branch that nobody will use any more: spoiled, sent back to the supplier, or not there when counted."""

from collections.abc import Mapping
from types import MappingProxyType

from app.services.blank_pieces import LONGEST, faulty_serials, move_pieces, pieces_of_branch
from app.services.errors import Absent, Faulty
from app.services.guard import allow
from app.services.world import World
from models.rulebook.oversight import MovementKind, StockKind
from models.rulebook.permissions import Actor, Permission
from models.rulebook.serials import BadSerials, read_list
from models.rulebook.vocabulary import TokenAction

# The ways out of the drawer that need no ceremony and no other branch.
WAYS: Mapping[MovementKind, TokenAction] = MappingProxyType(
    {
        MovementKind.spoiled: TokenAction.spoil,
        MovementKind.returned: TokenAction.send_back,
        MovementKind.lost: TokenAction.miss,
    }
)


def write_off_stock(world: World, actor: Actor, kind: StockKind, way: MovementKind, serials: str, reason: str) -> int:
    """How many pieces were written off. A second click finds none of them blank any more.

    Raises Faulty at `serials`, `reason`; Absent for whoever belongs to no branch; Stale where one was just taken for a ceremony.
    """
    allow(Permission.manage_stock, actor)
    if actor.branch_id is None:
        raise Absent()
    if not reason.strip():
        raise Faulty(fields={"reason": "required"})
    named = named_pieces(serials, kind)
    with world.writing() as session:
        # A piece that is missing on its way is the transfer's affair: only what lies in the drawer is written off here.
        pieces = pieces_of_branch(session, kind, actor.branch_id, named, TokenAction.send_away, "serials")
        move_pieces(session, world.now(), actor, kind, pieces, WAYS[way], reason=reason.strip())
        session.commit()
        return len(pieces)


def named_pieces(typed: str, kind: StockKind) -> tuple[str, ...]:
    """Raises Faulty at `serials`, also where nothing is named."""
    try:
        named = read_list(typed, LONGEST[kind])
    except BadSerials as fault:
        raise faulty_serials(fault, "serials") from None
    if not named:
        raise Faulty(fields={"serials": "required"})
    return named
