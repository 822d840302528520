"""Who decides sends a case back to the desk that opened it, with reasons and the papers they are about."""

from collections.abc import Sequence

from app.services.case_at_hand import case_to_decide, must_be_open
from app.services.errors import Faulty
from app.services.order_work import undo_agreement
from app.services.road import advance_case
from app.services.world import World
from models.rulebook.permissions import Actor, Permission
from models.rulebook.vocabulary import CaseAction


def send_back_case(
    world: World,
    actor: Actor,
    case_id: int,
    version: int,
    reason: str,
    places: Sequence[str] = (),
    by: Permission = Permission.review_case,
) -> str:
    """`places`: what the reasons are about, as "set:row" of the checklist. Returns the case number; needs a reason."""
    reason = reason.strip()
    if not reason:
        raise Faulty(fields={"reason": "required"})
    with world.writing() as session:
        case = case_to_decide(session, actor, case_id, by)
        must_be_open(case, CaseAction.send_back, version)
        at = world.now()
        undo_agreement(session, at, actor, case)
        advance_case(
            session,
            at,
            actor,
            case,
            CaseAction.send_back,
            version=version,
            reason=reason,
            places=list(places),
        )
        session.commit()
    return case.number
