"""Requests for exceptions in every state, by way of the use cases."""

from typing import Any

from app.services.ask_exception import ask_exception
from app.services.decide_exception import grant_exception
from app.services.exception_content import Wanted
from app.services.world import World
from models.rulebook.exceptions import Correctable
from models.rulebook.oversight import ExceptionKind
from models.rulebook.vocabulary import Role
from models.tables import Case, ExceptionRequest
from tests.builders import cases
from tests.builders.people import actor_of

ADDRESS = "北京市样例区样例路 2 号"
WANTED = {
    ExceptionKind.refund: Wanted(amount_fen=18000),
    ExceptionKind.correction: Wanted(field=Correctable.address, now=ADDRESS),
}


def not_covered(**changes: Any) -> dict[str, Any]:
    """A sole proprietor without a seal whose business bears a trade name, himself at the counter with everything in order."""
    licences = {"code_bearing_licence": {}, "application_form": {}, "identity_document": {}}
    named = {"name": "北京样例小吃店", "named_after_proprietor": False, "sets": [cases.papers(**licences)]}
    return cases.sealless_draft(**named | changes)


def case_for(world: World, kind: ExceptionKind, branch: str = "HD01") -> Case:
    """A case for which this kind may be asked: two certificates, one of them to be paid."""
    if kind is ExceptionKind.admission:
        return cases.drafted(world, branch, **not_covered())
    if kind is ExceptionKind.fee_waiver:
        return cases.awaiting_payment(world, branch)
    return cases.ready_to_issue(world, branch, certificates=2)


def asked(world: World, kind: ExceptionKind, branch: str = "HD01", case: Case | None = None) -> ExceptionRequest:
    case = case or case_for(world, kind, branch)
    clerk = actor_of(world, Role.clerk, branch)
    return exception_now(world, ask_exception(world, clerk, case.id, case.version, kind, "样例事由", WANTED.get(kind)).id)


def granted(world: World, kind: ExceptionKind, branch: str = "HD01", case: Case | None = None) -> ExceptionRequest:
    """Or used, where nothing is left to do."""
    one = asked(world, kind, branch, case)
    grant_exception(world, actor_of(world, Role.supervisor, branch), one.id, one.version, "核对无误")
    return exception_now(world, one.id)


def exception_now(world: World, exception_id: int) -> ExceptionRequest:
    """As it is now, detached, with its case."""
    with world.reading() as session:
        found = session.get_one(ExceptionRequest, exception_id)
        _ = (found.case.items, found.case.applicant, found.case.branch)
        session.expunge_all()
        return found
