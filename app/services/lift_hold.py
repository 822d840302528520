"""A legal hold ends: the clocks that it stopped go on from where they stood."""

from app.services.errors import Absent, Faulty, OutOfTurn
from app.services.guard import allow
from app.services.road import claim, write_line
from app.services.world import World
from models.rulebook.oversight import HoldAction
from models.rulebook.oversight_workflow import HOLD
from models.rulebook.permissions import Actor, Permission, Subject
from models.rulebook.workflow import NotOpen, next_state
from models.tables import LegalHold

LONGEST_REASON = 200


def lift_hold(world: World, actor: Actor, hold_id: int, version: int, reason: str) -> None:
    """Raises Faulty (a reason is needed), OutOfTurn for one that is lifted already, Stale; Absent for another branch's."""
    reason = reason.strip()
    if not 0 < len(reason) <= LONGEST_REASON:
        raise Faulty(fields={"reason": "required" if not reason else "too_long"})
    allow(Permission.hold_records, actor)
    at = world.now()
    with world.writing() as session:
        hold = session.get(LegalHold, hold_id)
        if hold is None:
            raise Absent()
        allow(Permission.hold_records, actor, Subject(hold.branch_id))
        before = hold.state
        try:
            after = next_state(HOLD, before, HoldAction.lift)
        except NotOpen:
            raise OutOfTurn("hold_lifted") from None
        lifted = {"lifted_by": actor.staff_id, "lifted_at": at, "lifted_reason": reason}
        claim(session, hold, version, state=after, state_since=at, **lifted)
        told = {"letter": hold.reference, "reason": reason}
        write_line(
            session,
            at,
            actor,
            hold,
            HoldAction.lift.value,
            before=before,
            after=after,
            case_id=hold.case_id,
            branch_id=hold.branch_id,
            **told,
        )
        session.commit()
