"""Open a case at the intake desk: a numbered, empty draft."""

from dataclasses import dataclass

from app.services.enter_case import enter_case
from app.services.guard import allow
from app.services.same_page import made_already
from app.services.world import World
from models.rulebook.permissions import Actor, Permission
from models.rulebook.vocabulary import CaseKind
from models.tables import Case


@dataclass(frozen=True, slots=True)
class OpenedCase:
    id: int
    number: str


def open_case(world: World, actor: Actor, credit_code: str = "", mark: str = "") -> OpenedCase:
    """A new draft in the actor's branch, with the credit code if it is already known. `mark`: of the page that asks for it; a
    second click on it gets the first one's case."""
    allow(Permission.work_at_intake, actor)
    with world.writing() as session:
        there = made_already(session, world, actor, Case, "open", mark)
        if there is not None:
            case = session.get_one(Case, there)
            return OpenedCase(case.id, case.number)
        case = enter_case(
            session, world, actor, CaseKind.new, mark=mark, draft={"credit_code": credit_code} if credit_code else {}
        )
        session.commit()
        return OpenedCase(case.id, case.number)
