"""The acts on a token, as the ceremony calls them: each runs in one short-lived child process under a deadline.

Every act finds its token by the serial, exactly; may be repeated after any end; and raises a fault of `card_issuance.faults`:
NoToken, WrongToken, TokenNotBlank, TokenRemoved, DriverHung, DriverFailed, KeyLost, ProofFailed, PinWrong, PinLocked.
Two acts on one token never run at once, over all threads and processes that share the settings' state directory.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from card_issuance import slots, token_nursery
from card_issuance.faults import ProofFailed
from card_issuance.pin import Pin
from card_issuance.slots import ModuleSettings
from card_issuance.statement import Statement


@dataclass(frozen=True, slots=True)
class KeySight:
    """A key as the token shows it. Without a login the private half is out of sight: then `private` and what it tells are None."""

    id: str  # CKA_ID, lower hex
    kind: str  # "rsa_2048", "p_256", …; "" if unreadable
    public_key_digest: str | None  # SHA-256 of the SubjectPublicKeyInfo, hex; None if there is no public half
    private: bool | None
    local: bool | None
    sensitive: bool | None
    extractable: bool | None


@dataclass(frozen=True, slots=True)
class CertificateSight:
    id: str  # CKA_ID, lower hex
    digest: str  # SHA-256 of the DER, hex


@dataclass(frozen=True, slots=True)
class TokenSight:
    serial: str
    initialised: bool
    label: str
    model: str
    user_pin: str  # "unset", "ok", "low", "final", "locked": what the token itself says of its tries
    officer_pin: str  # "unset", "ok", "low", "final", "locked"
    officer_ok: bool | None  # does the officer PIN that was given open it? None: none was given, or it was not tried
    keys: tuple[KeySight, ...]
    certificates: tuple[CertificateSight, ...]


@dataclass(frozen=True, slots=True)
class Holding:
    """A certificate whose key is on the token, and the certificates above it that are there too, its issuer's first."""

    certificate: bytes  # DER
    chain: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """That the PIN opens the token, the key is whole and stays there, and the certificates on it are these bytes."""

    serial: str
    key_id: str
    public_key_digest: str
    certificate_digest: str
    challenge: bytes
    signature: bytes


def inspect(where: ModuleSettings, serial: str, pin: Pin | None = None, officer_pin: Pin | None = None) -> TokenSight:
    """Look, change nothing. A PIN that is given is tried, and a wrong one uses up a try: of the user PIN that is PinWrong,
    of the officer PIN `officer_ok` False."""
    arguments = {"pin": pin and pin.reveal(), "officer_pin": officer_pin and officer_pin.reveal()}
    return _sight(slots.act(where, "inspect", serial, arguments))


def initialise(
    where: ModuleSettings, serial: str, officer_pin: Pin, pin: Pin, may_destroy: Collection[str] = frozenset()
) -> TokenSight:
    """An initialised, empty token that these two PINs open. Repeats: the token is emptied again and the PIN is set anew.

    TokenNotBlank if it holds anything whose id (hex) is not in `may_destroy`; nothing was destroyed then. C_InitToken is
    called on a blank token only; one of ours is emptied object by object.
    PinWrong / PinLocked with role "officer" if it was initialised with another officer PIN.
    """
    where.check_pins(pin, officer_pin)
    arguments = {"officer_pin": officer_pin.reveal(), "pin": pin.reveal(), "may_destroy": sorted(may_destroy)}
    return _sight(slots.act(where, "initialise", serial, arguments))


def reset_pin(where: ModuleSettings, serial: str, officer_pin: Pin, pin: Pin) -> None:
    """A new user PIN by the officer (C_InitPIN), proven by a login; also unlocks. Keys and certificates stay as they are:
    `prove` with the new PIN shows it."""
    where.check_pins(pin, officer_pin)
    slots.act(where, "reset_pin", serial, {"officer_pin": officer_pin.reveal(), "pin": pin.reveal()})


def try_pin(where: ModuleSettings, serial: str, pin: Pin) -> None:
    """Open the token with the holder's PIN, and nothing else. PinWrong uses up a try; PinLocked."""
    slots.act(where, "try_pin", serial, {"pin": pin.reveal()})


def change_pin(where: ModuleSettings, serial: str, old: Pin, new: Pin) -> None:
    """The holder's PIN by the holder (C_SetPIN), proven by a login with the new one. PinWrong, PinLocked: the old one is not his.

    After any other fault either of the two opens the token.
    """
    where.check_pin(new)
    slots.act(where, "change_pin", serial, {"old": old.reveal(), "new": new.reveal()})


def generate(where: ModuleSettings, serial: str, pin: Pin, key_id: str, profile: str) -> bytes:
    """A key pair born on the token under `key_id` (hex), and its certificate request (PKCS#10, PEM) signed by it, CN = serial.

    `profile`: "rsa_2048" or "p_256". A whole key with this id is kept; half a key is destroyed and made anew.
    KeyLost if the token holds a certificate with this id but not its whole key.
    """
    arguments = {"pin": pin.reveal(), "key_id": key_id, "profile": profile}
    answer = slots.act(where, "generate", serial, arguments, where.generate_deadline)
    return x509.load_der_x509_csr(_bytes(answer["request"])).public_bytes(Encoding.PEM)


