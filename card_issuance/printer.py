"""The PIN printer: one page at a time, watched until the paper is out, nothing left in the spool.

The spool holds the PIN for as long as the job runs, so it must lie in memory (`spool_fault`). A job that does not complete is
purged before the fault is reported: whatever may lie half printed in the tray belongs to a PIN that the next try replaces.
"""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from threading import Event
from typing import Protocol

from card_issuance.ceremony_job import Placed
from card_issuance.ipp import IppFailed, Scheduler

PENDING, HELD, PROCESSING, STOPPED, CANCELLED, ABORTED, COMPLETED = range(3, 10)
PRINTER_PROCESSING, PRINTER_STOPPED = 4, 5
HAND_PATIENCE = 20.0  # seconds that a jam may last before the page is taken back
MEMORY_FILE_SYSTEMS = frozenset({"tmpfs", "ramfs"})

# Errors that need a hand at the printer (RFC 8011, 5.4.12). A warning or a report (one of two trays empty) does not stop a page.
NEEDS_A_HAND = frozenset(
    {
        "media-jam",
        "media-needed",
        "media-empty",
        "door-open",
        "cover-open",
        "toner-empty",
        "marker-supply-empty",
        "paused",
        "shutdown",
        "offline",
        "input-tray-missing",
        "output-area-full",
        "interlock-open",
    }
)


class PrinterState(StrEnum):
    ready = "ready"
    jammed = "jammed"
    absent = "absent"


@dataclass(frozen=True)
class PrinterView:
    kind: str  # "cups" or "page"
    name: str
    state: PrinterState
    detail: str = ""
    stands: bool = False  # it will print nothing until somebody starts it again


class PrintFailed(Exception):
    """The paper did not come out. The text is for a technician and holds nothing of the page."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Printer(Protocol):
    """Two exist: the CUPS queue, and the station's own page where there is no printer."""

    def view(self) -> PrinterView: ...

    def place(self, run: str, number: str, document: bytes, abandoned: Event) -> Placed:
        """Returns when the paper is out, or waits on the page. Raises PrintFailed otherwise, with nothing left in a spool."""

    def withdraw(self, run: str) -> None:
        """Takes back what still waits for a run whose PIN is overtaken."""


@dataclass
class CupsPrinter:
    queue: str
    server: Path
    options: Mapping[str, str] = field(default_factory=dict)
    deadline: float = 120.0  # seconds from handing over to paper out
    _glance: tuple[float, PrinterView | None] = (0.0, None)

    def view(self) -> PrinterView:
        """The queue's state, asked at most once a second."""
        at, last = self._glance
        if last is None or time.monotonic() - at > 1.0:
            last = self._look()
            self._glance = (time.monotonic(), last)
        return last

    def _look(self) -> PrinterView:
        try:
            answer = Scheduler(self.server, timeout=2.0).printer(self.queue)
        except IppFailed as fault:
            return PrinterView("cups", self.queue, PrinterState.absent, fault.detail)
        reasons = sorted({str(each) for each in answer.get("printer-state-reasons", ())} - {"none"})
        trouble = [each for each in reasons if each.removesuffix("-error") in NEEDS_A_HAND]
        state = answer.get("printer-state", [PRINTER_STOPPED])[0]
        stands = state == PRINTER_STOPPED or answer.get("printer-is-accepting-jobs") == [False]
        # CUPS keeps the reasons of the last job until the next one: of an idle queue they tell the past.
        if stands or (trouble and state == PRINTER_PROCESSING):
            told = ", ".join(trouble or reasons) or "stopped"
            return PrinterView("cups", self.queue, PrinterState.jammed, told, stands)
        return PrinterView("cups", self.queue, PrinterState.ready, ", ".join(reasons))

    def place(self, run: str, number: str, document: bytes, abandoned: Event) -> Placed:
        scheduler = Scheduler(self.server)
        before = self._look()
        if before.stands or before.state is PrinterState.absent:  # no PIN waits in the spool of a queue that stands still
            raise PrintFailed(before.detail)
        job = None
        try:
            job = scheduler.print(self.queue, number, document, self.options)
            self._watch(scheduler, job, abandoned)
        except IppFailed as fault:
            raise PrintFailed(fault.detail) from fault
        finally:
            self._glance = (0.0, None)
            if job is not None:
                self._purge(scheduler, job)
        return Placed(printed=True)

    def withdraw(self, run: str) -> None:
        """Nothing waits: a job that was not printed is purged by whoever watched it."""

    def _watch(self, scheduler: Scheduler, number: int, abandoned: Event) -> None:
        begin = fine = time.monotonic()
        while True:
            job = scheduler.job(self.queue, number)
            state = job.get("job-state", [0])[0]
            reasons = ", ".join(str(each) for each in job.get("job-state-reasons", ()) if each != "none")
            if state == COMPLETED:
                return
            if state in (CANCELLED, ABORTED):
                raise PrintFailed(f"job {number} was given up by the print scheduler: {reasons}")
            printer, now = self._look(), time.monotonic()
            if printer.state is PrinterState.ready:
                fine = now
            told = printer.detail or reasons
            if state in (STOPPED, HELD) or printer.stands or now - fine > HAND_PATIENCE:
                raise PrintFailed(f"job {number} stopped: {told}")
            if abandoned.is_set():
                raise PrintFailed(f"job {number} was given up: the run was called off")
            if now - begin > self.deadline:
                raise PrintFailed(f"job {number} was not printed within {self.deadline:g} s: {told}")
            time.sleep(0.1)

    def _purge(self, scheduler: Scheduler, number: int) -> None:
        """The document must not outlive its printing; a spool that cannot be cleared is worth a stop by name."""
        try:
            scheduler.purge(self.queue, number)
        except IppFailed as fault:
            raise PrintFailed(f"job {number} could not be removed from the spool: {fault.detail}") from fault


def file_system_of(path: Path, mounts: Path = Path("/proc/mounts")) -> str:
    """The type of the file system that holds a path, e.g. "tmpfs"; "unknown" where the mounts cannot be read."""
    try:
        lines = mounts.read_text().splitlines()
    except OSError:
        return "unknown"
    real = os.path.realpath(path)
    best, kind = "", "unknown"
    for line in lines:
        point, kind_here = line.split()[1:3]
        point = point.replace("\\040", " ")
        if len(point) >= len(best) and (real == point or real.startswith(point.rstrip("/") + "/")):
            best, kind = point, kind_here
    return kind


def spool_fault(spool: Path) -> str | None:
    """Why a page with a PIN must not be handed to a scheduler that spools there, or None."""
    kind = file_system_of(spool)
    if kind in MEMORY_FILE_SYSTEMS:
        return None
    return f"{spool} is on {kind}, so a PIN would be written to a disk; mount a tmpfs there (fstab: tmpfs {spool} tmpfs mode=0710,gid=lp 0 0)"
