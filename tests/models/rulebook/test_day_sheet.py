"""The day's equations, on their own: what adds up, what differs, what explains it, and what is kept is read back."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rulebook.day_sheet import (
    CASHLESS,
    COLUMNS,
    DENOMINATIONS,
    CashLine,
    DaySheet,
    StockLine,
    cash_in,
    read_sheet,
    sheet_json,
)
from models.rulebook.oversight import MovementKind, StockKind
from models.rulebook.vocabulary import PaymentMethod

NUMBER, FEN = st.integers(0, 9_999), st.integers(0, 99_999_999)
MOVED = st.dictionaries(st.sampled_from(COLUMNS), st.integers(-99, 99))
RANGES = st.lists(st.tuples(st.just("T001"), st.just("T009"), NUMBER), max_size=3).map(tuple)

NAMED = st.dictionaries(st.sampled_from(COLUMNS), RANGES)


def stock(kind: StockKind) -> st.SearchStrategy[StockLine]:
    return st.builds(StockLine, st.just(kind), NUMBER, MOVED, st.integers(-9, 9), RANGES, st.none() | NUMBER, NAMED)


CASH = st.builds(CashLine, FEN, FEN, FEN, FEN, FEN, st.integers(-99, 99), st.integers(-99, 99), st.none() | FEN)
SHEETS = st.builds(
    DaySheet,
    st.dates(),
    st.tuples(*(stock(kind) for kind in StockKind)),
    CASH,
    st.dictionaries(st.sampled_from(CASHLESS), FEN),
    st.dictionaries(st.sampled_from(CASHLESS), FEN),
    st.lists(st.tuples(st.just("HD01-20261123-0001"), FEN), max_size=2).map(tuple),
    NUMBER,
)


@given(SHEETS)
def test_what_is_kept_is_read_back_to_the_letter(sheet: DaySheet) -> None:
    assert read_sheet(sheet_json(sheet)) == sheet


@given(stock(StockKind.token), st.integers(0, 9), st.integers(0, 9))
def test_booking_what_explains_a_difference_leaves_none(line: StockLine, lacking: int, surplus: int) -> None:
    moved = dict(line.moved)
    moved[MovementKind.lost] = moved.get(MovementKind.lost, 0) - lacking
    moved[MovementKind.found] = moved.get(MovementKind.found, 0) + surplus
    after = StockLine(line.kind, line.opening, moved, line.later, line.ranges, line.counted)
    if line.counted is not None:
        assert line.explained_by(lacking, surplus) is (after.difference == 0)


@given(CASH)
def test_booking_the_difference_of_cash_leaves_none(line: CashLine) -> None:
    booked = CashLine(
        line.opening,
        line.receipts,
        line.float_in,
        line.refunds,
        line.banked,
        line.difference_booked + line.difference,
        line.later,
        line.counted,
    )
    assert booked.difference == 0
    assert line.closing == line.opening + line.receipts + line.float_in - line.refunds - line.banked + line.difference_booked


def test_what_nobody_counted_does_not_differ() -> None:
    sheet = DaySheet(date(2026, 11, 23), tuple(StockLine(kind, 5) for kind in StockKind), CashLine(100))
    assert not sheet.differs


def test_every_movement_has_its_column_once() -> None:
    assert sorted(COLUMNS) == sorted(MovementKind)
    assert {PaymentMethod.cash, *CASHLESS} == set(PaymentMethod)


def test_notes_and_coins_are_summed_and_nothing_else_is_taken() -> None:
    assert cash_in({10_000: 3, 50: 1}, 35) == 30_085
    assert cash_in(dict.fromkeys(DENOMINATIONS, 1)) == 18_660
    for wrong in ({3: 1}, {100: -1}):
        with pytest.raises(ValueError, match="no such notes"):
            cash_in(wrong)
    with pytest.raises(ValueError, match="no such notes"):
        cash_in({}, -1)
