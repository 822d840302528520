"""A list on paper: title, columns, rows, "page n of m"; the column heads stand on every page."""

from dataclasses import dataclass
from datetime import date
from itertools import chain

from reports.blocks import paragraph
from reports.facts import Facts, day_en, day_zh
from reports.flow import Head, frame, lay_out, space
from reports.fonts import printable
from reports.paper import MM, alone
from reports.table import Cell, Column, table


@dataclass(frozen=True)
class Listing(Facts):
    """`rows`: plain texts, one a column; none: the list says so. `wide`: landscape. `note`: what was listed and how. `legend`: what the rows'
    letters and marks mean, (Chinese, English) each, after the rows."""

    title_zh: str
    title_en: str
    printed_on: date
    branch_name_zh: str
    branch_name_en: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...] = ()
    note_zh: str = ""
    note_en: str = ""
    wide: bool = False
    legend: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if any(len(row) != len(self.columns) for row in self.rows):
            self.refuse("rows", "has a row that does not match the columns")
        for text in chain.from_iterable((*self.rows, *self.legend)):
            printable(text)


@alone
def render(data: Listing) -> bytes:
    when = f"{day_zh(data.printed_on)}  {day_en(data.printed_on)}"
    count = len(data.rows)
    head = Head(
        data.title_zh,
        data.title_en,
        "",
        "",
        f"{data.branch_name_zh}  {data.branch_name_en}",
        note=f"{when}    共 {count} 条 · {count} rows",
        wide=data.wide,
    )
    blocks, measure = [], frame(data.wide).measure
    if data.note_zh:
        blocks += [*paragraph(data.note_zh, data.note_en, size=9, small=7.2, measure=measure), space(2 * MM)]
    rows: list[tuple[Cell | str, ...]] = [tuple(value or "—" for value in row) for row in data.rows]
    blocks += table(data.columns, rows, wide=data.wide, size=8.8)
    if not rows:
        blocks += paragraph("没有符合条件的记录。", "Nothing to list.", size=9.5)
    for zh, en in data.legend:
        blocks += paragraph(zh, en, size=8.6, small=7, measure=measure, after=1.6 * MM)
    return lay_out(head, blocks)
