"""Where there is no printer: an envelope waits in memory until the clerk's browser fetches it, once.

The address is unguessable. What was handed out, overtaken or forgotten is wiped; its number stays known for a while, so that
whoever asks again is told in plain words what happened.
"""

import secrets
import time
from dataclasses import dataclass
from enum import StrEnum
from threading import Event, Lock

from card_issuance.ceremony_job import Placed
from card_issuance.printer import PrinterState, PrinterView

KEEP_SECONDS = 2 * 60 * 60.0  # an envelope nobody fetches
REMEMBERED = 200  # addresses whose end is still told


class Ending(StrEnum):
    shown = "shown"
    overtaken = "overtaken"  # the run was called off, or a new PIN was set
    expired = "expired"


@dataclass
class Waiting:
    """One envelope. `document` is wiped and emptied when the envelope ends."""

    address: str
    run: str
    number: str
    document: bytearray
    since: float
    ending: Ending | None = None

    def end(self, ending: Ending) -> None:
        self.document[:] = bytes(len(self.document))
        self.document.clear()
        self.ending = ending


class EnvelopeShelf:
    """The printer where there is none. Safe for several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._envelopes: dict[str, Waiting] = {}
        self._fetched: list[str] = []
        self.page = ""  # of the station, with a slash at its end; known when its socket is bound

    def view(self) -> PrinterView:
        return PrinterView("page", self.page, PrinterState.ready)

    def place(self, run: str, number: str, document: bytes, abandoned: Event) -> Placed:
        """Keeps the page for one fetch. An older envelope of the same run is wiped: its PIN is no longer the token's."""
        address = secrets.token_urlsafe(32)
        with self._lock:
            self._end(run, Ending.overtaken)
            self._envelopes[address] = Waiting(address, run, number, bytearray(document), time.monotonic())
            self._forget()
        return Placed(printed=False, url=f"{self.page}envelope/{address}")

    def withdraw(self, run: str) -> None:
        """Wipes what waits for a run."""
        with self._lock:
            self._end(run, Ending.overtaken)

    def look(self, address: str) -> Waiting | None:
        """The envelope at an address, in whatever state; its document is not to be read here."""
        with self._lock:
            self._forget()
            return self._envelopes.get(address)

    def take(self, address: str) -> bytes | None:
        """The page, for the one who asks first; None ever after."""
        with self._lock:
            self._forget()
            found = self._envelopes.get(address)
            if found is None or found.ending is not None:
                return None
            document = bytes(found.document)
            found.end(Ending.shown)
            self._fetched.append(found.number)
            return document

    def waiting(self) -> list[tuple[str, str]]:
        """(number, address) of every envelope that is not fetched yet."""
        with self._lock:
            self._forget()
            return [(each.number, each.address) for each in self._envelopes.values() if each.ending is None]

    def fetched(self) -> list[str]:
        """Numbers that were fetched and not yet told to the office."""
        with self._lock:
            return list(self._fetched)

    def told(self, numbers: list[str]) -> None:
        with self._lock:
            self._fetched = [each for each in self._fetched if each not in numbers]

    def _end(self, run: str, ending: Ending) -> None:
        for each in self._envelopes.values():
            if each.run == run and each.ending is None:
                each.end(ending)

    def _forget(self) -> None:
        now = time.monotonic()
        for each in self._envelopes.values():
            if each.ending is None and now - each.since > KEEP_SECONDS:
                each.end(Ending.expired)
        ended = [each.address for each in self._envelopes.values() if each.ending is not None]
        for address in ended[: max(0, len(ended) - REMEMBERED)]:
            del self._envelopes[address]
