"""Let a member of staff in by number, password and, where his roles ask for it, a one-time code."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.services.address_delay import count_failure, mind_the_delay
from app.services.errors import Refusal
from app.services.passwords import password_matches
from app.services.recognise import digest_of
from app.services.road import write_line
from app.services.second_factor import matching_step
from app.services.world import World
from models.rulebook.vocabulary import StaffState
from models.tables import Staff, StaffSession

TRIES = 5  # wrong ones in a row, then the account is locked
LOCKED_FOR = timedelta(minutes=15)


class NotAdmitted(Refusal):
    """Wrong number, password or code, a locked or disabled account: one answer for all of them."""

    code = "not_admitted"
    status = 422


@dataclass(frozen=True, slots=True)
class Admitted:
    token: str  # goes into the browser's cookie and nowhere else
    staff_id: int
    language: str


def sign_in(world: World, number: str, password: str, code: str, address: str, leaving: str | None = None) -> Admitted:
    """Open a login. `leaving` is the token of a login that this one replaces. Raises NotAdmitted, TooMany.

    The password is checked outside the transaction (it takes tens of milliseconds), and always, so that an unknown
    number takes as long as a known one. The try is counted in the transaction that judges it.
    """
    with world.reading() as session:
        mind_the_delay(session, address, world.now())
        stored = session.scalar(select(Staff.password_hash).where(Staff.number == number))
    matches = password_matches(stored, password)
    with world.writing() as session:
        now = world.now()
        mind_the_delay(session, address, now)
        staff = session.scalar(select(Staff).where(Staff.number == number).with_for_update())
        if staff is None or not _proves(world, session, staff, stored, matches, code, now):
            count_failure(session, address, now)
            session.commit()
            raise NotAdmitted()
        token = _open(session, staff, address, now, leaving)
        session.commit()
    return Admitted(token, staff.id, staff.language)


def _proves(world: World, session: Session, staff: Staff, stored: str | None, matches: bool, code: str, now: datetime) -> bool:
    """Judge a try and count it. A locked account stays locked, also for the right password."""
    if staff.state is not StaffState.active or (staff.locked_until is not None and staff.locked_until > now):
        return False
    step = matching_step(world.vault, staff, code, now) if staff.totp_secret else staff.totp_last_step
    if not matches or staff.password_hash != stored or step is None:
        count_wrong_try(session, staff, now)
        return False
    staff.totp_last_step = step
    staff.failed_logins, staff.locked_until = 0, None
    return True


def count_wrong_try(session: Session, staff: Staff, now: datetime) -> None:
    """One wrong try more; the fifth in a row locks the account, with a line in the journal."""
    staff.failed_logins += 1
    if staff.failed_logins >= TRIES:
        staff.failed_logins, staff.locked_until = 0, now + LOCKED_FOR
        write_line(session, now, None, staff, "lock_account", branch_id=staff.branch_id, person=staff.number)


def _open(session: Session, staff: Staff, address: str, now: datetime, leaving: str | None) -> str:
    if leaving is not None:
        old = session.scalar(select(StaffSession).where(StaffSession.token_digest == digest_of(leaving)))
        if old is not None and old.ended_at is None:
            old.ended_at = now
    token = secrets.token_urlsafe(32)
    login = StaffSession(token_digest=digest_of(token), staff=staff, created_at=now, seen_at=now, proven_at=now, address=address)
    session.add(login)
    write_line(session, now, staff.as_actor(), login, "sign_in", address=address)
    return token
