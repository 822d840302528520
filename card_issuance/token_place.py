"""Where a child finds the one token that its act is about, and how it keeps others away from it meanwhile."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from card_issuance.faults import DriverFailed, DriverFault, NoToken, TokenRemoved, WrongToken
from card_issuance.simulated import Cabinet, Change, configuration
from card_issuance.token_driver import Module, Session, TokenFacts


@dataclass(frozen=True, slots=True)
class Place:
    """Where the tokens are: the part of the settings that a child must know."""

    kind: str
    module: str
    state: Path
    serials: dict[int, str]
    factory_officer_pin: str | None


@dataclass
class Seat:
    """The one token of the act, found."""

    module: Module
    place: Place
    serial: str
    facts: TokenFacts
    insertion: object = None  # of a simulated medium: which one of its insertions this is
    change: Change | None = None  # of a simulated medium: what becomes its contents at the end

    def stayed(self) -> bool:
        """Has it been in its slot all the time? (Ask before the module is finished.)

        A real token that was pulled and put back is another insertion to its driver, whose sessions are gone then.
        """
        if self.place.kind == "simulated":
            return insertion(self.place, self.serial) == self.insertion
        try:
            facts = self.module.token(self.facts.slot)
        except DriverFault:
            return False
        return facts is not None and serial_of(facts, self.place) == self.serial

    def finish(self) -> None:
        """The module's orderly end, after which what was done to a simulated medium holds."""
        self.module.finish()
        if self.change:
            try:
                self.change.commit()
            except OSError:
                if self.stayed():
                    raise
                raise TokenRemoved("pulled before the act ended") from None

    def user(self, pin: str) -> AbstractContextManager[Session]:
        return self.module.session(self.facts.slot, "user", pin)

    def officer(self, pin: str) -> AbstractContextManager[Session]:
        return self.module.session(self.facts.slot, "officer", pin)

    def anybody(self) -> AbstractContextManager[Session]:
        return self.module.session(self.facts.slot)

    def look_again(self) -> None:
        facts = self.module.token(self.facts.slot)
        if facts is None:
            raise TokenRemoved("the slot is empty")
        self.facts = facts


@contextmanager
def alone(lock: Path, wait: bool) -> Iterator[bool]:
    """Hold the token's lock; the end of this process, however it comes, releases it too."""
    lock.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        yield False
    else:
        yield True
    finally:
        os.close(handle)


def serial_of(facts: TokenFacts, place: Place) -> str | None:
    if place.kind == "fixed":
        return place.serials.get(facts.slot)
    return facts.serial or None


def find(place: Place, serial: str, only_look: bool = False) -> Seat:
    """`only_look`: there will be no login and no change."""
    if place.kind == "simulated":
        return _find_simulated(place, serial, only_look)
    module = Module(place.module)
    tokens = module.tokens()
    mine = [facts for facts in tokens if serial_of(facts, place) == serial]
    if len(mine) > 1:
        raise WrongToken(f"{len(mine)} tokens call themselves {serial}")
    if not mine:
        others = ", ".join(serial_of(facts, place) or "without a serial" for facts in tokens)
        raise WrongToken(f"in the slots: {others}") if tokens else NoToken("no slot holds a token")
    return Seat(module, place, serial, mine[0])


def _find_simulated(place: Place, serial: str, only_look: bool) -> Seat:
    home = Cabinet(place.state).home(serial)
    inserted = insertion(place, serial)
    try:
        change = None if only_look else Change(home)
    except OSError:
        if insertion(place, serial) == inserted:
            raise
        raise TokenRemoved("pulled when the act began") from None
    # Before the module is initialised. The file lives in this process only.
    conf = os.memfd_create("softhsm2.conf")
    os.write(conf, configuration(change.tokens if change else home / "store" / "current").encode())
    os.environ["SOFTHSM2_CONF"] = f"/proc/self/fd/{conf}"
    module = Module(place.module)
    return Seat(module, place, serial, _only_token(module.tokens(), serial), inserted, change)


def insertion(place: Place, serial: str) -> object:
    """Changes whenever the medium's directory is moved, which is how a simulated medium is pulled; None when it is out."""
    try:
        seen = os.stat(place.state / "inserted" / serial)
    except FileNotFoundError:
        return None
    return seen.st_ino, seen.st_ctime_ns


def _only_token(tokens: list[TokenFacts], serial: str) -> TokenFacts:
    """SoftHSM shows a medium's token, and behind it one empty slot more, where a next one could be made."""
    made = [facts for facts in tokens if facts.initialised]
    if len(made) > 1:
        raise DriverFailed(f"the directory of {serial} holds {len(made)} tokens")
    if made and made[0].label != serial:
        raise WrongToken(f"the token in the place of {serial} is labelled {made[0].label}")
    blank = [facts for facts in tokens if not facts.initialised]
    if not made and not blank:
        raise DriverFailed("the module shows no slot")
    return (made or blank)[0]
