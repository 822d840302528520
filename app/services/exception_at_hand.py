"""The exception that a use case is about: loaded, its door checked, its case and its row held to the end of the transaction."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.services.case_at_hand import must_be_kept
from app.services.errors import Absent, Forbidden, OutOfTurn, Refusal, Stale
from app.services.guard import allow
from app.services.promise_certificates import hold_case
from app.services.road import advance_exception
from models.rulebook.oversight import ExceptionAction
from models.rulebook.oversight_workflow import EXCEPTION, EXCEPTION_OPEN
from models.rulebook.permissions import Actor, Permission, Subject
from models.rulebook.workflow import open_actions
from models.tables import ExceptionRequest
from models.worklists.review import worked_on_by


def exception_at_hand(session: Session, actor: Actor, permission: Permission, exception_id: int) -> ExceptionRequest:
    """Raises Absent (none such, or another branch's) or Forbidden. Rows are held in the order applicant, case, request."""
    allow(permission, actor)
    exception = session.get(ExceptionRequest, exception_id)
    if exception is None:
        raise Absent()
    allow(permission, actor, Subject(exception.branch_id))
    must_be_kept(exception.case)
    hold_case(session, exception.case)
    session.refresh(exception, with_for_update=True)
    return exception


def exception_to_decide(session: Session, actor: Actor, exception_id: int) -> ExceptionRequest:
    """For the supervisor's decision: nobody decides on what he asked for, nor about a case that he opened or typed himself."""
    exception = exception_at_hand(session, actor, Permission.decide_exception, exception_id)
    if exception.asked_by == actor.staff_id or worked_on_by(session, actor.staff_id, [exception.case_id]):
        raise Forbidden("forbidden_asker")
    return exception


def still_open(exception: ExceptionRequest, action: ExceptionAction, version: int, now: datetime) -> None:
    """Refuse before anything is prepared: OutOfTurn, Stale, or Refusal "exception_lapsed" where its time is over."""
    if action not in open_actions(EXCEPTION, exception.state):
        raise OutOfTurn("exception_out_of_turn", state=exception.state.value, action=action.value)
    if exception.version != version:
        raise Stale()
    if exception.expires_at <= now:
        raise Refusal("exception_lapsed")


def use_exception(session: Session, at: datetime, actor: Actor, exception: ExceptionRequest, **detail: str) -> None:
    """What was allowed is done, and cannot be done again."""
    advance_exception(session, at, actor, exception, ExceptionAction.use, changes={"used_at": at}, **detail)


def still_waiting(exception: ExceptionRequest) -> bool:
    """Undecided, or allowed and not used."""
    return exception.state in EXCEPTION_OPEN
