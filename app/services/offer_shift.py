"""Hand the drawer to a colleague: what both counted, against what there should be; he has to say that it is so."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.services.business_day import business_day
from app.services.count_day import Counted
from app.services.day_sheet import day_sheet, hold_day
from app.services.errors import Absent, Faulty, Stale
from app.services.guard import allow
from app.services.numbering import next_number
from app.services.road import write_line
from app.services.world import World
from models.rulebook.day_sheet import DaySheet, sheet_json
from models.rulebook.oversight import ShiftState
from models.rulebook.permissions import Actor, Permission, Subject, denial
from models.rulebook.vocabulary import StaffState
from models.tables import Branch, ShiftHandover, Staff


def offer_shift(world: World, actor: Actor, taker_id: int, counted: Counted) -> int:
    """The id of the handover, which waits for the colleague. A difference must be explained by the remark.

    Raises Faulty for a colleague who cannot take it and for a difference without a remark, Stale where an offer of his waits already.
    """
    allow(Permission.hand_over_shift, actor, Subject(actor.branch_id))
    at = world.now()
    with world.writing() as session:
        branch = session.get(Branch, actor.branch_id) if actor.branch_id is not None else None
        if branch is None:
            raise Absent()
        if not _can_take(session, actor, taker_id):
            raise Faulty(fields={"taker": "taker_unfit"})
        series = f"{branch.code}-K-{world.today().year}"
        number = f"{series}-{next_number(session, series):06d}"
        hold_day(session, branch.id)
        day = business_day(session, branch.id, world.today())
        sheet = day_sheet(session, branch.id, day, counted.figures())
        if sheet.differs and not counted.remark:
            raise ShiftDiffers(sheet)
        offer = ShiftHandover(
            number=number,
            branch_id=branch.id,
            day=day,
            state=ShiftState.offered,
            state_since=at,
            counted=counted.kept(),
            sheet=sheet_json(sheet),
            given_by=actor.staff_id,
            given_at=at,
            taken_by=taker_id,
        )
        session.add(offer)
        try:
            write_line(session, at, actor, offer, "offer", after=offer.state, branch_id=branch.id, number=number)
        except IntegrityError:
            raise Stale("shift_offered_already") from None
        session.commit()
        return offer.id


class ShiftDiffers(Faulty):
    """What was counted is not what there should be, and nobody said why. `sheet` says what differs."""

    def __init__(self, sheet: DaySheet) -> None:
        super().__init__(fields={"remark": "shift_difference_unexplained"})
        self.sheet = sheet


def _can_take(session: Session, actor: Actor, taker_id: int) -> bool:
    active = select(Staff).where(Staff.id == taker_id, Staff.state == StaffState.active, Staff.branch_id == actor.branch_id)
    taker = session.scalar(active)
    return taker is not None and taker.id != actor.staff_id and denial(Permission.hand_over_shift, taker.as_actor()) is None
