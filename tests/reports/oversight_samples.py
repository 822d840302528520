"""The papers of retention and the period report, in their everyday and their worst form."""

from datetime import date
from typing import Any

from reports.destruction_record import DestroyedRecord, DestructionRecord
from reports.period_report import PeriodReport, Section
from reports.table import Cell, Column

_DAY = date(2026, 11, 23)
_LONG = "样例北京政务服务电子认证业务档案保存期满依规销毁"


def _record(number: int, **changes: Any) -> DestroyedRecord:
    facts: dict[str, Any] = {
        "case_number": f"HD01-20201118-{number:04d}",
        "kind_zh": "补办（遗失）",
        "kind_en": "Replacement (lost)",
        "closed_on": date(2020, 11, 18),
        "kept_until": date(2025, 11, 18),
        "scans": number % 7,
        "trace": number,
        "digest": f"{number:016x}",
    }
    return DestroyedRecord(**facts | changes)


def destruction_record(**changes: Any) -> DestructionRecord:
    spared = {"trace": 0, "digest": "", "spared": True, "kept_until": None}
    facts: dict[str, Any] = {
        "number": "HD01-DL-2026-000001",
        "branch_name_zh": "样例海淀网点",
        "branch_name_en": "Sample Branch Haidian",
        "reason": "保存期满",
        "digest": "8a0cfdec78e41286b2c09e43c684379d" * 2,
        "proposer": "样例甲",
        "proposed_on": _DAY,
        "first": "样例乙",
        "first_on": _DAY,
        "second": "样例丙",
        "second_on": _DAY,
        "destroyed_on": _DAY,
        "chain": "2988d55e9082e42f0b4d68b1aa218106" * 2,
        "records": (_record(1), _record(2), _record(3, **spared)),
    }
    return DestructionRecord(**facts | changes)


def worst_destruction_record() -> DestructionRecord:
    return destruction_record(
        reason=_LONG * 8,
        proposer="样例古丽巴哈尔买买提江",
        first=_LONG,
        second=_LONG,
        records=tuple(_record(number) for number in range(1, 121)),
    )


def period_report(**changes: Any) -> PeriodReport:
    columns = (Column("月份", "Month", 1), Column("业务类型", "Case kind", 2), Column("件数", "Cases", 1, "right"))
    rows = (("2026-10", Cell("新办", "New application"), "12"),)
    facts: dict[str, Any] = {
        "period": "2026-10 – 2026-11",
        "scope_zh": "样例海淀网点",
        "scope_en": "Sample Branch Haidian",
        "made_on": _DAY,
        "made_by": "样例主管",
        "sections": (
            Section("业务量", "Cases", columns, rows, "按办结月计。", "By months."),
            Section("未领介质", "Uncollected tokens", columns),
        ),
    }
    return PeriodReport(**facts | changes)


def worst_period_report() -> PeriodReport:
    columns = (Column("月份", "Month", 1), *(Column(f"第 {n} 列", f"Column {n}", 1, "right") for n in range(10)))
    rows = tuple((f"2026-{month:02d}", *("199999",) * 10) for month in range(1, 13)) * 4
    section = Section(_LONG, "Records whose time is over", columns, rows, _LONG * 6, "How it was counted, at some length. " * 9)
    return period_report(scope_zh=_LONG * 2, made_by=_LONG, sections=(section, section))
