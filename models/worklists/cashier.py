"""What the fee desk looks at: who is to pay, and what was taken today."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from models.rulebook.vocabulary import CaseAction
from models.tables import Case, Receipt
from models.tables.base import BEIJING
from models.worklists.issuance import Page, keyset
from models.worklists.review import states_open_to

MOST_RECEIPTS = 10  # shown beside the queue


def fee_queue(session: Session, branch_id: int, before: int | None = None, after: int | None = None) -> Page:
    """Approved cases whose fee is to be taken, the oldest first."""
    query = (
        select(Case)
        .where(Case.branch_id == branch_id, Case.state.in_(states_open_to(CaseAction.settle)))
        .options(joinedload(Case.applicant))
    )
    return keyset(session, query, before, after)


def receipt_of(session: Session, case_id: int) -> Receipt | None:
    return session.scalars(select(Receipt).where(Receipt.case_id == case_id).options(joinedload(Receipt.cashier))).one_or_none()


def latest_receipts(session: Session, branch_id: int, since: datetime) -> Sequence[Receipt]:
    """The newest receipts of the branch since an instant. They are booked on its day or a later one, which the index knows."""
    day = since.astimezone(BEIJING).date()
    return session.scalars(
        select(Receipt)
        .where(Receipt.branch_id == branch_id, Receipt.day >= day, Receipt.at >= since)
        .order_by(Receipt.id.desc())
        .limit(MOST_RECEIPTS)
        .options(joinedload(Receipt.case).joinedload(Case.applicant))
    ).all()
