"""Let a member of staff in, change what he is, give him new access, or shut him out. A supervisor: his own branch, below him."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.services.errors import Absent, Faulty, Forbidden
from app.services.given_reason import given_reason
from app.services.guard import allow
from app.services.jobs import throw_away_files
from app.services.passwords import hash_password
from app.services.road import claim, write_line
from app.services.sign_out import end_logins
from app.services.world import World
from models.rulebook.permissions import EVERY_BRANCH, Actor, Permission, Subject, role_conflict
from models.rulebook.vocabulary import Role, StaffState
from models.tables import Branch, Staff, StaffRole

# Whom a supervisor may make and change; everybody else is the administrator's.
BELOW_SUPERVISOR = frozenset({Role.clerk, Role.reviewer})
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # read aloud and typed once: no 0/o, 1/i/l


@dataclass(frozen=True, slots=True)
class StaffFacts:
    name: str
    branch_id: int | None
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Access:
    staff_id: int
    number: str
    password: str  # shown once; must be changed at the first login


def admit_staff(world: World, actor: Actor, number: str, facts: StaffFacts) -> Access:
    """A new member of staff with a first password. Raises Faulty at `number`, `name`, `branch_id`, `roles`; Forbidden above one's rank."""
    allow(Permission.manage_staff, actor, Subject(branch_id=facts.branch_id))
    number = number.strip().upper()
    if not (1 <= len(number) <= 16 and number.isascii() and number.replace("-", "").isalnum()):
        raise Faulty(fields={"number": "number_form"})
    password = _first_password()
    hashed = hash_password(password)
    with world.writing() as session:
        stand(session, actor)
        _check(session, actor, facts)
        if session.scalar(select(Staff.id).where(Staff.number == number)) is not None:
            raise Faulty(fields={"number": "number_taken"})
        staff = Staff(
            number=number,
            name=facts.name.strip(),
            branch_id=facts.branch_id,
            password_hash=hashed,
            must_change_password=True,
            role_rows=[StaffRole(role=role) for role in facts.roles],
        )
        session.add(staff)
        try:
            session.flush()
        except IntegrityError:  # somebody else was faster by a blink
            raise Faulty(fields={"number": "number_taken"}) from None
        write_line(session, world.now(), actor, staff, "admit", branch_id=facts.branch_id, **_told(session, number, facts))
        session.commit()
        return Access(staff.id, number, password)


def edit_staff(world: World, actor: Actor, staff_id: int, version: int, facts: StaffFacts, reason: str = "") -> None:
    """Change name, branch and roles; a change of branch or roles has a `reason`, and ends his logins. Errors as above, Faulty at
    `reason`, Absent, Stale."""
    with world.writing() as session:
        now = world.now()
        staff = _within_reach(session, actor, staff_id)
        _check(session, actor, facts)
        may_other_things = (staff.branch_id, staff.roles) != (facts.branch_id, facts.roles)
        told: dict[str, Any] = {"reason": given_reason(reason)} if may_other_things else {}
        make_him(session, now, actor, staff, version, facts, **told)
        session.commit()


def make_him(session: Session, now: datetime, actor: Actor, staff: Staff, version: int, facts: StaffFacts, **detail: Any) -> None:
    """In the caller's transaction: name, branch and roles, the end of his logins where he may do other things now, and the line."""
    before = StaffFacts(staff.name, staff.branch_id, staff.roles)
    claim(session, staff, version, name=facts.name.strip(), branch_id=facts.branch_id)
    if (before.branch_id, before.roles) != (facts.branch_id, facts.roles):
        session.execute(delete(StaffRole).where(StaffRole.staff_id == staff.id))
        session.add_all(StaffRole(staff_id=staff.id, role=role) for role in facts.roles)
        end_logins(session, staff.id, now)
        throw_away_files(session, staff.id)
    told = _told(session, staff.number, facts, before)
    write_line(session, now, actor, staff, "edit", branch_id=facts.branch_id, **told, **detail)


def switch_staff(world: World, actor: Actor, staff_id: int, version: int, state: StaffState, reason: str) -> None:
    """Disable, which ends his logins at once, or let in again. Raises Faulty at `reason`, and as above."""
    given = given_reason(reason)
    with world.writing() as session:
        staff = _within_reach(session, actor, staff_id)
        put_in_state(session, world.now(), actor, staff, version, state, reason=given)
        session.commit()


def put_in_state(
    session: Session, now: datetime, actor: Actor, staff: Staff, version: int, state: StaffState, **detail: Any
) -> None:
    """In the caller's transaction: the state, the end of his logins, and the line that says why."""
    before = staff.state
    claim(session, staff, version, state=state, failed_logins=0, locked_until=None)
    end_logins(session, staff.id, now)
    throw_away_files(session, staff.id)
    act = "disable" if state is StaffState.disabled else "enable"
    told = {"person": staff.number, **detail}
    write_line(session, now, actor, staff, act, before=before, after=state, branch_id=staff.branch_id, **told)


