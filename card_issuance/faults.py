"""What can go wrong with a token: a small closed family, each with the code the ceremony knows it by.

A child process cannot hand an exception to its parent, so a fault also travels as a small mapping (`as_mapping`, `from_mapping`).
No fault ever carries a PIN.
"""

from __future__ import annotations

from typing import Any, ClassVar


class DriverFault(Exception):
    """Base of the family. `detail` is for the technician, in English, free of secrets; `code` is the closed word."""

    code: ClassVar[str] = "driver_failed"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}" if self.detail else self.code

    def as_mapping(self) -> dict[str, Any]:
        return {"fault": type(self).__name__, "detail": self.detail}


class NoToken(DriverFault):
    """No slot holds any token."""

    code = "no_token"


class WrongToken(DriverFault):
    """There are tokens, but not the one asked for; or the one asked for calls itself something else."""

    code = "wrong_token"


class TokenNotBlank(DriverFault):
    """Initialising would destroy keys or certificates that the caller did not name, or the token is not one of ours."""

    code = "token_not_blank"


class TokenRemoved(DriverFault):
    """The token was there when the act began, and is gone."""

    code = "token_removed"


class DriverHung(DriverFault):
    """The act's deadline passed; its child process was killed. What it did is unknown: look, then repeat."""

    code = "driver_hung"


class DriverFailed(DriverFault):
    """The module answered with an error, or the child died. What it did is unknown: look, then repeat."""

    code = "driver_failed"


class KeyLost(DriverFault):
    """The token does not hold, whole, the key that the certificate belongs to."""

    code = "key_lost"


class ProofFailed(DriverFault):
    """The token was read back, and is not what it must be."""

    code = "proof_failed"


class PinFault(DriverFault):
    """A login failed. `role` is "officer" or "user"."""

    code = "pin_wrong"

    def __init__(self, detail: str = "", role: str = "user") -> None:
        super().__init__(detail)
        self.role = role

    def as_mapping(self) -> dict[str, Any]:
        return super().as_mapping() | {"role": self.role}


class PinWrong(PinFault):
    """One try was used up; more are left as far as the token tells."""


class PinLocked(PinFault):
    """The token takes no more tries for this role."""

    code = "pin_locked"


_FAMILY: dict[str, type[DriverFault]] = {
    fault.__name__: fault
    for fault in (NoToken, WrongToken, TokenNotBlank, TokenRemoved, DriverHung, DriverFailed, KeyLost, ProofFailed)
}
_PIN_FAMILY: dict[str, type[PinFault]] = {fault.__name__: fault for fault in (PinWrong, PinLocked)}


def from_mapping(answer: dict[str, Any]) -> DriverFault:
    """The fault that `as_mapping` described. An unknown name is a driver that speaks nonsense: DriverFailed."""
    name, detail = str(answer.get("fault")), str(answer.get("detail", ""))
    if name in _PIN_FAMILY:
        return _PIN_FAMILY[name](detail, str(answer["role"]))
    return _FAMILY[name](detail) if name in _FAMILY else DriverFailed(f"unknown fault {name!r}: {detail}")
