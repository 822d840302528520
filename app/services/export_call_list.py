"""The renewal call list as a file for spreadsheets. It leaves the office, so the journal says who took it."""

import csv
import io
from dataclasses import dataclass

from app.services.call_list import CallRow, Window, record_leaving, whole_list
from app.services.paper_words import both
from app.services.spreadsheet import BOM, safe_cell
from app.services.world import World
from models.rulebook.permissions import Actor

_HEADS = {
    "zh": ("最后有效日", "剩余天数", "申请单位", "信用代码", "联系人", "手机（部分隐去）", "介质号", "证书序列号", "证书状态", "案件号", "请带"),
    "en": (
        "Last valid day",
        "Days left",
        "Applicant",
        "Credit code",
        "Contact",
        "Mobile (masked)",
        "Token",
        "Certificate",
        "Certificate status",
        "Case",
        "To bring",
    ),
}  # fmt: skip
_NAMES = {
    Window.week: "到期名单_7天",
    Window.month: "到期名单_30天",
    Window.quarter: "到期名单_90天",
    Window.lapsed: "过期名单",
}


@dataclass(frozen=True, slots=True)
class ExportedList:
    """`plain_name`: for programs that read no Chinese. `is_cut`: there are more rows than such a file holds."""

    file_name: str
    plain_name: str
    content: bytes
    rows: int
    is_cut: bool


def export_call_list(world: World, actor: Actor, window: Window, language: str = "zh") -> ExportedList:
    """UTF-8 with a byte-order mark, at most MOST_ROWS rows; `language`: "zh" or "en", of heads and words.

    Raises Forbidden, and Absent for whoever belongs to no branch. The journal's line is committed before the file is given.
    """
    with world.reading() as session:
        branch, listed = whole_list(session, world, actor, window)
        content = _table([_HEADS[language], *(_cells(row, language) for row in listed.rows)])
    record_leaving(world, actor, "export_call_list", window, len(listed.rows))
    day = world.today().strftime("%Y%m%d")
    return ExportedList(
        file_name=f"{_NAMES[window]}_{branch.code}_{day}.csv",
        plain_name=f"renewals-{window.value}-{branch.code}-{day}.csv",
        content=content,
        rows=len(listed.rows),
        is_cut=listed.is_cut,
    )


def _cells(row: CallRow, language: str) -> tuple[str, ...]:
    certificate = row.certificate
    status_zh, status_en = both(certificate.status)
    bring = " ".join(line.en if language == "en" else line.zh for line in row.bringing.lines)
    texts = (
        certificate.subject_name,
        certificate.credit_code,
        row.contact,
        row.mobile,
        certificate.token.serial,
        certificate.serial,
        status_en if language == "en" else status_zh,
        certificate.item.case.number,
        bring,
    )
    return row.last_day.isoformat(), str(row.days_left), *(safe_cell(text) for text in texts)


def _table(rows: list[tuple[str, ...]]) -> bytes:
    """As RFC 4180 has it: every cell quoted, lines ended by CR LF."""
    file = io.StringIO()
    csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(rows)
    return (BOM + file.getvalue()).encode()
