"""What must hold of everything that a supervisor allows: two people, used once, and no more paid back than was taken."""

from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.rulebook.oversight import ExceptionKind, ExceptionState, MoneyKind
from models.tables import ExceptionRequest, MoneyEntry, Receipt

OF_EXCEPTIONS = {ExceptionKind.fee_waiver: MoneyKind.waiver, ExceptionKind.refund: MoneyKind.refund}


def exception_violations(session: Session) -> Iterable[str]:
    for one in session.scalars(select(ExceptionRequest)):
        entries = session.scalars(select(MoneyEntry).where(MoneyEntry.exception_id == one.id)).all()
        used = one.state is ExceptionState.used
        if len(entries) != (used and one.kind in OF_EXCEPTIONS):
            yield f"exception {one.number} is {one.state} and has {len(entries)} entries"
        if one.state in {ExceptionState.granted, ExceptionState.used} and one.decided_by in {None, one.asked_by}:
            yield f"exception {one.number} is {one.state}, allowed by {one.decided_by}, asked by {one.asked_by}"
        if used != (one.used_at is not None):
            yield f"exception {one.number} is {one.state}, used at {one.used_at}"
        for entry in entries:
            yield from _entry(one, entry)
    for entry in session.scalars(select(MoneyEntry).where(MoneyEntry.kind.in_(OF_EXCEPTIONS.values()))):
        if entry.exception_id is None:
            yield f"entry {entry.number} is a {entry.kind} that nobody allowed"
    paid_back = select(MoneyEntry.receipt_id, func.sum(MoneyEntry.amount_fen)).where(MoneyEntry.receipt_id.is_not(None))
    for receipt_id, fen in session.execute(paid_back.group_by(MoneyEntry.receipt_id)):
        receipt = session.get_one(Receipt, receipt_id)
        if fen > receipt.amount_fen:
            yield f"receipt {receipt.number} over {receipt.amount_fen} fen: {fen} fen were paid back"


def _entry(one: ExceptionRequest, entry: MoneyEntry) -> Iterable[str]:
    asked_fen = one.content["amount_fen"] if one.case.destroyed_at is None else entry.amount_fen
    if entry.kind is not OF_EXCEPTIONS.get(one.kind) or entry.amount_fen != asked_fen:
        yield f"entry {entry.number} is a {entry.kind} of {entry.amount_fen} fen, exception {one.number} is another"
    if entry.case_id != one.case_id or entry.branch_id != one.branch_id:
        yield f"entry {entry.number} and exception {one.number} are of two cases"
    if entry.kind is MoneyKind.refund and entry.by == one.decided_by:
        yield f"entry {entry.number} was paid out by whoever allowed it"
