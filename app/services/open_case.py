"""Open a case at the intake desk: a numbered, empty draft."""

from dataclasses import dataclass

from app.services.enter_case import enter_case
from app.services.guard import allow
from app.services.world import World
from models.rulebook.permissions import Actor, Permission
from models.rulebook.vocabulary import CaseKind


@dataclass(frozen=True, slots=True)
class OpenedCase:
    id: int
    number: str


def open_case(world: World, actor: Actor, credit_code: str = "") -> OpenedCase:
    """A new draft in the actor's branch, with the credit code if it is already known."""
    allow(Permission.work_at_intake, actor)
    with world.writing() as session:
        case = enter_case(session, world, actor, CaseKind.new, draft={"credit_code": credit_code} if credit_code else {})
        session.commit()
        return OpenedCase(case.id, case.number)
