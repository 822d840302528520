"""The PKCS#11 module of a station, by configuration, and what is in its slots.

Three kinds, and nothing else tells modules apart:
    simulated   SoftHSM, each medium a directory of its own in a cabinet; the medium carries the serial
    pkcs11      the token itself tells its serial, as real USB keys do
    fixed       the token has no serial of its own; the configuration names the serial of each slot (opencryptoki)
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from card_issuance.faults import DriverFailed, DriverFault, DriverHung, NoToken, TokenRemoved, WrongToken
from card_issuance.pin import Pin
from card_issuance.simulated import SERIAL_SHAPE, Cabinet, checked_serial
from card_issuance.token_nursery import Nursery, nursery_of

SOFTHSM = "/usr/lib/softhsm/libsofthsm2.so"


class ModuleKind(StrEnum):
    simulated = "simulated"
    pkcs11 = "pkcs11"
    fixed = "fixed"


class SlotState(StrEnum):
    blank = "blank"
    initialised = "initialised"
    unreadable = "unreadable"


@dataclass(frozen=True, slots=True)
class ModuleSettings:
    """How to talk to the tokens of one station. Made by `simulated`, `real`, `fixed` or `read`; checks itself."""

    kind: ModuleKind
    module: str  # path of the PKCS#11 library
    state: Path  # simulated: the cabinet; else a directory of ours for lock files
    serials: Mapping[int, str] = field(default_factory=dict)  # slot number → serial, of kind fixed only
    factory_officer_pin: Pin | None = None  # what a new medium's officer PIN is, where the module insists on one
    pin_min: int = 4
    pin_max: int = 32
    pin_length: int = 8  # of the user PINs that we make
    pin_tries: int = 10  # wrong user PINs in a row that lock a token; fewer where the module locks by itself after fewer
    officer_pin_length: int = 24
    environment: Mapping[str, str] = field(default_factory=dict)  # for the child, before the module is loaded
    launcher: tuple[str, ...] = ()  # words before the child's command line, such as nsenter with its options
    deadline: float = 20.0  # seconds for an act
    rehearse: bool = True  # simulated: children warm up on a throw-away token, which costs processor time before it saves waiting
    generate_deadline: float = 120.0  # a key pair on a real token takes long

    def __post_init__(self) -> None:
        if (self.kind is ModuleKind.fixed) != bool(self.serials):
            raise ValueError("serials: exactly a module of kind 'fixed' names the serial of each slot")
        if len(set(self.serials.values())) != len(self.serials):
            raise ValueError("serials: two slots have the same serial")
        for serial in self.serials.values():
            checked_serial(serial)
        if not 4 <= self.pin_min <= self.pin_length <= self.pin_max:
            raise ValueError("pin_length: must lie between pin_min (at least 4) and pin_max")
        if not 1 <= self.pin_tries <= 10:
            raise ValueError("pin_tries: from 1 to 10")
        if not 4 <= self.officer_pin_length <= 32:
            raise ValueError("officer_pin_length: from 4 to 32")
        if self.deadline <= 0 or self.generate_deadline <= 0:
            raise ValueError("deadline: more than 0 seconds")

    @staticmethod
    def simulated(cabinet: Path, module: str = SOFTHSM, **more: Any) -> ModuleSettings:
        return ModuleSettings(ModuleKind.simulated, module, cabinet, **more)

    @staticmethod
    def real(module: str, state: Path, **more: Any) -> ModuleSettings:
        return ModuleSettings(ModuleKind.pkcs11, module, state, **more)

    @staticmethod
    def fixed(module: str, state: Path, serials: Mapping[int, str], **more: Any) -> ModuleSettings:
        return ModuleSettings(ModuleKind.fixed, module, state, dict(serials), **more)

    @staticmethod
    def read(options: Mapping[str, Any], state: Path) -> ModuleSettings:
        """From a configuration file's table. ValueError names the option that is unknown, missing or nonsense."""
        given = dict(options)
        try:
            kind = ModuleKind(given.pop("kind", ModuleKind.simulated))
        except ValueError:
            raise ValueError(f"kind: one of {', '.join(ModuleKind)}") from None
        module = given.pop("module", SOFTHSM if kind is ModuleKind.simulated else None)
        if not module:
            raise ValueError("module: the path of the PKCS#11 library is missing")
        if "serials" in given:
            given["serials"] = {int(slot): str(serial) for slot, serial in given["serials"].items()}
        if given.get("factory_officer_pin") is not None:
            given["factory_officer_pin"] = Pin(str(given["factory_officer_pin"]))
        if "launcher" in given:
            given["launcher"] = tuple(given["launcher"])
        try:
            return ModuleSettings(kind, str(module), state, **given)
        except TypeError:
            known = sorted(set(ModuleSettings.__slots__) - {"kind", "module", "state"})
            raise ValueError(f"{', '.join(sorted(set(given) - set(known)))}: no such option; known: {', '.join(known)}") from None

    @property
    def cabinet(self) -> Cabinet:
        """The simulated media; ValueError where tokens are real."""
        if self.kind is not ModuleKind.simulated:
            raise ValueError("only a simulated module has a cabinet")
        return Cabinet(self.state)

    def check_pins(self, pin: Pin, officer_pin: Pin) -> None:
        """ValueError if the module would not take them; better known before the token is touched."""
        self.check_pin(pin)
        if len(officer_pin.reveal()) != self.officer_pin_length:
            raise ValueError(f"an officer PIN of this module has {self.officer_pin_length} characters")

    def check_pin(self, pin: Pin) -> None:
        """ValueError if the module would not take it as a user PIN."""
        if not self.pin_min <= len(pin.reveal()) <= self.pin_max:
            raise ValueError(f"a user PIN of this module has {self.pin_min} to {self.pin_max} characters")

    def lock(self, serial: str) -> Path:
        """The file that whoever works on this token holds locked."""
        return Cabinet(self.state).lock(serial)


