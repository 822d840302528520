"""What a page has made already: a page that makes a new thing bears a mark, and sent twice in one moment it makes one thing."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.services.world import World
from models.rulebook.permissions import Actor
from models.tables import Base, JournalLine, Staff

MOMENT = timedelta(seconds=10)  # within it the same page is the same click; later, somebody went back to it and means another


def made_already(session: Session, world: World, actor: Actor, kind: type[Base], act: str, mark: str) -> int | None:
    """The id of what was made from the page with this mark just now, None for nothing. The line of the act bears `page=mark`.

    Of two clicks at once the second waits here (PostgreSQL; SQLite has one writer anyway), and finds the first one's line.
    """
    if not mark:
        return None
    session.execute(select(Staff.id).where(Staff.id == actor.staff_id).with_for_update(key_share=True))
    lines = session.scalars(
        select(JournalLine)
        .where(
            JournalLine.staff_id == actor.staff_id,
            JournalLine.at >= world.now() - MOMENT,
            JournalLine.subject == kind.__tablename__,
            JournalLine.act == act,
        )
        .order_by(JournalLine.id.desc())
    )
    return next((line.subject_id for line in lines if line.detail.get("page") == mark), None)
