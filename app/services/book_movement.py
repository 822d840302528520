"""The ledger of numbered stock: every piece that comes into a branch's drawer or leaves it, with the change of its state."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.services.business_day import business_day
from app.services.road import Who
from app.services.world import BEIJING
from models.rulebook.oversight import MovementKind, StockKind
from models.rulebook.permissions import Actor
from models.tables import Movement


def book_movements(
    session: Session,
    at: datetime,
    who: Who,
    kind: StockKind,
    serials: Iterable[str],
    branch_id: int,
    changes: Iterable[tuple[MovementKind, int]],
    *,
    case_id: int | None = None,
    delivery_id: int | None = None,
    transfer_id: int | None = None,
    reason: str = "",
) -> None:
    """Write down for each piece what happened to the number of blank ones at the branch; nothing where that did not change."""
    changes = tuple(changes)
    if not changes:
        return
    day = business_day(session, branch_id, at.astimezone(BEIJING).date())
    rows = [
        {
            "at": at,
            "day": day,
            "branch_id": branch_id,
            "kind": kind,
            "serial": serial,
            "what": what,
            "amount": amount,
            "case_id": case_id,
            "delivery_id": delivery_id,
            "transfer_id": transfer_id,
            "by": who.staff_id if isinstance(who, Actor) else None,
            "reason": reason,
        }
        for serial in serials
        for what, amount in changes
    ]
    if rows:
        session.flush()
        session.execute(insert(Movement), rows)
