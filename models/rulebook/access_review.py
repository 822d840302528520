"""When access must be looked at again: every three months (pure)."""

from calendar import monthrange
from datetime import date
from enum import StrEnum

MONTHS = 3
REMIND_DAYS = 14  # so long before, the page says that it is due soon


class Standing(StrEnum):
    good = "good"
    soon = "soon"
    overdue = "overdue"


class Decision(StrEnum):
    """What a review decides about one member of staff."""

    keep = "keep"
    reduce = "reduce"  # fewer roles
    disable = "disable"
    left = "left"  # above the reviewer's rank, or himself: an administrator looks at him


def due_on(last: date) -> date:
    """The day by which the next review must have been made."""
    month = last.month - 1 + MONTHS
    year, month = last.year + month // 12, month % 12 + 1
    return date(year, month, min(last.day, monthrange(year, month)[1]))


def standing(last: date | None, today: date) -> Standing:
    """How it stands on a day; where there was no review yet, it is overdue at once."""
    if last is None or today > due_on(last):
        return Standing.overdue
    return Standing.soon if (due_on(last) - today).days <= REMIND_DAYS else Standing.good
