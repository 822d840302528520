"""What the station's page shows: one look at everything, frozen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from card_issuance.ceremony_job import Kind, Step
from card_issuance.printer import PrinterView
from card_issuance.slots import SlotView


class Link(StrEnum):
    """How the line to the office is."""

    connecting = "connecting"
    up = "up"
    down = "down"
    not_enrolled = "not_enrolled"


@dataclass(frozen=True)
class Work:
    """One run, as the page shows it."""

    run: str
    case: str
    item: int
    token: str
    step: Step
    since: datetime
    kind: Kind


@dataclass(frozen=True)
class Asked:
    """A run that waits for its holder's PIN."""

    run: str
    case: str
    item: int
    token: str


@dataclass(frozen=True)
class StationView:
    """One look at everything, for the page."""

    name: str
    branch: str
    office: str
    link: Link
    link_detail: str
    language: str
    slots: tuple[SlotView, ...]
    slot_fault: str
    room: int | None  # simulated: how many slots there are
    drawer: tuple[str, ...]
    printer: PrinterView
    work: tuple[Work, ...]
    waiting: tuple[tuple[str, str], ...]  # envelopes to fetch: number, address
    asked: tuple[Asked, ...]
    tries_left: Mapping[str, int]  # by serial, of tokens in the slots that have a holder's PIN

    def asked_of(self, serial: str) -> Asked | None:
        return next((asked for asked in self.asked if asked.token == serial), None)

    def works_on(self, serial: str) -> bool:
        return any(work.token == serial for work in self.work)
