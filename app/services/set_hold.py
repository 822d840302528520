"""A legal hold on a case, or on everything of an applicant: a court, the police or an audit has asked, and nothing is destroyed."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError

from app.services.case_at_hand import case_at_hand, must_be_kept
from app.services.errors import Faulty
from app.services.road import write_line
from app.services.world import World
from models.rulebook.oversight import HoldState
from models.rulebook.permissions import Actor, Permission
from models.tables import Applicant, LegalHold

LONGEST = {"authority": 80, "reference": 80, "reason": 200}


@dataclass(frozen=True, slots=True)
class HoldOrder:
    """Who asks for it, by which letter, and why. `whole_applicant`: every case of the case's applicant, at every branch."""

    authority: str
    reference: str
    reason: str
    whole_applicant: bool = False


def set_hold(world: World, actor: Actor, case_id: int, order: HoldOrder) -> int:
    """The hold's id. Raises Faulty naming the fields, `reference` where the same letter holds it already; Absent for
    another branch's case and for one that is destroyed."""
    given = {name: getattr(order, name).strip() for name in LONGEST}
    faults = {name: "required" if not text else "too_long" for name, text in given.items() if not 0 < len(text) <= LONGEST[name]}
    at = world.now()
    with world.writing() as session:
        case = case_at_hand(session, actor, Permission.hold_records, case_id)
        if order.whole_applicant and case.applicant_id is None:
            faults["scope"] = "hold_no_applicant"
        if faults:
            raise Faulty(fields=faults)
        # Whoever destroys holds the same row: either the hold is there when he looks, or the record is gone when this one does.
        if order.whole_applicant:
            session.get_one(Applicant, case.applicant_id, with_for_update=True)
        session.refresh(case, with_for_update=True)
        must_be_kept(case)
        about = {"applicant_id": case.applicant_id} if order.whole_applicant else {"case_id": case.id}
        hold = LegalHold(state_since=at, branch_id=case.branch_id, set_by=actor.staff_id, set_at=at, **about, **given)
        session.add(hold)
        try:
            session.flush()
        except IntegrityError:
            raise Faulty(fields={"reference": "hold_stands"}) from None
        told: dict[str, Any] = {"letter": hold.reference, "reason": hold.reason}
        write_line(session, at, actor, hold, "set", after=HoldState.standing, case_id=case.id, branch_id=case.branch_id, **told)
        session.commit()
        return hold.id
