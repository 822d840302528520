"""The unified social credit code (GB 32100-2015, 18 characters) and the older organisation code (GB 11714-1997, 9 characters)."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from models.rulebook.vocabulary import ApplicantKind

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # no I, O, S, V, Z
_WEIGHTS = tuple(pow(3, position, 31) for position in range(17))
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_DIGITS = frozenset("0123456789")

# What the first two characters, registering department and class, tell of the applicant. Where they tell nothing, the clerk
# chooses; in any case he confirms.
_KINDS: Mapping[str, ApplicantKind] = MappingProxyType(
    {
        "11": ApplicantKind.government_organ,
        "12": ApplicantKind.public_institution,
        "13": ApplicantKind.social_organisation,
        "51": ApplicantKind.social_organisation,
        "52": ApplicantKind.private_non_enterprise,
        "91": ApplicantKind.enterprise,
        "92": ApplicantKind.individual_business,
        "A1": ApplicantKind.military_unit,
        "A9": ApplicantKind.military_unit,
    }
)


class CodeFault(StrEnum):
    """Why a text is no code; the first that applies."""

    required = "required"
    wrong_length = "wrong_length"  # neither 18 nor 9 characters
    wrong_character = "wrong_character"
    wrong_region = "wrong_region"  # positions 3 to 8 are not digits
    wrong_check = "wrong_check"  # mistyped: the check character does not agree


@dataclass(frozen=True, slots=True)
class CreditCode:
    """A code whose check character agrees. `organisation_code`: its nine characters that are the older code."""

    code: str
    organisation_code: str
    suggested_kind: ApplicantKind | None

    @property
    def is_unified(self) -> bool:
        """Whether it is the 18-character code rather than an older organisation code."""
        return len(self.code) == 18


def read(typed: str) -> CreditCode | CodeFault:
    """The code in what was typed or scanned: full-width letters, lower case, spaces and hyphens are let pass."""
    code = "".join(letter for letter in unicodedata.normalize("NFKC", typed).upper() if letter != "-" and not letter.isspace())
    if not code:
        return CodeFault.required
    if len(code) == 9:
        return _organisation_code(code)
    if len(code) != 18:
        return CodeFault.wrong_length
    if not _DIGITS.issuperset(code[2:8]):
        return CodeFault.wrong_region if code[2:8].isascii() and code[2:8].isalnum() else CodeFault.wrong_character
    if not set(_ALPHABET).issuperset(code):
        return CodeFault.wrong_character
    if code[17] != check_character(code[:17]):
        return CodeFault.wrong_check
    return CreditCode(code, code[8:17], _KINDS.get(code[:2]))


def _organisation_code(code: str) -> CreditCode | CodeFault:
    if not code.isascii() or not code.isalnum() or code[8] not in "0123456789X":
        return CodeFault.wrong_character
    if code[8] != organisation_check_character(code[:8]):
        return CodeFault.wrong_check
    return CreditCode(code, code, None)


def check_character(first_17: str) -> str:
    """The 18th character of a unified code. GB 32100: weights are powers of 3, modulus 31."""
    total = sum(_ALPHABET.index(letter) * weight for letter, weight in zip(first_17, _WEIGHTS, strict=True))
    return _ALPHABET[-total % 31]


def organisation_check_character(first_8: str) -> str:
    """The 9th character of an organisation code. GB 11714: modulus 11, ten is X; letters count from A = 10."""
    total = sum(int(letter, 36) * weight for letter, weight in zip(first_8, _ORGANISATION_WEIGHTS, strict=True))
    check = -total % 11
    return "X" if check == 10 else str(check)
