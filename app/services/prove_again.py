"""A fresh proof of who sits here, before an act that asks for one."""

from sqlalchemy import select

from app.services.address_delay import count_failure
from app.services.passwords import password_matches
from app.services.recognise import Recognised
from app.services.road import write_line
from app.services.second_factor import matching_step
from app.services.sign_in import NotAdmitted, count_wrong_try
from app.services.sign_out import end_logins
from app.services.world import World
from models.tables import Staff, StaffSession


def prove_again(world: World, someone: Recognised, password: str, code: str, address: str) -> None:
    """Take password (and code) again and note the moment. Raises NotAdmitted; five wrong ones lock the account and end its logins."""
    with world.reading() as session:
        stored = session.get_one(Staff, someone.actor.staff_id).password_hash
    matches = password_matches(stored, password)
    with world.writing() as session:
        now = world.now()
        staff = session.scalars(select(Staff).where(Staff.id == someone.actor.staff_id).with_for_update()).one()
        login = session.get_one(StaffSession, someone.session_id)
        step = matching_step(world.vault, staff, code, now) if staff.totp_secret else staff.totp_last_step
        if not matches or staff.password_hash != stored or step is None or login.ended_at is not None:
            count_wrong_try(session, staff, now)
            count_failure(session, address, now)
            if staff.locked_until is not None and staff.locked_until > now:
                end_logins(session, staff.id, now)
            session.commit()
            raise NotAdmitted()
        staff.totp_last_step, staff.failed_logins = step, 0
        login.proven_at = now
        write_line(session, now, someone.actor, login, "prove_again")
        session.commit()
