"""Money beside the receipts: an entry with its number, on the branch's business day, and its line in the journal. Never changed."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.services.business_day import business_day
from app.services.numbering import next_number
from app.services.road import write_line
from app.services.world import BEIJING
from models.rulebook.oversight import MoneyKind
from models.rulebook.permissions import Actor
from models.rulebook.vocabulary import PaymentMethod
from models.tables import Branch, Case, ExceptionRequest, MoneyEntry, Receipt


def book_money(
    session: Session,
    at: datetime,
    actor: Actor,
    branch: Branch,
    kind: MoneyKind,
    amount_fen: int,
    *,
    method: PaymentMethod | None = None,
    reference: str = "",
    case: Case | None = None,
    receipt: Receipt | None = None,
    exception: ExceptionRequest | None = None,
    reason: str = "",
) -> MoneyEntry:
    """`amount_fen` is positive; of a `difference` alone it may be negative. `method` is None where no money moved."""
    today = at.astimezone(BEIJING).date()
    series = f"{branch.code}-M-{today.year}"
    entry = MoneyEntry(
        number=f"{series}-{next_number(session, series):06d}",
        kind=kind,
        branch_id=branch.id,
        day=business_day(session, branch.id, today),
        amount_fen=amount_fen,
        method=method,
        reference=reference,
        case_id=case.id if case is not None else None,
        receipt_id=receipt.id if receipt is not None else None,
        exception_id=exception.id if exception is not None else None,
        reason=reason,
        by=actor.staff_id,
        at=at,
    )
    session.add(entry)
    told = {"number": entry.number, "yuan": f"{amount_fen / 100:.2f}", "reason": reason}
    told |= {"method": method.value} if method is not None else {}
    write_line(session, at, actor, entry, kind.value, case_id=entry.case_id, branch_id=branch.id, **told)
    return entry
