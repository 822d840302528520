"""Write down what somebody counted in the drawer: pieces and cash, without having been told what there should be."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.services.day_sheet import day_sheet, hold_day
from app.services.errors import Absent, Faulty, Stale
from app.services.guard import allow
from app.services.numbering import next_number
from app.services.road import write_line
from app.services.world import World
from models.rulebook.day_sheet import cash_in, sheet_json
from models.rulebook.oversight import DayState, StockKind
from models.rulebook.permissions import Actor, Permission, Subject
from models.tables import Branch, DayClose
from models.worklists.day import open_days, standing_count


@dataclass(frozen=True, slots=True)
class Counted:
    """`notes`: pieces by denomination (fen); `other_fen`: what else lies in the drawer."""

    tokens: int
    envelopes: int
    notes: Mapping[int, int]
    other_fen: int = 0
    remark: str = ""

    def figures(self) -> dict[str, int]:
        """Pieces by kind, and "cash" in fen. Raises ValueError for what cannot be counted."""
        if self.tokens < 0 or self.envelopes < 0:
            raise ValueError("below zero")
        cash = cash_in(self.notes, self.other_fen)
        return {StockKind.token.value: self.tokens, StockKind.envelope.value: self.envelopes, "cash": cash}

    def kept(self) -> dict[str, Any]:
        notes = {str(each): pieces for each, pieces in self.notes.items() if pieces}
        return {**self.figures(), "notes": notes, "other_fen": self.other_fen, "remark": self.remark}


def count_day(world: World, actor: Actor, day: date, counted: Counted) -> int:
    """The id of the count. The day must be open; days before it that are open, too, are closed with it.

    Raises Faulty for a day that is none of the open ones, Stale where a count stands already, Absent for whoever has no branch.
    """
    allow(Permission.count_stock, actor, Subject(actor.branch_id))
    at = world.now()
    with world.writing() as session:
        branch = session.get(Branch, actor.branch_id) if actor.branch_id is not None else None
        if branch is None:
            raise Absent()
        series = f"{branch.code}-C-{day:%Y%m%d}"
        number = f"{series}-{next_number(session, series)}"
        hold_day(session, branch.id)
        if standing_count(session, branch.id) is not None:  # of this day or another: it is countersigned or thrown away first
            raise Stale("day_counted_already")
        if day not in open_days(session, branch.id, world.today()):
            raise Faulty(fields={"day": "day_not_open"})
        count = DayClose(
            number=number,
            branch_id=branch.id,
            day=day,
            state=DayState.counted,
            state_since=at,
            counted=counted.kept(),
            sheet=sheet_json(day_sheet(session, branch.id, day, counted.figures())),
            counted_by=actor.staff_id,
            counted_at=at,
        )
        session.add(count)
        write_line(session, at, actor, count, "count", after=count.state, branch_id=branch.id, number=number)
        session.commit()
        return count.id
