"""Who signs in: the proof that the station on the holder's computer sends, judged from what this platform knows by itself.

The holder's key signed this text, and no other bytes (ASCII, every line ended by a line feed):

    one-certificate statement, version 1
    purpose: sign-in                                  or: submission
    platform: https://platform.example.cn             this platform's origin
    challenge: …                                      base64url, made here for this once
    grants: organisation certificate terms            what was asked for; empty for a submission
    about:                                            of a submission: SHA-256 of what is submitted, hex
    certificate: …                                    SHA-256 of the certificate's DER, hex
    at: 2026-11-22T01:02:03Z                          the station's clock

with SHA-256 and RSA PKCS #1 v1.5, or ECDSA in DER.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

SLACK = timedelta(minutes=2)  # between the station's clock and ours
LONGEST_CHAIN = 3
LARGEST = 16_384  # characters of one field
_ORGANISATION_ID = x509.ObjectIdentifier("2.5.4.97")  # "NTRCN-" and the credit code


class NotProven(Exception):
    """`code`: malformed, clock, signature, chain, expired."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Asked:
    """What this platform asked for."""

    origin: str
    purpose: str
    challenge: str
    grants: tuple[str, ...]
    about: str


@dataclass(frozen=True)
class Proven:
    """Whose key signed, as the certificate says. Whether it still counts is for the office to say."""

    serial: str  # lower hex
    organisation: str
    credit_code: str
    statement: bytes
    signature: bytes


def statement(asked: Asked, certificate: bytes, at: str) -> bytes:
    return (
        "one-certificate statement, version 1\n"
        f"purpose: {asked.purpose}\n"
        f"platform: {asked.origin}\n"
        f"challenge: {asked.challenge}\n"
        f"grants: {' '.join(asked.grants)}\n"
        f"about: {asked.about}\n"
        f"certificate: {sha256(certificate).hexdigest()}\n"
        f"at: {at}\n"
    ).encode("ascii")


def judge(asked: Asked, answer: Mapping[str, str], root: bytes, now: datetime) -> Proven:
    """`answer`: the form's fields at, certificate, chain, signature. Raises NotProven."""
    try:
        at = datetime.strptime(answer.get("at", ""), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        certificate = x509.load_der_x509_certificate(_bytes(answer.get("certificate", "")))
        chain = [x509.load_der_x509_certificate(_bytes(each)) for each in answer.get("chain", "").split()[:LONGEST_CHAIN]]
        signature = _bytes(answer.get("signature", ""))
        said = statement(asked, _bytes(answer.get("certificate", "")), answer["at"])
        name = _name(certificate)
    except (ValueError, binascii.Error):
        raise NotProven("malformed") from None
    if abs(now - at) > SLACK:
        raise NotProven("clock")
    _signed(certificate, signature, said)
    try:
        _stands_on(certificate, chain, x509.load_der_x509_certificate(root), now)
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        raise NotProven("chain") from None
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise NotProven("expired")
    return Proven(f"{certificate.serial_number:x}", *name, said, signature)


def _bytes(text: str) -> bytes:
    if not text or len(text) > LARGEST:
        raise ValueError("empty, or too long")
    return base64.b64decode(text, validate=True)


def _name(certificate: x509.Certificate) -> tuple[str, str]:
    names = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    numbers = certificate.subject.get_attributes_for_oid(_ORGANISATION_ID)
    if len(names) != 1 or len(numbers) != 1 or not str(numbers[0].value).startswith("NTRCN-"):
        raise ValueError("not a legal entity's certificate")
    return str(names[0].value), str(numbers[0].value).removeprefix("NTRCN-")


def _signed(certificate: x509.Certificate, signature: bytes, said: bytes) -> None:
    key = certificate.public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, said, padding.PKCS1v15(), SHA256())
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, said, ec.ECDSA(SHA256()))
        else:
            raise NotProven("signature")
    except InvalidSignature:
        raise NotProven("signature") from None


def _stands_on(certificate: x509.Certificate, chain: Sequence[x509.Certificate], root: x509.Certificate, now: datetime) -> None:
    """A path from the certificate to the root that we hold, whatever else was sent: each signed by the next, each above the first
    an authority in force whose path length allows it. Any error is a refusal."""
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    if _is_authority(certificate) or not usage.digital_signature or ExtendedKeyUsageOID.CLIENT_AUTH not in purposes:
        raise ValueError("not for signing in")
    below, beneath = certificate, 0
    while True:
        above = next((each for each in [root, *chain] if each.subject == below.issuer), None)
        if above is None or beneath > LONGEST_CHAIN:
            raise ValueError("no path")
        below.verify_directly_issued_by(above)
        constraints = above.extensions.get_extension_for_class(x509.BasicConstraints).value
        length = constraints.path_length
        if not constraints.ca or (length is not None and beneath > length):
            raise ValueError("not an authority")
        if not above.extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign:
            raise ValueError("may not issue")
        if not above.not_valid_before_utc <= now <= above.not_valid_after_utc:
            raise ValueError("not in force")
        if above == root:
            return
        below, beneath = above, beneath + 1


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False
