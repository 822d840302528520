"""What the handover desk looks at: what was made and not collected, and one case's made and handed-over items."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from models.rulebook.vocabulary import CaseState, ItemState
from models.tables import Case, CaseItem, Handover
from models.worklists.issuance import Page, keyset


@dataclass(frozen=True)
class Uncollected:
    case: Case
    made: int
    total: int
    since: datetime  # since when the longest waiting item lies ready


def uncollected(session: Session, branch_id: int, before: int | None = None, after: int | None = None) -> Page:
    """Cases with something to collect, the oldest first; also those of which other items are still being made."""
    made = select(CaseItem.id).where(CaseItem.case_id == Case.id, CaseItem.state == ItemState.made).limit(1)
    ready = made.scalar_subquery().is_not(None)  # asked of each case by itself: PostgreSQL would begin with all items
    page = keyset(
        session,
        select(Case).where(Case.branch_id == branch_id).options(joinedload(Case.applicant), selectinload(Case.items)),
        before,
        after,
        parts=[and_(Case.state == state, ready) for state in (CaseState.awaiting_handover, CaseState.issuing)],
    )
    return Page([_row(case) for case in page.rows], page.newer, page.older)


def _row(case: Case) -> Uncollected:
    made = [item for item in case.items if item.state is ItemState.made]
    wanted = [item for item in case.items if item.state is not ItemState.given_up]
    return Uncollected(case, len(made), len(wanted), min(item.state_since for item in made))


def case_by_stub(session: Session, scanned: str) -> Case | None:
    """The case whose number is on the claim stub's barcode; the number is matched whole."""
    return session.scalar(select(Case).where(Case.number == scanned.strip().upper()))


def handovers_of(session: Session, case: Case) -> Sequence[Handover]:
    return session.scalars(
        select(Handover)
        .join(CaseItem, Handover.item_id == CaseItem.id)
        .where(CaseItem.case_id == case.id)
        .options(
            joinedload(Handover.item),
            joinedload(Handover.token),
            joinedload(Handover.envelope),
            joinedload(Handover.certificate),
            joinedload(Handover.clerk),
        )
        .order_by(CaseItem.position)
    ).all()
