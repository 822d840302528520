"""A destruction list is agreed to by two people who did not propose it, one after the other; with the second it is carried out."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.services.errors import Absent, Faulty, Forbidden, OutOfTurn, Refusal
from app.services.guard import allow
from app.services.jobs import ask_job, job_at_work
from app.services.road import claim, write_line
from app.services.world import World
from models.rulebook.oversight import DestructionAction, DestructionState, JobKind
from models.rulebook.oversight_workflow import DESTRUCTION
from models.rulebook.permissions import Actor, Permission
from models.rulebook.workflow import NotOpen, next_state, open_actions
from models.tables import DestructionList, Job

LONGEST_REASON = 200


def approve_destruction(world: World, actor: Actor, list_id: int, version: int, reason: str) -> int | None:
    """Returns the id of the job that destroys, None after the first approval.

    Raises Faulty (a remark is needed), Forbidden "destruction_three_people" to who proposed it or approved it first, OutOfTurn, Stale.
    """
    reason = _given(reason)
    at = world.now()
    with world.writing() as session:
        listed = _at_hand(session, actor, list_id)
        if actor.staff_id in {listed.proposed_by, listed.first_by}:
            raise Forbidden("destruction_three_people")
        first = listed.first_by is None
        signed = {"first_by": actor.staff_id, "first_at": at} if first else {"second_by": actor.staff_id, "second_at": at}
        advance_list(session, at, actor, listed, DestructionAction.approve, version, signed, reason=reason)
        job = None if first else ask_job(session, at, actor, JobKind.destruction, {"list_id": listed.id}, listed.branch_id)
        session.commit()
        return job.id if job is not None else None


def drop_destruction(world: World, actor: Actor, list_id: int, version: int, reason: str) -> None:
    """By who proposed it, or by who is to approve it; its cases may be proposed again. Errors as above."""
    reason = _given(reason)
    at = world.now()
    with world.writing() as session:
        listed = _at_hand(session, actor, list_id)
        advance_list(session, at, actor, listed, DestructionAction.drop, version, {}, reason=reason)
        session.commit()


def resume_destruction(world: World, actor: Actor, list_id: int, version: int, reason: str) -> int:
    """Ask once more for what was agreed to and did not come to its end. Returns the job's id; Refusal "destruction_under_way" while
    one works on it. Errors as above."""
    reason = _given(reason)
    at = world.now()
    with world.writing() as session:
        listed = _at_hand(session, actor, list_id)
        if DestructionAction.carry_out not in open_actions(DESTRUCTION, listed.state):
            raise OutOfTurn("destruction_out_of_turn")
        claim(session, listed, version)
        if job_under_way(session, list_id) is not None:
            raise Refusal("destruction_under_way")
        job = ask_job(session, at, actor, JobKind.destruction, {"list_id": listed.id}, listed.branch_id)
        told: dict[str, Any] = {"number": listed.number, "reason": reason}
        write_line(session, at, actor, listed, "resume", branch_id=listed.branch_id, **told)
        session.commit()
        return job.id


def job_under_way(session: Session, list_id: int) -> Job | None:
    """The job that waits to destroy this list, or is at it."""
    return job_at_work(session, JobKind.destruction, list_id=list_id)


def advance_list(
    session: Session,
    at: datetime,
    actor: Actor,
    listed: DestructionList,
    action: DestructionAction,
    version: int,
    changes: dict[str, Any],
    **facts: Any,
) -> DestructionState:
    """Move a list along its workflow, with its line in the journal."""
    before = listed.state
    try:
        after: DestructionState = next_state(DESTRUCTION, before, action)
    except NotOpen:
        raise OutOfTurn("destruction_out_of_turn") from None
    claim(session, listed, version, state=after, state_since=at, **changes)
    facts = {"number": listed.number, **facts}
    write_line(session, at, actor, listed, action.value, before=before, after=after, branch_id=listed.branch_id, **facts)
    return after


def _at_hand(session: Session, actor: Actor, list_id: int) -> DestructionList:
    allow(Permission.approve_destruction, actor)
    listed = session.get(DestructionList, list_id)
    if listed is None:
        raise Absent()
    return listed


def _given(reason: str) -> str:
    reason = reason.strip()
    if not 0 < len(reason) <= LONGEST_REASON:
        raise Faulty(fields={"reason": "required" if not reason else "too_long"})
    return reason
