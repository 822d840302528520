"""Sheets of the day and of the shift for tests, usual and worst."""

from dataclasses import replace
from typing import Any

from reports.day_sheet import DaySheet
from reports.drawer import CashRow, Note, Span, StockRow
from reports.shift_sheet import ShiftSheet
from tests.reports.samples import BRANCH, DAY, LONG_BRANCH

_BODY: dict[str, Any] = {
    "day": DAY,
    "state_zh": "已日结",
    "state_en": "Closed",
    "stock": (
        StockRow("期初", "Opening", "40", "120"),
        StockRow("领用", "Issued", "−2", "−3"),
        StockRow("结存", "Closing", "38", "117"),
        StockRow("实点", "Counted", "38", "117"),
        StockRow("差额", "Difference", "0", "0"),
    ),
    "cash": (CashRow("期初", "Opening", "500.00"), CashRow("收费", "Fees", "+540.00"), CashRow("结存", "Closing", "1040.00")),
    "spans": (
        Span("介质", "Token", "HD01-T00003", "HD01-T00040", 38),
        Span("密码信封", "PIN envelope", "HD01-E4", "HD01-E120", 117),
    ),
    "notes": (Note(10_000, 10), Note(1_000, 4)),
    **BRANCH,
}


def day_sheet(**changes: Any) -> DaySheet:
    people = {"counted_by": "1001 某晓红", "counted_at": "2026-11-21 17:30", "is_closed": True}
    signed = {"countersigned_by": "1009 某晓明", "countersigned_at": "2026-11-21 17:45"}
    return replace(DaySheet(number="HD01-C-20261121-1", **_BODY, **people, **signed), **changes)


def worst_day_sheet() -> DaySheet:
    """Every column, serials in pieces, long explanations: more than one page."""
    long = "盘点两遍，抽屉和柜底都没有，已询问当天的经办人。" * 8
    return day_sheet(
        stock=tuple(StockRow("次日起到盘点时", "Booked on later days before the count", "−12345", "+12345") for _ in range(15)),
        cash=tuple(CashRow("差额入账", "Difference booked", "−1234567.89") for _ in range(10)),
        spans=tuple(Span("密码信封", "PIN envelope", f"HD01-2026-0000-7A3F-0000-{n:012d}", "HD01-9", 1) for n in range(60)),
        beside=tuple(CashRow(f"减免 · HD01-20261121-{n:04d}", f"Waived, HD01-20261121-{n:04d}", "180.00") for n in range(25)),
        notes=tuple(Note(each, 99_999) for each in (10_000, 5_000, 2_000, 1_000, 500, 100, 50, 10, 7)),
        remarks=tuple((zh, "Remark", long[:200]) for zh in ("盘点人备注", "实物差额", "现金差额")),
        counted_by=("1001 " + "欧阳㛃䶮" * 15)[:50],
        countersigned_by=("1009 " + "某晓明" * 15)[:50],
        **LONG_BRANCH,
    )


def shift_sheet(**changes: Any) -> ShiftSheet:
    people = {
        "given_by": "1001 某晓红",
        "given_at": "2026-11-21 12:00",
        "taken_by": "1002 某晓明",
        "taken_at": "2026-11-21 12:05",
    }
    body = _BODY | {"state_zh": "已交接", "state_en": "Handed over"}
    return replace(ShiftSheet(number="HD01-K-2026-000001", **body, **people), **changes)


def worst_shift_sheet() -> ShiftSheet:
    """Not yet taken over, every row twice over, nothing in the drawer, a long reason."""
    long = (("未接的原因", "Why it was declined", "点数不对。" * 40),)
    return shift_sheet(
        stock=_BODY["stock"] * 6, cash=_BODY["cash"] * 4, spans=(), notes=(), taken_at="", remarks=long, **LONG_BRANCH
    )
