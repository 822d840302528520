"""A transfer arrives: what was in the box goes into the receiver's stock, what was not stays open and is explained."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.services.blank_pieces import LONGEST, faulty_serials, move_pieces, pieces_called
from app.services.errors import Absent, Faulty, OutOfTurn
from app.services.guard import allow
from app.services.road import claim, write_line
from app.services.world import World
from models.rulebook.oversight import TransferAction
from models.rulebook.oversight_workflow import TRANSFER
from models.rulebook.permissions import Actor, Permission
from models.rulebook.serials import BadSerials, read_list, told
from models.rulebook.vocabulary import TokenAction
from models.rulebook.workflow import NotOpen, next_state
from models.tables import Transfer


def receive_transfer(
    world: World, actor: Actor, transfer_id: int, version: int, serials: str | None, explanation: str = ""
) -> None:
    """`serials`: those that arrived now, as typed; None: all that were still missing.

    Raises Faulty at `serials` for what was not sent or arrived before, at `explanation` where pieces are missing and nobody says why;
    Absent for a third branch; OutOfTurn for the sending one; OutOfTurn, Stale.
    """
    with world.writing() as session:
        transfer = transfer_at_hand(session, actor, transfer_id)
        at_end(actor, transfer.to_branch_id)
        missing = still_missing(transfer)
        arrived = missing if serials is None else _arrived(transfer, missing, serials)
        rest = [serial for serial in missing if serial not in set(arrived)]
        if rest and not explanation.strip():
            raise Faulty(fields={"explanation": "missing_unexplained"}, serials=told(rest))
        changes = {
            "arrived": sorted([*transfer.arrived, *arrived]),
            "explanation": explanation.strip() if rest else transfer.explanation,
            "received_by": actor.staff_id,
            "received_at": world.now(),
        }
        action = _action(transfer, bool(rest))
        _bring_over(session, world, actor, transfer, arrived)
        said = {"serials": told(arrived)} if arrived else {}
        step_transfer(session, world, actor, transfer, action, version, changes, **said, missing=told(rest))
        session.commit()


def transfer_at_hand(session: Session, actor: Actor, transfer_id: int) -> Transfer:
    """Held for the writer. Raises Forbidden, and Absent for whoever is at neither end."""
    allow(Permission.manage_stock, actor)
    transfer = session.get(Transfer, transfer_id, with_for_update=True)
    if transfer is None or actor.branch_id not in (transfer.from_branch_id, transfer.to_branch_id):
        raise Absent()
    return transfer


def at_end(actor: Actor, branch_id: int) -> None:
    """Raises OutOfTurn where it is the other end's turn."""
    if actor.branch_id != branch_id:
        raise OutOfTurn("transfer_other_end")


def still_missing(transfer: Transfer) -> list[str]:
    """What was sent and has not arrived, in order."""
    arrived = set(transfer.arrived)
    return [serial for serial in transfer.serials if serial not in arrived]


def step_transfer(
    session: Session,
    world: World,
    actor: Actor,
    transfer: Transfer,
    action: TransferAction,
    version: int,
    changes: dict[str, object],
    **said: object,
) -> None:
    """Move a transfer along its table, with its line in the journal of the branch that acts. Raises OutOfTurn, Stale."""
    before, now = transfer.state, world.now()
    try:
        after = next_state(TRANSFER, before, action)
    except NotOpen:
        raise OutOfTurn(state=before.value, action=action.value) from None
    claim(session, transfer, version, state=after, state_since=now, **changes)
    told_of = {"number": transfer.number, **said}
    write_line(session, now, actor, transfer, action.value, before=before, after=after, branch_id=actor.branch_id, **told_of)


def _arrived(transfer: Transfer, missing: Sequence[str], typed: str) -> Sequence[str]:
    try:
        named = read_list(typed, LONGEST[transfer.kind])
    except BadSerials as fault:
        raise faulty_serials(fault, "serials") from None
    foreign = set(named) - set(missing)
    if foreign:
        raise Faulty(fields={"serials": "not_of_transfer"}, serials=told(foreign))
    return named


def _action(transfer: Transfer, differs: bool) -> TransferAction:
    """What turned up late and completes the box settles it."""
    if differs:
        return TransferAction.receive_short
    return TransferAction.receive if (transfer.state, TransferAction.receive) in TRANSFER else TransferAction.settle


def _bring_over(session: Session, world: World, actor: Actor, transfer: Transfer, serials: Sequence[str]) -> None:
    pieces = pieces_called(session, transfer.kind, serials)
    move_pieces(
        session,
        world.now(),
        actor,
        transfer.kind,
        [pieces[serial] for serial in serials],
        TokenAction.arrive,
        to_branch=transfer.to_branch_id,
        transfer_id=transfer.id,
    )
