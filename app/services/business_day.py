"""The day on which something is booked at a branch: today, or the next one where today is closed already."""

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.tables import Branch


def business_day(session: Session, branch_id: int, today: date) -> date:
    """`today`: the calendar date at the counters.

    The branch's row is held against the close, which changes it: whoever books is counted on the day that he was told.
    """
    closed_through = session.scalar(select(Branch.closed_through).where(Branch.id == branch_id).with_for_update(read=True))
    return today if closed_through is None or closed_through < today else closed_through + timedelta(days=1)
