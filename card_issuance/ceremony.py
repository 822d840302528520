"""The ceremony of one token as a pure table: what is recorded, what is seen on the token, what is in hand → the next act.

Nothing here touches a device, a clock or a network; `ceremony_run` executes the acts. A station that was killed anywhere asks
the same function again with what it sees now, so every road ends at one proven PIN and the signed certificate, or at a named
fault.

The order of the PIN is set → prove → number → print → scan back. A PIN is in hand only within one lease of one run; whoever
has none sets a new one: through the officer where the token already holds this run's key, else by initialising (C_InitToken
destroys keys, so only where there is nothing to destroy).

That is an issue, on a blank token. The two other kinds work on a holder's token, where a certificate lives:
    unlock   a new PIN through the officer (C_InitPIN), an envelope; key and certificate shown unharmed
    rekey    the holder gives his PIN; a new key and certificate beside the old ones, which are shown unharmed; no envelope
On such a token nothing is ever initialised or destroyed. It may hold keys and certificates of earlier years: they are left
alone too, and all that was there is looked for again at the end.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from card_issuance.ceremony_job import EnvelopeNumber, Fault, Job, Kind, Placed, Step
from card_issuance.pin import Pin


@dataclass(frozen=True)
class HeldKey:
    id: str  # CKA_ID, lower hex
    public_key_digest: str  # SHA-256 of the SubjectPublicKeyInfo, lower hex; "" where only half a key is there


@dataclass(frozen=True)
class Sight:
    """What is on the token, as far as it shows without the holder's PIN."""

    serial: str
    initialised: bool
    keys: tuple[HeldKey, ...] = ()
    certificates: frozenset[str] = frozenset()  # SHA-256 of the DER, lower hex
    pin_locked: bool = False  # the holder's; by the token's word or by the station's count


@dataclass(frozen=True)
class Recorded:
    """The job with what the plan needs to know of its certificate, computed once."""

    job: Job
    certificate_digest: str = ""  # SHA-256 of the DER; "" while none is signed
    key_digest: str = ""  # SHA-256 of its SubjectPublicKeyInfo
    chain_digests: frozenset[str] = frozenset()
    held_digest: str = ""  # SHA-256 of the held certificate's DER

    @property
    def signed(self) -> bool:
        return bool(self.certificate_digest)


@dataclass(frozen=True)
class Hand:
    """What this station holds of the run, in memory, within one lease."""

    pin: Pin | None = None
    request: str = field(default="", repr=False)  # PEM, with proof of possession
    proven: bool = False
    envelope: EnvelopeNumber | None = None
    placed: Placed | None = None
    held_proven: bool = False  # rekey: before anything was changed, the old key signed under the holder's PIN
    unharmed: bool = False  # at the end the old key signed, and all that was there still is


class Act(StrEnum):
    inspect = "inspect"
    ask_pin = "ask_pin"
    prove_held = "prove_held"
    initialise = "initialise"
    reset_pin = "reset_pin"
    generate = "generate"
    certify = "certify"
    write = "write"
    prove = "prove"
    prove_unharmed = "prove_unharmed"
    number_envelope = "number_envelope"
    place_envelope = "place_envelope"
    finish = "finish"


# What the office is told before the act. Asking for the envelope's number still belongs to proving: nothing is on paper yet.
STEP_OF: dict[Act, Step] = {
    Act.inspect: Step.inspecting,
    Act.ask_pin: Step.awaiting_pin,
    Act.prove_held: Step.awaiting_pin,
    Act.initialise: Step.initialising,
    Act.reset_pin: Step.initialising,
    Act.generate: Step.generating,
    Act.certify: Step.certifying,
    Act.write: Step.writing,
    Act.prove: Step.proving,
    Act.prove_unharmed: Step.proving,
    Act.number_envelope: Step.proving,
    Act.place_envelope: Step.printing,
    Act.finish: Step.awaiting_confirmation,
}


@dataclass(frozen=True)
class Stop:
    fault: Fault
    detail: str


def plan(recorded: Recorded, sight: Sight | None, hand: Hand) -> Act | Stop:
    """The next act of a run, or why it must stop."""
    if sight is None:
        return Act.inspect
    stop = _objection(recorded, sight)
    if stop:
        return stop
    match recorded.job.kind:
        case Kind.issue:
            return _issue(recorded, sight, hand)
        case Kind.rekey:
            return _rekey(recorded, sight, hand)
        case Kind.unlock:
            return _unlock(hand)