@dataclass(frozen=True, slots=True)
class SlotKey:
    id: str  # CKA_ID, lower hex
    digest: str  # SHA-256 of the SubjectPublicKeyInfo, hex; "" if it cannot be read


@dataclass(frozen=True, slots=True)
class SlotContents:
    """What an initialised token shows without a PIN."""

    keys: tuple[SlotKey, ...]
    certificates: tuple[str, ...]  # SHA-256 of the DER, hex


@dataclass(frozen=True, slots=True)
class SlotView:
    """One slot with a token in it. `serial` is None where the token has none and the configuration names none."""

    slot: int
    serial: str | None
    label: str
    state: SlotState
    model: str
    location: str  # what the page calls the slot: the driver's description
    user_pin: str = ""  # what the token says of its holder's tries: "unset", "ok", "low", "final", "locked"
    contents: SlotContents | None = None  # None: blank, or not known while the first act is under way


class SlotReader:
    """Looks into the slots, again and again, cheaply. One per station; for one thread at a time."""

    def __init__(self, settings: ModuleSettings) -> None:
        self.settings = settings
        self._known: dict[str, tuple[object, SlotView]] = {}  # simulated: what a medium looked like, and how it was read

    def list(self) -> Sequence[SlotView]:
        """Every token in a slot, ordered by slot. Empty slots are left out. DriverFault if the module does not answer."""
        if self.settings.kind is ModuleKind.simulated:
            return self._simulated()
        found = act(self.settings, "slots", "", {})["slots"]
        views = sorted((_view(slot, slot["slot"]) for slot in found), key=lambda view: view.slot)
        here = {view.serial for view in views}
        self._known = {serial: known for serial, known in self._known.items() if serial in here}  # who knows where it was
        return [self._with_contents(view) for view in views]

    def _with_contents(self, view: SlotView) -> SlotView:
        """A session is opened only when the token is new here, something was done to it, or it tells another tale of its PIN."""
        if view.serial is None or not SERIAL_SHAPE.fullmatch(view.serial) or view.state is not SlotState.initialised:
            return view
        looks = (view, _changes.get(str(self.settings.lock(view.serial)), 0))
        before = self._known.get(view.serial)
        if before and before[0] == looks:
            return before[1]
        try:
            answer = act(self.settings, "glance", view.serial, {})
        except DriverFault:  # there is a token; the act that needs more of it will say what is wrong, and no poll waits again
            answer = {}
        if "busy" in answer:
            return replace(view, contents=before[1].contents) if before else view
        seen = replace(view, contents=_contents(answer)) if answer else view
        self._known[view.serial] = (looks, seen)
        return seen

    def _simulated(self) -> Sequence[SlotView]:
        views = []
        for number, serial in enumerate(self.settings.cabinet.inserted(), 1):
            try:
                views.append(replace(self._medium(serial), slot=number))
            except (NoToken, WrongToken, TokenRemoved) as fault:
                if self.settings.cabinet.place_of(serial) == "inserted":
                    views.append(_unreadable(serial, number, fault))
            except (DriverFailed, DriverHung) as fault:
                views.append(_unreadable(serial, number, fault))
        return views

    def _medium(self, serial: str) -> SlotView:
        looks = _looks(self.settings.state / "inserted" / serial)
        before = self._known.get(serial)
        if before and before[0] == looks:
            return before[1]
        answer = act(self.settings, "glance", serial, {})
        if "busy" in answer:  # an act is under way on it; there is a picture, and the next look asks again
            made = len(looks) > 1
            state = SlotState.initialised if made else SlotState.blank
            contents = before[1].contents if before and made else None
            return SlotView(0, serial, serial if made else "", state, "SoftHSM v2", "", contents=contents)
        view = replace(_view(answer, 0), location="")
        self._known[serial] = (looks, view)
        return view


