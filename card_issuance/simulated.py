"""Simulated tokens: one SoftHSM directory per medium, in a drawer or in a slot.

For demonstration and tests only: a copy of such a directory falls to a search over its few million PINs, and SoftHSM never locks.
Layout of a cabinet:
    drawer/<serial>/     media that lie about
    inserted/<serial>/   media in a slot of this station
    locks/<serial>       held by whatever child works on the medium
Each medium: `medium` (its serial, which a blank SoftHSM token cannot tell), `softhsm2.conf`, and in `store/` SoftHSM's own
directory, which `store/current` points to.

SoftHSM rewrites its files in place, at every login even, so a process that dies at the wrong moment leaves a destroyed
token. A chip card's memory is transactional, and so is a simulated medium's: an act works on a copy, and when the module has
come to an orderly end, `current` is pointed to the copy in one step.
"""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from card_issuance.faults import NoToken, WrongToken

_ROOM = 1 << 16  # bytes; more than an act writes
SERIAL_SHAPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,31}")  # a token's label has 32 bytes, and it is the name of a directory


def checked_serial(serial: str) -> str:
    """The serial itself if it can be one; ValueError otherwise."""
    if not SERIAL_SHAPE.fullmatch(serial):
        raise ValueError(f"not a token serial: {serial!r}")
    return serial


@dataclass(frozen=True, slots=True)
class Cabinet:
    """All simulated media of one station."""

    root: Path

    def make_blank(self, serial: str) -> None:
        """A new blank medium in the drawer. FileExistsError if a medium of this serial exists."""
        checked_serial(serial)
        if self.place_of(serial):
            raise FileExistsError(f"there is a simulated token {serial} already")
        fresh = self.root / "drawer" / f".{serial}.new"
        shutil.rmtree(fresh, ignore_errors=True)
        (fresh / "store" / "0").mkdir(parents=True, mode=0o700)
        (fresh / "store" / "current").symlink_to("0")
        (fresh / "medium").write_text(serial)
        fresh.rename(self.root / "drawer" / serial)

    def drawer(self) -> list[str]:
        """Serials of the media that are in no slot."""
        return self._serials("drawer")

    def inserted(self) -> list[str]:
        """Serials of the media in slots."""
        return self._serials("inserted")

    def place_of(self, serial: str) -> str | None:
        """ "inserted", "drawer", or None if there is no such medium."""
        return next((p for p in ("inserted", "drawer") if (self.root / p / checked_serial(serial)).exists()), None)

    def insert(self, serial: str) -> None:
        """As a hand would: from the drawer into a slot. Already there: nothing happens. NoToken if there is no such medium."""
        self._move(serial, "drawer", "inserted")

    def remove(self, serial: str) -> None:
        """As a hand would, also in the middle of an act. Already out: nothing happens. NoToken if there is no such medium."""
        self._move(serial, "inserted", "drawer")

    def home(self, serial: str) -> Path:
        """The directory of an inserted medium, its SoftHSM configuration in order.

        NoToken if no medium is inserted; WrongToken if others are, or if the medium calls itself something else.
        """
        home = self.root / "inserted" / checked_serial(serial)
        try:
            named = (home / "medium").read_text().strip()
        except OSError:
            others = self.inserted()
            raise (WrongToken(f"inserted: {', '.join(others)}") if others else NoToken("no slot holds a token")) from None
        if named != serial:
            raise WrongToken(f"the medium in the place of {serial} says that it is {named}")
        configure(home)
        return home

    def environment(self, serial: str) -> dict[str, str]:
        """What any PKCS#11 program needs in its environment to see this inserted medium, and only this one."""
        return {"SOFTHSM2_CONF": str(self.home(serial) / "softhsm2.conf")}

    def lock(self, serial: str) -> Path:
        return self.root / "locks" / checked_serial(serial)

    def _serials(self, place: str) -> list[str]:
        try:
            return sorted(name for name in os.listdir(self.root / place) if SERIAL_SHAPE.fullmatch(name))
        except FileNotFoundError:
            return []

    def _move(self, serial: str, origin: str, target: str) -> None:
        checked_serial(serial)
        (self.root / target).mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            (self.root / origin / serial).rename(self.root / target / serial)
        except FileNotFoundError:
            if not (self.root / target / serial).exists():
                raise NoToken(f"there is no simulated token {serial}") from None


def configure(home: Path) -> None:
    """Write the medium's SoftHSM configuration if it is not in order: it names an absolute place, and media move."""
    wanted = configuration(home.resolve() / "store" / "current")
    conf = home / "softhsm2.conf"
    try:
        if conf.read_text() == wanted:
            return
    except FileNotFoundError:
        pass
    fresh = conf.with_name(f"softhsm2.conf.{os.getpid()}")
    fresh.write_text(wanted)
    fresh.replace(conf)


def configuration(tokens: Path) -> str:
    return f"directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\n"


class Change:
    """A copy of an inserted medium's contents to work on. The caller holds the medium's lock.

    OSError from any method: there was no room for it, or the medium was pulled; its contents are as before.
    """

    def __init__(self, home: Path) -> None:
        self._store = home / "store"
        before = os.readlink(self._store / "current")
        for stray in os.listdir(self._store):  # of changes that came to no end
            if stray not in ("current", before):
                _delete(self._store / stray)
        self._before, self._after = before, str(int(before) + 1)
        self.tokens = self._store / self._after  # the directory that SoftHSM is told
        _copy(self._store / before, self.tokens)

    def commit(self) -> None:
        room = self._store / "room"
        room.write_bytes(bytes(_ROOM))  # SoftHSM does not look whether its files could be written: on a full disk, do not believe
        room.unlink()
        link = self._store / "next"
        link.symlink_to(self._after)
        link.replace(self._store / "current")
        _delete(self._store / self._before)


def _copy(origin: Path, target: Path) -> None:
    """Directories of small files; SoftHSM's empty lock files too, since it fails to destroy an object that has none."""
    target.mkdir(mode=0o700)
    for entry in os.scandir(origin):
        if entry.is_dir():
            _copy(Path(entry.path), target / entry.name)
        else:
            with open(entry.path, "rb", 0) as held, open(f"{target}/{entry.name}", "wb") as copy:
                copy.write(held.read())


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
