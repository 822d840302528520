"""Below how many pieces a branch is to order more."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.services.errors import Absent, Faulty, Stale
from app.services.guard import allow
from app.services.road import write_line
from app.services.world import World
from models.rulebook.oversight import StockKind
from models.rulebook.permissions import Actor, Permission
from models.tables import Branch, LowWater

HIGHEST = 10_000


def set_low_water(world: World, actor: Actor, version: int, marks: Mapping[StockKind, int]) -> None:
    """`version`: the sum of the marks' versions that the page saw, 0 where the branch had none yet. A mark of 0 warns of nothing.

    Raises Faulty at the kind's field, Absent for whoever belongs to no branch, Stale.
    """
    allow(Permission.manage_stock, actor)
    wrong = {kind.value: "mark_range" for kind, mark in marks.items() if not 0 <= mark <= HIGHEST}
    if wrong:
        raise Faulty(fields=wrong, most=HIGHEST)
    with world.writing() as session:
        branch = session.get(Branch, actor.branch_id) if actor.branch_id is not None else None
        if branch is None:
            raise Absent()
        rows = select(LowWater).where(LowWater.branch_id == branch.id).order_by(LowWater.kind).with_for_update()
        kept = {row.kind: row for row in session.scalars(rows)}
        if sum(row.version for row in kept.values()) != version:
            raise Stale()
        for kind, mark in marks.items():
            row = kept.get(kind)
            if row is not None and row.mark == mark:
                continue
            said = {"stock": kind.value, "was": row.mark if row else None, "mark": mark}
            if row is None:
                session.add(LowWater(branch_id=branch.id, kind=kind, mark=mark, version=1))
            else:
                row.mark, row.version = mark, row.version + 1
            try:
                write_line(session, world.now(), actor, branch, "set_low_water", branch_id=branch.id, **said)
            except IntegrityError:  # another supervisor set the first one by a blink
                raise Stale() from None
        session.commit()
