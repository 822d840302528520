"""What happened at a branch in a month, counted; and what lies there made and not collected."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.rulebook.oversight import MovementKind, StockKind
from models.rulebook.vocabulary import CaseKind, CaseState, ItemState, RunState
from models.tables import Case, CaseItem, Examination, Movement, Notice, Run, Token
from models.tables.base import BEIJING

OLDEST = 30  # uncollected pieces that are named one by one
_ENDS = {CaseState.closed: "closed", CaseState.refused: "refused", CaseState.withdrawn: "withdrawn"}


@dataclass(frozen=True, slots=True)
class Worked:
    """Cases of one kind that were opened, and that ended, in a stretch of time."""

    opened: int = 0
    closed: int = 0
    refused: int = 0
    withdrawn: int = 0


@dataclass(frozen=True, slots=True)
class Reason:
    """Why papers were sent back or refused: the finding's words. "" where a person typed the reason."""

    notice: str  # "refusal" or "correction"
    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Uncollected:
    case_number: str
    serial: str
    days: int


def bounds(month: date) -> tuple[datetime, datetime]:
    """The first instant of a month at the counters, and that of the next one. `month`: its first day."""
    following = next_month(month)
    return datetime.combine(month, time.min, BEIJING), datetime.combine(following, time.min, BEIJING)


def next_month(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def worked(session: Session, branch_id: int, month: date) -> Mapping[CaseKind, Worked]:
    since, until = bounds(month)
    found: dict[CaseKind, dict[str, int]] = {}
    came = select(Case.kind, func.count()).where(Case.branch_id == branch_id, Case.opened_at >= since, Case.opened_at < until)
    for kind, count in session.execute(came.group_by(Case.kind)):
        found.setdefault(kind, {})["opened"] = count
    ended = select(Case.kind, Case.state, func.count()).where(
        Case.branch_id == branch_id, Case.closed_at >= since, Case.closed_at < until, Case.state.in_(_ENDS)
    )
    for kind, state, count in session.execute(ended.group_by(Case.kind, Case.state)):
        found.setdefault(kind, {})[_ENDS[state]] = count
    return {kind: Worked(**found[kind]) for kind in CaseKind if kind in found}


def moved(session: Session, branch_id: int, month: date) -> Mapping[StockKind, Mapping[MovementKind, int]]:
    """Pieces by why they came or went: + into the drawer, - out of it. By business days."""
    rows = session.execute(
        select(Movement.kind, Movement.what, func.sum(Movement.amount))
        .where(
            Movement.branch_id == branch_id,
            Movement.kind.in_(list(StockKind)),
            Movement.day >= month,
            Movement.day < next_month(month),
        )
        .group_by(Movement.kind, Movement.what)
    )
    found: dict[StockKind, dict[MovementKind, int]] = {kind: {} for kind in StockKind}
    for kind, what, amount in rows:
        found[kind][what] = amount
    return found


def reasons(session: Session, branch_id: int, since: datetime, until: datetime) -> Mapping[Reason, int]:
    """How many notices gave each reason; a notice that gives one twice counts once."""
    rows = session.execute(
        select(Notice.kind, Examination.answer)
        .join(Case, Notice.case_id == Case.id)
        .outerjoin(Examination, Notice.examination_id == Examination.id)
        .where(
            Case.branch_id == branch_id,
            Notice.kind.in_(["refusal", "correction"]),
            Notice.at >= since,
            Notice.at < until,
            Case.destroyed_at.is_(None),
        )
    )
    found: dict[Reason, int] = {}
    for kind, answer in rows:
        for reason in _reasons_of(kind, answer) or {Reason(kind, "", "", "")}:
            found[reason] = found.get(reason, 0) + 1
    return found


def uncollected(session: Session, branch_id: int, now: datetime) -> Sequence[Uncollected]:
    """Made and waiting for its holder, the longest first. `days`: whole days since it was made."""
    rows = session.execute(
        select(Case.number, Token.serial, CaseItem.state_since)
        .join(CaseItem, CaseItem.case_id == Case.id)
        .join(Run, (Run.item_id == CaseItem.id) & (Run.state == RunState.confirmed))
        .join(Token, Token.id == Run.token_id)
        .where(
            Case.branch_id == branch_id,
            Case.state.in_([CaseState.issuing, CaseState.awaiting_handover]),
            CaseItem.state == ItemState.made,
        )
        .order_by(CaseItem.state_since, CaseItem.id)
    )
    return [Uncollected(number, serial, (now - since).days) for number, serial, since in rows]


def _reasons_of(kind: str, answer: dict[str, Any] | None) -> set[Reason]:
    findings = (answer or {}).get("findings", [])
    return {Reason(kind, one["code"], one["message"]["zh"], one["message"]["en"]) for one in findings if one["level"] == "refuse"}