def act(settings: ModuleSettings, name: str, serial: str, arguments: dict[str, Any], deadline: float = 0) -> dict[str, Any]:
    """One act of `token_work` in one child. Waits for its turn: two acts on one token never run at once."""
    factory = settings.factory_officer_pin
    request = {
        "act": name,
        "kind": settings.kind,
        "module": settings.module,
        "state": str(settings.state.resolve()),
        "serials": settings.serials,
        "factory_officer_pin": factory.reveal() if factory else None,
        "serial": checked_serial(serial) if serial else "",
        "arguments": arguments,
    }
    with _turn(settings, serial, wait=name != "glance") as mine:
        if not mine:
            return {"busy": True}
        if name not in ("slots", "glance", "holdings"):
            lock = str(settings.lock(serial))
            _changes[lock] = _changes.get(lock, 0) + 1
        try:
            return nursery(settings).ask(
                request, deadline or settings.deadline, takes_long=arguments.get("profile") == "rsa_2048"
            )
        except (DriverFailed, DriverHung) as fault:
            if settings.kind is ModuleKind.simulated and settings.cabinet.place_of(serial) != "inserted":
                raise TokenRemoved(fault.detail) from None
            raise


def nursery(settings: ModuleSettings) -> Nursery:
    rehearse = settings.rehearse and settings.kind is ModuleKind.simulated
    return nursery_of(settings.module, settings.launcher, settings.environment, rehearse)


_turns: dict[str, threading.Lock] = {}
_changes: dict[str, int] = {}  # by lock file: how many acts that may have changed the token


@contextmanager
def _turn(settings: ModuleSettings, serial: str, wait: bool) -> Iterator[bool]:
    """Within this process threads queue here, where waiting costs no deadline; other processes meet at the lock file."""
    lock = _turns.setdefault(str(settings.lock(serial)), threading.Lock()) if serial else threading.Lock()
    mine = lock.acquire(blocking=wait)
    try:
        yield mine
    finally:
        if mine:
            lock.release()


def _looks(home: Path) -> tuple[str, ...]:
    """What changes with every act on a simulated medium, then the names of SoftHSM's tokens on it."""
    try:
        return (os.readlink(home / "store" / "current"), *os.listdir(home / "store" / "current"))
    except FileNotFoundError:
        return ()


def _view(slot: Mapping[str, Any], number: int) -> SlotView:
    state = SlotState.initialised if slot["initialised"] else SlotState.blank
    told = (slot["serial"], slot["label"], state, slot["model"], slot["location"], slot["user_pin"])
    return SlotView(number, *told, _contents(slot) if "keys" in slot else None)


def _contents(slot: Mapping[str, Any]) -> SlotContents:
    return SlotContents(tuple(SlotKey(**key) for key in slot["keys"]), tuple(slot["certificates"]))


def _unreadable(serial: str, number: int, fault: Exception) -> SlotView:
    return SlotView(number, serial, "", SlotState.unreadable, "SoftHSM v2", str(fault))
