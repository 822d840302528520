"""Print the sheet of a day or of a shift handover. Equal bytes at every reprint."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from app.services.errors import Absent
from app.services.guard import allow
from app.services.paper_words import Both
from app.services.print_notice import PrintedPaper, printed
from app.services.world import BEIJING, World
from models.rulebook.day_sheet import COLUMNS, CashLine, DaySheet, StockLine, read_sheet
from models.rulebook.oversight import DayState, MovementKind, ShiftState, StockKind
from models.rulebook.permissions import Actor, Permission, Subject
from models.rulebook.vocabulary import PaymentMethod
from models.tables import Branch, DayClose, ShiftHandover, Staff
from models.worklists.day import CLOSED
from reports import day_sheet, shift_sheet
from reports.drawer import CashRow, Moved, Note, Span, StockRow

_KINDS: Mapping[StockKind, Both] = {StockKind.token: ("介质", "Token"), StockKind.envelope: ("密码信封", "PIN envelope")}
_MOVED: Mapping[MovementKind, Both] = {
    MovementKind.received: ("到货入库", "Received"),
    MovementKind.arrived: ("调入", "Arrived from another branch"),
    MovementKind.found: ("找回", "Found again"),
    MovementKind.sent: ("调出", "Sent to another branch"),
    MovementKind.issued: ("领用", "Issued"),
    MovementKind.spoiled: ("作废", "Spoiled"),
    MovementKind.returned: ("退回供应商", "Returned to the supplier"),
    MovementKind.lost: ("盘亏", "Missing"),
}
_METHODS: Mapping[PaymentMethod, Both] = {
    PaymentMethod.cash: ("现金", "Cash"),
    PaymentMethod.card: ("刷卡", "Card"),
    PaymentMethod.transfer: ("转账", "Transfer"),
}
_STATES: Mapping[DayState | ShiftState, Both] = {
    DayState.counted: ("已盘点，待主管签", "Counted, not countersigned"),
    DayState.closed: ("已日结", "Closed"),
    DayState.recounted: ("作废，已重盘", "Void, counted again"),
    ShiftState.offered: ("待接班人确认", "Waits for the other clerk"),
    ShiftState.accepted: ("已交接", "Handed over"),
    ShiftState.declined: ("未接", "Declined"),
}


def print_day(world: World, actor: Actor, day_id: int, permission: Permission) -> PrintedPaper:
    """`permission`: count_stock at the counters, supervise in supervision. Raises Absent for another branch's."""
    with world.reading() as session:
        day = session.get(DayClose, day_id)
        if day is None:
            raise Absent()
        allow(permission, actor, Subject(day.branch_id))
        facts = _facts(day.number, day.day, day.branch, day.state, read_sheet(day.sheet), day.counted)
        facts |= {
            "remarks": _remarks(day.counted, day.sheet),
            "counted_by": _name(day.counter),
            "counted_at": _time(day.counted_at),
            "is_closed": day.state in CLOSED,
            "countersigned_by": _name(day.countersigner),
            "countersigned_at": _time(day.countersigned_at),
        }
        number = day.number
    return printed(number, lambda: day_sheet.render(day_sheet.DaySheet(**facts)))


def print_shift(world: World, actor: Actor, shift_id: int) -> PrintedPaper:
    """Raises Absent for another branch's."""
    with world.reading() as session:
        shift = session.get(ShiftHandover, shift_id)
        if shift is None:
            raise Absent()
        allow(Permission.count_stock, actor, Subject(shift.branch_id))
        facts = _facts(shift.number, shift.day, shift.branch, shift.state, read_sheet(shift.sheet), shift.counted)
        facts |= {
            "remarks": _remarks(shift.counted, shift.sheet),
            "given_by": _name(shift.giver),
            "given_at": _time(shift.given_at),
            "taken_by": _name(shift.taker),
            "taken_at": _time(shift.taken_at),
        }
        number = shift.number
    return printed(number, lambda: shift_sheet.render(shift_sheet.ShiftSheet(**facts)))


