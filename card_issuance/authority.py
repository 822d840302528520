"""What the office asks of a certificate authority. The embedded one stands in `embedded_authority.py`; an external one
implements the same acts.

The order of things (compare Boulder's issuance cycle): `prepare` builds and lints what is to be signed and signs
nothing; the office stores that, commits, and only then calls `issue`, which signs exactly the stored bytes. When an
answer is lost, `issue` is called again with the same bytes and gives the same certificate.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol


@dataclass(frozen=True)
class CertificateOrder:
    """What a certificate shall say. Instants are aware; whole seconds, the rest is cut off."""

    transaction: str  # the ceremony run's key, lower-case hex
    organisation_name: str  # as registered, never shortened
    credit_code: str  # 18 characters, or an older organisation code of 9
    public_key: bytes  # SubjectPublicKeyInfo, DER
    not_before: datetime
    not_after: datetime
    crl_url: str  # where the revocation list is fetched
    issuer_url: str  # where the issuing authority's certificate is fetched
    ocsp_url: str  # where the status is asked


@dataclass(frozen=True)
class Prepared:
    """A certificate in every byte but its signature: what the office stores before it lets it be signed."""

    transaction: str
    serial: str  # lower-case hex without leading zeros
    to_be_signed: bytes  # TBSCertificate, DER
    lint: list[dict[str, Any]]  # findings below an error, as `Finding.as_json`; errors have been refused


class RevokedReason(StrEnum):
    """RFC 5280, 5.3.1: the reasons an end entity's certificate can have here."""

    unspecified = "unspecified"
    key_compromise = "key_compromise"
    affiliation_changed = "affiliation_changed"
    superseded = "superseded"
    cessation_of_operation = "cessation_of_operation"
    certificate_hold = "certificate_hold"


@dataclass(frozen=True)
class RevokedEntry:
    serial: str  # lower-case hex
    at: datetime  # aware
    reason: str | None  # a RevokedReason's value; None and "unspecified" leave the extension out, as RFC 5280 asks


class Standing(StrEnum):
    """RFC 6960, 2.2."""

    good = "good"
    revoked = "revoked"
    unknown = "unknown"


@dataclass(frozen=True)
class StatusAnswer:
    """What is said of one certificate that was asked after."""

    certificate_id: bytes  # the question's CertID, DER, repeated byte for byte
    standing: Standing
    revoked_at: datetime | None = None  # aware; given where, and only where, it is revoked
    reason: str | None = None  # as in RevokedEntry


@dataclass(frozen=True)
class SignedLine:
    """One line of the authority's own record: written before the signature was made, so that none is missing."""

    position: int  # hand it to `signed(after=…)` to go on from here
    at: datetime
    transaction: str
    serial: str
    digest: str  # SHA-256 of the to-be-signed bytes, hex


@dataclass(frozen=True)
class Finding:
    """What a linter has to say: a stable code, where, how bad."""

    code: str  # "etsi.en_319_412_3.leg-4.2.1-4.…" as pkilint names it, or "profile.…" for our own
    severity: str  # notice, info, warning, error, fatal
    place: str  # path into the certificate
    detail: str

    @property
    def refuses(self) -> bool:
        return self.severity in ("error", "fatal")

    def as_json(self) -> dict[str, str]:
        return {"code": self.code, "severity": self.severity, "place": self.place, "detail": self.detail}


class AuthorityFault(Exception):
    """The family of everything an authority may answer instead of a result."""


class AuthorityRefused(AuthorityFault):
    """It will not sign this. `findings` say why; repeating the same question changes nothing."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("; ".join(f"{f.code}: {f.detail}".removesuffix(": ") for f in self.findings))


class AuthorityUnreachable(AuthorityFault):
    """No answer: dead, hung, or its key store is in the way. The same call may be repeated, nothing is signed twice."""


class Authority(Protocol):
    """An authority's methods may be called from any thread."""

    name: str  # the issuing authority's common name
    is_twin: bool  # a stand-in for demonstration says so, and production refuses it

    def prepare(self, order: CertificateOrder) -> Prepared:
        """Builds and lints; signs nothing. Raises AuthorityRefused with the findings, AuthorityUnreachable."""

    def issue(self, prepared: Prepared) -> bytes:
        """Signs exactly `prepared.to_be_signed` and gives the certificate, DER, verified under the authority's key.

        A repeat gives the same bytes. Raises AuthorityRefused for bytes that this authority would not have prepared,
        AuthorityUnreachable.
        """

    def chain(self) -> tuple[bytes, ...]:
        """The issuing authority's certificate, then its issuers' up to the root; DER."""

    def revocation_list(
        self, number: int, this_update: datetime, next_update: datetime, entries: Sequence[RevokedEntry]
    ) -> bytes:
        """A complete revocation list, DER, verified under the authority's key. Numbers must grow (RFC 5280, 5.2.3)."""

    def status_response(
        self, answers: Sequence[StatusAnswer], this_update: datetime, next_update: datetime, nonce: bytes | None
    ) -> bytes:
        """A successful OCSPResponse, DER (RFC 6960), signed in the authority's name by whom it trusts with that alone, and
        verified. Raises AuthorityUnreachable."""

    def signed(self, after: int = 0) -> Iterable[SignedLine]:
        """Every end entity's certificate that this authority ever signed, oldest first, from a position on: an office whose database was put back
        from a backup finds certificates here that it does not know, and revokes them."""
