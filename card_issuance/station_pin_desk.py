"""What becomes of a PIN that was typed on the station's page. It is taken from the form here and given to the pad, nowhere else."""

from enum import StrEnum

from card_issuance.pin import Pin, PolicyFault, policy_fault
from card_issuance.pin_pad import Verdict
from card_issuance.station import Station


class Way(StrEnum):
    """What the holder came to do."""

    give = "give"  # for the run that waits for it
    try_ = "try"
    change = "change"


WAYS = frozenset(Way)


class Said(StrEnum):
    """What the page says next, where no verdict of the pad and no fault of policy says it."""

    empty = "empty"  # no PIN, or what cannot be one
    differ = "differ"  # the new PIN was not typed the same way twice
    changed = "changed"
    declined = "declined"


def carry_out(station: Station, serial: str, way: Way, form: dict[str, str]) -> Verdict | PolicyFault | Said:
    """`form`: "pin", and to change it "new" and "again"."""
    pin = _pin(form.get("pin", ""))
    if pin is None:
        return Said.empty
    pad, view = station.bench.pad, station.view()
    if way is Way.give:
        asked = view.asked_of(serial)
        return pad.give(asked.run, pin) if asked else Verdict.not_waiting
    if view.works_on(serial):
        return Verdict.busy
    if way is Way.try_:
        return pad.try_pin(serial, pin)
    return _change(station, serial, pin, form.get("new", ""), form.get("again", ""))


def decline(station: Station, serial: str) -> Said | Verdict:
    asked = station.view().asked_of(serial)
    if asked is None:
        return Verdict.not_waiting
    station.bench.pad.decline(asked.run)
    return Said.declined


def _change(station: Station, serial: str, old: Pin, new: str, again: str) -> Verdict | PolicyFault | Said:
    """The new one is judged before the old one is tried: a slip there costs no try."""
    where = station.bench.where
    if new != again:
        return Said.differ
    fault = policy_fault(new, old.reveal(), serial, where.pin_min, where.pin_max)
    if fault is not None:
        return fault
    verdict = station.bench.pad.change_pin(serial, old, Pin(new))
    return Said.changed if verdict is Verdict.right else verdict


def _pin(text: str) -> Pin | None:
    try:
        return Pin(text)
    except ValueError:
        return None
