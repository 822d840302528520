"""The case a use case is about: loaded, and its door checked, in one breath."""

from sqlalchemy.orm import Session

from app.services.errors import Absent, Forbidden, OutOfTurn, Stale
from app.services.guard import allow
from models.rulebook.permissions import Actor, Permission, Subject
from models.rulebook.vocabulary import CaseAction
from models.rulebook.workflow import CASE, open_actions
from models.tables import Case
from models.worklists.review import worked_on_by


def case_at_hand(session: Session, actor: Actor, permission: Permission, case_id: int) -> Case:
    """The case, if the actor may do this to it. Raises Absent (none such, or another branch's) or Forbidden."""
    allow(permission, actor)
    case = session.get(Case, case_id)
    if case is None:
        raise Absent()
    allow(permission, actor, Subject(case.branch_id, case.opened_by))
    return case


def case_for_review(session: Session, actor: Actor, case_id: int) -> Case:
    """The case, for a second person's decision: nobody decides on what he opened, nor on what he typed or accepted himself."""
    case = case_at_hand(session, actor, Permission.review_case, case_id)
    if worked_on_by(session, actor.staff_id, [case.id]):
        raise Forbidden("forbidden_opener")
    return case


def must_be_open(case: Case, action: CaseAction, version: int) -> None:
    """Refuse early, before anything is prepared: the same refusals as `advance_case`, which has the last word."""
    if action not in open_actions(CASE, case.state):
        raise OutOfTurn(state=case.state.value, action=action.value)
    if case.version != version:
        raise Stale()
