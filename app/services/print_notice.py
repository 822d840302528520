"""Print a numbered paper of a case. Equal bytes at every reprint, but for what a platform or an authority has answered since."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.services.case_at_hand import case_at_hand
from app.services.errors import Absent, Unavailable
from app.services.give_notice import NoticeKind
from app.services.platform_paper_facts import said_since
from app.services.world import BEIJING, World
from models.rulebook.permissions import Actor, Permission
from models.tables import Notice
from reports import (
    acceptance_slip,
    binding_slip,
    correction_notice,
    correction_slip,
    refund_slip,
    refusal_notice,
    relay_slip,
    status_receipt,
    waiver_slip,
)
from reports.faults import PaperFault


@dataclass(frozen=True, slots=True)
class PrintedPaper:
    file_name: str
    pdf: bytes


def print_notice(world: World, actor: Actor, notice_id: int) -> PrintedPaper:
    """Raises Absent for another branch's."""
    with world.reading() as session:
        notice = session.get(Notice, notice_id)
        if notice is None:
            raise Absent()
        case_at_hand(session, actor, Permission.read_case, notice.case_id)
        kind, number, content = NoticeKind(notice.kind), notice.number, {**notice.content, **said_since(session, notice)}
        day = notice.at.astimezone(BEIJING).date()
    return printed(number, lambda: _PRINTERS[kind](number, day, content))


def printed(number: str, render: Callable[[], bytes]) -> PrintedPaper:
    """Raises Unavailable where no installed font has a character of somebody's name: no paper is printed with a hole in it."""
    try:
        return PrintedPaper(f"{number}.pdf", render())
    except PaperFault:
        raise Unavailable("paper_unprintable") from None


def _acceptance(number: str, day: date, content: Mapping[str, Any]) -> bytes:
    facts = dict(content)
    facts["case_kind_zh"], facts["case_kind_en"] = facts.pop("case_kind")
    facts["uses"] = tuple((zh, en) for zh, en in facts["uses"])
    facts["fees_fen"] = tuple(facts["fees_fen"])
    facts["next_steps"] = tuple((zh, en) for zh, en in facts.get("next_steps", ()))
    facts["sets"] = tuple(
        acceptance_slip.ReceivedSet(
            number=papers["number"],
            papers=tuple((zh, en) for zh, en in papers["papers"]),
            label=papers["label"],
        )
        for papers in facts["sets"]
    )
    return acceptance_slip.render(acceptance_slip.AcceptanceSlip(number=number, accepted_on=day, **facts))


def _correction(number: str, day: date, content: Mapping[str, Any]) -> bytes:
    facts = dict(content)
    facts["groups"] = tuple(
        correction_notice.DefectGroup(
            set_number=group["set_number"],
            set_label=group["set_label"],
            defects=tuple(correction_notice.Defect(**defect) for defect in group["defects"]),
        )
        for group in facts["groups"]
    )
    facts["advice"] = tuple(correction_notice.Defect(**defect) for defect in facts["advice"])
    return correction_notice.render(correction_notice.CorrectionNotice(number=number, issued_on=day, **facts))


def _refusal(number: str, day: date, content: Mapping[str, Any]) -> bytes:
    facts = dict(content)
    for field in ("reasons", "remedies"):
        facts[field] = tuple((zh, en) for zh, en in facts[field])
    return refusal_notice.render(refusal_notice.RefusalNotice(number=number, issued_on=day, **facts))


def _status(number: str, day: date, content: Mapping[str, Any]) -> bytes:
    facts = dict(content)
    facts["valid_until"], facts["issued_on"] = (date.fromisoformat(facts.pop(field)) for field in ("valid_until", "at_day"))
    return status_receipt.render(status_receipt.StatusReceipt(number=number, **facts))


def _binding(number: str, day: date, content: Mapping[str, Any]) -> bytes:
    days = {
        "at_day": "issued_on",
        "bound_since": "bound_since",
        "chosen_until": "chosen_until",
        "acknowledged_on": "acknowledged_on",
    }
    return binding_slip.render(binding_slip.BindingSlip(number=number, **_with_days(content, days)))


def _relay(number: str, day: date, content: Mapping[str, Any]) -> bytes:
    days = {"at_day": "issued_on", "answered_on": "answered_on"}
    return relay_slip.render(relay_slip.RelaySlip(number=number, **_with_days(content, days)))


def _waiver(number: str, day: date, content: Mapping[str, Any]) -> bytes:
    return waiver_slip.render(waiver_slip.WaiverSlip(number=number, issued_on=day, **content))


def _refund(number: str, day: date, content: Mapping[str, Any]) -> bytes:
    return refund_slip.render(refund_slip.RefundSlip(number=number, issued_on=day, **content))


def _record(number: str, day: date, content: Mapping[str, Any]) -> bytes:
    return correction_slip.render(correction_slip.CorrectionSlip(number=number, issued_on=day, **content))


def _with_days(content: Mapping[str, Any], days: Mapping[str, str]) -> dict[str, Any]:
    """The content with its ISO dates read. `days`: key of the content → field of the paper."""
    facts = {key: value for key, value in content.items() if key not in days}
    for key, field in days.items():
        if key in content:
            facts[field] = date.fromisoformat(content[key]) if content[key] is not None else None
    return facts


_PRINTERS: Mapping[NoticeKind, Callable[[str, date, Mapping[str, Any]], bytes]] = {
    NoticeKind.acceptance: _acceptance,
    NoticeKind.correction: _correction,
    NoticeKind.refusal: _refusal,
    NoticeKind.status: _status,
    NoticeKind.binding: _binding,
    NoticeKind.relay: _relay,
    NoticeKind.waiver: _waiver,
    NoticeKind.refund: _refund,
    NoticeKind.record: _record,
}
