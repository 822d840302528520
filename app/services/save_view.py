"""A member of staff keeps a list's question under a name of his own, and gives the name up again."""

from collections.abc import Mapping

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from app.services.errors import Faulty
from app.services.guard import allow
from app.services.world import World
from models.rulebook.permissions import Actor, Permission
from models.tables import SavedView, Staff

MOST_VIEWS = 20  # of one list


def save_view(world: World, actor: Actor, room: str, name: str, filters: Mapping[str, str]) -> None:
    """A name that he used before now means this question. Raises Forbidden, Faulty where there are too many."""
    allow(Permission.supervise, actor)
    with world.writing() as session:
        _one_at_a_time(session, actor)
        found = session.scalars(_views(actor, room).where(SavedView.name == name)).one_or_none()
        if found is not None:
            found.filters = dict(filters)
        else:
            count = session.scalar(select(func.count()).select_from(_views(actor, room).subquery())) or 0
            if count >= MOST_VIEWS:
                raise Faulty(fields={"name": "views_too_many"}, most=MOST_VIEWS)
            session.add(SavedView(staff_id=actor.staff_id, room=room, name=name, filters=dict(filters)))
        session.commit()


def forget_view(world: World, actor: Actor, room: str, name: str) -> None:
    """What is forgotten already stays so. Raises Forbidden."""
    allow(Permission.supervise, actor)
    with world.writing() as session:
        session.execute(
            delete(SavedView).where(SavedView.staff_id == actor.staff_id, SavedView.room == room, SavedView.name == name)
        )
        session.commit()


def _views(actor: Actor, room: str) -> Select[tuple[SavedView]]:
    return select(SavedView).where(SavedView.staff_id == actor.staff_id, SavedView.room == room)


def _one_at_a_time(session: Session, actor: Actor) -> None:
    """Two clicks at once would both find the name free (PostgreSQL; SQLite has one writer anyway)."""
    session.execute(select(Staff.id).where(Staff.id == actor.staff_id).with_for_update(key_share=True))
