"""The embedded authority's responder: a key of its own, in a process of its own, trusted to answer questions of status.

Its certificate lasts 30 days and is made anew when 10 are left. While that fails, the old one still serves.
"""

import contextlib
import fcntl
import os
import secrets
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from card_issuance import profile
from card_issuance.authority import AuthorityFault, AuthorityUnreachable
from card_issuance.authority_directory import OCSP, RESPONDER_CERTIFICATE
from card_issuance.authority_founding import signer
from card_issuance.lasting_child import ChildFault, ChildLost

LASTS, RENEWED_BEFORE = timedelta(days=30), timedelta(days=10)
_BACKDATED = timedelta(hours=1)  # for clocks that are a little behind

# Signs the responder's certificate: its TBSCertificate and serial in, its signature out.
Delegate = Callable[[bytes, str], bytes]


@dataclass(frozen=True)
class ResponderCertificate:
    der: bytes
    not_before: datetime
    not_after: datetime
    key: rsa.RSAPublicKey
    key_identifier: bytes

    @classmethod
    def of(cls, der: bytes, issuing: x509.Certificate) -> Self:
        """Raises ValueError for bytes that are no certificate by this issuer."""
        certificate = x509.load_der_x509_certificate(der)
        try:
            certificate.verify_directly_issued_by(issuing)
        except (InvalidSignature, TypeError) as fault:
            raise ValueError("not by this issuer") from fault
        key = certificate.public_key()
        if not isinstance(key, rsa.RSAPublicKey):
            raise ValueError("not an RSA key")
        begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        return cls(der, begin, end, key, profile.key_identifier(key))

    def holds(self, at: datetime) -> bool:
        return self.not_before <= at < self.not_after


class Responder:
    """May be shared by threads and by processes: whoever finds the certificate old makes a new one, one at a time."""

    def __init__(self, directory: Path, issuing: x509.Certificate, module: str, deadline: float, delegate: Delegate) -> None:
        self._folder = directory / OCSP
        self._issuing = issuing
        self._delegate = delegate
        self._child = signer(directory, OCSP, module, deadline)
        self._renewing = threading.Lock()
        self._certificate: ResponderCertificate | None = None

    def at(self, now: datetime) -> ResponderCertificate:
        """The certificate that serves at this instant. Raises AuthorityUnreachable."""
        held = self._certificate
        if held is None or self._is_due(held, now):
            held = self._certificate = self._fresh(now)
        return held

    def sign(self, response_data: bytes, by: ResponderCertificate) -> bytes:
        """Verified under the certificate. Raises AuthorityUnreachable."""
        try:
            signature = self._child.ask("sign", response_data)[1]
            by.key.verify(signature, response_data, padding.PKCS1v15(), hashes.SHA256())
        except (ChildFault, ChildLost) as fault:
            raise AuthorityUnreachable(f"The responder: {fault}") from None
        except InvalidSignature:
            self._certificate = None  # another key lies there now: look again
            raise AuthorityUnreachable("The responder's signature does not verify.") from None
        return signature

    def close(self) -> None:
        self._child.close()

    def _is_due(self, held: ResponderCertificate, now: datetime) -> bool:
        """A certificate that ends with its issuer cannot be made to last any longer."""
        ends_with_issuer = held.not_after >= self._issuing.not_valid_after_utc
        return not held.holds(now) or (not ends_with_issuer and held.not_after - now < RENEWED_BEFORE)

    def _fresh(self, now: datetime) -> ResponderCertificate:
        with self._renewing, self._only_one():
            lying = self._read()
            if lying is not None and not self._is_due(lying, now):
                return lying
            try:
                return self._renew(now)
            except AuthorityFault:
                if lying is None or not lying.holds(now):
                    raise
                return lying

    def _read(self) -> ResponderCertificate | None:
        """What lies in the folder, if it is for the key that lies there too."""
        try:
            lying = ResponderCertificate.of((self._folder / RESPONDER_CERTIFICATE).read_bytes(), self._issuing)
        except (OSError, ValueError):
            return None
        return lying if lying.key == self._key() else None

    def _key(self) -> rsa.RSAPublicKey:
        try:
            return profile.rsa_key(bytes.fromhex(self._child.greeting()["public_key"]))
        except (ChildFault, ChildLost, OSError, ValueError) as fault:
            raise AuthorityUnreachable(f"The responder: {fault}") from None

    def _renew(self, now: datetime) -> ResponderCertificate:
        begin = max(now - _BACKDATED, self._issuing.not_valid_before_utc).astimezone(UTC).replace(microsecond=0)
        end = min(begin + LASTS, self._issuing.not_valid_after_utc)
        if not begin <= now < end:
            raise AuthorityUnreachable("The issuing authority's own certificate is not valid at this time.")
        serial = profile.new_serial()
        to_be_signed = profile.responder(self._issuing, self._key(), (begin, end), serial)
        made = profile.signed(to_be_signed, self._delegate(to_be_signed, f"{serial:x}"))
        try:
            certificate = ResponderCertificate.of(made, self._issuing)
            self._keep(made)
        except ValueError:
            raise AuthorityUnreachable("The responder's new certificate does not verify.") from None
        except OSError as fault:
            raise AuthorityUnreachable(f"The responder's new certificate could not be kept: {fault}") from None
        return certificate

    def _keep(self, der: bytes) -> None:
        aside = self._folder / f".{RESPONDER_CERTIFICATE}.{secrets.token_hex(4)}"
        try:
            with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(der)
                file.flush()
                os.fsync(file.fileno())
            aside.rename(self._folder / RESPONDER_CERTIFICATE)
        finally:
            aside.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _only_one(self) -> Iterator[None]:
        """Several processes do not each make one."""
        try:
            handle = os.open(self._folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as fault:
            raise AuthorityUnreachable(f"The responder's folder: {fault}") from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)
