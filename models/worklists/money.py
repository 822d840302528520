"""The money of one branch and day: what was taken, paid back, waived, put into the drawer and taken out of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from models.rulebook.oversight import MoneyKind
from models.rulebook.vocabulary import PaymentMethod
from models.tables import Case, MoneyEntry, Receipt

MOST_LISTED = 500  # of each kind; the sums are of all


@dataclass(frozen=True)
class MoneyOfDay:
    """Whole fen. `taken` and `refunded` by method; `entries` sums by kind, refunds among them."""

    day: date
    taken: Mapping[PaymentMethod, int]
    refunded: Mapping[PaymentMethod, int]
    entries: Mapping[MoneyKind, int]
    receipts: Sequence[Receipt]
    booked: Sequence[MoneyEntry]

    @property
    def taken_fen(self) -> int:
        return sum(self.taken.values())

    @property
    def refunded_fen(self) -> int:
        return sum(self.refunded.values())

    def of(self, kind: MoneyKind) -> int:
        return self.entries.get(kind, 0)

    @property
    def is_cut(self) -> bool:
        """Whether more was booked than is listed."""
        return max(len(self.receipts), len(self.booked)) == MOST_LISTED


def money_of_day(session: Session, branch_id: int, day: date) -> MoneyOfDay:
    """By the branch's business day, which after its close is the next."""
    of_receipts, of_entries = (
        (Receipt.branch_id == branch_id, Receipt.day == day),
        (
            MoneyEntry.branch_id == branch_id,
            MoneyEntry.day == day,
        ),
    )
    sums = session.execute(
        select(MoneyEntry.kind, MoneyEntry.method, func.sum(MoneyEntry.amount_fen))
        .where(*of_entries)
        .group_by(MoneyEntry.kind, MoneyEntry.method)
    ).all()
    entries: dict[MoneyKind, int] = {}
    for kind, _, fen in sums:
        entries[kind] = entries.get(kind, 0) + fen
    taken = session.execute(select(Receipt.method, func.sum(Receipt.amount_fen)).where(*of_receipts).group_by(Receipt.method))
    return MoneyOfDay(
        day,
        dict(taken.all()),
        {method: fen for kind, method, fen in sums if kind is MoneyKind.refund and method is not None},
        entries,
        session.scalars(
            select(Receipt)
            .where(*of_receipts)
            .order_by(Receipt.id.desc())
            .limit(MOST_LISTED)
            .options(joinedload(Receipt.case).joinedload(Case.applicant), joinedload(Receipt.cashier))
        ).all(),
        session.scalars(
            select(MoneyEntry)
            .where(*of_entries)
            .order_by(MoneyEntry.id.desc())
            .limit(MOST_LISTED)
            .options(joinedload(MoneyEntry.case).joinedload(Case.applicant), joinedload(MoneyEntry.cashier))
        ).all(),
    )
