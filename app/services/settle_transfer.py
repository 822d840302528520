"""The difference of a transfer is settled: what never arrived is booked as missing, by the branch that sent it."""

from app.services.blank_pieces import move_pieces, pieces_called
from app.services.errors import Faulty
from app.services.receive_transfer import at_end, step_transfer, still_missing, transfer_at_hand
from app.services.world import World
from models.rulebook.oversight import TransferAction
from models.rulebook.permissions import Actor
from models.rulebook.serials import told
from models.rulebook.vocabulary import TokenAction


def settle_transfer(world: World, actor: Actor, transfer_id: int, version: int, reason: str) -> None:
    """Not by the receiver, who says what was in the box: whoever sent it bears the loss in his books.

    Raises Faulty at `reason`; Absent for a third branch; OutOfTurn for the receiving one and before that one counted; Stale.
    """
    if not reason.strip():
        raise Faulty(fields={"reason": "required"})
    with world.writing() as session:
        transfer = transfer_at_hand(session, actor, transfer_id)
        at_end(actor, transfer.from_branch_id)
        missing = still_missing(transfer)
        said = {"missing": told(missing), "reason": reason.strip()}
        step_transfer(session, world, actor, transfer, TransferAction.settle, version, {}, **said)
        pieces = pieces_called(session, transfer.kind, missing)
        move_pieces(
            session,
            world.now(),
            actor,
            transfer.kind,
            [pieces[serial] for serial in missing],
            TokenAction.miss,
            transfer_id=transfer.id,
            reason=reason.strip(),
        )
        session.commit()
