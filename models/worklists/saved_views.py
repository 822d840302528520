"""The questions that a member of staff keeps under names of his own."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.tables import SavedView


def saved_views(session: Session, staff_id: int, room: str | None = None) -> Sequence[SavedView]:
    """Of one list, or of all; by list and name."""
    query = select(SavedView).where(SavedView.staff_id == staff_id).order_by(SavedView.room, SavedView.name)
    return session.scalars(query if room is None else query.where(SavedView.room == room)).all()
