"""After somebody gave a member of staff new access: he himself knows of it, and of a supervisor another one says that it was in order."""

from typing import Any

from app.services.edit_staff import stand
from app.services.errors import Absent, Forbidden, OutOfTurn
from app.services.given_reason import given_reason
from app.services.guard import allow
from app.services.road import claim, write_line
from app.services.world import World
from models.rulebook.permissions import Actor, Permission
from models.rulebook.vocabulary import Role
from models.tables import Staff
from models.worklists.access import resets_to_agree


def agree_to_reset(world: World, actor: Actor, staff_id: int, version: int, reason: str) -> str:
    """His number. The reason says how the actor made sure: from then on the other decides again.

    By another supervisor of his branch; of any branch, where his own has none who could. Raises Faulty at `reason`; Absent for whose
    reset is not the actor's to agree to; OutOfTurn where another was faster; Stale; Forbidden.
    """
    allow(Permission.manage_staff, actor)
    if Role.supervisor not in actor.roles:
        raise Forbidden("forbidden_role")
    given = given_reason(reason)
    with world.writing() as session:
        now = world.now()
        stand(session, actor)
        staff = session.get(Staff, staff_id)
        if staff is not None and agreed_already(actor, staff):
            raise OutOfTurn("reset_agreed_already")
        if staff is None or session.scalar(resets_to_agree(actor.staff_id, actor.branch_id).where(Staff.id == staff_id)) is None:
            raise Absent()
        claim(session, staff, version, reset_agreed_by=actor.staff_id)
        told: dict[str, Any] = {"person": staff.number, "reason": given}
        write_line(session, now, actor, staff, "agree_to_reset", branch_id=staff.branch_id, **told)
        session.commit()
        return staff.number


def agreed_already(actor: Actor, staff: Staff) -> bool:
    """By the actor himself, or by somebody at the actor's branch: as much as he may know of it."""
    return staff.reset_agreed_by == actor.staff_id or (staff.reset_agreed_by is not None and staff.branch_id == actor.branch_id)


def know_of_reset(world: World, actor: Actor) -> None:
    """He has read who gave him new access, and when. Said twice, the second changes nothing."""
    allow(Permission.own_account, actor)
    with world.writing() as session:
        staff = session.get_one(Staff, actor.staff_id)
        if staff.reset_at is None or staff.reset_read_at is not None:
            return
        claim(session, staff, staff.version, reset_read_at=world.now())
        write_line(session, world.now(), actor, staff, "know_of_reset", person=staff.number)
        session.commit()
