"""The applicant came back with what was missing, or the clerk takes up what the reviewer sent back: the same case, a draft again."""

from app.services.case_at_hand import case_at_hand
from app.services.road import advance_case
from app.services.world import World
from models.rulebook.permissions import Actor, Permission
from models.rulebook.vocabulary import CaseAction


def reopen_case(world: World, actor: Actor, case_id: int, version: int) -> str:
    """The case number."""
    with world.writing() as session:
        case = case_at_hand(session, actor, Permission.work_at_intake, case_id)
        advance_case(session, world.now(), actor, case, CaseAction.reopen, version=version)
        session.commit()
    return case.number
