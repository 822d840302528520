"""A new case: numbered within its branch and day, a draft, with its first line in the journal."""

from typing import Any

from sqlalchemy.orm import Session

from app.services.errors import Forbidden
from app.services.numbering import next_number
from app.services.road import write_line
from app.services.world import World
from models.rulebook.permissions import Actor
from models.rulebook.vocabulary import CaseKind
from models.tables import Branch, Case


def enter_case(session: Session, world: World, actor: Actor, kind: CaseKind, mark: str = "", **columns: Any) -> Case:
    """A draft in the actor's branch. Raises Forbidden for staff of no branch, IntegrityError where a row forbids a second case."""
    at, day = world.now(), f"{world.today():%Y%m%d}"
    branch = session.get(Branch, actor.branch_id) if actor.branch_id is not None else None
    if branch is None:
        raise Forbidden("forbidden_branch")
    case = Case(
        number=f"{branch.code}-{day}-{next_number(session, f'case:{branch.code}:{day}'):04d}",
        kind=kind,
        state_since=at,
        branch_id=branch.id,
        opened_by=actor.staff_id,
        opened_at=at,
        **columns,
    )
    session.add(case)
    session.flush()
    about = {} if kind is CaseKind.new else {"kind": kind.value}
    about |= {"page": mark} if mark else {}
    write_line(session, at, actor, case, "open", after=case.state, case_id=case.id, branch_id=branch.id, **about)
    return case
