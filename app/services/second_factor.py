"""Time-based one-time codes (RFC 6238): six digits, thirty seconds, each used once."""

from datetime import datetime

import pyotp

from app.services.vault import Vault
from models.tables import Staff

_STEP = 30  # seconds
_SLACK = 1  # steps that a phone's clock may be off


def new_secret() -> str:
    """160 random bits, base 32."""
    return pyotp.random_base32()


def address_of(secret: str, staff_number: str, issuer: str) -> str:
    """What the telephone reads from the QR code: an `otpauth:` address."""
    return pyotp.TOTP(secret).provisioning_uri(name=staff_number, issuer_name=issuer)


def place_of(staff_number: str) -> str:
    return f"staff.totp_secret:{staff_number}"


def matching_step(vault: Vault, staff: Staff, code: str, now: datetime) -> int | None:
    """The time step that the code belongs to, if it is right and later than any used before; else None.

    The caller stores the step as `totp_last_step` in the same transaction: that is what makes a code good for one use.
    """
    if staff.totp_secret is None:
        return None
    secret = vault.open(staff.totp_secret, place_of(staff.number))
    return step_of(secret, code, now, after=staff.totp_last_step)


def step_of(secret: str, code: str, now: datetime, after: int = 0) -> int | None:
    """As `matching_step`, for a secret in hand."""
    code = code.strip().replace(" ", "")
    if not (len(code) == 6 and code.isascii() and code.isdigit()):
        return None
    totp = pyotp.TOTP(secret)
    current = int(now.timestamp()) // _STEP
    for step in range(current - _SLACK, current + _SLACK + 1):
        if step > after and pyotp.utils.strings_equal(totp.at(step * _STEP), code):
            return step
    return None


def next_code(secret: str, now: datetime, after: int = 0) -> str:
    """A code that would be taken right now; empty if both this step's and the next were used."""
    current = int(now.timestamp()) // _STEP
    step = max(current, after + 1)
    return pyotp.TOTP(secret).at(step * _STEP) if step <= current + _SLACK else ""
