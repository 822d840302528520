"""A file of deliveries: every faulty line is named with everything that is wrong with it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rulebook.delivery_file import MOST_LINES, BadFile, DeliveryLine, read_lines
from models.rulebook.oversight import StockKind

HEADS = "kind,note,supplier,first,last,counted"
LONGEST = {StockKind.token: 40, StockKind.envelope: 20}


def lines_of(*rows: str, heads: str = HEADS) -> list[DeliveryLine]:
    return read_lines("\r\n".join([heads, *rows]), LONGEST)


def codes(line: DeliveryLine) -> list[str]:
    return [fault.code for fault in line.faults]


def test_good_lines_are_read_whatever_the_order_and_language_of_the_heads() -> None:
    for heads, row in (
        (HEADS, "token,SH-1,样例介质厂,A01,A03,3"),
        ("实点数量;末号;首号;供应商;送货单号;种类", "3;A03;A01;样例介质厂;SH-1;介质"),
        ("counted\tLAST\tfirst\tsupplier\tnote\tkind", "３\tA03\tA01\t样例介质厂\tSH-1\tToken"),
    ):
        [line] = lines_of(row, heads=heads)
        assert not line.faults
        assert (line.kind, line.counted, line.number) == (StockKind.token, 3, 2)
        assert line.contents is not None
        assert line.contents.inside == ("A01", "A02", "A03")


def test_quoted_cells_and_blank_lines_are_no_fault() -> None:
    first, second = lines_of('token,"SH,1","样例""厂""",A01,A03,3', ",,,,,", "", "envelope,SH-1,样例厂,E1,E2,2")
    assert (first.typed["note"], first.typed["supplier"]) == ("SH,1", '样例"厂"')
    assert second.number == 5, "as the spreadsheet program numbers it"


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        ("tokens,SH-1,样例厂,A01,A03,3", ["line_kind"]),
        ("token,,样例厂,A01,A03,3", ["line_no_note"]),
        ("token,SH-1,,A01,A03,3", ["line_no_supplier"]),
        (f"token,{'S' * 41},{'样' * 81},A01,A03,3", ["line_long_note", "line_long_supplier"]),
        ("token,SH-1,样例厂,A01,A03,three", ["line_counted"]),
        ("token,SH-1,样例厂,A01,A03,", ["line_counted"]),
        ("token,SH-1,样例厂,A01,A03,4", ["count_differs"]),
        ("token,SH-1,样例厂,A03,A01,3", ["range_order"]),
        ("token,SH-1,样例厂,A1,B3,3", ["range_form"]),
        ("token,SH-1,样例厂,=A1,A3,3", ["serial_form"]),
        ("token,SH-1", ["line_no_supplier", "line_counted"]),
        ("envelope,SH-1,样例厂,HD01-E00000000000000001,HD01-E00000000000000003,3", ["serial_long"]),
        ("nothing,,,,,", ["line_kind", "line_no_note", "line_no_supplier", "line_counted"]),
    ],
)
def test_every_fault_of_a_line_is_named(row: str, wrong: list[str]) -> None:
    bad, good = lines_of(row, "token,SH-2,样例厂,C1,C2,2")
    assert codes(bad) == wrong
    assert codes(good) == []


def test_two_lines_with_one_serial_are_both_faulty() -> None:
    rows = ("token,S1,样例厂,A01,A05,5", "token,S2,样例厂,A05,A09,5", "envelope,S3,样例厂,A05,A05,1", "token,S4,样例厂,A10,A11,2")
    first, second, third, fourth = lines_of(*rows)
    assert [(fault.code, dict(fault.facts)) for fault in first.faults] == [("line_overlaps", {"line": 3, "serial": "A05"})]
    assert [(fault.code, dict(fault.facts)) for fault in second.faults] == [("line_overlaps", {"line": 2, "serial": "A05"})]
    assert codes(third) == codes(fourth) == [], "another kind is another thing"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "import_heads"),
        ("token,SH-1,样例厂,A01,A03,3", "import_heads"),
        ("kind,note,supplier,first,last\ntoken,S,样例厂,A1,A2", "import_heads"),
        (f"{HEADS},remark\ntoken,S,样例厂,A1,A2,2,x", "import_heads"),
        (f"{HEADS},kind\ntoken,S,样例厂,A1,A2,2,token", "import_heads"),
        (HEADS, "import_empty"),
        (f"{HEADS}\n,,,,,\n", "import_empty"),
        (HEADS + "\ntoken,S,样例厂,A1,A1,1" * (MOST_LINES + 1), "import_long"),
        (HEADS + "".join(f"\ntoken,S,样例厂,{p}0001,{p}5000,5000" for p in "ABC"), "import_many"),
    ],
)
def test_what_is_no_list_is_refused_as_a_whole(text: str, code: str) -> None:
    with pytest.raises(BadFile) as fault:
        read_lines(text, LONGEST)
    assert fault.value.code == code


@given(st.text(max_size=200))
def test_whatever_stands_in_it_is_read_or_refused(text: str) -> None:
    for whole in (text, f"{HEADS}\n{text}", f"{HEADS}\ntoken,S,X,{text},A2,1"):
        try:
            assert read_lines(whole, LONGEST)
        except BadFile:
            continue
