"""Look at everybody of a branch, one by one: he keeps what he may do, keeps less, or is shut out. Recorded, and never changed.

A review only takes away; what is given is given on the page of the member of staff. Whom the reviewer does not reach (himself, other
supervisors) is listed as left to an administrator.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.services.edit_staff import StaffFacts, make_him, may_reach, put_in_state, stand
from app.services.errors import Absent, Faulty, Stale
from app.services.guard import allow
from app.services.numbering import next_number
from app.services.road import write_line
from app.services.world import World
from models.rulebook.access_review import Decision
from models.rulebook.permissions import EVERY_BRANCH, Actor, Permission, Subject
from models.rulebook.vocabulary import Role, StaffState
from models.tables import AccessReview, Branch, Staff
from models.worklists.access import Person, last_review, of_branch, people_of

OFFICE = "QT"  # begins the number of a review of those who belong to no branch


@dataclass(frozen=True, slots=True)
class Verdict:
    """About one member of staff, as the page saw him. `roles`: those that stay, where he keeps less."""

    staff_id: int
    version: int
    decision: Decision
    roles: frozenset[Role] = frozenset()


def review_access(
    world: World, actor: Actor, branch_id: int | None, last_seen: int, verdicts: Sequence[Verdict], remark: str
) -> int:
    """The id of the review. `last_seen`: the id of the last review that the page knew of, 0 for none.

    Raises Faulty at `remark` where something is taken away without a reason; Stale where somebody came, went or was changed since,
    or another review was made; Absent for another branch.
    """
    may_review(actor, branch_id)
    remark = remark.strip()
    if len(remark) > 200 or (not remark and any(verdict.decision is not Decision.keep for verdict in verdicts)):
        raise Faulty(fields={"remark": "review_remark"})
    with world.writing() as session:
        now, year = world.now(), world.today().year
        series = f"{_code(session, branch_id)}-A-{year}"
        number = (
            f"{series}-{next_number(session, series):06d}"  # its row is held: of two reviews at once the second sees the first
        )
        last = last_review(session, branch_id)
        if (last.id if last else 0) != last_seen:
            raise Stale()
        session.execute(select(Staff.id).where(of_branch(Staff.branch_id, branch_id)).order_by(Staff.id).with_for_update())
        stand(session, actor)
        people = people_of(session, branch_id)
        told = {verdict.staff_id: verdict for verdict in verdicts}
        if {person.staff.id for person in people if may_reach(actor, person.staff)} != set(told):
            raise Stale()
        content = [_carry_out(session, now, actor, person, told.get(person.staff.id), number, remark) for person in people]
        review = AccessReview(number=number, branch_id=branch_id, content=content, remark=remark, by=actor.staff_id, at=now)
        session.add(review)
        write_line(session, now, actor, review, "review", branch_id=branch_id, number=number, reason=remark)
        session.commit()
        return review.id


def may_review(actor: Actor, branch_id: int | None) -> None:
    """Raises Forbidden, or Absent for another branch; those of no branch are the administrator's."""
    allow(Permission.review_access, actor, Subject(branch_id=branch_id))
    if branch_id is None and actor.roles.isdisjoint(EVERY_BRANCH):
        raise Absent()


def _code(session: Session, branch_id: int | None) -> str:
    if branch_id is None:
        return OFFICE
    branch = session.get(Branch, branch_id)
    if branch is None:
        raise Absent()
    return branch.code


def _carry_out(
    session: Session, now: datetime, actor: Actor, person: Person, verdict: Verdict | None, number: str, remark: str
) -> dict[str, Any]:
    """Take away what is to be taken away, and give what the record says of him."""
    staff, held = person.staff, person.staff.roles
    decision, stays = (verdict.decision, held) if verdict else (Decision.left, held)
    if verdict is not None and verdict.version != staff.version:
        raise Stale()
    if verdict is not None and decision is Decision.reduce:
        stays = verdict.roles
        if not stays or not stays < held:
            raise Stale()
        facts = StaffFacts(staff.name, staff.branch_id, stays)
        make_him(session, now, actor, staff, verdict.version, facts, number=number, reason=remark)
    elif verdict is not None and decision is Decision.disable:
        stays = frozenset()
        put_in_state(session, now, actor, staff, verdict.version, StaffState.disabled, number=number, reason=remark)
    return {
        "number": staff.number,
        "name": staff.name,
        "roles": [role.value for role in Role if role in held],
        "stays": [role.value for role in Role if role in stays],
        "last_login": person.last_login.isoformat() if person.last_login else None,
        "decision": decision.value,
    }
