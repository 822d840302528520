"""A review of access, as it lies in the books."""

from app.services.edit_staff import may_reach
from app.services.review_access import Verdict, review_access
from app.services.world import World
from models.rulebook.access_review import Decision
from models.rulebook.permissions import Actor
from models.worklists.access import last_review, people_of


def plant_review(world: World, reviewer: Actor, branch_id: int | None, disabled: str = "") -> int:
    """Everybody keeps what he has, but the one with this number. The id of the review."""
    with world.reading() as session:
        last = last_review(session, branch_id)
        staff = [person.staff for person in people_of(session, branch_id) if may_reach(reviewer, person.staff)]
        told = {one.id: Decision.disable if one.number == disabled else Decision.keep for one in staff}
        verdicts = [Verdict(one.id, one.version, told[one.id]) for one in staff]
    return review_access(world, reviewer, branch_id, last.id if last else 0, verdicts, "离职" if disabled else "")
