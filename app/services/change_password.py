"""A member of staff changes his own password."""

from app.services.errors import Faulty
from app.services.guard import allow
from app.services.passwords import hash_password, password_fault, password_matches
from app.services.recognise import Recognised
from app.services.road import claim, write_line
from app.services.sign_out import end_logins
from app.services.world import World
from models.rulebook.permissions import Permission
from models.tables import Staff


def change_password(world: World, someone: Recognised, old: str, new: str) -> None:
    """Replace the password; all his other logins end. Raises Faulty on the fields `old` and `new`.

    A second click finds the new password in force, and that is what it asked for.
    """
    actor = someone.actor
    allow(Permission.own_account, actor)
    with world.reading() as session:
        stored = session.get_one(Staff, actor.staff_id).password_hash
    if not password_matches(stored, old):
        if password_matches(stored, new):
            return
        raise Faulty(fields={"old": "password_wrong"})
    fault = "password_same" if old == new else password_fault(new, actor.number, actor.name)
    if fault:
        raise Faulty(fields={"new": fault})
    hashed = hash_password(new)
    with world.writing() as session:
        now = world.now()
        staff = session.get_one(Staff, actor.staff_id)
        if staff.password_hash != stored:
            if password_matches(staff.password_hash, new):
                return
            raise Faulty(fields={"old": "password_wrong"})
        claim(session, staff, staff.version, password_hash=hashed, password_is_demo=False, must_change_password=False)
        end_logins(session, staff.id, now, but=someone.session_id)
        write_line(session, now, actor, staff, "change_password")
        session.commit()
