"""Which of the office's keys signs what platforms are told, and which ones it publishes, at an instant.

A new key is announced for longer than anybody keeps the published set, and signs only then; the one before it stays in the set until
its last signature can have been checked, also by a platform that puts what it is sent on a pile first. A key that may be in wrong
hands is withdrawn: it leaves the set at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

SET_IS_KEPT = timedelta(hours=1)  # how long a platform may keep the published set without asking again
ANNOUNCED = 4 * SET_IS_KEPT
LISTED_AFTER = timedelta(days=7)  # after its last signature
ERASED_AFTER = timedelta(hours=1)  # the private half; a clock that is set back by less finds it still there


class KeyStanding(StrEnum):
    announced = "announced"  # published, and signs later
    signing = "signing"
    verifying = "verifying"  # signs no more, and is published still
    retired = "retired"
    withdrawn = "withdrawn"


@dataclass(frozen=True, slots=True)
class KeyLife:
    """`signs_from`: until the next key's. Keys come in the order in which they were made."""

    name: str
    signs_from: datetime
    withdrawn_at: datetime | None = None
    is_erased: bool = False  # its private half is gone


def signing(keys: Sequence[KeyLife], at: datetime) -> KeyLife | None:
    """The newest whose time has come; None where no key can sign.

    Where none's has come, because the clock was set back, the first of them signs: platforms are told in any case.
    """
    able = [key for key in keys if key.withdrawn_at is None and not key.is_erased]
    begun = [key for key in able if key.signs_from <= at]
    return begun[-1] if begun else next(iter(able), None)


def signs_until(key: KeyLife, keys: Sequence[KeyLife]) -> datetime | None:
    """None: no key comes after it, or it signs no more already."""
    if key.withdrawn_at is not None:
        return key.withdrawn_at
    later = keys[keys.index(key) + 1 :]
    return next((one.signs_from for one in later if one.withdrawn_at is None), None)


def listed_until(key: KeyLife, keys: Sequence[KeyLife]) -> datetime | None:
    """When it leaves the published set; None: nobody knows yet."""
    until = signs_until(key, keys)
    if until is None or key.withdrawn_at is not None:
        return until
    return until + LISTED_AFTER


def standing(key: KeyLife, keys: Sequence[KeyLife], at: datetime) -> KeyStanding:
    if key.withdrawn_at is not None:
        return KeyStanding.withdrawn
    if key == signing(keys, at):
        return KeyStanding.signing
    if at < key.signs_from:
        return KeyStanding.announced
    until = listed_until(key, keys)
    return KeyStanding.retired if until is not None and until <= at else KeyStanding.verifying


PUBLISHED = frozenset({KeyStanding.announced, KeyStanding.signing, KeyStanding.verifying})


def may_erase(key: KeyLife, keys: Sequence[KeyLife], at: datetime) -> bool:
    """Whether the private half has signed for the last time."""
    until = signs_until(key, keys)
    return not key.is_erased and until is not None and until + ERASED_AFTER <= at
