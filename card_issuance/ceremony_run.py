"""One ceremony run, executed: asks the plan, tells the office, acts on the token, until the envelope waits for its scan.

The PIN and the officer PIN live in this object and in the driver's child only, and are dropped however the run ends.
"""

import logging
import secrets
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from threading import Event
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from card_issuance import token_acts
from card_issuance.ceremony import (
    STEP_OF,
    Act,
    EnvelopeFacts,
    Fault,
    Hand,
    HeldKey,
    Job,
    Recorded,
    Sight,
    Step,
    Stop,
    plan,
)
from card_issuance.faults import DriverFault, PinFault
from card_issuance.officer import Masters
from card_issuance.pin import Pin, new_pin
from card_issuance.printer import Printer, PrintFailed
from card_issuance.slots import ModuleSettings
from card_issuance.station_office import NotEnrolled, OfficeDown, OfficeLine, RunRefused, StaleLease

log = logging.getLogger(__name__)

OFFICE_PATIENCE = 600.0  # seconds; after that the run is dropped, PIN and all, and the office offers it anew
DETAIL_LIMIT = 500  # characters of a fault's detail
HIDDEN = "●●●●"

Answer = TypeVar("Answer")
EnvelopeRenderer = Callable[[EnvelopeFacts], bytes]


class Outcome(StrEnum):
    finished = "finished"  # the envelope waits for its scan
    stopped = "stopped"  # the office was told the fault
    dropped = "dropped"  # stale lease, shutdown, or an office that stayed away


class _Dropped(Exception):
    """This run is no longer ours."""


@dataclass(frozen=True)
class Bench:
    """What every run of a station works with."""

    where: ModuleSettings
    masters: Masters
    printer: Printer
    render_envelope: EnvelopeRenderer


def record(job: Job) -> Recorded:
    """The job with the digests of its certificate. ValueError where the certificate cannot be read."""
    if job.certificate is None:
        return Recorded(job)
    key = x509.load_der_x509_certificate(job.certificate.der).public_key()
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return Recorded(
        job,
        sha256(job.certificate.der).hexdigest(),
        sha256(spki).hexdigest(),
        frozenset(sha256(each).hexdigest() for each in job.certificate.chain),
    )


def sight_of(seen: token_acts.TokenSight) -> Sight:
    return Sight(
        seen.serial,
        seen.initialised,
        tuple(HeldKey(key.id, key.public_key_digest or "") for key in seen.keys),
        frozenset(each.digest for each in seen.certificates),
    )


