"""What a holder's key signs for a platform: a text of our own making, line by line, and never bytes that a platform chose.

The first line is found at the head of nothing else that a token signs (certificate requests are DER, the station's proofs begin
with other words), so that a signature given for one purpose serves no other. A platform builds the same text from what it knows
and verifies the signature over it: SHA-256, with RSA PKCS #1 v1.5 or ECDSA (DER), under the holder's certificate.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

VERSION = "one-certificate statement, version 1"
_SHAPES = {
    "platform": r"https?://[a-z0-9.:\[\]-]{1,250}",
    "challenge": r"[A-Za-z0-9_-]{22,128}",
    "certificate": r"[0-9a-f]{64}",
    "about": r"([0-9a-f]{64})?",
    "at": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
}


class Purpose(StrEnum):
    """What the holder agrees to."""

    sign_in = "sign-in"
    submission = "submission"


class Grant(StrEnum):
    """What a platform may ask for when somebody signs in."""

    organisation = "organisation"  # the name and the credit code
    certificate = "certificate"  # serial number, days of validity, and to ask the issuer for its status
    terms = "terms"  # agreement to the platform's own terms of service


@dataclass(frozen=True, slots=True)
class Statement:
    """ValueError names the part that is not in shape. Whether it is true is the business of whoever makes or reads it."""

    purpose: Purpose
    platform: str  # origin: "https://platform.example.cn"
    challenge: str  # base64url without padding, at least 16 bytes, made by the platform for this once
    grants: tuple[Grant, ...]  # empty for a submission
    about: str  # SHA-256 of what is submitted, hex; empty for a sign-in
    certificate: str  # SHA-256 of its DER, hex
    at: str  # UTC, to the second, by the station's clock

    def __post_init__(self) -> None:
        for part, shape in _SHAPES.items():
            if not re.fullmatch(shape, getattr(self, part), re.ASCII):
                raise ValueError(part)
        if bool(self.about) != (self.purpose is Purpose.submission):
            raise ValueError("about")
        if len(set(self.grants)) != len(self.grants) or (self.grants and self.purpose is Purpose.submission):
            raise ValueError("grants")

    def as_bytes(self) -> bytes:
        """What is signed: seven lines and the version, each ended by a line feed, ASCII."""
        return (
            f"{VERSION}\n"
            f"purpose: {self.purpose.value}\n"
            f"platform: {self.platform}\n"
            f"challenge: {self.challenge}\n"
            f"grants: {' '.join(grant.value for grant in self.grants)}\n"
            f"about: {self.about}\n"
            f"certificate: {self.certificate}\n"
            f"at: {self.at}\n"
        ).encode("ascii")

    def as_mapping(self) -> dict[str, object]:
        """To the driver's child, which makes the text anew from it."""
        return {
            "purpose": self.purpose.value,
            "platform": self.platform,
            "challenge": self.challenge,
            "grants": [grant.value for grant in self.grants],
            "about": self.about,
            "certificate": self.certificate,
            "at": self.at,
        }

    @staticmethod
    def from_mapping(given: dict[str, object]) -> "Statement":
        grants = given["grants"]
        if not isinstance(grants, list):
            raise ValueError("grants")
        parts = {name: str(given[name]) for name in _SHAPES}
        return Statement(Purpose(str(given["purpose"])), grants=tuple(Grant(grant) for grant in grants), **parts)
