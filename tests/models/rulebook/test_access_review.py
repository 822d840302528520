"""Three months, by the calendar."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rulebook.access_review import REMIND_DAYS, Standing, due_on, standing


@pytest.mark.parametrize(
    ("last", "due"),
    [
        (date(2026, 11, 23), date(2027, 2, 23)),
        (date(2026, 11, 30), date(2027, 2, 28)),
        (date(2027, 11, 30), date(2028, 2, 29)),
        (date(2026, 1, 31), date(2026, 4, 30)),
        (date(2026, 12, 1), date(2027, 3, 1)),
    ],
)
def test_the_same_day_three_months_later_or_the_months_last(last: date, due: date) -> None:
    assert due_on(last) == due


@given(st.dates(date(2020, 1, 1), date(2090, 1, 1)))
def test_it_stands_well_then_soon_then_overdue(last: date) -> None:
    due = due_on(last)
    assert 89 <= (due - last).days <= 92
    stands = [standing(last, last + timedelta(days)) for days in range(100)]
    assert stands == sorted(stands, key=list(Standing).index)
    assert standing(last, due) is Standing.soon
    assert standing(last, due + timedelta(1)) is Standing.overdue
    assert standing(last, due - timedelta(REMIND_DAYS + 1)) is Standing.good


def test_what_was_never_reviewed_is_overdue() -> None:
    assert standing(None, date(2026, 11, 23)) is Standing.overdue
