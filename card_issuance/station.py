"""The station: asks its office for work, runs each ceremony in a thread of its own, and shows its state on a loopback page.

Threads: the caller's polls; one per run works on its token; the page's server reads snapshots. Each has its own connection
to the office. A new `boot` id at every start tells the office that whatever was underway here is not any more.
"""

import logging
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event, Lock, Thread
from typing import Any

from card_issuance import token_acts
from card_issuance.ceremony_acts import PIN_PATIENCE, Bench, EnvelopeRenderer
from card_issuance.ceremony_job import Job
from card_issuance.ceremony_run import CeremonyRun, Outcome
from card_issuance.envelope_shelf import EnvelopeShelf
from card_issuance.faults import DriverFault
from card_issuance.pin_pad import PinPad
from card_issuance.pin_tries import PinTries
from card_issuance.printer import CupsPrinter, Printer
from card_issuance.simulated import SERIAL_SHAPE
from card_issuance.slots import ModuleKind, SlotReader, SlotState, SlotView
from card_issuance.station_office import NotEnrolled, OfficeDown, OfficeLine, PollAnswer
from card_issuance.station_settings import StationSettings
from card_issuance.station_store import PIN_TRIES, Credentials, StationStore
from card_issuance.station_view import Asked, Link, StationView, Work

log = logging.getLogger(__name__)

LONGEST_WAIT = 2.0  # seconds between two tries to reach the office
FIRST_WAIT = 0.25
SLOT_REST = 0.5  # seconds; slots are looked into at most so often, and at once after a hand moved a token


@dataclass
class _Worker:
    run: CeremonyRun
    since: datetime
    thread: Thread | None = None


@dataclass
class _Seen:
    """What the poll loop last saw; guarded by the station's lock."""

    link: Link = Link.connecting
    link_detail: str = ""
    language: str = "zh"
    slots: tuple[SlotView, ...] = ()
    slot_fault: str = ""
    slots_at: float = -1e9


class SlotsFull(Exception):
    """No slot is free for another simulated token."""


