"""When a platform is told again."""

from datetime import UTC, datetime, timedelta

from models.rulebook.delivery import FIRST_WAIT, GIVEN_UP_AFTER, LONGEST_WAIT, next_try, rest_granted, wait_after

START = datetime(2026, 11, 23, tzinfo=UTC)


def test_waits_double_from_a_minute_to_six_hours():
    waits = [wait_after(tries) for tries in range(1, 200)]
    assert waits[:9] == [timedelta(minutes=2**doublings) for doublings in range(9)]
    assert waits[0] == FIRST_WAIT
    assert set(waits[9:]) == {LONGEST_WAIT} == {timedelta(hours=6)}


def test_the_last_try_is_at_the_end_of_three_days_and_then_it_is_given_up():
    now, tries = START, 0
    while (due := next_try(START, now, tries := tries + 1)) is not None:
        assert timedelta(0) < due - now <= LONGEST_WAIT
        now = due
    assert now == START + GIVEN_UP_AFTER == START + timedelta(days=3)
    assert tries == 21


def test_an_office_that_was_down_for_a_week_still_tries_once_and_gives_up_only_then():
    assert next_try(START, START + timedelta(days=7), 3) is None
    assert next_try(START + timedelta(days=7), START + timedelta(days=7), 1) == START + timedelta(days=7, minutes=1)


def test_a_platform_that_asks_for_rest_is_told_later_and_never_sooner():
    minute, hour = timedelta(minutes=1), timedelta(hours=1)
    assert next_try(START, START, 1, timedelta(seconds=5)) == START + minute
    assert next_try(START, START, 1, hour) == START + hour
    assert next_try(START, START, 9, hour) == START + timedelta(minutes=256)
    assert next_try(START, START, 1, timedelta(days=900)) == START + LONGEST_WAIT
    assert next_try(START, START + timedelta(days=2, hours=23), 5, timedelta(hours=6)) == START + GIVEN_UP_AFTER
    assert next_try(START, START + GIVEN_UP_AFTER, 5, hour) is None
    assert rest_granted(timedelta(seconds=-3)) == timedelta()