def write(where: ModuleSettings, serial: str, pin: Pin, key_id: str, certificate_der: bytes, chain: Sequence[bytes]) -> None:
    """Put the certificate beside its key (same id), and the chain's certificates; read all of them back.

    Another certificate under the same id is replaced. KeyLost if the key under this id is not the certificate's.
    """
    arguments = {"pin": pin.reveal(), "key_id": key_id, "certificate": _text(certificate_der)}
    slots.act(where, "write", serial, arguments | {"chain": [_text(der) for der in chain]})


def prove(where: ModuleSettings, serial: str, pin: Pin, key_id: str, certificate_der: bytes, chain: Sequence[bytes]) -> Proof:
    """Open with the PIN, sign a fresh challenge, verify it under the certificate, compare every certificate's bytes,
    and see that the key was generated on the token (LOCAL), is SENSITIVE and not EXTRACTABLE. ProofFailed or KeyLost if not.

    The child only signs and reads; what it brings is judged here.
    """
    challenge = b"one-certificate proof " + secrets.token_bytes(32)
    arguments = {"pin": pin.reveal(), "key_id": key_id, "certificate": _text(certificate_der)}
    answer = slots.act(where, "prove", serial, arguments | {"challenge": _text(challenge)})
    signature, key = _bytes(answer["signature"]), KeySight(**answer["key"])
    public = x509.load_der_x509_certificate(certificate_der).public_key()
    digest = _key_digest(x509.load_der_x509_certificate(certificate_der))
    held = [(c["id"], _bytes(c["der"])) for c in answer["certificates"]]
    if (key.id, key.public_key_digest) != (key_id, digest):
        raise ProofFailed("the key on the token is not the certificate's")
    if (key.local, key.sensitive, key.extractable) != (True, True, False):
        raise ProofFailed(f"local {key.local}, sensitive {key.sensitive}, extractable {key.extractable}")
    if [der for held_id, der in held if held_id == key_id] != [certificate_der]:
        raise ProofFailed("the certificate on the token is not, byte for byte, the one that was issued")
    if missing := [der for der in chain if der not in {held_der for _, held_der in held}]:
        raise ProofFailed(f"{len(missing)} of the chain's certificates are not on the token")
    _verify(public, signature, challenge)
    return Proof(serial, key_id, digest, sha256(certificate_der).hexdigest(), challenge, signature)


def holdings(where: ModuleSettings, serial: str) -> tuple[Holding, ...]:
    """The holder's certificates, as they show without a PIN; the one that begins last comes first."""
    answer = slots.act(where, "holdings", serial, {})
    digests = {key["id"]: key["digest"] for key in answer["keys"]}
    read = [(held["id"], x509.load_der_x509_certificate(_bytes(held["der"]))) for held in answer["certificates"] if held["der"]]
    mine = [each for key_id, each in read if digests.get(key_id) == _key_digest(each)]
    others = [each for _, each in read if each not in mine]
    mine.sort(key=lambda each: each.not_valid_before_utc, reverse=True)
    return tuple(Holding(each.public_bytes(Encoding.DER), _above(each, others)) for each in mine)


def sign_statement(where: ModuleSettings, serial: str, pin: Pin, statement: Statement, certificate_der: bytes) -> bytes:
    """The signature over the statement by the key of this certificate, verified under it. PinWrong uses up a try; PinLocked;
    KeyLost if the certificate or its key is not there."""
    answer = slots.act(where, "sign_statement", serial, {"pin": pin.reveal(), "statement": statement.as_mapping()})
    signature = _bytes(answer["signature"])
    _verify(x509.load_der_x509_certificate(certificate_der).public_key(), signature, statement.as_bytes())
    return signature


def warm(where: ModuleSettings) -> None:
    """Start what the first act would have to wait for. Optional."""
    slots.nursery(where).prepare()


def shut_down() -> None:
    """End the waiting helper processes; acts under way end by themselves. Also done at the interpreter's end."""
    token_nursery.close_all()


def _key_digest(certificate: x509.Certificate) -> str:
    return sha256(certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def _above(certificate: x509.Certificate, others: Sequence[x509.Certificate]) -> tuple[bytes, ...]:
    """From issuer to issuer by their names; whoever relies on the chain verifies its signatures."""
    chain: list[x509.Certificate] = []
    below = certificate
    while below.issuer != below.subject:
        issuer = next((each for each in others if each.subject == below.issuer and each not in chain), None)
        if issuer is None:
            break
        chain.append(issuer)
        below = issuer
    return tuple(each.public_bytes(Encoding.DER) for each in chain)


def _verify(public: object, signature: bytes, challenge: bytes) -> None:
    try:
        if isinstance(public, rsa.RSAPublicKey):
            public.verify(signature, challenge, padding.PKCS1v15(), SHA256())
        elif isinstance(public, ec.EllipticCurvePublicKey):
            public.verify(signature, challenge, ec.ECDSA(SHA256()))
        else:
            raise ProofFailed("the certificate's key is of no kind that we issue")
    except InvalidSignature:
        raise ProofFailed("the token's signature does not verify under the certificate") from None


def _sight(answer: dict[str, Any]) -> TokenSight:
    keys = tuple(KeySight(**key) for key in answer["keys"])
    certificates = tuple(CertificateSight(**certificate) for certificate in answer["certificates"])
    return TokenSight(**(answer | {"keys": keys, "certificates": certificates}))


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
