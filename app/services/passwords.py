"""Passwords: argon2id, and the least that one must be."""

import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LEAST = 10  # characters
MOST = 128

_hasher = PasswordHasher()  # argon2id; time, memory and lanes as RFC 9106 recommends for a shared machine


def hash_password(password: str) -> str:
    return _hasher.hash(_folded(password))


def password_matches(stored: str | None, password: str) -> bool:
    """Takes as long for nobody (`stored` None) as for somebody."""
    try:
        _hasher.verify(stored or _nobodys_hash(), _folded(password))
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def password_fault(password: str, number: str, name: str) -> str | None:
    """Why a new password will not do, as a code; None if it will.

    Length against guessing, and nothing that a neighbour would try; no rules about kinds of characters (NIST SP 800-63B, 3.1.1.2).
    """
    folded = _folded(password).casefold()
    if len(folded) < LEAST:
        return "password_short"
    if len(folded) > MOST:
        return "password_long"
    if len(set(folded)) < 5 or folded in "01234567890123456789" or folded in "abcdefghijklmnopqrstuvwxyz":
        return "password_obvious"
    if number.casefold() in folded or (len(name) > 1 and name.casefold() in folded):
        return "password_obvious"
    return None


def _folded(password: str) -> str:
    """One form for what looks the same, however the keyboard or input method made it."""
    return unicodedata.normalize("NFKC", password)


@cache
def _nobodys_hash() -> str:
    return _hasher.hash("nobody")
