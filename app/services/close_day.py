"""Countersign a count: what differs is booked with its explanation, the sheets are written, and the days are closed for ever."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.services.day_sheet import day_sheet, hold_day
from app.services.errors import Absent, OutOfTurn, Stale
from app.services.explain_difference import Explanation, explain_difference
from app.services.guard import allow
from app.services.road import claim, write_line
from app.services.world import World
from models.rulebook.day_sheet import DaySheet, read_sheet, sheet_json
from models.rulebook.oversight import DayAction, StockKind
from models.rulebook.oversight_workflow import DAY
from models.rulebook.permissions import Actor, Permission, Subject
from models.rulebook.workflow import NotOpen, next_state
from models.tables import Branch, DayClose
from models.worklists.day import open_days


def close_day(world: World, actor: Actor, count_id: int, version: int, explanation: Explanation) -> str:
    """The number of the sheet. Raises Faulty at the fields of the explanation, Stale where anything was booked since the count,
    Forbidden for whoever counted himself."""
    at = world.now()
    with world.writing() as session:
        count = session.get(DayClose, count_id, with_for_update=True)  # two supervisors at once: one after the other
        if count is None:
            raise Absent()
        allow(Permission.close_day, actor, Subject(count.branch_id, count.counted_by))
        try:
            after = next_state(DAY, count.state, DayAction.countersign)
        except NotOpen:
            raise OutOfTurn("day_closed_already") from None
        if count.version != version:
            raise Stale()
        explain_difference(session, at, actor, count, _sheet_now(session, count), explanation)
        hold_day(session, count.branch_id)
        sheet = _sheet_now(session, count)
        if sheet.differs:
            raise Stale("day_moved_on")
        days = [day for day in open_days(session, count.branch_id, world.today()) if day <= count.day]
        for day in days[:-1]:
            _close_with(session, at, actor, count, day, after)
        signed = {"countersigned_by": actor.staff_id, "countersigned_at": at}
        before = count.state
        claim(session, count, version, state=after, state_since=at, sheet=_explained(sheet, explanation), **signed)
        _write_down(session, at, actor, count, before, explanation.reason)
        close = update(Branch).where(Branch.id == count.branch_id).values(closed_through=count.day)
        session.execute(close.execution_options(synchronize_session=False))
        session.commit()
        return count.number


def _sheet_now(session: Session, count: DayClose) -> DaySheet:
    """What was counted against what the ledgers say now. Raises Stale where anything but an explanation was booked since."""
    figures = {name: count.counted[name] for name in (*StockKind, "cash")}
    sheet = day_sheet(session, count.branch_id, count.day, figures)
    if sheet.bookings != read_sheet(count.sheet).bookings:
        raise Stale("day_moved_on")
    return sheet


def _explained(sheet: DaySheet, explanation: Explanation) -> dict[str, Any]:
    return sheet_json(sheet) | {"reason": explanation.reason, "cash_reason": explanation.cash_reason}


def _close_with(session: Session, at: datetime, actor: Actor, count: DayClose, day: date, state: Any) -> None:
    """A day that nobody counted: its sheet is what the ledgers say, and the count of a later day stands for it."""
    missed = DayClose(
        number=f"{count.number.rsplit('-', 2)[0]}-{day:%Y%m%d}-0",
        branch_id=count.branch_id,
        day=day,
        state=state,
        state_since=at,
        counted={"with": count.number},
        sheet=sheet_json(day_sheet(session, count.branch_id, day)),
        counted_by=count.counted_by,
        counted_at=count.counted_at,
        countersigned_by=actor.staff_id,
        countersigned_at=at,
    )
    session.add(missed)
    _write_down(session, at, actor, missed, None, "")


def _write_down(session: Session, at: datetime, actor: Actor, count: DayClose, before: Any, reason: str) -> None:
    told = {"number": count.number} | ({"reason": reason} if reason else {})
    act = DayAction.countersign.value
    write_line(session, at, actor, count, act, before=before, after=count.state, branch_id=count.branch_id, **told)
