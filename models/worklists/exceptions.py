"""What supervisors allow besides grants: requests that wait, those of a case, what may be asked for now, what is left of a receipt."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, select, true
from sqlalchemy.orm import Session, joinedload

from models.rulebook.oversight import ExceptionKind, ExceptionState, MoneyKind
from models.rulebook.oversight_workflow import EXCEPTION_OPEN
from models.rulebook.vocabulary import CaseAction
from models.rulebook.workflow import CASE, CASE_EDITABLE, open_actions
from models.tables import Case, ExceptionRequest, MoneyEntry, Notice, Receipt
from models.worklists.issuance import Page, keyset_of

MOST_DECIDED = 10  # shown beside the queue


def exceptions_in(branch_id: int | None, *states: ExceptionState) -> Select[tuple[ExceptionRequest]]:
    """Requests in these states at a branch; None: at every branch."""
    here = true() if branch_id is None else ExceptionRequest.branch_id == branch_id
    return select(ExceptionRequest).where(here, ExceptionRequest.state.in_(states))


def exceptions_to_decide(branch_id: int | None) -> Select[tuple[ExceptionRequest]]:
    return exceptions_in(branch_id, ExceptionState.asked)


def exceptions_granted(branch_id: int | None) -> Select[tuple[ExceptionRequest]]:
    """Allowed, and a clerk has yet to use it: money to pay out, an applicant to accept."""
    return exceptions_in(branch_id, ExceptionState.granted)


def exceptions_expired(now: datetime) -> Select[tuple[int]]:
    """Ids of those that nobody decided, or used, in time."""
    return select(ExceptionRequest.id).where(
        ExceptionRequest.state.in_(tuple(EXCEPTION_OPEN)), ExceptionRequest.expires_at <= now
    )


def open_exceptions(session: Session, branch_id: int, before: int | None = None, after: int | None = None) -> Page:
    """The branch's requests that are not final, the oldest first."""
    return keyset_of(session, ExceptionRequest.id, exceptions_in(branch_id, *EXCEPTION_OPEN).options(*_TOLD), before, after)


def decided_exceptions(session: Session, branch_id: int) -> Sequence[ExceptionRequest]:
    """The newest that are final: state by state, each from the end of the index, at the same cost in a branch of any age."""
    found = [
        one
        for state in frozenset(ExceptionState) - EXCEPTION_OPEN
        for one in session.scalars(
            exceptions_in(branch_id, state).order_by(ExceptionRequest.id.desc()).limit(MOST_DECIDED).options(*_TOLD)
        )
    ]
    return sorted(found, key=lambda one: one.id, reverse=True)[:MOST_DECIDED]


def exceptions_of(session: Session, case_id: int) -> Sequence[ExceptionRequest]:
    """All that was asked for a case, the newest first."""
    return session.scalars(
        select(ExceptionRequest).where(ExceptionRequest.case_id == case_id).order_by(ExceptionRequest.id.desc()).options(*_TOLD)
    ).all()


def receipt_of_case(session: Session, case_id: int) -> Receipt | None:
    return session.scalar(select(Receipt).where(Receipt.case_id == case_id))


def refunded_fen(session: Session, receipt: Receipt) -> int:
    """What was paid back of a receipt so far."""
    paid_back = select(func.sum(MoneyEntry.amount_fen)).where(
        MoneyEntry.receipt_id == receipt.id, MoneyEntry.kind == MoneyKind.refund
    )
    return session.scalar(paid_back) or 0


def left_of(session: Session, receipt: Receipt) -> int:
    """Whole fen that can still be paid back."""
    return receipt.amount_fen - refunded_fen(session, receipt)


def entries_of(session: Session, case_id: int) -> Sequence[MoneyEntry]:
    """Refunds and waivers of a case, in their order."""
    return session.scalars(select(MoneyEntry).where(MoneyEntry.case_id == case_id).order_by(MoneyEntry.id)).all()


def was_charged(session: Session, case_id: int) -> bool:
    """Whether the case's fee was taken, or waived: it is due once."""
    waived = select(MoneyEntry.id).where(MoneyEntry.case_id == case_id, MoneyEntry.kind == MoneyKind.waiver)
    return receipt_of_case(session, case_id) is not None or session.scalar(waived) is not None


@dataclass(frozen=True)
class Askable:
    """What may be asked for a case now: of the possible `kinds` those for which no request waits. An admission is the intake's affair:
    it depends on what the papers say."""

    kinds: frozenset[ExceptionKind]
    waiting: frozenset[ExceptionKind]
    receipt: Receipt | None
    left_fen: int

    @property
    def ways(self) -> tuple[ExceptionKind, ...]:
        """What may be asked for now, in the order of the list."""
        return tuple(kind for kind in ExceptionKind if kind in self.kinds - self.waiting)


def askable(session: Session, case: Case) -> Askable:
    receipt = receipt_of_case(session, case.id)
    left = left_of(session, receipt) if receipt is not None else 0
    kinds = set()
    if CaseAction.settle in open_actions(CASE, case.state) and case.fee_total_fen and receipt is None:
        kinds.add(ExceptionKind.fee_waiver)
    if left > 0:
        kinds.add(ExceptionKind.refund)
    if case.applicant_id is not None and case.state not in CASE_EDITABLE and _has_papers(session, case):
        kinds.add(ExceptionKind.correction)
    return Askable(frozenset(kinds), frozenset(session.scalars(_open_of(case.id, ExceptionRequest.kind))), receipt, left)


def _open_of(case_id: int, *columns: Any) -> Select[Any]:
    return select(*columns).where(ExceptionRequest.case_id == case_id, ExceptionRequest.state.in_(tuple(EXCEPTION_OPEN)))


def open_exceptions_of(session: Session, case_id: int, kinds: Collection[ExceptionKind]) -> Sequence[ExceptionRequest]:
    """Those of these kinds that are not final, held against others."""
    return session.scalars(
        _open_of(case_id, ExceptionRequest).where(ExceptionRequest.kind.in_(tuple(kinds))).with_for_update()
    ).all()


def standing_admission(session: Session, case_id: int, now: datetime) -> ExceptionRequest | None:
    """The admission that a case was given, unless it ran out before any paper rested on it."""
    return session.scalar(
        select(ExceptionRequest)
        .where(
            ExceptionRequest.case_id == case_id,
            ExceptionRequest.kind == ExceptionKind.admission,
            or_(
                ExceptionRequest.state == ExceptionState.used,
                and_(ExceptionRequest.state == ExceptionState.granted, ExceptionRequest.expires_at > now),
            ),
        )
        .order_by(ExceptionRequest.id.desc())
        .limit(1)
    )


def _has_papers(session: Session, case: Case) -> bool:
    return session.scalar(select(Notice.id).where(Notice.case_id == case.id).limit(1)) is not None


_TOLD: tuple[Any, ...] = (
    joinedload(ExceptionRequest.case).joinedload(Case.applicant),
    joinedload(ExceptionRequest.asker),
    joinedload(ExceptionRequest.decider),
)
