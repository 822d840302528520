"""Open a case at the intake desk: a numbered, empty draft."""

from dataclasses import dataclass

from app.services.errors import Forbidden
from app.services.guard import allow
from app.services.numbering import next_number
from app.services.road import write_line
from app.services.world import World
from models.rulebook.permissions import Actor, Permission
from models.tables import Branch, Case


@dataclass(frozen=True, slots=True)
class OpenedCase:
    id: int
    number: str


def open_case(world: World, actor: Actor, credit_code: str = "") -> OpenedCase:
    """A new draft in the actor's branch, with the credit code if it is already known."""
    allow(Permission.work_at_intake, actor)
    at, day = world.now(), f"{world.today():%Y%m%d}"
    with world.writing() as session:
        branch = session.get(Branch, actor.branch_id) if actor.branch_id is not None else None
        if branch is None:
            raise Forbidden("forbidden_branch")
        number = f"{branch.code}-{day}-{next_number(session, f'case:{branch.code}:{day}'):04d}"
        case = Case(
            number=number,
            state_since=at,
            branch_id=branch.id,
            opened_by=actor.staff_id,
            opened_at=at,
            draft={"credit_code": credit_code} if credit_code else {},
        )
        session.add(case)
        session.flush()
        write_line(session, at, actor, case, "open", after=case.state, case_id=case.id, branch_id=branch.id)
        session.commit()
    return OpenedCase(case.id, number)