class CeremonyRun:
    """Made for one lease of one job, used once, in one thread. `abandoned` may be set from any thread."""

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

    def run(self) -> Outcome:
        """Until the envelope waits, a fault is told, or the run is not ours any more."""
        placed = False
        try:
            try:
                self._prepare()
                self._work()
                placed = True
                return Outcome.finished
            except _Stopped as stopped:
                self._tell_stop(stopped.stop)
                return Outcome.stopped
        except (_Dropped, StaleLease, NotEnrolled):
            return Outcome.dropped
        finally:
            self._hand, self._officer_pin = Hand(), None
            self._office.close()
            if not placed:
                self._bench.printer.withdraw(self.job.run)

    def _prepare(self) -> None:
        self._bench.printer.withdraw(self.job.run)  # an earlier lease's envelope holds a PIN that this lease replaces
        where = self._bench.where
        try:
            self._recorded = record(self.job)
            self._officer_pin = self._bench.masters.officer_pin(
                self.job.officer_master, self.job.token, self.job.officer_epoch, where.officer_pin_length
            )
        except KeyError as fault:
            raise _Stopped(Stop(Fault.driver_failed, str(fault.args[0]))) from None
        except ValueError as fault:
            raise _Stopped(Stop(Fault.driver_failed, f"the job cannot be read: {fault}")) from None

    def _work(self) -> None:
        while True:
            if self.abandoned.is_set():
                raise _Dropped
            act = plan(self._recorded, self._sight, self._hand)
            if isinstance(act, Stop):
                raise _Stopped(act)
            self._guarded(act)
            if act is Act.finish:
                return

    def _report(self, step: Step, detail: dict[str, str | bool] | None = None) -> None:
        """Intent before act: the office knows the step before the token is touched. It counts taking the job as inspecting."""
        if step is not self.step:
            self._ask(lambda: self._office.report(self.job, step, detail))
            self.step = step

    def _guarded(self, act: Act) -> None:
        try:
            if act is not Act.finish:  # its report is the act
                self._report(STEP_OF[act])
            _ACTS[act](self)
        except PinFault as fault:
            raise _Stopped(Stop(_pin_fault(act, fault), self._told(act, fault.detail or fault.code))) from fault
        except DriverFault as fault:
            raise _Stopped(Stop(Fault(fault.code), self._told(act, fault.detail))) from fault
        except RunRefused as fault:
            known = fault.fault in Fault.__members__
            named = Fault(fault.fault) if known else Fault.driver_failed
            detail = (
                fault.detail if known else f"the office stopped the run for {fault.fault!r}, a word this station does not know"
            )
            raise _Stopped(Stop(named, detail)) from fault
        except PrintFailed as fault:
            raise _Stopped(Stop(Fault.printer_jammed, self._told(act, fault.detail))) from fault
        except (_Dropped, StaleLease, NotEnrolled):
            raise
        except (
            Exception
        ) as fault:  # a run must end by name; the text of an unknown fault could hold anything, so only its place is told
            place = traceback.extract_tb(fault.__traceback__)[-1]
            detail = f"{type(fault).__name__} at {Path(place.filename).name}:{place.lineno}"
            log.error("run %s: %s failed: %s", self.job.run, act.value, detail)
            named = Fault.printer_jammed if act is Act.place_envelope else Fault.driver_failed
            raise _Stopped(Stop(named, self._told(act, detail))) from None

    def _told(self, act: Act, detail: str) -> str:
        """«During which act, what», for the technician. The drivers promise to name no PIN; here nobody has to believe it."""
        text = f"{act.value.replace('_', ' ')}: {detail}" if detail else act.value.replace("_", " ")
        for secret in (self._hand.pin, self._officer_pin):
            if secret is not None:
                text = text.replace(secret.reveal(), HIDDEN)
        return text[:DETAIL_LIMIT]

    def _ask(self, call: Callable[[], Answer]) -> Answer:
        """The office's answer, however often it takes."""
        wait, since = 0.25, time.monotonic()
        while True:
            try:
                return call()
            except OfficeDown as fault:
                if time.monotonic() - since > OFFICE_PATIENCE:
                    log.warning("run %s dropped: %s", self.job.run, fault)
                    raise _Dropped from None
                if self.abandoned.wait(wait):
                    raise _Dropped from None
                wait = min(2 * wait, 2.0)

    def _tell_stop(self, stop: Stop) -> None:
        log.warning("run %s stopped: %s: %s", self.job.run, stop.fault.value, stop.detail)
        self._ask(lambda: self._office.stop(self.job, stop.fault.value, stop.detail[:DETAIL_LIMIT]))

    # The acts. Each changes the token or asks the office, then writes down what is true now.

    def _inspect(self) -> None:
        self._sight = sight_of(token_acts.inspect(self._bench.where, self.job.token))

    def _fresh_pin(self) -> Pin:
        return new_pin(self._bench.where.pin_length, self.job.token)

    def _take_in_hand(self, pin: Pin) -> None:
        self._hand = Hand(pin=pin)
        self._pin_id = secrets.token_hex(16)  # names this setting of a PIN to the office; drawn apart from it

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
        request = token_acts.generate(self._bench.where, self.job.token, _sure(self._hand.pin), self.job.run, self.job.profile)
        digest = sha256(
            x509.load_pem_x509_csr(request).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        ).hexdigest()
        self._sight = replace(_sure(self._sight), keys=(HeldKey(self.job.run, digest),))
        self._hand = replace(self._hand, request=request.decode())

    def _certify(self) -> None:
        certificate = self._ask(lambda: self._office.certify(self.job, self._hand.request))
        self.job = replace(self.job, certificate=certificate)
        self._recorded = record(self.job)

    def _write(self) -> None:
        token_acts.write(self._bench.where, self.job.token, _sure(self._hand.pin), self.job.run, *self._certified())
        self._sight = replace(_sure(self._sight), certificates=frozenset({self._recorded.certificate_digest}))

    def _prove(self) -> None:
        token_acts.prove(self._bench.where, self.job.token, _sure(self._hand.pin), self.job.run, *self._certified())
        self._hand = replace(self._hand, proven=True)

    def _certified(self) -> tuple[bytes, tuple[bytes, ...]]:
        certificate = _sure(self.job.certificate)
        return certificate.der, certificate.chain

    def _number_envelope(self) -> None:
        number = self._ask(lambda: self._office.envelope(self.job, self._pin_id))
        self._hand = replace(self._hand, envelope=number)

    def _place_envelope(self) -> None:
        number = _sure(self._hand.envelope)
        facts = EnvelopeFacts(
            number.number, self.job.token, _sure(self._hand.pin), number.branch_name_zh, number.branch_name_en, number.on
        )
        page = self._bench.render_envelope(facts)
        placed = self._bench.printer.place(self.job.run, number.number, page, self.abandoned)
        self._hand = replace(self._hand, placed=placed)

    def _finish(self) -> None:
        envelope, placed = _sure(self._hand.envelope), _sure(self._hand.placed)
        self._hand = Hand()  # the PIN is on paper, or waits to be; nothing needs it any more
        where: dict[str, str | bool] = {"envelope": envelope.number, "printed": placed.printed, "url": placed.url}
        self._report(Step.awaiting_confirmation, where)


def _sure(value: Answer | None) -> Answer:
    """What the plan saw to before it asked for the act."""
    if value is None:
        raise AssertionError("the plan asked for an act too early")
    return value


class _Stopped(Exception):
    def __init__(self, stop: Stop) -> None:
        super().__init__(stop.fault.value)
        self.stop = stop


def _pin_fault(act: Act, fault: PinFault) -> Fault:
    """A login that failed. The officer's: somebody else initialised this token. The holder's: the PIN just set does not open it."""
    if fault.role == "officer":
        return Fault.token_not_blank
    return Fault.proof_failed


_ACTS: dict[Act, Callable[[CeremonyRun], None]] = {
    Act.inspect: CeremonyRun._inspect,
    Act.initialise: CeremonyRun._initialise,
    Act.reset_pin: CeremonyRun._reset_pin,
    Act.generate: CeremonyRun._generate,
    Act.certify: CeremonyRun._certify,
    Act.write: CeremonyRun._write,
    Act.prove: CeremonyRun._prove,
    Act.number_envelope: CeremonyRun._number_envelope,
    Act.place_envelope: CeremonyRun._place_envelope,
    Act.finish: CeremonyRun._finish,
}
