"""The clock of a record: five years, counted by hand beside it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rulebook.retention import (
    YEARS,
    Clock,
    ClockState,
    Hold,
    Kept,
    clock_of,
    newest_beginning,
    years_after,
)

CLOSED = date(2026, 3, 1)
DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))
SPANS = st.tuples(DAYS, st.integers(0, 900)).map(lambda span: Hold(span[0], span[0] + timedelta(days=span[1])))


def test_an_open_case_has_no_clock_yet() -> None:
    assert clock_of(Kept(None, [CLOSED]), date(2040, 1, 1)) == Clock(ClockState.open)


@pytest.mark.parametrize(
    ("today", "state"),
    [(date(2031, 3, 1), ClockState.running), (date(2031, 3, 2), ClockState.due)],
)
def test_a_case_without_a_certificate_is_kept_five_years_from_its_end(today: date, state: ClockState) -> None:
    assert clock_of(Kept(CLOSED), today) == Clock(state, CLOSED, date(2031, 3, 1))


def test_the_last_of_its_certificates_counts() -> None:
    clock = clock_of(Kept(CLOSED, [date(2027, 3, 5), date(2026, 9, 9)]), date(2032, 3, 6))
    assert clock == Clock(ClockState.due, date(2027, 3, 5), date(2032, 3, 5), by_certificate=True)


def test_a_certificate_that_lapsed_before_the_case_ended_does_not_shorten_it() -> None:
    assert clock_of(Kept(CLOSED, [date(2020, 1, 1)]), CLOSED) == Clock(ClockState.running, CLOSED, date(2031, 3, 1))


def test_no_year_is_short() -> None:
    assert years_after(date(2028, 2, 29), YEARS) == date(2033, 3, 1)


def test_under_a_hold_nothing_is_due_however_old() -> None:
    clock = clock_of(Kept(CLOSED, holds=[Hold(date(2030, 1, 1))]), date(2099, 1, 1))
    assert (clock.state, clock.until) == (ClockState.held, None)


def test_a_lifted_hold_puts_the_end_off_by_the_days_it_stood() -> None:
    clock = clock_of(Kept(CLOSED, holds=[Hold(date(2031, 2, 1), date(2031, 6, 1))]), date(2031, 6, 2))
    assert (clock.state, clock.until, clock.stopped_days) == (ClockState.running, date(2031, 6, 29), 120)


def test_two_holds_at_once_stop_a_day_once() -> None:
    holds = [Hold(date(2030, 1, 1), date(2030, 1, 11)), Hold(date(2030, 1, 6), date(2030, 1, 16))]
    assert clock_of(Kept(CLOSED, holds=holds), CLOSED).stopped_days == 15


def test_a_hold_that_came_after_the_end_puts_nothing_off() -> None:
    clock = clock_of(Kept(CLOSED, holds=[Hold(date(2031, 4, 1), date(2031, 5, 1))]), date(2031, 5, 2))
    assert (clock.state, clock.until) == (ClockState.due, date(2031, 3, 1))


@given(DAYS, st.lists(SPANS, max_size=5))
def test_exactly_the_days_of_five_years_are_counted_outside_holds(begins: date, holds: list[Hold]) -> None:
    """Counted day by day, as one would with a calendar and a pencil."""
    clock = clock_of(Kept(begins, holds=holds), begins)
    wanted, day = (years_after(begins, YEARS) - begins).days, begins
    while wanted or any(hold.set_on <= day < hold.lifted_on for hold in holds if hold.lifted_on):
        if not any(hold.set_on <= day < hold.lifted_on for hold in holds if hold.lifted_on):
            wanted -= 1
        day += timedelta(days=1)
    assert clock.until == day


@given(DAYS, st.lists(SPANS, max_size=3))
def test_whatever_is_due_began_before_the_newest_beginning(begins: date, holds: list[Hold]) -> None:
    """What the database leaves out by this edge is never due."""
    clock = clock_of(Kept(begins, holds=holds), begins)
    assert clock.until is not None
    due = clock.until + timedelta(days=1)
    assert begins < newest_beginning(due)
