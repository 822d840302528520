"""Numbers of identity documents: whether one can be right, and how it is masked. Nothing here says whose it is."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from models.rulebook.vocabulary import IdentityKind

# The oldest that anybody at a counter can be, in years.
_OLDEST = 130
_WEIGHTS = tuple(pow(2, 17 - position, 11) for position in range(17))

# GB/T 2260: the provinces that a citizen's number begins with.
_PROVINCES = frozenset(
    str(code)
    for code in (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82)
)
# A residence permit for people from Hong Kong, Macao and Taiwan has one of these instead of a county.
_PERMIT_REGIONS = frozenset({"810000", "820000", "830000"})


class IdentityFault(StrEnum):
    """Why a text is no number of its kind; the first that applies."""

    required = "required"
    wrong_length = "wrong_length"
    wrong_character = "wrong_character"
    wrong_form = "wrong_form"  # not built like a number of this kind
    other_kind = "other_kind"  # a number, but of another kind of document
    wrong_region = "wrong_region"
    no_birth_date = "no_birth_date"  # no such day
    birth_in_future = "birth_in_future"
    birth_too_early = "birth_too_early"
    wrong_check = "wrong_check"  # mistyped: the check character does not agree


def normalised(number: str) -> str:
    """What was typed or scanned, in the one way it is stored and found: half-width, upper case, no spaces or hyphens."""
    folded = unicodedata.normalize("NFKC", number).upper()
    return "".join(letter for letter in folded if letter not in "-‐–()·" and not letter.isspace())


def fault_of(kind: IdentityKind, number: str, on: date) -> IdentityFault | None:
    """Why `number` cannot be a document of this kind on the day `on`, or None if it can."""
    number = normalised(number)
    if not number:
        return IdentityFault.required
    return _JUDGES[kind](number, on)


def check_character(first_17: str) -> str:
    """The last character of an 18-character citizen's number. GB 11643-1999, ISO 7064 MOD 11-2; ten is X."""
    check = (1 - sum(int(digit) * weight for digit, weight in zip(first_17, _WEIGHTS, strict=True))) % 11
    return "X" if check == 10 else str(check)


def _eighteen(number: str, on: date) -> IdentityFault | None:
    """What is common to all numbers built like a citizen's: a date of birth at 7 to 14, a check character at 18."""
    if len(number) != 18:
        return IdentityFault.wrong_length
    if re.fullmatch(r"[0-9]{17}[0-9X]", number) is None:
        return IdentityFault.wrong_character
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return IdentityFault.no_birth_date
    if born > on:
        return IdentityFault.birth_in_future
    if on.year - born.year > _OLDEST:
        return IdentityFault.birth_too_early
    return None if number[17] == check_character(number[:17]) else IdentityFault.wrong_check


def _resident(number: str, on: date) -> IdentityFault | None:
    fault = _eighteen(number, on)
    if fault is not None:
        return fault
    if number[:6] in _PERMIT_REGIONS or number[0] == "9":
        return IdentityFault.other_kind
    return None if number[:2] in _PROVINCES else IdentityFault.wrong_region


def _permit(number: str, on: date) -> IdentityFault | None:
    fault = _eighteen(number, on)
    if fault is not None:
        return fault
    if number[:6] in _PERMIT_REGIONS:
        return None
    return IdentityFault.other_kind if number[:2] in _PROVINCES or number[0] == "9" else IdentityFault.wrong_region


def _foreigner(number: str, on: date) -> IdentityFault | None:
    """Cards of 2023 and later have 18 characters beginning with 9; older ones three letters and twelve digits."""
    if len(number) == 15:
        return None if re.fullmatch(r"[A-Z]{3}[0-9]{12}", number) else IdentityFault.wrong_form
    fault = _eighteen(number, on)
    if fault is not None:
        return fault
    return None if number[0] == "9" else IdentityFault.other_kind


def _built_like(pattern: str) -> Callable[[str, date], IdentityFault | None]:
    compiled = re.compile(pattern)
    return lambda number, on: None if compiled.fullmatch(number) else IdentityFault.wrong_form


_JUDGES: Mapping[IdentityKind, Callable[[str, date], IdentityFault | None]] = MappingProxyType(
    {
        IdentityKind.resident_card: _resident,
        IdentityKind.hmt_residence_permit: _permit,
        IdentityKind.foreigner_residence_card: _foreigner,
        # H or M and eight digits; before 2013 with two more that counted the issues.
        IdentityKind.hm_travel_permit: _built_like(r"[HM][0-9]{8}([0-9]{2})?"),
        # Eight digits on the card; the older booklet had ten and a letter.
        IdentityKind.tw_travel_permit: _built_like(r"[0-9]{8}|[0-9]{10}[A-Z]?"),
        # ICAO 9303 allows nine characters; some states print a few more. Never letters alone.
        IdentityKind.passport: _built_like(r"(?=.*[0-9])[A-Z0-9]{5,12}"),
        IdentityKind.military_card: _built_like(r"[\u4e00-\u9fff]{1,4}字第?[0-9]{4,10}号?|[0-9]{6,18}"),
    }
)


def mask_identity(number: str) -> str:
    """A number as pages, lists and exports show it: 110***********1234. At most a third of a short one stays readable."""
    number = normalised(number)
    if len(number) >= 15:
        return _masked(number, 3, 4)
    return _masked(number, len(number) // 6, len(number) // 6)


def mask_mobile(number: str) -> str:
    """138****5678; at most a third of a short number stays readable."""
    number = normalised(number)
    if len(number) >= 11:
        return _masked(number, 3, 4)
    return _masked(number, len(number) // 6, len(number) // 6)


def mask_account(reference: str) -> str:
    """A platform's own word for an account: sh******04. At most a third of it stays readable."""
    shown = min(2, len(reference) // 6)
    return _masked(reference, shown, shown)


def _masked(number: str, first: int, last: int) -> str:
    hidden = len(number) - first - last
    return number[:first] + "*" * hidden + number[len(number) - last :]
