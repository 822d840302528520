"""The acts on a token, as the ceremony calls them: each runs in one short-lived child process under a deadline.

Every act finds its token by the serial, exactly; may be repeated after any end; and raises a fault of `card_issuance.faults`:
NoToken, WrongToken, TokenNotBlank, TokenRemoved, DriverHung, DriverFailed, KeyLost, ProofFailed, PinWrong, PinLocked.
Two acts on one token never run at once, over all threads and processes that share the settings' state directory.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from card_issuance.pin import Pin
from card_issuance.slots import ModuleSettings


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
    officer_pin: str  # "ok", "low", "final", "locked"
    officer_ok: bool | None  # does the officer PIN that was given open it? None: none was given, or it was not tried
    keys: tuple[KeySight, ...]
    certificates: tuple[CertificateSight, ...]


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
    raise NotImplementedError


def initialise(
    where: ModuleSettings, serial: str, officer_pin: Pin, pin: Pin, may_destroy: Collection[str] = frozenset()
) -> TokenSight:
    """An initialised, empty token that these two PINs open. Repeats: the token is emptied again and the PINs are set anew.

    TokenNotBlank if it holds any key or certificate whose id (hex) is not in `may_destroy`; nothing was changed then.
    PinWrong / PinLocked with role "officer" if it was initialised with another officer PIN.
    """
    raise NotImplementedError


def reset_pin(where: ModuleSettings, serial: str, officer_pin: Pin, pin: Pin) -> None:
    """A new user PIN by the officer (C_InitPIN); also unlocks. Keys and certificates stay as they are."""
    raise NotImplementedError


def generate(where: ModuleSettings, serial: str, pin: Pin, key_id: str, profile: str) -> bytes:
    """A key pair born on the token under `key_id` (hex), and its certificate request (PKCS#10, PEM) signed by it, CN = serial.

    `profile`: "rsa_2048" or "p_256". A whole key with this id is kept; half a key is destroyed and made anew.
    KeyLost if the token holds a certificate with this id but not its whole key.
    """
    raise NotImplementedError


def write(
    where: ModuleSettings, serial: str, pin: Pin, key_id: str, certificate_der: bytes, chain: Sequence[bytes]
) -> None:
    """Put the certificate beside its key (same id), and the chain's certificates; read all of them back.

    Another certificate under the same id is replaced. KeyLost if the key under this id is not the certificate's.
    """
    raise NotImplementedError


def prove(
    where: ModuleSettings, serial: str, pin: Pin, key_id: str, certificate_der: bytes, chain: Sequence[bytes]
) -> Proof:
    """Open with the PIN, sign a fresh challenge, verify it under the certificate, compare every certificate's bytes,
    and see that the key was generated on the token (LOCAL), is SENSITIVE and not EXTRACTABLE. ProofFailed or KeyLost if not."""
    raise NotImplementedError


def warm(where: ModuleSettings) -> None:
    """Start what the first act would have to wait for. Optional."""
    raise NotImplementedError


def shut_down() -> None:
    """End the waiting helper processes; acts under way end by themselves."""
    raise NotImplementedError
