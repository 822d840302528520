"""Who holds this login? Asked once a request, before anything else."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload, selectinload

from app.services.world import World
from models.rulebook.permissions import Actor
from models.rulebook.vocabulary import StaffState
from models.tables import Staff, StaffSession

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
_NOTED_EVERY = timedelta(minutes=1)  # how exactly the last visit is kept: a write a minute, not a write a page


@dataclass(frozen=True, slots=True)
class Reset:
    """Somebody else gave him new access, and he has not said yet that he knows."""

    at: datetime
    by: str  # number and name


@dataclass(frozen=True, slots=True)
class Recognised:
    actor: Actor
    session_id: int
    proven_at: datetime  # when the password was last given
    has_second_factor: bool
    must_change_password: bool
    language: str
    branch_name_zh: str  # empty for staff of no branch
    branch_name_en: str
    reset: Reset | None = None


def digest_of(token: str) -> str:
    """What is stored of a login's token: it is random and long, so a plain hash does."""
    return hashlib.sha256(token.encode()).hexdigest()


def recognise(world: World, token: str, watching: bool = False) -> Recognised | None:
    """The member of staff behind a token, or None: unknown, ended, idle for 30 minutes, 12 hours old, or disabled. `watching`: a page
    that looks by itself is no visit."""
    now = world.now()
    with world.reading() as session:
        login = session.scalar(
            select(StaffSession)
            .where(StaffSession.token_digest == digest_of(token))
            .options(joinedload(StaffSession.staff).options(selectinload(Staff.role_rows), joinedload(Staff.branch)))
        )
        if login is None or login.ended_at is not None or login.staff.state is not StaffState.active:
            return None
        if now - login.seen_at > IDLE or now - login.created_at > ABSOLUTE:
            return None
        found = _facts(login)
        last_seen = login.seen_at
    if not watching and now - last_seen > _NOTED_EVERY:
        _note_visit(world, found.session_id, now)
    return found


def _facts(login: StaffSession) -> Recognised:
    staff = login.staff
    return Recognised(
        actor=staff.as_actor(),
        session_id=login.id,
        proven_at=login.proven_at,
        has_second_factor=staff.totp_secret is not None,
        must_change_password=staff.must_change_password,
        language=staff.language,
        branch_name_zh=staff.branch.name_zh if staff.branch else "",
        branch_name_en=staff.branch.name_en if staff.branch else "",
        reset=_untold_reset(staff),
    )


def _untold_reset(staff: Staff) -> Reset | None:
    if staff.reset_at is None or staff.resetter is None or staff.reset_read_at is not None:
        return None
    return Reset(staff.reset_at, staff.resetter.called)


def _note_visit(world: World, session_id: int, now: datetime) -> None:
    with world.writing() as session:
        session.execute(update(StaffSession).where(StaffSession.id == session_id, StaffSession.seen_at < now).values(seen_at=now))
        session.commit()
