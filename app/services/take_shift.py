"""Take the drawer over from a colleague, or decline it; whoever offered it may take his offer back."""

from sqlalchemy.orm import Session

from app.services.day_sheet import day_sheet, hold_day
from app.services.errors import Absent, OutOfTurn, Stale
from app.services.guard import allow
from app.services.road import claim, write_line
from app.services.world import World
from models.rulebook.day_sheet import DaySheet, read_sheet
from models.rulebook.oversight import ShiftAction
from models.rulebook.oversight_workflow import SHIFT
from models.rulebook.permissions import Actor, Permission, Subject
from models.rulebook.workflow import NotOpen, next_state
from models.tables import ShiftHandover


def take_shift(world: World, actor: Actor, shift_id: int, version: int) -> str:
    """The number of the handover. Raises Stale where anything was booked since it was counted, Absent for whom it was not offered to."""
    with world.writing() as session:
        offer = _offer(session, actor, shift_id)
        if offer.taken_by != actor.staff_id:
            raise OutOfTurn("shift_not_yours")
        hold_day(session, offer.branch_id)
        counted = read_sheet(offer.sheet)
        now = day_sheet(session, offer.branch_id, counted.day)
        if now.bookings != counted.bookings or _expected(now) != _expected(counted):
            raise Stale("shift_moved_on")
        _answer(world, session, actor, offer, version, ShiftAction.accept, taken_at=world.now())
        session.commit()
        return offer.number


def decline_shift(world: World, actor: Actor, shift_id: int, version: int, reason: str) -> None:
    """By the one or the other: what was counted is not so, or the offer was a mistake. The reason is on the sheet and in the journal."""
    with world.writing() as session:
        offer = _offer(session, actor, shift_id)
        if actor.staff_id not in {offer.given_by, offer.taken_by}:
            raise OutOfTurn("shift_not_yours")
        sheet = offer.sheet | {"declined": reason}
        _answer(world, session, actor, offer, version, ShiftAction.decline, reason, sheet=sheet)
        session.commit()


def _expected(sheet: DaySheet) -> list[int]:
    return [sheet.cash.expected, *(line.expected for line in sheet.stock)]


def _offer(session: Session, actor: Actor, shift_id: int) -> ShiftHandover:
    offer = session.get(ShiftHandover, shift_id)
    if offer is None:
        raise Absent()
    allow(Permission.hand_over_shift, actor, Subject(offer.branch_id))
    return offer


def _answer(
    world: World,
    session: Session,
    actor: Actor,
    offer: ShiftHandover,
    version: int,
    action: ShiftAction,
    reason: str = "",
    **changes: object,
) -> None:
    before, at = offer.state, world.now()
    try:
        after = next_state(SHIFT, before, action)
    except NotOpen:
        raise OutOfTurn("shift_answered_already") from None
    claim(session, offer, version, state=after, state_since=at, **changes)
    told = {"number": offer.number} | ({"reason": reason} if reason else {})
    write_line(session, at, actor, offer, action.value, before=before, after=after, branch_id=offer.branch_id, **told)
