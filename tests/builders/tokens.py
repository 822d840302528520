"""Tokens for tests: a medium of either module with its PINs, an issuer of certificates, and judges that are not ours."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from card_issuance import token_acts
from card_issuance.officer import derive
from card_issuance.pin import Pin, new_pin
from card_issuance.slots import ModuleKind, ModuleSettings
from card_issuance.token_acts import Proof, TokenSight
from tests.opencryptoki import software_token

MASTER = bytes(range(32))
KEY = "5a" * 16
_SINCE, _UNTIL = datetime(2026, 11, 1, tzinfo=UTC), datetime(2027, 11, 1, tzinfo=UTC)


class Issuer:
    """An issuing authority of two levels in memory."""

    def __init__(self) -> None:
        self._root, self._issuing = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        root = _builder("样例根", "样例根", self._root.public_key()).sign(self._root, SHA256())
        issuing = _builder("样例签发", "样例根", self._issuing.public_key()).sign(self._root, SHA256())
        self.chain = tuple(c.public_bytes(Encoding.DER) for c in (issuing, root))

    def certificate(self, request: bytes, name: str = "北京某某科技有限公司") -> bytes:
        """DER, for the key of this certificate request (PEM)."""
        asked = x509.load_pem_x509_csr(request)
        assert asked.is_signature_valid
        return _builder(name, "样例签发", asked.public_key()).sign(self._issuing, SHA256()).public_bytes(Encoding.DER)


def _builder(subject: str, issuer: str, key: object) -> x509.CertificateBuilder:
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in (subject, issuer)]
    return x509.CertificateBuilder(names[1], names[0], key, x509.random_serial_number(), _SINCE, _UNTIL)  # type: ignore[arg-type]


@dataclass
class Medium:
    """One token in a slot, and what the station would have in hand for it."""

    where: ModuleSettings
    serial: str
    officer_pin: Pin
    pin: Pin
    inside: tuple[str, ...] = ()

    def initialise(self, *may_destroy: str) -> TokenSight:
        return token_acts.initialise(self.where, self.serial, self.officer_pin, self.pin, may_destroy)

    def generate(self, key: str = KEY, profile: str = "rsa_2048") -> bytes:
        return token_acts.generate(self.where, self.serial, self.pin, key, profile)

    def write(self, certificate: bytes, issuer: Issuer, key: str = KEY) -> None:
        token_acts.write(self.where, self.serial, self.pin, key, certificate, issuer.chain)

    def prove(self, certificate: bytes, issuer: Issuer, key: str = KEY) -> Proof:
        return token_acts.prove(self.where, self.serial, self.pin, key, certificate, issuer.chain)

    def new_pin(self) -> None:
        """By the officer."""
        self.pin = new_pin(self.where.pin_length, self.serial)
        token_acts.reset_pin(self.where, self.serial, self.officer_pin, self.pin)

    def look(self, logged_in: bool = True) -> TokenSight:
        return token_acts.inspect(self.where, self.serial, self.pin if logged_in else None)

    def issue(self, issuer: Issuer, profile: str = "rsa_2048") -> bytes:
        """The whole sequence; returns the certificate."""
        self.initialise(KEY)
        certificate = issuer.certificate(self.generate(profile=profile))
        self.write(certificate, issuer)
        self.prove(certificate, issuer)
        return certificate

    def impatient(self, deadline: float) -> Medium:
        return replace(self, where=replace(self.where, deadline=deadline, generate_deadline=deadline))

    # judges

    def tool(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """pkcs11-tool of OpenSC on this token; the PIN goes by its environment."""
        environment = {"PATH": os.environ["PATH"], "TOKEN_PIN": self.pin.reveal(), **self.environment}
        command = [*self.inside, "pkcs11-tool", "--module", self.where.module, "--token-label", self.serial, *arguments]
        return subprocess.run(command, env=environment, input=stdin, capture_output=True, check=True).stdout

    def logged_in_tool(self, *arguments: str, stdin: bytes = b"") -> bytes:
        return self.tool("--login", "--pin", "env:TOKEN_PIN", *arguments, stdin=stdin)

    @property
    def environment(self) -> Mapping[str, str]:
        return self.where.cabinet.environment(self.serial) if self.where.kind is ModuleKind.simulated else {}


def simulated_medium(state: Path, serial: str = "BJ26000001") -> Medium:
    """A blank medium in a slot."""
    where = ModuleSettings.simulated(state)
    where.cabinet.make_blank(serial)
    where.cabinet.insert(serial)
    return _medium(where, serial)


@contextmanager
def medium_of(kind: str, state: Path) -> Iterator[Medium]:
    """A blank one. `kind`: "softhsm" or "opencryptoki" (which skips where it cannot run)."""
    if kind == "softhsm":
        yield simulated_medium(state)
    else:
        with software_token(state, "OCK0001") as token:
            yield replace(_medium(token.settings, "OCK0001"), inside=token.inside)


def _medium(where: ModuleSettings, serial: str) -> Medium:
    officer_pin = derive(MASTER, serial, 0, where.officer_pin_length)
    return Medium(where, serial, officer_pin, new_pin(where.pin_length, serial))


def openssl(*arguments: str, stdin: bytes = b"") -> bytes:
    return subprocess.run(["openssl", *arguments], input=stdin, capture_output=True, check=True).stdout


def key_digest(certificate: bytes) -> str:
    public = x509.load_der_x509_certificate(certificate).public_key()
    return sha256(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
