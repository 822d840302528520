"""The first member of staff: on the console, since nobody can sign in yet."""

from sqlalchemy import select

from app.services.errors import Faulty, Forbidden
from app.services.passwords import hash_password, password_fault
from app.services.road import write_line
from app.services.world import World
from models.rulebook.vocabulary import Role, StaffState
from models.tables import Staff, StaffRole


def appoint_administrator(world: World, number: str, name: str, password: str) -> int:
    """Raises Forbidden if there is an active administrator, Faulty for a poor password or number. Returns the staff id."""
    number, name = number.strip().upper(), name.strip()
    if not number or not name or len(number) > 16 or len(name) > 40:
        raise Faulty("required")
    fault = password_fault(password, number, name)
    if fault:
        raise Faulty(fault)
    hashed = hash_password(password)
    with world.writing() as session:
        there = select(Staff.id).join(StaffRole).where(StaffRole.role == Role.administrator, Staff.state == StaffState.active)
        if session.scalar(there.limit(1)) is not None:
            raise Forbidden("administrator_exists")
        if session.scalar(select(Staff.id).where(Staff.number == number)) is not None:
            raise Faulty("number_taken")
        staff = Staff(number=number, name=name, password_hash=hashed, role_rows=[StaffRole(role=Role.administrator)])
        session.add(staff)
        write_line(session, world.now(), None, staff, "appoint", person=number, roles=[Role.administrator.value])
        session.commit()
        return staff.id
