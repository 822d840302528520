"""Serials as they are typed, and told as ranges."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rulebook.serials import (
    MOST,
    BadSerials,
    Box,
    Span,
    read_list,
    read_range,
    read_serial,
    spans,
    told,
    unpack,
)


def code_of(act: object, *arguments: object) -> str:
    with pytest.raises(BadSerials) as fault:
        act(*arguments)  # type: ignore[operator]
    return fault.value.code


def test_a_range_has_every_serial_from_the_first_to_the_last() -> None:
    assert read_range("HD01-T00041", "HD01-T00043") == ("HD01-T00041", "HD01-T00042", "HD01-T00043")
    assert read_range("9", "9") == ("9",)
    assert read_range(" ＨＤ０１-T00009 ", "HD01-T00010") == ("HD01-T00009", "HD01-T00010"), "as input methods write it"


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        ("", "A1", "serial_missing"),
        ("A1", " ", "serial_missing"),
        ("A 1", "A2", "serial_form"),
        ("-A1", "A2", "serial_form"),
        ("A--1", "A2", "serial_form"),
        ("号1", "号2", "serial_form"),
        ("A1\x00", "A2", "serial_form"),
        ("A" * 41, "A2", "serial_long"),
        ("A1", "B2", "range_form"),
        ("A9", "A10", "range_form"),
        ("A1X", "A2X", "range_form"),
        ("a1", "A2", "range_form"),
        ("A10", "A09", "range_order"),
        ("A0001", f"A{MOST + 1:04}", "range_size"),
    ],
)
def test_what_is_no_range_is_refused(first: str, last: str, code: str) -> None:
    assert code_of(read_range, first, last) == code


def test_the_largest_range_is_read() -> None:
    assert len(read_range("A0001", f"A{MOST:04}")) == MOST


def test_digits_of_other_scripts_are_no_digits() -> None:
    assert code_of(read_serial, "A\u0661") == "serial_form"


def test_a_list_is_read_as_people_type_it() -> None:
    typed = "HD01-T00041…HD01-T00043、HD01-T00050 至 HD01-T00051，X1;\n A-2 .. A-3"
    assert read_list(typed) == (
        "HD01-T00041",
        "HD01-T00042",
        "HD01-T00043",
        "HD01-T00050",
        "HD01-T00051",
        "X1",
        "A-2",
        "A-3",
    )
    assert read_list(" \n") == ()
    for typed in ("A1～A3", "A1~A3", "A1—A3", "A1 … A3", "A1至A3"):
        assert read_list(typed) == ("A1", "A2", "A3")


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("A1 A1", "serial_twice"),
        ("A1…A3 A2", "serial_twice"),
        ("A1…", "serial_missing"),
        ("…A1", "serial_missing"),
        ("A1…A2…A3", "serial_form"),
        ("A1-A3 !", "serial_form"),
        ("A0001…A5000 B1", "range_size"),
    ],
)
def test_a_list_with_a_fault_is_refused(typed: str, code: str) -> None:
    assert code_of(read_list, typed) == code


def test_serials_are_told_as_ranges() -> None:
    assert spans(["A3", "A1", "A2", "A5"]) == (Span("A1", "A3", 3), Span("A5", "A5", 1))
    assert spans(["A9", "A10", "A09"]) == (Span("A9", "A9", 1), Span("A09", "A10", 2)), "as long, or no range"
    assert spans(["AX", "AY"]) == (Span("AX", "AX", 1), Span("AY", "AY", 1))
    assert spans([]) == ()
    assert told(f"A{n}" for n in range(10, 99, 2)).endswith(" (+40)")


serials = st.sets(st.builds("{}{:0{}}".format, st.sampled_from(["A", "HD01-T", ""]), st.integers(0, 60), st.integers(2, 3)))


@given(serials)
def test_ranges_hold_exactly_the_serials(some: set[str]) -> None:
    found = spans(some)
    assert sum(span.size for span in found) == len(some)
    back = [serial for span in found for serial in read_range(span.first, span.last)]
    assert sorted(back) == sorted(some)
    assert set(read_list(" ".join(map(str, found)))) == some


@given(st.text(max_size=60), st.text(max_size=60))
def test_whatever_is_typed_is_read_or_refused(one: str, other: str) -> None:
    for act in (lambda: read_list(one), lambda: read_range(one, other), lambda: read_list(f"{one}…{other}")):
        try:
            assert all(len(serial) <= 40 and serial.isascii() for serial in act())
        except BadSerials:
            continue


def test_a_box_is_what_was_counted() -> None:
    whole = unpack(Box("A01", "A05", 5))
    assert (whole.first, whole.last, whole.inside[0], whole.lacking) == ("A01", "A05", "A01", ())
    short = unpack(Box("A01", "A05", 3, "A02、A04"))
    assert (short.inside, short.lacking) == (("A01", "A03", "A05"), ("A02", "A04"))


@pytest.mark.parametrize(
    ("box", "code", "at"),
    [
        (Box("A01", "A05", 4), "count_differs", "counted"),
        (Box("A01", "A05", 6), "count_differs", "counted"),
        (Box("A01", "A05", 5, "A02"), "count_differs", "counted"),
        (Box("A01", "A05", 4, "A06"), "lacking_outside", "lacking"),
        (Box("A01", "A05", 4, "A0 !"), "serial_form", "lacking"),
        (Box("A01", "A02", 0, "A01…A02"), "box_empty", "lacking"),
        (Box("A01", "B05", 5), "range_form", None),
    ],
)
def test_a_box_that_does_not_add_up_is_refused(box: Box, code: str, at: str | None) -> None:
    with pytest.raises(BadSerials) as fault:
        unpack(box)
    assert (fault.value.code, fault.value.facts.get("at")) == (code, at)
