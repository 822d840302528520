"""One ceremony run, executed: asks the plan, tells the office, acts on the token, until it waits to be confirmed.

The PIN and the officer PIN live in this object and in the driver's child only, and are dropped however the run ends.
"""

import logging
import time
import traceback
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from card_issuance.ceremony import STEP_OF, Act, Hand, Stop, plan
from card_issuance.ceremony_acts import ACTS, CeremonyActs, record
from card_issuance.ceremony_job import Fault, Kind, Step
from card_issuance.faults import DriverFault, KeyLost, PinFault, PinLocked
from card_issuance.pin_pad import CalledOff, PinNotGiven
from card_issuance.printer import PrintFailed
from card_issuance.station_office import NotEnrolled, OfficeDown, RunRefused, StaleLease

log = logging.getLogger(__name__)

OFFICE_PATIENCE = 600.0  # seconds; after that the run is dropped, PIN and all, and the office offers it anew
DETAIL_LIMIT = 500  # characters of a fault's detail
HIDDEN = "●●●●"
ABOUT_HELD = frozenset({Act.prove_held, Act.prove_unharmed})  # the key with which the holder came, not this run's

Answer = TypeVar("Answer")


class Outcome(StrEnum):
    finished = "finished"  # it waits to be confirmed
    stopped = "stopped"  # the office was told the fault
    dropped = "dropped"  # stale lease, shutdown, or an office that stayed away


class _Dropped(Exception):
    """This run is no longer ours."""


class CeremonyRun(CeremonyActs):
    """Made for one lease of one job, used once."""

    def run(self) -> Outcome:
        """Until it waits to be confirmed, a fault is told, or the run is not ours any more."""
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
            if self.job.kind is Kind.rekey:
                return  # the holder's PIN will do
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

    def _report(self, step: Step, detail: dict[str, str | bool | None] | None = None) -> None:
        """Intent before act: the office knows the step before the token is touched. It counts taking the job as inspecting."""
        if step is not self.step:
            self._ask(lambda: self._office.report(self.job, step, detail))
            self.step = step

    def _guarded(self, act: Act) -> None:
        try:
            if act is not Act.finish:  # its report is the act
                self._report(STEP_OF[act])
            ACTS[act](self)
        except PinFault as fault:
            raise _Stopped(Stop(self._pin_fault(fault), self._told(act, fault.detail or fault.code))) from fault
        except PinNotGiven:
            raise _Stopped(Stop(Fault.pin_not_given, "nobody gave the PIN in time")) from None
        except CalledOff:
            raise _Dropped from None
        except KeyLost as fault:
            lost = Fault.wrong_key if act in ABOUT_HELD else Fault.key_lost
            raise _Stopped(Stop(lost, self._told(act, fault.detail))) from fault
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

    def _pin_fault(self, fault: PinFault) -> Fault:
        """A login that failed. The officer's: somebody else initialised this token, and another try could lock it for good.
        The holder's: it is locked; or a PIN that opened the token before does not any more."""
        if fault.role == "officer":
            return Fault.token_not_blank if self.job.kind is Kind.issue else Fault.wrong_key
        locked = isinstance(fault, PinLocked) and self.job.kind is Kind.rekey
        return Fault.pin_locked if locked else Fault.proof_failed

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


class _Stopped(Exception):
    def __init__(self, stop: Stop) -> None:
        super().__init__(stop.fault.value)
        self.stop = stop
