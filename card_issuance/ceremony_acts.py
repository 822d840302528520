"""The acts of a ceremony run: each changes the token or asks the office, then writes down what is true now.

Which one comes next is the plan's to say, and what its failure means is `ceremony_run`'s. The PIN and the officer PIN live in
this object and in the driver's child only.
"""

import secrets
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from threading import Event
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from card_issuance import token_acts
from card_issuance.ceremony import Act, Hand, HeldKey, Recorded, Sight
from card_issuance.ceremony_job import EnvelopeFacts, Held, Job, Kind, Step
from card_issuance.faults import ProofFailed
from card_issuance.officer import Masters
from card_issuance.pin import Pin, new_pin
from card_issuance.pin_pad import PinPad
from card_issuance.printer import Printer
from card_issuance.slots import ModuleSettings
from card_issuance.station_office import OfficeLine

PIN_PATIENCE = 600.0  # seconds without a sign of the holder whose PIN a run waits for

Answer = TypeVar("Answer")
EnvelopeRenderer = Callable[[EnvelopeFacts], bytes]


@dataclass(frozen=True)
class Bench:
    """What every run of a station works with."""

    where: ModuleSettings
    masters: Masters
    printer: Printer
    render_envelope: EnvelopeRenderer
    pad: PinPad
    pin_patience: float = PIN_PATIENCE


def record(job: Job) -> Recorded:
    """The job with the digests of its certificates. ValueError where it cannot be read or contradicts itself."""
    if (job.kind is Kind.issue) != (job.held is None):
        raise ValueError(f"kind {job.kind.value}, and {'no' if job.held is None else 'a'} key that the token must hold")
    held_digest = ""
    if job.held is not None:
        if spki_digest(job.held.certificate) != job.held.public_key_digest:
            raise ValueError("the held key's digest is not that of its certificate")
        if job.kind is Kind.rekey and job.held.key_id == job.run:
            raise ValueError("the new key's id is the old one's")
        held_digest = sha256(job.held.certificate).hexdigest()
    if job.certificate is None:
        return Recorded(job, held_digest=held_digest)
    return Recorded(
        job,
        sha256(job.certificate.der).hexdigest(),
        spki_digest(job.certificate.der),
        frozenset(sha256(each).hexdigest() for each in job.certificate.chain),
        held_digest,
    )


def spki_digest(certificate: bytes) -> str:
    """SHA-256 of a DER certificate's SubjectPublicKeyInfo, lower hex."""
    key = x509.load_der_x509_certificate(certificate).public_key()
    return sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def sight_of(seen: token_acts.TokenSight) -> Sight:
    return Sight(
        seen.serial,
        seen.initialised,
        tuple(HeldKey(key.id, key.public_key_digest or "") for key in seen.keys),
        frozenset(each.digest for each in seen.certificates),
        seen.user_pin == "locked",
    )


