"""A clerk asks the supervisor for what no rule gives him: a fee waived or paid back, an applicant admitted, a record corrected."""

from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.services.case_at_hand import case_at_hand
from app.services.errors import Faulty, Refusal, Stale
from app.services.exception_content import Wanted, content_of
from app.services.numbering import next_number
from app.services.promise_certificates import hold_case
from app.services.road import write_line
from app.services.world import World
from models.rulebook.exceptions import LONGEST_REASON, UNDECIDED_FOR
from models.rulebook.oversight import ExceptionKind, ExceptionState
from models.rulebook.permissions import Actor, Permission
from models.tables import ExceptionRequest


@dataclass(frozen=True, slots=True)
class AskedException:
    id: int
    number: str


def ask_exception(
    world: World, actor: Actor, case_id: int, version: int, kind: ExceptionKind, reason: str, wanted: Wanted | None = None
) -> AskedException:
    """Raises Faulty (reason, or what `wanted` says), Refusal "exception_not_open" (not for this case now) or
    "exception_asked_already", Stale where the case has changed since the page was read."""
    reason = needed_reason(reason)
    at = world.now()
    with world.writing() as session:
        case = case_at_hand(session, actor, Permission.ask_exception, case_id)
        hold_case(session, case)
        content = content_of(session, world, case, kind, wanted or Wanted())
        if case.version != version:
            raise Stale()
        series = f"{case.branch.code}-Q-{world.today().year}"
        exception = ExceptionRequest(
            number=f"{series}-{next_number(session, series):06d}",
            kind=kind,
            state_since=at,
            case_id=case.id,
            branch_id=case.branch_id,
            reason=reason,
            content=content,
            asked_by=actor.staff_id,
            asked_at=at,
            expires_at=at + UNDECIDED_FOR,
        )
        _enter(session, exception)
        told = {"exception": kind.value, "number": exception.number, "reason": reason}
        write_line(
            session, at, actor, exception, "ask", after=ExceptionState.asked, case_id=case.id, branch_id=case.branch_id, **told
        )
        session.commit()
    return AskedException(exception.id, exception.number)


def needed_reason(reason: str) -> str:
    """Every exception and every decision has one, of 1 to 200 characters. Raises Faulty."""
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise Faulty(fields={"reason": "required" if not reason else "too_long"})
    return reason


def _enter(session: Session, exception: ExceptionRequest) -> None:
    """An index holds each case to one open request of a kind."""
    try:
        session.add(exception)
        session.flush()
    except IntegrityError:
        raise Refusal("exception_asked_already") from None
