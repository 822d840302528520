"""Where a holder gives his PIN: to try it, to change it, or because a run waits for it. It goes to the token and nowhere else.

Every login is counted before it is tried (`pin_tries`). A run waits in its own thread; the page's threads bring what was typed.
"""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Event, Lock

from card_issuance import token_acts
from card_issuance.ceremony_job import Job
from card_issuance.faults import DriverFault, PinLocked, PinWrong
from card_issuance.pin import Pin
from card_issuance.pin_tries import PinTries
from card_issuance.slots import ModuleSettings
from card_issuance.statement import Statement

log = logging.getLogger(__name__)

GLANCE = 0.2  # seconds between two looks whether the run was called off


class Verdict(StrEnum):
    """What became of a PIN that was typed."""

    right = "right"
    wrong = "wrong"
    locked = "locked"
    not_waiting = "not_waiting"  # the run does not ask for a PIN (any more)
    busy = "busy"  # a run works on the token
    trouble = "trouble"  # the token did not answer; the try is counted, for it may have been one


class PinNotGiven(Exception):
    """Nobody gave the right PIN in time."""


class CalledOff(Exception):
    """The run that asked was abandoned meanwhile."""


@dataclass
class Question:
    """One run that waits for its holder."""

    job: Job
    turn: Lock = field(default_factory=Lock)  # held while a PIN is tried
    answered: Event = field(default_factory=Event)
    heard: float = field(default_factory=time.monotonic)  # the last sign of the holder
    pin: Pin | None = None
    declined: bool = False
    open: bool = True


class PinPad:
    """Of one station. Safe for several threads."""

    def __init__(self, where: ModuleSettings, tries: PinTries) -> None:
        self.tries = tries
        self._where = where
        self._lock = Lock()
        self._questions: dict[str, Question] = {}  # by run

    def left(self, serial: str, token_says: str = "") -> int:
        """How many wrong PINs it would still take: by the station's count, or fewer where the token says so of itself."""
        most = {"locked": 0, "final": 1}.get(token_says)
        left = self.tries.left(serial)
        return left if most is None else min(left, most)

    def asked(self) -> tuple[Job, ...]:
        """The jobs that wait for a PIN."""
        with self._lock:
            return tuple(question.job for question in self._questions.values() if question.open)

    def ask(self, job: Job, patience: float, abandoned: Event) -> Pin:
        """Waits until the holder gave the PIN that opens the job's token. `patience`: seconds since the last sign of him.

        Raises PinLocked, PinNotGiven, CalledOff.
        """
        question = Question(job)
        with self._lock:
            self._questions[job.run] = question
        try:
            while not question.answered.wait(min(GLANCE, patience)):
                if abandoned.is_set():
                    raise CalledOff
                if question.declined or (time.monotonic() - question.heard > patience and not question.turn.locked()):
                    break
            with question.turn:  # a PIN that is being tried in the last moment still counts
                question.open = False
        finally:
            question.open = False
            with self._lock:
                if self._questions.get(job.run) is question:
                    del self._questions[job.run]
        if question.pin is not None:
            return question.pin
        if self.tries.locked(job.token):
            raise PinLocked("the holder's PIN is locked")
        raise PinNotGiven

    def give(self, run: str, pin: Pin) -> Verdict:
        """For the run that asked."""
        with self._lock:
            question = self._questions.get(run)
        if question is None:
            return Verdict.not_waiting
        with question.turn:
            if not question.open or question.pin is not None:
                return Verdict.not_waiting
            verdict = self.try_pin(question.job.token, pin)
            question.heard = time.monotonic()
            if verdict is Verdict.right:
                question.pin = pin
            if verdict in (Verdict.right, Verdict.locked):
                question.answered.set()
            return verdict

    def decline(self, run: str) -> None:
        """The holder does not know it, or goes. Of no effect on a run that does not ask."""
        with self._lock:
            question = self._questions.get(run)
        if question is not None:
            question.declined = True

    def try_pin(self, serial: str, pin: Pin) -> Verdict:
        return self._login(serial, lambda: token_acts.try_pin(self._where, serial, pin))

    def change_pin(self, serial: str, old: Pin, new: Pin) -> Verdict:
        """`new` has passed the policy."""
        return self._login(serial, lambda: token_acts.change_pin(self._where, serial, old, new))

    def sign(self, serial: str, pin: Pin, statement: Statement, certificate_der: bytes) -> tuple[Verdict, bytes]:
        """The signature, of as many bytes as the key makes; none unless the PIN was right."""
        made: list[bytes] = []
        verdict = self._login(
            serial, lambda: made.append(token_acts.sign_statement(self._where, serial, pin, statement, certificate_der))
        )
        return verdict, made[0] if made else b""

    def _login(self, serial: str, login: Callable[[], None]) -> Verdict:
        try:
            self.tries.attempt(serial, login)
            verdict = Verdict.right
        except PinLocked:
            verdict = Verdict.locked
        except PinWrong:
            self._listen(serial)
            verdict = Verdict.locked if self.tries.locked(serial) else Verdict.wrong
        except DriverFault as fault:
            log.warning("token %s: a holder's PIN could not be tried: %s", serial, fault)
            return Verdict.trouble
        log.info("token %s: a holder's PIN was tried: %s", serial, verdict.value)
        return verdict

    def _listen(self, serial: str) -> None:
        """Some tokens tell that they are locked only when they are asked."""
        with suppress(DriverFault):
            self.tries.believe(serial, token_acts.inspect(self._where, serial).user_pin)
