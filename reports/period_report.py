"""The period report (期间报表): a branch's work month by month, one table a question."""

from dataclasses import dataclass
from datetime import date

from reports.blocks import facts, heading, paragraph
from reports.facts import Facts, day_en, day_zh
from reports.flow import Block, Head, lay_out, space
from reports.paper import MM, alone
from reports.table import Cell, Column, table


@dataclass(frozen=True)
class Section(Facts):
    """One table. No rows: it says that there was nothing. `note`: how it was counted."""

    title_zh: str
    title_en: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell | str, ...], ...] = ()
    note_zh: str = ""
    note_en: str = ""


@dataclass(frozen=True)
class PeriodReport(Facts):
    """`scope`: the branch, or all of them. `period`: "2026-01 – 2026-03"."""

    period: str
    scope_zh: str
    scope_en: str
    made_on: date
    made_by: str
    sections: tuple[Section, ...]


@alone
def render(data: PeriodReport) -> bytes:
    head = Head("期间报表", "Period report", data.period, "", f"{data.scope_zh}  {data.scope_en}")
    blocks: list[Block] = [
        *facts(
            [
                ("期间", "Period", data.period),
                ("制表", "Made", f"{data.made_by}  {day_zh(data.made_on)}"),
            ]
        ),
        *paragraph(f"{data.scope_zh}", f"{data.scope_en} · {day_en(data.made_on)}", size=9, small=7.2),
    ]
    for section in data.sections:
        blocks += [heading(section.title_zh, section.title_en)]
        if section.note_zh:
            blocks += paragraph(section.note_zh, section.note_en, size=8.6, small=7)
        if section.rows:
            blocks += table(section.columns, section.rows, size=8.4)
        else:
            blocks += paragraph("这一期间没有。", "None in this period.", size=9, small=7.2)
        blocks.append(space(2 * MM))
    return lay_out(head, blocks)