class CeremonyActs:
    """One lease of one job, in one thread. `abandoned` may be set from any thread."""

    def __init__(self, job: Job, bench: Bench, office: OfficeLine) -> None:
        self.job = job
        self.step = Step.inspecting
        self.abandoned = Event()
        self._bench = bench
        self._office = office
        self._recorded = Recorded(job)
        self._sight: Sight | None = None
        self._hand = Hand()
        self._pin_id = ""
        self._officer_pin: Pin | None = None

    @abstractmethod
    def _ask(self, call: Callable[[], Answer]) -> Answer:
        """The office's answer, however often it takes."""

    @abstractmethod
    def _report(self, step: Step, detail: dict[str, str | bool | None] | None = None) -> None:
        """Tell the office, unless it knows."""

    def _inspect(self) -> None:
        seen = sight_of(token_acts.inspect(self._bench.where, self.job.token))
        self._sight = replace(seen, pin_locked=seen.pin_locked or self._bench.pad.tries.locked(self.job.token))

    def _ask_pin(self) -> None:
        self._hand = Hand(pin=self._bench.pad.ask(self.job, self._bench.pin_patience, self.abandoned))

    def _prove_held(self) -> None:
        held = self._held()
        self._with_pin(lambda pin: self._prove_on_token(pin, held.key_id, held.certificate, ()))
        self._hand = replace(self._hand, held_proven=True)

    def _initialise(self) -> None:
        pin = self._fresh_pin()
        seen = token_acts.initialise(self._bench.where, self.job.token, _sure(self._officer_pin), pin, {self.job.run})
        self._sight = sight_of(seen)
        self._take_in_hand(pin)

    def _reset_pin(self) -> None:
        pin = self._fresh_pin()
        token_acts.reset_pin(self._bench.where, self.job.token, _sure(self._officer_pin), pin)
        self._take_in_hand(pin)

    def _generate(self) -> None:
        where, job = self._bench.where, self.job
        request = self._with_pin(lambda pin: token_acts.generate(where, job.token, pin, job.run, job.profile))
        public = x509.load_pem_x509_csr(request).public_key()
        digest = sha256(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
        sight = _sure(self._sight)
        others = tuple(key for key in sight.keys if key.id != job.run)
        self._sight = replace(sight, keys=(*others, HeldKey(job.run, digest)))
        self._hand = replace(self._hand, request=request.decode())

    def _certify(self) -> None:
        certificate = self._ask(lambda: self._office.certify(self.job, self._hand.request))
        self.job = replace(self.job, certificate=certificate)
        self._recorded = record(self.job)

    def _write(self) -> None:
        where, job, certified = self._bench.where, self.job, _sure(self.job.certificate)
        self._with_pin(lambda pin: token_acts.write(where, job.token, pin, job.run, certified.der, certified.chain))
        sight, recorded = _sure(self._sight), self._recorded
        written = {recorded.certificate_digest} | recorded.chain_digests
        self._sight = replace(sight, certificates=sight.certificates | written)

    def _prove(self) -> None:
        certified = _sure(self.job.certificate)
        self._with_pin(lambda pin: self._prove_on_token(pin, self.job.run, certified.der, certified.chain))
        self._hand = replace(self._hand, proven=True)

    def _prove_unharmed(self) -> None:
        """The holder's key signs as before, and the token holds what it held, with this run's own things added to it."""
        held, expected = self._held(), _sure(self._sight)
        self._with_pin(lambda pin: self._prove_on_token(pin, held.key_id, held.certificate, ()))
        seen = sight_of(token_acts.inspect(self._bench.where, self.job.token))
        if set(seen.keys) != set(expected.keys):
            raise ProofFailed("the keys on the token are not those that were there before")
        if seen.certificates != expected.certificates:
            raise ProofFailed("the certificates on the token are not those that were there before")
        self._hand = replace(self._hand, unharmed=True)

    def _number_envelope(self) -> None:
        number = self._ask(lambda: self._office.envelope(self.job, self._pin_id))
        self._hand = replace(self._hand, envelope=number)

    def _place_envelope(self) -> None:
        number = _sure(self._hand.envelope)
        branch = (number.branch_name_zh, number.branch_name_en)
        tries = self._bench.where.pin_tries
        facts = EnvelopeFacts(number.number, self.job.token, _sure(self._hand.pin), *branch, number.on, tries)
        page = self._bench.render_envelope(facts)
        placed = self._bench.printer.place(self.job.run, number.number, page, self.abandoned)
        self._hand = replace(self._hand, placed=placed)

    def _finish(self) -> None:
        envelope, placed = self._hand.envelope, self._hand.placed
        self._hand = Hand()  # the PIN is on paper, or waits to be, or the holder knows it; nothing needs it any more
        where: dict[str, str | bool | None] = {"envelope": None, "printed": False, "url": ""}
        if envelope is not None and placed is not None:
            where = {"envelope": envelope.number, "printed": placed.printed, "url": placed.url}
        self._report(Step.awaiting_confirmation, where)

    # Their parts.

    def _fresh_pin(self) -> Pin:
        return new_pin(self._bench.where.pin_length, self.job.token)

    def _take_in_hand(self, pin: Pin) -> None:
        self._bench.pad.tries.forget(self.job.token)
        self._hand = Hand(pin=pin)
        self._pin_id = secrets.token_hex(16)  # names this setting of a PIN to the office; drawn apart from it

    def _with_pin(self, act: Callable[[Pin], Answer]) -> Answer:
        """A login with a holder's PIN is counted, also here; the PINs that this station set are none of his."""
        pin = _sure(self._hand.pin)
        if self.job.kind is Kind.rekey:
            return self._bench.pad.tries.attempt(self.job.token, lambda: act(pin))
        return act(pin)

    def _prove_on_token(self, pin: Pin, key_id: str, certificate: bytes, chain: tuple[bytes, ...]) -> None:
        token_acts.prove(self._bench.where, self.job.token, pin, key_id, certificate, chain)

    def _held(self) -> Held:
        return _sure(self.job.held)


def _sure(value: Answer | None) -> Answer:
    """What the plan saw to before it asked for the act."""
    if value is None:
        raise AssertionError("the plan asked for an act too early")
    return value


ACTS: dict[Act, Callable[[CeremonyActs], None]] = {
    Act.inspect: CeremonyActs._inspect,
    Act.ask_pin: CeremonyActs._ask_pin,
    Act.prove_held: CeremonyActs._prove_held,
    Act.initialise: CeremonyActs._initialise,
    Act.reset_pin: CeremonyActs._reset_pin,
    Act.generate: CeremonyActs._generate,
    Act.certify: CeremonyActs._certify,
    Act.write: CeremonyActs._write,
    Act.prove: CeremonyActs._prove,
    Act.prove_unharmed: CeremonyActs._prove_unharmed,
    Act.number_envelope: CeremonyActs._number_envelope,
    Act.place_envelope: CeremonyActs._place_envelope,
    Act.finish: CeremonyActs._finish,
}
