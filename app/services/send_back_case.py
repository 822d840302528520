"""The reviewer sends a case back to the intake desk, with reasons and the papers they are about."""

from collections.abc import Sequence

from app.services.case_at_hand import case_for_review
from app.services.errors import Faulty
from app.services.road import advance_case
from app.services.world import World
from models.rulebook.permissions import Actor
from models.rulebook.vocabulary import CaseAction


def send_back_case(world: World, actor: Actor, case_id: int, version: int, reason: str, places: Sequence[str] = ()) -> str:
    """`places`: what the reasons are about, as "set:row" of the checklist. Returns the case number; needs a reason."""
    reason = reason.strip()
    if not reason:
        raise Faulty(fields={"reason": "required"})
    with world.writing() as session:
        case = case_for_review(session, actor, case_id)
        advance_case(
            session,
            world.now(),
            actor,
            case,
            CaseAction.send_back,
            version=version,
            reason=reason,
            places=list(places),
        )
        session.commit()
    return case.number
