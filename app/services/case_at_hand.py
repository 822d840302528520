"""The case a use case is about: loaded, and its door checked, in one breath."""

from sqlalchemy.orm import Session

from app.services.errors import Absent, Forbidden, OutOfTurn, Stale
from app.services.guard import allow
from models.rulebook.kinds import AFTERCARE_KINDS, FIRST_KINDS, PLATFORM_KINDS
from models.rulebook.permissions import Actor, Permission, Subject
from models.rulebook.vocabulary import CaseAction, CaseKind
from models.rulebook.workflow import CASE, open_actions
from models.tables import Case
from models.worklists.review import worked_on_by


def case_at_hand(session: Session, actor: Actor, permission: Permission, case_id: int) -> Case:
    """The case, if the actor may do this to it. Raises Absent (none such, or another branch's, or destroyed) or Forbidden."""
    allow(permission, actor)
    case = session.get(Case, case_id)
    if case is None:
        raise Absent()
    allow(permission, actor, Subject(case.branch_id, case.opened_by))
    must_be_kept(case)
    return case


def must_be_kept(case: Case) -> None:
    """Its time was over: nothing is left to print, to open or to act on. Raises Absent."""
    if case.destroyed_at is not None:
        raise Absent("record_destroyed")


# By whom a waiting case is agreed to: a case waits in a state that only one of both acts leaves.
_AGREES = {Permission.review_case: CaseAction.approve, Permission.grant_exception: CaseAction.grant}


def application_at_hand(session: Session, actor: Actor, case_id: int) -> Case:
    """A case of the intake desk: one that begins with an applicant and its papers."""
    return _of_desk(session, actor, Permission.work_at_intake, case_id, FIRST_KINDS)


def aftercare_at_hand(session: Session, actor: Actor, case_id: int) -> Case:
    """A case about a certificate that exists, or about what it opens at a platform. Its row is held to the end of the transaction."""
    case = _of_desk(session, actor, Permission.work_at_aftercare, case_id, AFTERCARE_KINDS | PLATFORM_KINDS)
    if case.kind in PLATFORM_KINDS:
        allow(Permission.work_at_bindings, actor, Subject(case.branch_id, case.opened_by))
    session.refresh(case, with_for_update=True)  # of two clicks at once the second waits, and then finds another version
    return case


def _of_desk(session: Session, actor: Actor, permission: Permission, case_id: int, kinds: frozenset[CaseKind]) -> Case:
    case = case_at_hand(session, actor, permission, case_id)
    if case.kind not in kinds:
        raise OutOfTurn(state=case.state.value, action=CaseAction.save.value)
    return case


def case_to_decide(session: Session, actor: Actor, case_id: int, by: Permission = Permission.review_case) -> Case:
    """The case, for a second person's decision: nobody decides on what he opened, nor on what he typed or asked for himself.

    `by`: the permission under which it is decided; a case that waits for the other kind of decision is out of turn.
    """
    case = case_at_hand(session, actor, by, case_id)
    if worked_on_by(session, actor.staff_id, [case.id]):
        raise Forbidden("forbidden_opener")
    if _AGREES[by] not in open_actions(CASE, case.state):
        raise OutOfTurn(state=case.state.value, action=_AGREES[by].value)
    return case


def must_be_open(case: Case, action: CaseAction, version: int) -> None:
    """Refuse early, before anything is prepared: the same refusals as `advance_case`, which has the last word."""
    if action not in open_actions(CASE, case.state):
        raise OutOfTurn(state=case.state.value, action=action.value)
    if case.version != version:
        raise Stale()
