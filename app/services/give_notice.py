"""Numbered papers that a case gives out, and the examination they rest on: kept for ever as they were."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from app.services.numbering import next_number
from app.services.world import BEIJING
from models.rulebook.permissions import Actor
from models.tables import Case, Examination, Notice


class NoticeKind(StrEnum):
    acceptance = "acceptance"  # 受理回执
    correction = "correction"  # 一次性补正告知单
    refusal = "refusal"  # 不予受理告知单
    status = "status"  # 证书状态变更回执
    binding = "binding"  # 平台绑定办理单
    relay = "relay"  # 平台账号重置转办单
    waiver = "waiver"  # 费用减免单
    refund = "refund"  # 退款单
    record = "record"  # 记录更正单


_LETTER = {
    NoticeKind.acceptance: "S",
    NoticeKind.correction: "B",
    NoticeKind.refusal: "X",
    NoticeKind.status: "Z",
    NoticeKind.binding: "P",
    NoticeKind.relay: "L",
    NoticeKind.waiver: "J",
    NoticeKind.refund: "K",
    NoticeKind.record: "G",
}


def keep_examination(
    session: Session, at: datetime, actor: Actor, case: Case, question: dict[str, Any], answer: dict[str, Any]
) -> Examination:
    examination = Examination(case_id=case.id, at=at, by=actor.staff_id, question=question, answer=answer)
    session.add(examination)
    session.flush()
    return examination


def give_notice(
    session: Session,
    at: datetime,
    actor: Actor,
    case: Case,
    kind: NoticeKind,
    content: dict[str, Any],
    examination: Examination | None = None,
) -> Notice:
    """A paper numbered within its branch, kind and year: HD01-B-2026-000001. `content`: what `paper_facts` put down."""
    series = f"{case.branch.code}-{_LETTER[kind]}-{at.astimezone(BEIJING).year}"
    notice = Notice(
        number=f"{series}-{next_number(session, series):06d}",
        case_id=case.id,
        kind=kind.value,
        at=at,
        by=actor.staff_id,
        examination_id=examination.id if examination is not None else None,
        content=content,
    )
    session.add(notice)
    session.flush()
    return notice
