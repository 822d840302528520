"""Ask the supervisor once more: the grant lapsed before it was used, or the run that used it was given up."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.services.case_at_hand import aftercare_at_hand, must_be_open
from app.services.errors import OutOfTurn
from app.services.road import advance_case
from app.services.world import World
from models.rulebook.kinds import KINDS
from models.rulebook.permissions import Actor
from models.rulebook.vocabulary import CaseAction, RunKind
from models.rulebook.workflow import RUN_OPEN
from models.tables import Case, CaseItem, Run


def ask_grant(world: World, actor: Actor, case_id: int, version: int) -> str:
    """The case number. Raises OutOfTurn for a kind whose work needs no grant, or while a run is open; Stale."""
    with world.writing() as session:
        case = aftercare_at_hand(session, actor, case_id)
        must_be_open(case, CaseAction.ask_grant, version)
        if KINDS[case.kind].work is not RunKind.unlock or not case.items or _is_at_work(session, case):
            raise OutOfTurn(state=case.state.value, action=CaseAction.ask_grant.value)
        advance_case(session, world.now(), actor, case, CaseAction.ask_grant, version=version)
        session.commit()
    return case.number


def _is_at_work(session: Session, case: Case) -> bool:
    runs = select(func.count()).select_from(Run).join(CaseItem, Run.item_id == CaseItem.id)
    return bool(session.scalar(runs.where(CaseItem.case_id == case.id, Run.state.in_(tuple(RUN_OPEN)))))
