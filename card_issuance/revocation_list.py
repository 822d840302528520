"""A complete revocation list of version 2, byte by byte (RFC 5280, 5)."""

from collections.abc import Sequence
from datetime import datetime

from card_issuance import der
from card_issuance.authority import RevokedEntry, RevokedReason
from card_issuance.profile import SIGNATURE_ALGORITHM, Issuer

_REASON_CODES = {  # 5.3.1; 0 (unspecified) is expressed by leaving the extension out
    RevokedReason.key_compromise: 1,
    RevokedReason.affiliation_changed: 3,
    RevokedReason.superseded: 4,
    RevokedReason.cessation_of_operation: 5,
    RevokedReason.certificate_hold: 6,
}
_REASON_EXTENSIONS = {
    reason: der.sequence(der.sequence(der.object_id("2.5.29.21"), der.octets(der.enumerated(code))))
    for reason, code in _REASON_CODES.items()
} | {RevokedReason.unspecified: b"", None: b""}


def reason_code(reason: str | None) -> int | None:
    """The CRLReason of a RevokedReason's value; None where it is left out. Raises ValueError for another word."""
    return None if reason is None else _REASON_CODES.get(RevokedReason(reason))


def revocation_list(
    issuer: Issuer, number: int, this_update: datetime, next_update: datetime, entries: Sequence[RevokedEntry]
) -> bytes:
    """The TBSCertList, DER, entries in the order of their serials. A mistake in the arguments raises ValueError."""
    if not 0 <= number < 1 << 159:
        raise ValueError("a list's number has at most 20 bytes and is not negative")
    if not this_update < next_update:
        raise ValueError("the next update must come after this one")
    by_serial = {int(entry.serial, 16): entry for entry in entries}
    if len(by_serial) != len(entries):
        raise ValueError("a serial is listed twice")
    listed = [_entry(serial, by_serial[serial]) for serial in sorted(by_serial)]
    extensions = der.sequence(
        der.sequence(der.object_id("2.5.29.35"), der.octets(der.sequence(der.implicit(0, issuer.key_identifier)))),
        der.sequence(der.object_id("2.5.29.20"), der.octets(der.integer(number))),
    )
    return der.sequence(
        der.integer(1),
        SIGNATURE_ALGORITHM,
        issuer.name,
        der.time(this_update),
        der.time(next_update),
        *([der.sequence(*listed)] if listed else []),  # an empty one must be left out (5.1.2.6)
        der.explicit(0, extensions),
    )


def _entry(serial: int, entry: RevokedEntry) -> bytes:
    reason = None if entry.reason is None else RevokedReason(entry.reason)
    return der.sequence(der.integer(serial), der.time(entry.at), _REASON_EXTENSIONS[reason])
