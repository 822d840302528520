"""What every paper asks of its facts, checked when they are put together, before any ink."""

from dataclasses import MISSING, fields
from datetime import date, datetime
from typing import Any

from reports.faults import BadFact
from reports.fonts import printable


class Facts:
    """Base of the papers' dataclasses. A text or list without a default must not be empty; amounts and counts are whole.

    Raises BadFact, UnprintableCharacter. The value itself is never repeated in the error.
    """

    def __post_init__(self) -> None:
        for field in fields(self):  # type: ignore[arg-type]
            value: Any = getattr(self, field.name)
            required = field.default is MISSING and field.default_factory is MISSING
            if isinstance(value, str):
                if not printable(value).strip() and required:
                    self.refuse(field.name, "is empty")
            elif isinstance(value, tuple):
                if required and not value:
                    self.refuse(field.name, "is empty")
                for part in value:
                    if isinstance(part, str):
                        printable(part)
            elif isinstance(value, int) and not isinstance(value, bool):
                if value < 0:
                    self.refuse(field.name, "is below zero")
            elif isinstance(value, float | list | datetime):
                self.refuse(field.name, f"must not be a {type(value).__name__}")
            elif value is None and required and "None" not in str(field.type):
                self.refuse(field.name, "is missing")

    def refuse(self, field: str, reason: str) -> None:
        raise BadFact(type(self).__name__, field, reason)


def day_zh(day: date) -> str:
    """2026年11月21日"""
    return f"{day.year}年{day.month}月{day.day}日"


def day_en(day: date) -> str:
    """21 November 2026, whatever the machine's locale"""
    months = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ]
    return f"{day.day} {months[day.month - 1]} {day.year}"
