"""What leaves the office for spreadsheets, read back by the programs that read such files."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.spreadsheet import BOM, Table, as_csv, as_xlsx, safe_cell

AT = datetime(2026, 11, 23, 1, 2, 3, 456, tzinfo=UTC)
STAMP = (("导出人", "S1-HD01 样例主管"), ("筛选", "状态=待复核 & 更多"))
FORMULAS = ("=1+1", "+86", "-1", "@SUM(A1)", "＝1+1", "＋1", "－1", "＠x", "\t=1", "  =1", "\r\n=1", '=HYPERLINK("http://x")')


def table(*rows: tuple[object, ...], heads: tuple[str, ...] = ("a", "b")) -> Table:
    return Table("案件/一览", STAMP, heads, rows, AT, "样例主管")


def read_csv(content: bytes) -> list[list[str]]:
    text = content.decode("utf-8")
    assert text.startswith(BOM)
    return list(csv.reader(io.StringIO(text.removeprefix(BOM), newline=""), strict=True))


def sheet_of(content: bytes) -> openpyxl.worksheet.worksheet.Worksheet:
    return openpyxl.load_workbook(io.BytesIO(content)).active


def test_the_first_line_says_who_took_it_and_the_second_names_the_columns() -> None:
    made = table(("x", 1))
    lines = read_csv(as_csv(made))
    assert lines == [["导出人：S1-HD01 样例主管 · 筛选：状态=待复核 & 更多"], ["a", "b"], ["x", "1"]]
    sheet = sheet_of(as_xlsx(made))
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        [lines[0][0], None],
        [None, None],
        ["a", "b"],
        ["x", 1],
    ]
    assert sheet.oddHeader.left.text == lines[0][0].replace("&", "&&")
    assert sheet.print_title_rows == "$3:$3"


def test_dates_numbers_and_money_are_of_their_own_kind() -> None:
    made = table((AT, date(2026, 11, 23), 7, Decimal("12.50"), None, "x"), heads=("i", "d", "n", "m", "o", "t"))
    assert read_csv(as_csv(made))[2] == ["2026-11-23 09:02:03", "2026-11-23", "7", "12.50", "", "x"]
    row = [cell.value for cell in sheet_of(as_xlsx(made))[4]]
    assert row == [datetime(2026, 11, 23, 9, 2, 3), datetime(2026, 11, 23), 7, 12.5, None, "x"]  # noqa: DTZ001 - as sheets have it


@pytest.mark.parametrize("text", FORMULAS)
def test_what_begins_like_a_formula_is_text_in_both_files(text: str) -> None:
    made = table((text, "x"))
    assert read_csv(as_csv(made))[2][0] == f"'{text}"
    cell = sheet_of(as_xlsx(made))["A4"]
    assert cell.data_type == "s"
    assert cell.value.startswith("'")


def test_a_long_number_keeps_all_its_digits() -> None:
    made = table(("110108000000000001", "9" * 11))
    assert read_csv(as_csv(made))[2] == ["110108000000000001\t", "9" * 11]
    cell = sheet_of(as_xlsx(made))["A4"]
    assert (cell.value, cell.data_type) == ("110108000000000001", "s")


def test_equal_tables_are_equal_files() -> None:
    rows = [(f"x{n}", AT) for n in range(30)]
    assert as_xlsx(table(*rows)) == as_xlsx(table(*rows))
    assert as_csv(table(*rows)) == as_csv(table(*rows))


def test_no_address_becomes_a_link() -> None:
    sheet = sheet_of(as_xlsx(table(("https://example.cn/x", "mailto:x@example.cn"))))
    assert sheet["A4"].hyperlink is None
    assert sheet["B4"].hyperlink is None


@given(st.lists(st.tuples(st.text(max_size=40), st.text(max_size=40)), max_size=6))
def test_whatever_the_cells_hold_both_files_open_and_no_cell_is_a_formula(rows: list[tuple[str, str]]) -> None:
    made = table(*rows)
    read = read_csv(as_csv(made))[2:]
    assert [len(row) for row in read] == [2] * len(rows)
    assert all(not cell.startswith(tuple("=+-@＝＋－＠\t")) for row in read for cell in row)
    for row in sheet_of(as_xlsx(made)).iter_rows(min_row=4):
        assert all(cell.data_type in {"s", "n"} for cell in row), [cell.value for cell in row]


@given(st.text())
def test_a_safe_cell_loses_nothing(text: str) -> None:
    assert text in safe_cell(text)
