"""An item is given up: the applicant does not want this certificate any more. What was paid is not touched here."""

from app.services.errors import Absent, Faulty, OutOfTurn
from app.services.guard import allow
from app.services.road import advance_case, advance_item
from app.services.settle_case import settle_case
from app.services.world import World
from models.rulebook import workflow
from models.rulebook.permissions import Actor, Permission, Subject
from models.rulebook.vocabulary import CaseAction, ItemAction
from models.tables import CaseItem


def give_up_item(world: World, actor: Actor, item_id: int, version: int, reason: str) -> None:
    """Only an item without a token: a run must be cancelled first. The case moves on if nothing else is open."""
    if not reason.strip():
        raise Faulty(fields={"reason": "required"})
    with world.writing() as session:
        now = world.now()
        item = session.get(CaseItem, item_id)
        if item is None:
            raise Absent()
        case = item.case
        allow(Permission.issue_token, actor, Subject(case.branch_id, case.opened_by))
        if workflow.CASE.get((case.state, CaseAction.begin_issuance)):
            advance_case(session, now, actor, case, CaseAction.begin_issuance)
        elif workflow.CASE.get((case.state, CaseAction.finish_issuance)) is None:  # before it is paid, the case is withdrawn
            raise OutOfTurn(state=case.state.value, action=ItemAction.give_up.value)
        advance_item(session, now, actor, item, ItemAction.give_up, version=version, reason=reason.strip())
        settle_case(session, now, actor, case)
        session.commit()