@dataclass
class Station:
    settings: StationSettings
    credentials: Credentials
    bench: Bench
    shelf: EnvelopeShelf
    boot: str = field(default_factory=lambda: secrets.token_hex(16))

    def __post_init__(self) -> None:
        self._lock = Lock()
        self._seen = _Seen()
        self._workers: dict[str, _Worker] = {}  # by token serial
        self._waking = Event()
        self._stopping = Event()
        self._reader = SlotReader(self.settings.token)
        self._reader_lock = Lock()
        self._printer: Printer = self.bench.printer

    # For the page.

    def view(self) -> StationView:
        cabinet = self._cabinet()
        with self._lock:
            seen = self._seen
            work = tuple(
                Work(w.run.job.run, w.run.job.case, w.run.job.item, w.run.job.token, w.run.step, w.since, w.run.job.kind)
                for w in self._workers.values()
            )
            return StationView(
                self.credentials.name,
                self.credentials.branch,
                self.settings.office_url,
                seen.link,
                seen.link_detail,
                seen.language,
                seen.slots,
                seen.slot_fault,
                self.settings.slots if cabinet else None,
                tuple(cabinet.drawer()) if cabinet else (),
                self._printer.view(),
                work,
                tuple(self.shelf.waiting()),
                tuple(Asked(job.run, job.case, job.item, job.token) for job in self.bench.pad.asked()),
                {slot.serial or "": self._tries_left(slot) for slot in seen.slots if _has_pin(slot)},
            )

    def _tries_left(self, slot: SlotView) -> int:
        return self.bench.pad.left(slot.serial or "", slot.user_pin)

    def insert(self, serial: str) -> None:
        """A simulated token goes from the drawer into a slot. SlotsFull, NoToken, ValueError (no serial, or no simulation)."""
        with self._reader_lock:
            cabinet = self.settings.token.cabinet
            inserted = cabinet.inserted()
            if serial not in inserted and len(inserted) >= self.settings.slots:
                raise SlotsFull
            cabinet.insert(serial)
        self._look_into_slots(at_once=True)
        self._waking.set()

    def remove(self, serial: str) -> None:
        """A simulated token is pulled out, as a hand would at any moment."""
        self.settings.token.cabinet.remove(serial)
        self._look_into_slots(at_once=True)
        self._waking.set()

    def _cabinet(self) -> Any:
        return self.settings.token.cabinet if self.settings.token.kind is ModuleKind.simulated else None

    # The loop.

    def serve(self) -> None:
        """Polls until `stop`. Raises nothing that the office or a token can cause."""
        office = self._line()
        wait = FIRST_WAIT
        with suppress(DriverFault):  # the first act will meet the same trouble, and tell it
            token_acts.warm(self.settings.token)
        while not self._stopping.is_set():
            try:
                answer = self._poll(office)
            except NotEnrolled:
                self._note(Link.not_enrolled, "")
                self._abandon_all()
                pause = LONGEST_WAIT
            except OfficeDown as fault:
                self._note(Link.down, str(fault))
                pause, wait = wait, min(2 * wait, LONGEST_WAIT)
            else:
                wait = FIRST_WAIT
                self._note(Link.up, "", answer.language)
                for job in answer.jobs:
                    self._begin(job)
                pause = min(max(answer.poll_after, 0.05), LONGEST_WAIT)
            self._waking.wait(pause)
            self._waking.clear()
        office.close()

    def stop(self) -> None:
        """Ends the loop and every run; PINs go with them. Safe from a signal handler's thread and to repeat."""
        self._stopping.set()
        self._waking.set()

    def finish(self, patience: float = 10.0) -> None:
        """After `serve` returned: waits for the workers, ends the driver's helpers."""
        self._abandon_all()
        end = time.monotonic() + patience
        for worker in self._all_workers():
            if worker.thread is not None:
                worker.thread.join(max(0.0, end - time.monotonic()))
        token_acts.shut_down()

    def _line(self) -> OfficeLine:
        return OfficeLine(self.settings.office_url, self.credentials.secret, self.settings.office_ca)

    def _poll(self, office: OfficeLine) -> PollAnswer:
        self._look_into_slots()
        fetched = self.shelf.fetched()
        printer = self._printer.view()
        with self._lock:
            working = [{"run": w.run.job.run, "lease": w.run.job.lease} for w in self._workers.values()]
            slots = [self._slot_words(each) for each in self._seen.slots]
        answer = office.poll(
            {
                "boot": self.boot,
                "page": self.shelf.page,
                "slots": slots,
                "printer": {
                    "kind": printer.kind,
                    "name": printer.name,
                    "state": printer.state.value,
                    "detail": printer.detail,
                },
                "working": working,
                "envelopes_fetched": fetched,
            }
        )
        self.shelf.told(fetched)
        return answer

    def _look_into_slots(self, at_once: bool = False) -> None:
        with self._reader_lock:
            if not at_once and time.monotonic() - self._seen.slots_at < SLOT_REST:
                return
            slots: tuple[SlotView, ...] = ()
            fault = ""
            try:
                slots = tuple(self._reader.list())
                for slot in filter(_has_pin, slots):
                    self.bench.pad.tries.believe(slot.serial or "", slot.user_pin)
            except DriverFault as failed:
                fault = str(failed)
            with self._lock:
                self._seen.slots, self._seen.slot_fault, self._seen.slots_at = slots, fault, time.monotonic()

    def _slot_words(self, slot: SlotView) -> dict[str, Any]:
        words: dict[str, Any] = {
            "slot": slot.slot,
            "serial": slot.serial,
            "label": slot.label,
            "state": slot.state.value,
            "model": slot.model,
        }
        if slot.contents is not None:
            words["keys"] = [{"id": key.id, "digest": key.digest} for key in slot.contents.keys]
            words["certificates"] = list(slot.contents.certificates)
        if _has_pin(slot):
            left = self._tries_left(slot)
            words |= {"tries_left": left, "locked": left == 0}
        return words

    def _note(self, link: Link, detail: str, language: str | None = None) -> None:
        with self._lock:
            before = self._seen.link
            self._seen.link, self._seen.link_detail = link, detail
            if language in ("zh", "en"):
                self._seen.language = language
        if link is not before:
            log.info("office: %s %s", link.value, detail)

    # The runs.

    def _begin(self, job: Job) -> None:
        """A worker for the job. An older lease on the same token is called off first; the driver lets only one act at a time."""
        with self._lock:
            older = self._workers.get(job.token)
            if older is not None and (older.run.job.run, older.run.job.lease) == (job.run, job.lease):
                return
            if older is not None:
                older.run.abandoned.set()
            worker = _Worker(CeremonyRun(job, self.bench, self._line()), datetime.now(UTC))
            worker.thread = Thread(target=self._work, args=(worker, older), name=f"run-{job.run[:8]}", daemon=True)
            self._workers[job.token] = worker
        worker.thread.start()

    def _work(self, worker: _Worker, older: _Worker | None) -> None:
        if older is not None and older.thread is not None:
            older.thread.join()
        outcome = Outcome.dropped
        try:
            outcome = worker.run.run()
        finally:
            job = worker.run.job
            log.info("run %s lease %d: %s at %s", job.run, job.lease, outcome.value, worker.run.step.value)
            with self._lock:
                if self._workers.get(job.token) is worker:
                    del self._workers[job.token]
            self._waking.set()

    def _all_workers(self) -> list[_Worker]:
        with self._lock:
            return list(self._workers.values())

    def _abandon_all(self) -> None:
        for worker in self._all_workers():
            worker.run.abandoned.set()


def build(
    store: StationStore,
    render_envelope: EnvelopeRenderer,
    environment: Mapping[str, str],
    pin_patience: float = PIN_PATIENCE,
) -> Station:
    """A station from its directory. Raises SettingsFault, StoreFault."""
    credentials = store.credentials()
    settings = store.settings(environment)
    shelf = EnvelopeShelf()
    printer: Printer = shelf
    if settings.printer.queue:
        given = settings.printer
        printer = CupsPrinter(given.queue, given.server, given.options, given.deadline)
    pad = PinPad(settings.token, PinTries(store.directory / PIN_TRIES, settings.token.pin_tries))
    bench = Bench(settings.token, store.masters(), printer, render_envelope, pad, pin_patience)
    return Station(settings, credentials, bench, shelf)


def _has_pin(slot: SlotView) -> bool:
    """One of ours, with a holder's PIN on it."""
    ours = slot.serial is not None and SERIAL_SHAPE.fullmatch(slot.serial) is not None
    return ours and slot.state is SlotState.initialised and slot.user_pin != "unset"
