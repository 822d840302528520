"""How many: counted as far as a page says it, and no further. The numbers beside the desks."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, func, literal, select
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

CAP = 1001  # a count stops here: the page says "1,000+"


def capped(session: Session, query: Select[Any], cap: int = CAP) -> int:
    """How many rows a list's own query finds, counted up to `cap`."""
    rows = query.order_by(None).with_only_columns(literal(1).label("one"), maintain_column_froms=True).limit(cap)
    return session.scalar(select(func.count()).select_from(rows.subquery())) or 0


def queue_counts(session: Session, branch_id: int) -> Mapping[tuple[CaseState, CaseKind], int]:
    """Cases of the branch by waiting state and kind; only open cases are touched, by the branch-and-state index."""
    rows = session.execute(
        select(Case.state, Case.kind, func.count())
        .where(Case.branch_id == branch_id, Case.state.in_(WAITING))
        .group_by(Case.state, Case.kind)
    )
    return {(state, kind): count for state, kind, count in rows}
