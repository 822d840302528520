"""What follows for a case when one of its items came to rest."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.services.road import Who, advance_case
from models.rulebook import workflow
from models.rulebook.vocabulary import CaseAction, ItemAction
from models.tables import Case


def settle_case(session: Session, at: datetime, who: Who, case: Case) -> None:
    """Issuance is finished when every item is made or given up; the case closes when none is left to hand over."""
    session.flush()
    # Two items may come to rest in the same second: the case's row is held, so that the second sees the first.
    session.refresh(case, with_for_update=True)
    session.expire(case, ["items"])
    for item in case.items:
        session.refresh(item)
    states = [item.state for item in case.items]
    may_finish = workflow.CASE.get((case.state, CaseAction.finish_issuance)) is not None
    if may_finish and all(state in workflow.ITEM_SETTLED for state in states):
        advance_case(session, at, who, case, CaseAction.finish_issuance)
    may_close = workflow.CASE.get((case.state, CaseAction.close)) is not None
    waiting = any(workflow.ITEM.get((state, ItemAction.hand_over)) for state in states)
    if may_close and not waiting:
        advance_case(session, at, who, case, CaseAction.close, changes={"closed_at": at})