def _facts(
    number: str, day: date, branch: Branch, state: DayState | ShiftState, sheet: DaySheet, counted: Mapping[str, Any]
) -> dict[str, Any]:
    zh, en = _STATES[state]
    notes = [Note(int(each), pieces) for each, pieces in counted.get("notes", {}).items()]
    return {
        "number": number,
        "day": day,
        "branch_name_zh": branch.name_zh,
        "branch_name_en": branch.name_en,
        "branch_address": branch.address,
        "branch_telephone": branch.telephone,
        "state_zh": zh,
        "state_en": en,
        "stock": _stock_rows(*sheet.stock),
        "cash": _cash_rows(sheet.cash),
        "spans": tuple(Span(*_KINDS[line.kind], *span) for line in sheet.stock for span in line.ranges),
        "moved": tuple(
            Moved(*_MOVED[column], *_KINDS[line.kind], *span)
            for line in sheet.stock
            for column, spans in line.named.items()
            for span in spans
        ),
        "beside": _beside(sheet),
        "notes": (*notes, Note(counted["other_fen"], 1)) if counted.get("other_fen") else tuple(notes),
    }


def _stock_rows(tokens: StockLine, envelopes: StockLine) -> tuple[StockRow, ...]:
    both = (tokens, envelopes)
    rows = [StockRow("期初", "Opening", *(str(line.opening) for line in both))]
    for column in COLUMNS:
        if column in tokens.moved or column in envelopes.moved:
            rows.append(StockRow(*_MOVED[column], *(_signed(line.moved.get(column, 0)) for line in both)))
    rows.append(StockRow("结存", "Closing", *(str(line.closing) for line in both)))
    if tokens.later or envelopes.later:
        rows.append(StockRow("次日起到盘点时", "Booked on later days before the count", *(_signed(line.later) for line in both)))
        rows.append(StockRow("盘点时应有", "To be there when counted", *(str(line.expected) for line in both)))
    if tokens.counted is not None:
        rows.append(StockRow("实点", "Counted", *(str(line.counted) for line in both)))
        rows.append(StockRow("差额", "Difference", *(_signed(line.difference) or "0" for line in both)))
    return tuple(rows)


def _cash_rows(line: CashLine) -> tuple[CashRow, ...]:
    booked = (
        ("收费", "Fees", line.receipts),
        ("放入备用金", "Change put in", line.float_in),
        ("退款", "Refunds", -line.refunds),
        ("解款", "Banked", -line.banked),
        ("差额入账", "Difference booked", line.difference_booked),
    )
    rows = [CashRow("期初", "Opening", _yuan(line.opening))]
    rows += [CashRow(zh, en, _yuan(fen, sign=True)) for zh, en, fen in booked if fen]
    rows.append(CashRow("结存", "Closing", _yuan(line.closing)))
    if line.later:
        rows.append(CashRow("次日起到盘点时", "Booked on later days before the count", _yuan(line.later, sign=True)))
        rows.append(CashRow("盘点时应有", "To be there when counted", _yuan(line.expected)))
    if line.counted is not None:
        rows.append(CashRow("实点", "Counted", _yuan(line.counted)))
        rows.append(CashRow("差额", "Difference", _yuan(line.difference, sign=True)))
    return tuple(rows)


def _beside(sheet: DaySheet) -> tuple[CashRow, ...]:
    rows = [CashRow(f"收费 · {_METHODS[how][0]}", f"Fees, {_METHODS[how][1]}", _yuan(fen)) for how, fen in sheet.taken.items()]
    rows += [
        CashRow(f"退款 · {_METHODS[how][0]}", f"Refunds, {_METHODS[how][1]}", _yuan(-fen)) for how, fen in sheet.repaid.items()
    ]
    return (*rows, *(CashRow(f"减免 · {number}", f"Waived, {number}", _yuan(fen)) for number, fen in sheet.waived))


def _remarks(counted: Mapping[str, Any], sheet: Mapping[str, Any]) -> tuple[tuple[str, str, str], ...]:
    said = (
        ("盘点人备注", "Remark", counted.get("remark")),
        ("随此号一并日结", "Closed with", counted.get("with")),
        ("实物差额", "Pieces", sheet.get("reason")),
        ("现金差额", "Cash", sheet.get("cash_reason")),
        ("未接的原因", "Why it was declined", sheet.get("declined")),
    )
    return tuple((zh, en, text) for zh, en, text in said if text)


def _signed(pieces: int) -> str:
    return f"{pieces:+d}".replace("-", "−") if pieces else ""


def _yuan(fen: int, sign: bool = False) -> str:
    return (f"{fen / 100:+.2f}" if sign and fen else f"{fen / 100:.2f}").replace("-", "−")


def _name(staff: Staff | None) -> str:
    return staff.called if staff is not None else ""


def _time(at: datetime | None) -> str:
    return at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M") if at is not None else ""
