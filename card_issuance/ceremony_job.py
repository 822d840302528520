"""What a ceremony is told and what it hands on: the words and values that the station's rooms share."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from card_issuance.pin import Pin


class Kind(StrEnum):
    """What a run does to its token; the words are the office's, a test holds them equal."""

    issue = "issue"
    rekey = "rekey"
    unlock = "unlock"


class Step(StrEnum):
    """What a station reports, in order."""

    inspecting = "inspecting"
    awaiting_pin = "awaiting_pin"
    initialising = "initialising"
    generating = "generating"
    certifying = "certifying"
    writing = "writing"
    proving = "proving"
    printing = "printing"
    awaiting_confirmation = "awaiting_confirmation"


# What the page shows of the road; a road taken up again may leave some out.
STEPS_OF: dict[Kind, tuple[Step, ...]] = {
    Kind.issue: tuple(step for step in Step if step is not Step.awaiting_pin),
    Kind.rekey: tuple(step for step in Step if step not in (Step.initialising, Step.printing)),
    Kind.unlock: (Step.inspecting, Step.initialising, Step.proving, Step.printing, Step.awaiting_confirmation),
}


class Fault(StrEnum):
    """Why a ceremony stopped; the words are the office's, a test holds them equal."""

    no_token = "no_token"  # noqa: S105
    wrong_token = "wrong_token"  # noqa: S105
    token_not_blank = "token_not_blank"  # noqa: S105
    token_removed = "token_removed"  # noqa: S105
    driver_hung = "driver_hung"
    driver_failed = "driver_failed"
    station_gone = "station_gone"
    authority_refused = "authority_refused"
    authority_unreachable = "authority_unreachable"
    key_lost = "key_lost"
    proof_failed = "proof_failed"
    printer_jammed = "printer_jammed"
    no_envelope = "no_envelope"
    wrong_key = "wrong_key"
    pin_locked = "pin_locked"
    pin_not_given = "pin_not_given"


@dataclass(frozen=True)
class SignedCertificate:
    der: bytes
    chain: tuple[bytes, ...]  # issuing authority, root


@dataclass(frozen=True)
class Held:
    """What the holder's token must hold: the certificate that the case is about, and its key."""

    key_id: str  # CKA_ID, lower hex
    public_key_digest: str  # SHA-256 of the SubjectPublicKeyInfo, lower hex
    certificate: bytes = field(repr=False)  # DER


@dataclass(frozen=True)
class Job:
    """What the office recorded and asks for."""

    run: str  # hex: the key's CKA_ID on the token, and the authority's transaction
    lease: int
    token: str  # serial
    profile: str
    officer_master: int
    officer_epoch: int
    certificate: SignedCertificate | None  # of this run: none was signed yet, or never will be (unlock)
    case: str = ""
    item: int = 0
    kind: Kind = Kind.issue
    held: Held | None = None  # exactly where the token is a holder's


@dataclass(frozen=True)
class EnvelopeNumber:
    """The office's answer to «which envelope may carry this PIN?»"""

    number: str
    branch_name_zh: str
    branch_name_en: str
    on: date


@dataclass(frozen=True)
class EnvelopeFacts:
    """What the renderer of the page is given. Shown nowhere else."""

    control_number: str
    token_serial: str
    pin: Pin
    branch_name_zh: str
    branch_name_en: str
    printed_on: date
    pin_tries: int = 10  # wrong ones in a row that lock the token


@dataclass(frozen=True)
class Placed:
    """Where the envelope went: onto paper, or onto the station's page to be fetched once."""

    printed: bool
    url: str = ""
