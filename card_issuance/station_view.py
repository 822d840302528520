"""What the station's page shows: one look at everything, frozen."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from card_issuance.ceremony import Step
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
