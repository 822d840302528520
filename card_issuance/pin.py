"""PINs: a value that hides itself, and how a new one is drawn.

A PIN in clear exists in the station's memory, in its child's, and on paper. Everything that turns a value into text by
accident (repr, format, logging, pickling, copying into a report, a traceback with locals) gets a placeholder or a refusal.
"""

from __future__ import annotations

import hmac
import re
import secrets
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final, NoReturn, SupportsIndex

DIGITS: Final = "0123456789"
_PLACEHOLDER: Final = "●●●●"
_FIRST_YEAR, _LAST_YEAR = 1900, 2099
_LEAST_CHOSEN = 6  # characters of a PIN that a holder chooses
_SHARED_WITH_SERIAL = 5  # so many digits in a row found in the token's serial are too many


class Pin:
    """A secret text. Only `reveal()` shows it; call that where it goes to the pipe or onto paper, nowhere else."""

    __slots__ = ("__text",)

    def __init__(self, text: str) -> None:
        """`text`: 4 to 64 printable ASCII characters without spaces; else ValueError (which does not show it)."""
        if not isinstance(text, str) or not re.fullmatch(r"[!-~]{4,64}", text):
            raise ValueError("a PIN is 4 to 64 printable ASCII characters") from None
        self.__text = text

    def reveal(self) -> str:
        return self.__text

    def __repr__(self) -> str:
        return f"Pin({_PLACEHOLDER})"

    def __str__(self) -> str:
        return _PLACEHOLDER

    def __format__(self, specification: str) -> str:
        return format(_PLACEHOLDER, specification)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Pin):
            return NotImplemented
        return hmac.compare_digest(self.__text, other.__text)

    __hash__ = None  # type: ignore[assignment]  # a hash of so short a text gives it away

    def __copy__(self) -> Pin:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Pin:
        return self

    def __getstate__(self) -> NoReturn:
        raise TypeError("a PIN is never pickled")

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise TypeError("a PIN is never pickled")


def new_pin(length: int = 8, serial: str = "") -> Pin:
    """A PIN of `length` digits (4 to 16), uniform over all that are not obvious for the token with this serial."""
    if not 4 <= length <= 16:
        raise ValueError("a PIN has 4 to 16 digits")
    while True:
        text = "".join(secrets.choice(DIGITS) for _ in range(length))
        if not is_obvious(text, serial):
            return Pin(text)


class PolicyFault(StrEnum):
    """Why a PIN that a holder chose is not taken."""

    characters = "characters"  # something else than letters and digits of ASCII
    length = "length"
    obvious = "obvious"
    same = "same"  # as the one before


def least_chosen(module_least: int) -> int:
    """How many characters a PIN has at least that a holder chooses; `module_least`: what his token takes at least."""
    return max(module_least, _LEAST_CHOSEN)


def policy_fault(chosen: str, old: str, serial: str, least: int, most: int) -> PolicyFault | None:
    """Of a holder's new PIN for the token with this serial; `least` and `most` are the token's own bounds."""
    if not re.fullmatch(r"[A-Za-z0-9]*", chosen):
        return PolicyFault.characters
    if not least_chosen(least) <= len(chosen) <= most:
        return PolicyFault.length
    if chosen == old:
        return PolicyFault.same
    return PolicyFault.obvious if is_obvious(chosen, serial) else None


def is_obvious(text: str, serial: str = "") -> bool:
    """Would somebody who found the token try this early? Runs, repeats, mirrored halves, dates, the serial's digits.

    `text` is of letters and digits; capitals make nothing less obvious.
    """
    text = text.lower()
    return _has_run(text) or _repeats(text) or _has_date(text) or _is_from_serial(text, serial)


def _has_run(text: str) -> bool:
    """Four neighbours up or down (the zero follows the nine, as on a telephone), or three equal characters in a row."""
    steps = [(int(b) - int(a)) % 10 if (a + b).isdigit() else (ord(b) - ord(a)) % 256 for a, b in pairwise(text)]
    runs = ([1, 1, 1], [9, 9, 9], [255, 255, 255])
    return any(steps[i : i + 3] in runs for i in range(len(steps))) or any(steps[i : i + 2] == [0, 0] for i in range(len(steps)))


def _repeats(text: str) -> bool:
    """A block said again and again (12121212, 3838), the same forwards and backwards, or too few different digits."""
    blocks = (size for size in range(1, len(text) // 2 + 1) if len(text) % size == 0)
    return (
        any(text == text[:size] * (len(text) // size) for size in blocks)
        or text == text[::-1]
        or len(set(text)) < min(4, len(text) - 1)
    )


def _has_date(text: str) -> bool:
    """A date written with four digits for the year anywhere; in a PIN of four or six digits also the short forms."""
    whole = [text[i : i + 8] for i in range(len(text) - 7)]
    if any(_is_date(w[:4], w[4:6], w[6:]) or _is_date(w[4:], w[2:4], w[:2]) or _is_date(w[4:], w[:2], w[2:4]) for w in whole):
        return True
    if len(text) == 6:
        a, b, c = text[:2], text[2:4], text[4:]
        return (
            any(_is_date("20" + year, month, day) for year, month, day in ((a, b, c), (c, b, a), (c, a, b)))
            or _is_date(text[:4], text[4:], "01")
            or _is_date(text[2:], text[:2], "01")
        )
    if len(text) == 4 and text.isdigit():
        return _FIRST_YEAR <= int(text) <= _LAST_YEAR or any(
            _is_date("2000", month, day) for month, day in ((text[:2], text[2:]), (text[2:], text[:2]))
        )
    return False


def _is_date(year: str, month: str, day: str) -> bool:
    try:
        return _FIRST_YEAR <= date(int(year), int(month), int(day)).year <= _LAST_YEAR
    except ValueError:
        return False


def _is_from_serial(text: str, serial: str) -> bool:
    digits = re.sub(r"[^0-9]", "", serial)
    size = min(len(text), _SHARED_WITH_SERIAL)
    windows = {text[i : i + size] for i in range(len(text) - size + 1)}
    return any(window in digits or window in digits[::-1] for window in windows)
