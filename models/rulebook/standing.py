"""How a certificate stands at an instant, in one word: its status and its dates together, the weightier first."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from models.rulebook.vocabulary import CertificateStatus


class Standing(StrEnum):
    """Only `good` may be relied upon."""

    good = "good"
    not_yet_valid = "not_yet_valid"
    expired = "expired"
    not_handed_over = "not_handed_over"  # on hold until its holder has it
    suspended = "suspended"
    revoked = "revoked"


STANDING_WORDS: Mapping[Standing, tuple[str, str]] = MappingProxyType(
    {
        Standing.good: ("有效", "Valid"),
        Standing.not_yet_valid: ("尚未生效", "Not valid yet"),
        Standing.expired: ("已过有效期", "Expired"),
        Standing.not_handed_over: ("尚未发放给持有人", "Not handed over to its holder yet"),
        Standing.suspended: ("已挂失（暂停）", "Suspended"),
        Standing.revoked: ("已注销（吊销）", "Revoked"),
    }
)

_OF_STATUS = {
    CertificateStatus.on_hold: Standing.not_handed_over,
    CertificateStatus.suspended: Standing.suspended,
    CertificateStatus.revoked: Standing.revoked,
}


def standing_of(status: CertificateStatus, not_before: datetime, not_after: datetime, at: datetime) -> Standing | None:
    """None for a certificate that is only prepared: perhaps it was never signed, and nobody can hold it.

    `not_before` and `not_after` are the first and the last instant at which it is valid (RFC 5280, 4.1.2.5).
    """
    if status is CertificateStatus.prepared:
        return None
    if status in _OF_STATUS:
        return _OF_STATUS[status]
    if at < not_before:
        return Standing.not_yet_valid
    return Standing.expired if at > not_after else Standing.good
