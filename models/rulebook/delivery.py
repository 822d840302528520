"""When a platform that did not take an event is told again, and when that is given up."""

from datetime import datetime, timedelta

FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=6)
GIVEN_UP_AFTER = timedelta(days=3)  # from the first try


def wait_after(tries: int) -> timedelta:
    """How long to wait after so many tries in vain: a minute, then twice as long each time, at most six hours."""
    doublings = min(tries - 1, 16)  # far beyond the longest wait; no number grows without end
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def rest_granted(asked: timedelta) -> timedelta:
    """How long a platform that asks to be left alone is left alone: never longer than it would wait on the worst of days."""
    return max(timedelta(), min(asked, LONGEST_WAIT))


def next_try(first: datetime, now: datetime, tries: int, asked: timedelta = timedelta()) -> datetime | None:
    """The instant of the next try after `tries` in vain, the first of them at `first`. None: it is given up.

    `asked`: the rest that the platform asked for; it is told later for that, never sooner. The last try falls on the end of the
    three days itself, whatever the doubling says.
    """
    end = first + GIVEN_UP_AFTER
    return None if now >= end else min(now + max(wait_after(tries), rest_granted(asked)), end)
