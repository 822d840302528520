"""Cases whose time is over are put on a list; what is on it is destroyed once two others agree."""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.services.errors import Faulty, Forbidden
from app.services.guard import allow
from app.services.numbering import next_number
from app.services.road import write_line
from app.services.world import World
from models.rulebook.oversight import DestructionState
from models.rulebook.permissions import Actor, Permission
from models.rulebook.retention import ClockState
from models.tables import Branch, DestructionList
from models.worklists.retention import Timed, on_open_lists, timed

MOST_CASES = 500  # of one list: what two people can look at before they sign
LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class ProposedList:
    id: int
    number: str
    cases: int


def propose_destruction(world: World, actor: Actor, case_ids: Collection[int], reason: str) -> ProposedList:
    """Cases of the actor's own branch. Raises Faulty: `reason`; `cases` (nothing chosen, too many, or how many of them are held,
    not due, or on another list meanwhile); Forbidden to who belongs to no branch."""
    reason, chosen = reason.strip(), sorted(set(case_ids))
    faults = {}
    if not 0 < len(reason) <= LONGEST_REASON:
        faults["reason"] = "required" if not reason else "too_long"
    if not 0 < len(chosen) <= MOST_CASES:
        faults["cases"] = "destruction_too_many" if chosen else "nothing_chosen"
    if faults:
        raise Faulty(fields=faults)
    allow(Permission.propose_destruction, actor)
    at = world.now()
    with world.writing() as session:
        branch = session.get(Branch, actor.branch_id) if actor.branch_id is not None else None
        if branch is None:
            raise Forbidden("forbidden_branch")
        series = f"{branch.code}-DL-{world.today().year}"
        number = f"{series}-{next_number(session, series):06d}"  # of two who propose at once the second waits here
        listed = _due(session, world, branch, chosen)
        proposed = DestructionList(
            number=number,
            state_since=at,
            branch_id=branch.id,
            reason=reason,
            case_ids=[row.case.id for row in listed],
            digest=digest_of(number, listed),
            proposed_by=actor.staff_id,
            proposed_at=at,
        )
        session.add(proposed)
        facts: dict[str, Any] = {"number": number, "cases": len(listed), "reason": reason}
        write_line(session, at, actor, proposed, "propose", after=DestructionState.proposed, branch_id=branch.id, **facts)
        session.commit()
        return ProposedList(proposed.id, number, len(listed))


def digest_of(number: str, listed: Sequence[Timed]) -> str:
    """SHA-256 of what was proposed: the list's number, and of each case number, kind, last day."""
    content = [number, *([row.case.number, row.case.kind.value, str(row.clock.until)] for row in listed)]
    return hashlib.sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest()


def _due(session: Session, world: World, branch: Branch, chosen: Sequence[int]) -> Sequence[Timed]:
    rows = [row for row in timed(session, chosen, world.today()) if row.case.branch_id == branch.id]
    elsewhere = on_open_lists(session)
    due = [row for row in rows if row.clock.state is ClockState.due and row.case.id not in elsewhere]
    if len(due) != len(chosen):
        raise Faulty(fields={"cases": "destruction_not_due"}, count=len(chosen) - len(due))
    return due
