"""Tables as files for spreadsheets, CSV and XLSX: cells that are nothing but text stay text, and every file says who took it."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import xlsxwriter

from app.services.world import BEIJING

BOM = "\ufeff"  # without it, the spreadsheet that most offices have reads Chinese as noise
CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# A cell that begins so is taken for a formula. The wide forms count too: input methods write them, some programs fold them.
_STARTS_FORMULA = tuple("=+-@＝＋－＠\t\r\n")
# And so for a number, of which only fifteen digits would be kept: a credit code may be eighteen of them.
_LOOKS_LIKE_NUMBER = re.compile(r"\d{12,}|\d+[eE]\d+")
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\']")
_WIDEST = 60  # characters of a column
_LONGEST_HEADER = 255  # characters, by the format

Cell = str | int | Decimal | date | datetime | None  # an instant is shown in Beijing's time; Decimal is money, in yuan


@dataclass(frozen=True, slots=True)
class Table:
    """`stamp`: labels and values that say who took the table out, when, by which filter: above the heads and on every printed page.

    `made_at`: the instant that the file names as its making, so that equal tables are equal files.
    """

    title: str
    stamp: Sequence[tuple[str, str]]
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    made_at: datetime
    author: str = ""
    colon: str = "："  # between a label of the stamp and its value


def safe_cell(text: str) -> str:
    """The text as a spreadsheet takes it for text: an apostrophe before what begins like a formula, blanks before that included;
    a tab, which nobody sees, after what looks like a long number."""
    quoted = _quoted(text)
    return f"{quoted}\t" if _LOOKS_LIKE_NUMBER.fullmatch(quoted) else quoted


def _quoted(text: str) -> str:
    return f"'{text}" if text.startswith(_STARTS_FORMULA) or text.lstrip().startswith(_STARTS_FORMULA) else text


def as_csv(table: Table) -> bytes:
    """As RFC 4180 has it: every cell quoted, lines ended by CR LF; UTF-8 with a byte-order mark. The stamp is the first line."""
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    if table.stamp:
        writer.writerow([safe_cell(_stamp(table))])
    writer.writerow([safe_cell(head) for head in table.heads])
    writer.writerows([_plain(cell) for cell in row] for row in table.rows)
    return (BOM + file.getvalue()).encode("utf-8", "replace")


def as_xlsx(table: Table) -> bytes:
    """One sheet. No cell is a formula or a link, whatever it begins with; dates, numbers and money are of their own kind."""
    return as_workbook([table])


def as_workbook(tables: Sequence[Table]) -> bytes:
    """A sheet for each table; titles must differ. The first one's making, author and stamp are the file's."""
    file, first = io.BytesIO(), tables[0]
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(file, options) as book:
        made = first.made_at.astimezone(BEIJING).replace(tzinfo=None, microsecond=0)
        about = {"title": first.title, "author": first.author, "comments": _clean(_stamp(first)), "created": made}
        book.set_properties(about)
        look = {
            "stamp": book.add_format({"font_color": "#666666", "italic": True}),
            "head": book.add_format({"bold": True, "bg_color": "#EEF3F9", "bottom": 1}),
            "instant": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss", "align": "left"}),
            "day": book.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
            "money": book.add_format({"num_format": "#,##0.00"}),
        }
        for table in tables:
            _fill(book.add_worksheet(_NOT_IN_SHEET_NAMES.sub(" ", table.title)[:31] or "1"), table, look)
    return file.getvalue()


def _fill(sheet: xlsxwriter.worksheet.Worksheet, table: Table, look: dict[str, object]) -> None:
    top = 0
    if table.stamp:
        sheet.write_string(0, 0, _safe_text(_stamp(table)), look["stamp"])
        top = 2
    for at, head in enumerate(table.heads):
        sheet.write_string(top, at, _safe_text(head), look["head"])
    for line, row in enumerate(table.rows, top + 1):
        for at, cell in enumerate(row):
            _write(sheet, line, at, cell, look)
    _arrange(sheet, table, top)


def _arrange(sheet: xlsxwriter.worksheet.Worksheet, table: Table, top: int) -> None:
    """Heads stay in sight on the screen and on every printed page, and so does the stamp."""
    last = max(len(table.heads) - 1, 0)
    sheet.freeze_panes(top + 1, 1)
    sheet.autofilter(top, 0, top + len(table.rows), last)
    for at, head in enumerate(table.heads):
        longest = max([_width(head) + 3, *(_width(_plain(row[at])) + 1 for row in table.rows)])
        sheet.set_column(at, at, min(longest, _WIDEST))
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(top)
    header = "&L&8" + _stamp(table).replace("&", "&&")
    sheet.set_header(header if len(header) <= _LONGEST_HEADER else header[: _LONGEST_HEADER - 1].rstrip("&") + "…")
    sheet.set_footer("&R&8&P / &N")


def _write(sheet: xlsxwriter.worksheet.Worksheet, line: int, at: int, cell: Cell, look: dict[str, object]) -> None:
    if cell is None or cell == "":
        return
    if isinstance(cell, datetime):
        sheet.write_datetime(line, at, _wall_clock(cell), look["instant"])
    elif isinstance(cell, date):
        sheet.write_datetime(line, at, cell, look["day"])
    elif isinstance(cell, Decimal):
        sheet.write_number(line, at, cell, look["money"])
    elif isinstance(cell, int):
        sheet.write_number(line, at, cell)
    else:
        sheet.write_string(line, at, _safe_text(cell))


def _plain(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return _wall_clock(cell).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, Decimal):
        return f"{cell:.2f}"
    return "" if cell is None else str(cell) if isinstance(cell, int) else safe_cell(cell)


def _wall_clock(instant: datetime) -> datetime:
    return instant.astimezone(BEIJING).replace(tzinfo=None, microsecond=0)


def _stamp(table: Table) -> str:
    return " · ".join(f"{label}{table.colon}{value}" for label, value in table.stamp)


def _safe_text(text: str) -> str:
    """Of cells that are text by kind: the apostrophe is kept, in case the file is saved as CSV some day."""
    return _clean(_quoted(text))


def _clean(text: str) -> str:
    """Without what XML cannot hold, and no longer than a cell may be."""
    return _NO_XML.sub("\ufffd", text)[:32767]


def _width(text: str) -> int:
    """In digits: a Chinese character is as wide as two."""
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)