def _issue(recorded: Recorded, sight: Sight, hand: Hand) -> Act:
    if hand.pin is None:
        return Act.reset_pin if _key(sight, recorded.job.run) else Act.initialise
    return _certificate(recorded, sight, hand) or _envelope(hand)


def _rekey(recorded: Recorded, sight: Sight, hand: Hand) -> Act | Stop:
    if hand.pin is None:
        return Stop(Fault.pin_locked, "the holder's PIN is locked") if sight.pin_locked else Act.ask_pin
    if not hand.held_proven:
        return Act.prove_held
    return _certificate(recorded, sight, hand) or (Act.finish if hand.unharmed else Act.prove_unharmed)


def _unlock(hand: Hand) -> Act:
    if hand.pin is None:
        return Act.reset_pin
    return _envelope(hand) if hand.unharmed else Act.prove_unharmed


def _certificate(recorded: Recorded, sight: Sight, hand: Hand) -> Act | None:
    """What is missing until this run's certificate and key are proven on the token."""
    if not recorded.signed:
        return Act.certify if hand.request else Act.generate
    if recorded.certificate_digest not in sight.certificates:
        return Act.write
    return None if hand.proven else Act.prove


def _envelope(hand: Hand) -> Act:
    if hand.envelope is None:
        return Act.number_envelope
    return Act.place_envelope if hand.placed is None else Act.finish


def _key(sight: Sight, key_id: str) -> HeldKey | None:
    return next((key for key in sight.keys if key.id == key_id), None)


def _objection(recorded: Recorded, sight: Sight) -> Stop | None:
    """What forbids any act on this token for this run."""
    job = recorded.job
    if sight.serial != job.token:
        return Stop(Fault.wrong_token, f"the case asks for token {job.token}, the slot holds {sight.serial}")
    stop = _strangers(recorded, sight) if job.kind is Kind.issue else _not_the_holders(recorded, sight)
    return stop or _lost_key(recorded, sight)


def _strangers(recorded: Recorded, sight: Sight) -> Stop | None:
    """An issue's token holds nothing but what this run made."""
    strangers = sorted(key.id for key in sight.keys if key.id != recorded.job.run)
    if strangers:
        return Stop(Fault.token_not_blank, f"the token holds keys of other issues: {', '.join(strangers)}")
    strange = sorted(sight.certificates - {recorded.certificate_digest} - recorded.chain_digests)
    if strange:
        return Stop(
            Fault.token_not_blank,
            f"the token holds {len(strange)} certificates of other issues, the first with SHA-256 {strange[0]}",
        )
    return None


def _not_the_holders(recorded: Recorded, sight: Sight) -> Stop | None:
    """A holder's token holds the very key and certificate that the case is about; what else it holds is his."""
    held = recorded.job.held
    if held is None:  # `ceremony_acts.record` lets no such job pass
        return Stop(Fault.wrong_key, "the case names no key that the token must hold")
    key = _key(sight, held.key_id)
    if key is None:
        return Stop(Fault.wrong_key, f"the token does not hold the key {held.key_id}")
    if key.public_key_digest != held.public_key_digest:
        told = f"{key.public_key_digest[:16] or 'incomplete'}…"
        return Stop(Fault.wrong_key, f"the token's key {held.key_id} is another one (SHA-256 {told})")
    if recorded.held_digest not in sight.certificates:
        return Stop(Fault.wrong_key, f"the token does not hold the certificate with SHA-256 {recorded.held_digest}")
    return None


def _lost_key(recorded: Recorded, sight: Sight) -> Stop | None:
    """Once this run's certificate is signed, its key is on the token, and no other will do."""
    if not recorded.signed:
        return None
    key = _key(sight, recorded.job.run)
    if key is None:
        return Stop(Fault.key_lost, "the certificate was signed, and the token holds no key of this run any more")
    if key.public_key_digest != recorded.key_digest:
        return Stop(
            Fault.key_lost,
            f"the token's key (SHA-256 {key.public_key_digest[:16] or 'incomplete'}…) is not the certified one ({recorded.key_digest[:16]}…)",
        )
    return None
