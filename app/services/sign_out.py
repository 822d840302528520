"""End logins, so that the next request with one finds nobody."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.services.recognise import digest_of
from app.services.road import write_line
from app.services.world import World
from models.rulebook.permissions import Actor
from models.tables import StaffSession


def sign_out(world: World, actor: Actor, token: str) -> None:
    """End this login. Ending it twice changes nothing."""
    with world.writing() as session:
        login = session.scalar(
            select(StaffSession).where(StaffSession.token_digest == digest_of(token), StaffSession.ended_at.is_(None))
        )
        if login is not None:
            login.ended_at = world.now()
            write_line(session, world.now(), actor, login, "sign_out")
        session.commit()


def end_logins(session: Session, staff_id: int, now: datetime, but: int | None = None) -> None:
    """End all logins of a member of staff, in the caller's transaction; `but` is the session that may go on."""
    query = update(StaffSession).where(StaffSession.staff_id == staff_id, StaffSession.ended_at.is_(None))
    if but is not None:
        query = query.where(StaffSession.id != but)
    session.execute(query.values(ended_at=now).execution_options(synchronize_session=False))
