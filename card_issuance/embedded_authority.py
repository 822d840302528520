"""The authority that comes with the office: a root and an issuing authority whose keys live in SoftHSM.

Its directory: `root/`, `issuing/` and `ocsp/` (each a token, its settings and its PINs), `root.cer`, `issuing.cer`, and
`record.sqlite`, the record of every certificate signed. `root/` is needed only to sign another issuing authority: a
branch that means business moves it to a medium in the safe.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from card_issuance import ocsp, profile
from card_issuance.authority import (
    AuthorityFault,
    AuthorityRefused,
    AuthorityUnreachable,
    CertificateOrder,
    Finding,
    Prepared,
    RevokedEntry,
    SignedLine,
    StatusAnswer,
)
from card_issuance.authority_directory import ISSUING, ISSUING_CERTIFICATE, RECORD, ROOT_CERTIFICATE
from card_issuance.authority_founding import FoundingFailed, found, found_responder, only_one, signer
from card_issuance.authority_record import read_lines
from card_issuance.lasting_child import ChildFault, ChildLost
from card_issuance.lint import Linter
from card_issuance.responder import Responder
from card_issuance.revocation_list import revocation_list

SOFTHSM = "/usr/lib/softhsm/libsofthsm2.so"
ORGANISATION = "法人一证通窗口"
DEADLINE = 10.0  # seconds for one answer of the signer or the linter
# What the signer says about a question that will not become right by asking again.
_REFUSALS = ("already_signed", "no_certificate", "no_list")


class AuthorityDamaged(AuthorityFault):
    """The directory holds no whole authority. It is never made anew by itself: put it back from the backup."""


class EmbeddedAuthority:
    """An `Authority`. Its methods may be called from any thread, and after a fork."""

    is_twin = False

    def __init__(self, directory: Path, module: str, deadline: float) -> None:
        self._directory = directory
        try:
            if directory.stat().st_mode & 0o077:
                raise AuthorityDamaged(f"{directory} must be open to its owner only (chmod 700).")
            self._chain = tuple((directory / file).read_bytes() for file in (ISSUING_CERTIFICATE, ROOT_CERTIFICATE))
            issuing, root = (x509.load_der_x509_certificate(der) for der in self._chain)
            issuing.verify_directly_issued_by(root)
            self._issuer = profile.Issuer.of(issuing)
        except (OSError, ValueError, TypeError, InvalidSignature) as fault:
            raise AuthorityDamaged(f"{directory} holds no whole authority: {fault or type(fault).__name__}") from fault
        self.name: str = issuing.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value
        self._signer = signer(directory, ISSUING, module, deadline)
        self._linter = Linter(directory, deadline)
        self._responder = Responder(directory, issuing, module, deadline, self._delegate)

    @classmethod
    def open(cls, directory: Path, module: str = SOFTHSM, *, deadline: float = DEADLINE) -> Self:
        """Opens what `create` made, and proves that its key is the one in its certificate. Founds the responder where it
        is missing.

        Raises AuthorityDamaged (a person must look), AuthorityUnreachable (may pass).
        """
        authority = cls(directory, module, deadline)
        try:
            authority._linter.launch()
            authority._prove_key()
            found_responder(directory, module)
        except FoundingFailed as fault:
            authority.close()
            raise AuthorityUnreachable(str(fault)) from fault
        except BaseException:
            authority.close()
            raise
        return authority

    @classmethod
    def create(cls, directory: Path, now: datetime, module: str = SOFTHSM, organisation: str = ORGANISATION) -> Self:
        """Founds an authority in a directory that does not exist yet, and opens it. A few seconds.

        Raises FileExistsError, FoundingFailed.
        """
        with only_one(directory):
            found(directory, now, module, organisation)
        return cls.open(directory, module)

    @classmethod
    def open_or_create(cls, directory: Path, now: datetime, module: str = SOFTHSM) -> Self:
        """The first start founds, each later one opens; several processes may start at once."""
        with only_one(directory):
            if not directory.exists():
                found(directory, now, module, ORGANISATION)
        return cls.open(directory, module)

    def prepare(self, order: CertificateOrder) -> Prepared:
        if faults := profile.faults(order, self._issuer):
            raise AuthorityRefused(faults)
        serial = profile.new_serial()
        to_be_signed = profile.legal_entity(order, self._issuer, serial)
        findings = self._linter.lint(profile.with_blank_signature(to_be_signed))
        if errors := [finding for finding in findings if finding.refuses]:
            raise AuthorityRefused(errors)
        return Prepared(order.transaction, f"{serial:x}", to_be_signed, [finding.as_json() for finding in findings])

    def issue(self, prepared: Prepared) -> bytes:
        if strange := profile.strangeness(prepared.to_be_signed, prepared.serial, self._issuer):
            raise AuthorityRefused(strange)
        signature = self._ask("issue", prepared.to_be_signed, transaction=prepared.transaction, serial=prepared.serial)
        der = profile.signed(prepared.to_be_signed, signature)
        certificate = x509.load_der_x509_certificate(der)
        self._verify(certificate.signature, certificate.tbs_certificate_bytes)
        if certificate.tbs_certificate_bytes != prepared.to_be_signed:
            raise AuthorityUnreachable("The certificate is not what was prepared.")
        return der

    def chain(self) -> tuple[bytes, ...]:
        return self._chain

    def revocation_list(
        self, number: int, this_update: datetime, next_update: datetime, entries: Sequence[RevokedEntry]
    ) -> bytes:
        to_be_signed = revocation_list(self._issuer, number, this_update, next_update, entries)
        signature = self._ask("sign", to_be_signed)
        self._verify(signature, to_be_signed)
        return profile.signed(to_be_signed, signature)

    def status_response(
        self, answers: Sequence[StatusAnswer], this_update: datetime, next_update: datetime, nonce: bytes | None
    ) -> bytes:
        responder = self._responder.at(this_update)
        to_be_signed = ocsp.response_data(responder.key_identifier, answers, this_update, next_update, nonce)
        return ocsp.response(to_be_signed, self._responder.sign(to_be_signed, responder), responder.der)

    def signed(self, after: int = 0) -> Iterator[SignedLine]:
        try:
            yield from read_lines(self._directory / RECORD, after)
        except sqlite3.Error as fault:
            raise AuthorityUnreachable(f"The record of signatures: {fault}") from None

    def close(self) -> None:
        """Ends its children. The next call would start them again."""
        self._responder.close()
        self._signer.close()
        self._linter.close()

    def _ask(self, act: str, payload: bytes, **facts: str) -> bytes:
        try:
            return self._signer.ask(act, payload, **facts)[1]
        except ChildFault as fault:
            if fault.code in _REFUSALS:
                raise AuthorityRefused([Finding(f"authority.{fault.code}", "error", "certificate", str(fault))]) from None
            raise AuthorityUnreachable(f"The signer: {fault}") from None
        except ChildLost as fault:
            raise AuthorityUnreachable(f"The signer: {fault}") from None

    def _delegate(self, to_be_signed: bytes, serial: str) -> bytes:
        """The issuing key's signature over a certificate for the responder."""
        return self._ask("delegate", to_be_signed, serial=serial)

    def _verify(self, signature: bytes, signed: bytes) -> None:
        try:
            self._issuer.public_key.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            raise AuthorityUnreachable("The key store gave a signature that does not verify.") from None

    def _prove_key(self) -> None:
        try:
            held = self._signer.greeting()["public_key"]
        except ChildFault as fault:
            raise AuthorityDamaged(f"{self._directory}: {fault}") from None
        except ChildLost as fault:
            raise AuthorityUnreachable(f"The signer: {fault}") from None
        if not held or profile.rsa_key(bytes.fromhex(held)) != self._issuer.public_key:
            raise AuthorityDamaged(f"{self._directory}: the token does not hold the issuing certificate's key.")
