"""Throw a count away, with a reason: it stays on record, and another is to follow."""

from app.services.errors import Absent, OutOfTurn
from app.services.guard import allow
from app.services.road import claim, write_line
from app.services.world import World
from models.rulebook.oversight import DayAction
from models.rulebook.oversight_workflow import DAY
from models.rulebook.permissions import Actor, Permission, Subject
from models.rulebook.workflow import NotOpen, next_state
from models.tables import DayClose


def count_again(world: World, actor: Actor, count_id: int, version: int, reason: str) -> None:
    """Raises Absent for another branch's, OutOfTurn for a day that is closed, Stale for a page that is out of date."""
    at = world.now()
    with world.writing() as session:
        count = session.get(DayClose, count_id)
        if count is None:
            raise Absent()
        allow(Permission.count_stock, actor, Subject(count.branch_id))
        before = count.state
        try:
            after = next_state(DAY, before, DayAction.count_again)
        except NotOpen:
            raise OutOfTurn("day_closed_already") from None
        claim(session, count, version, state=after, state_since=at)
        told = {"number": count.number, "reason": reason}
        write_line(
            session, at, actor, count, DayAction.count_again.value, before=before, after=after, branch_id=count.branch_id, **told
        )
        session.commit()
