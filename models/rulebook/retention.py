"""How long a case's record is kept: five years after its certificate lapsed, and a legal hold stops the clock.

Electronic Signature Law, article 24: at least five years after the certificate lapses. A case that led to no certificate has
nothing to wait for but its own end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

YEARS = 5


class ClockState(StrEnum):
    open = "open"  # still being worked on: no clock yet
    running = "running"
    held = "held"
    due = "due"  # may be put on a destruction list
    destroyed = "destroyed"


@dataclass(frozen=True, slots=True)
class Hold:
    """A stretch of time in which the clock stood still. `lifted_on` None: it stands still."""

    set_on: date
    lifted_on: date | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """What the clock of one case goes by. `lapses`: the day on which each of its certificates ends, or ended."""

    closed_on: date | None
    lapses: Sequence[date] = ()
    holds: Sequence[Hold] = ()
    destroyed: bool = False


@dataclass(frozen=True, slots=True)
class Clock:
    """`begins` and `until` are None as long as the case is open; `until` is the last day on which the record must be there,
    None while a hold stands. `by_certificate`: it begins with a certificate's end, not with the case's own."""

    state: ClockState
    begins: date | None = None
    until: date | None = None
    by_certificate: bool = False
    stopped_days: int = 0  # by holds that were lifted


def clock_of(kept: Kept, today: date) -> Clock:
    if kept.closed_on is None:
        return Clock(ClockState.open)
    begins = max((kept.closed_on, *kept.lapses))
    by_certificate = bool(kept.lapses) and begins == max(kept.lapses)
    until, stopped = _with_holds(begins, kept.holds)
    if kept.destroyed:
        state = ClockState.destroyed
    elif any(hold.lifted_on is None for hold in kept.holds):
        return Clock(ClockState.held, begins, None, by_certificate, stopped)
    else:
        state = ClockState.due if today > until else ClockState.running
    return Clock(state, begins, until, by_certificate, stopped)


def years_after(day: date, years: int) -> date:
    """The same day of the year; 29 February is followed by 1 March where there is none, so that no year is short."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def newest_beginning(today: date) -> date:
    """A clock that began later than this has not run out by today, whatever happened meanwhile."""
    return years_after(today, -YEARS)


def _with_holds(begins: date, holds: Sequence[Hold]) -> tuple[date, int]:
    """The last day, put off by each day that the clock stood still while it ran. A day under two holds stands still once."""
    until, counted_to, stopped = years_after(begins, YEARS), begins, 0
    for hold in sorted(holds, key=lambda hold: hold.set_on):
        since = max(hold.set_on, counted_to)
        if hold.lifted_on is None or hold.lifted_on <= since or since > until:
            continue
        days = (hold.lifted_on - since).days
        until, counted_to, stopped = until + timedelta(days=days), hold.lifted_on, stopped + days
    return until, stopped