def reset_access(world: World, actor: Actor, staff_id: int, version: int, reason: str) -> Access:
    """A new first password, the second factor to be set up anew, no lock. His logins end. Errors as above.

    The actor sees that password. So its owner is told who did this, and a supervisor decides nothing until another one has agreed.
    """
    given = given_reason(reason)
    password = _first_password()
    hashed = hash_password(password)
    with world.writing() as session:
        now = world.now()
        staff = _within_reach(session, actor, staff_id)
        _renew(session, actor, staff, version, hashed, now)
        told: dict[str, Any] = {"person": staff.number, "reason": given}
        write_line(session, now, actor, staff, "reset_access", branch_id=staff.branch_id, **told)
        session.commit()
        return Access(staff.id, staff.number, password)


def may_reach(actor: Actor, staff: Staff) -> bool:
    """Whether the actor may change this member of staff at all. Nobody changes himself."""
    if staff.id == actor.staff_id:
        return False
    if Role.administrator in actor.roles:
        return True
    return staff.branch_id is not None and staff.branch_id == actor.branch_id and staff.roles <= BELOW_SUPERVISOR


def stand(session: Session, actor: Actor) -> None:
    """Whoever changes others is still what his page took him for, and stays so to the commit: of two administrators who shut each other
    out at once one remains. Raises Forbidden."""
    him = session.get(Staff, actor.staff_id, with_for_update={"read": True}, populate_existing=True)
    if him is None or him.state is not StaffState.active or (him.roles, him.branch_id) != (actor.roles, actor.branch_id):
        raise Forbidden("forbidden_role")


def _within_reach(session: Session, actor: Actor, staff_id: int) -> Staff:
    stand(session, actor)
    staff = session.get(Staff, staff_id)
    if staff is None:
        raise Absent()
    allow(Permission.manage_staff, actor, Subject(branch_id=staff.branch_id))
    if staff.branch_id is None and actor.roles.isdisjoint(EVERY_BRANCH):
        raise Absent()
    if not may_reach(actor, staff):
        raise Forbidden("above_rank")
    return staff


def _check(session: Session, actor: Actor, facts: StaffFacts) -> None:
    if not facts.name.strip() or len(facts.name.strip()) > 40:
        raise Faulty(fields={"name": "required"})
    if not facts.roles:
        raise Faulty(fields={"roles": "role_missing"})
    if role_conflict(facts.roles):
        raise Faulty(fields={"roles": "role_conflict"})
    belongs = facts.roles.isdisjoint(EVERY_BRANCH)
    if belongs != (facts.branch_id is not None):
        raise Faulty(fields={"branch_id": "branch_missing" if belongs else "branch_superfluous"})
    if facts.branch_id is not None and session.get(Branch, facts.branch_id) is None:
        raise Faulty(fields={"branch_id": "branch_missing"})
    if Role.administrator not in actor.roles and (facts.branch_id != actor.branch_id or not facts.roles <= BELOW_SUPERVISOR):
        raise Forbidden("above_rank")


def _renew(session: Session, actor: Actor, staff: Staff, version: int, hashed: str, now: datetime) -> None:
    claim(
        session,
        staff,
        version,
        password_hash=hashed,
        password_is_demo=False,
        must_change_password=True,
        totp_secret=None,
        failed_logins=0,
        locked_until=None,
        reset_by=actor.staff_id,
        reset_at=now,
        reset_read_at=None,
        reset_agreed_by=None,
    )
    end_logins(session, staff.id, now)


def _first_password() -> str:
    """Sixteen letters and digits in groups, 79 bits: to be read to its owner and changed at once."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


def _told(session: Session, number: str, facts: StaffFacts, before: StaffFacts | None = None) -> dict[str, Any]:
    """Whom it is about and what he is now; what he was, as far as that has changed."""
    told: dict[str, Any] = {
        "person": number,
        "name": facts.name.strip(),
        "place": _place(session, facts),
        "roles": _sorted(facts),
    }
    if before is not None:
        was: dict[str, Any] = {"name": before.name, "place": _place(session, before), "roles": _sorted(before)}
        told |= {f"{key}_before": value for key, value in was.items() if value != told[key]}
    return told


def _sorted(facts: StaffFacts) -> list[str]:
    return [role.value for role in Role if role in facts.roles]


def _place(session: Session, facts: StaffFacts) -> str:
    """The branch's code, "" for none."""
    return session.get_one(Branch, facts.branch_id).code if facts.branch_id is not None else ""
