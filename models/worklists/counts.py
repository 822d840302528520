"""How many cases wait in each state of a branch: the numbers beside the desks."""

from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.rulebook.vocabulary import CaseKind, CaseState
from models.tables import Case

WAITING = (
    CaseState.returned,
    CaseState.in_review,
    CaseState.awaiting_grant,
    CaseState.awaiting_payment,
    CaseState.ready_to_issue,
    CaseState.issuing,
    CaseState.awaiting_handover,
    CaseState.awaiting_acknowledgement,
    CaseState.awaiting_answer,
)


def queue_counts(session: Session, branch_id: int) -> Mapping[tuple[CaseState, CaseKind], int]:
    """Cases of the branch by waiting state and kind; only open cases are touched, by the branch-and-state index."""
    rows = session.execute(
        select(Case.state, Case.kind, func.count())
        .where(Case.branch_id == branch_id, Case.state.in_(WAITING))
        .group_by(Case.state, Case.kind)
    )
    return {(state, kind): count for state, kind, count in rows}
