"""The PKCS#11 module of a station, by configuration, and what is in its slots.

Three kinds, and nothing else tells modules apart:
    simulated   SoftHSM, each medium a directory of its own in a cabinet; the medium carries the serial
    pkcs11      the token itself tells its serial, as real USB keys do
    fixed       the token has no serial of its own; the configuration names the serial of each slot (opencryptoki)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from card_issuance.pin import Pin
from card_issuance.simulated import Cabinet, checked_serial

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
    officer_pin_length: int = 24
    environment: Mapping[str, str] = field(default_factory=dict)  # for the child, before the module is loaded
    launcher: tuple[str, ...] = ()  # words before the child's command line, such as nsenter with its options
    deadline: float = 20.0  # seconds for an act
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

    def lock(self, serial: str) -> Path:
        """The file that whoever works on this token holds locked."""
        return Cabinet(self.state).lock(serial)


@dataclass(frozen=True, slots=True)
class SlotView:
    """One slot with a token in it. `serial` is None where the token has none and the configuration names none."""

    slot: int
    serial: str | None
    label: str
    state: SlotState
    model: str
    location: str  # what the page calls the slot: the driver's description


class SlotReader:
    """Looks into the slots, again and again, cheaply. One per station; may be called from any one thread at a time."""

    def __init__(self, settings: ModuleSettings) -> None:
        self.settings = settings

    def list(self) -> list[SlotView]:
        """Every token in a slot, ordered by slot. Empty slots are left out. DriverFault if the module does not answer."""
        raise NotImplementedError
