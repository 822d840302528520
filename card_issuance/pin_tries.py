"""How many wrong PINs a holder's token has seen in a row at this station: counted before each try, kept through every end.

Not every token locks by itself (SoftHSM never does), so the station counts: ten wrong ones, and it tries no more. A token that
says of itself that it is locked is believed. One small file per serial, mode 0600; it holds numbers, never a PIN.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from typing import TypeVar

from card_issuance.faults import PinLocked
from card_issuance.simulated import checked_serial
from card_issuance.station_store import settle, write_private

MOST_TRIES = 10

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Tries:
    """`used`: tries that did not succeed, or whose end is not known. `token_locked`: the token itself takes no more."""

    used: int = 0
    token_locked: bool = False


class PinTries:
    """Of one station's directory, which one station at a time holds. Safe for several threads."""

    def __init__(self, directory: Path, most: int = MOST_TRIES) -> None:
        """`most`: fewer where the tokens of this station lock by themselves after fewer."""
        self._directory = directory
        self._most = most
        self._guard = Lock()
        self._turns: dict[str, Lock] = {}

    def left(self, serial: str) -> int:
        """How many more wrong PINs the token may see; 0: locked."""
        tries = self.of(serial)
        return 0 if tries.token_locked else max(0, self._most - tries.used)

    def locked(self, serial: str) -> bool:
        return self.left(serial) == 0

    def of(self, serial: str) -> Tries:
        """What cannot be read counts as locked: an unlock at the counter leads out."""
        try:
            content = json.loads(self._file(serial).read_text(encoding="ascii"))
            used, token_locked = content["used"], content["token_locked"]
        except FileNotFoundError:
            return Tries()
        except (ValueError, KeyError, TypeError):
            return Tries(MOST_TRIES)
        if type(used) is not int or used < 0 or type(token_locked) is not bool:
            return Tries(MOST_TRIES)
        return Tries(used, token_locked)

    def attempt(self, serial: str, login: Callable[[], Answer]) -> Answer:
        """What `login` returns, which must open the token with the PIN that the holder gave.

        The try is on disk before `login` begins, and taken back only when it has succeeded; whoever is killed in between has
        used it. PinLocked, and nothing tried, once they are used up; what else `login` raises, with the try counted.
        """
        with self._turn(serial):
            before = self.of(serial)
            if self.locked(serial):
                raise PinLocked("all tries are used up")
            self._write(serial, Tries(before.used + 1))
            try:
                answer = login()
            except PinLocked as refused:
                if refused.role == "user":
                    self._write(serial, Tries(before.used + 1, token_locked=True))
                raise
            self._clear(serial)
            return answer

    def believe(self, serial: str, told: str) -> None:
        """What the token told of itself ("ok", "low", "final", "locked"): it knows of tries made, and of unlocks, elsewhere.

        Never waits: while a PIN is tried, what was told before it is old news.
        """
        turn = self._turn(serial)
        if not turn.acquire(blocking=False):
            return
        try:
            before = self.of(serial)
            if told == "locked" and not before.token_locked:
                self._write(serial, Tries(before.used, token_locked=True))
            elif told == "ok" and before.token_locked:
                self._clear(serial)
        finally:
            turn.release()

    def forget(self, serial: str) -> None:
        """A new PIN was set by the officer."""
        with self._turn(serial):
            self._clear(serial)

    def _turn(self, serial: str) -> Lock:
        with self._guard:
            return self._turns.setdefault(serial, Lock())

    def _file(self, serial: str) -> Path:
        return self._directory / f"{checked_serial(serial)}.json"

    def _write(self, serial: str, tries: Tries) -> None:
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_private(self._file(serial), json.dumps(asdict(tries)))

    def _clear(self, serial: str) -> None:
        if self.of(serial) != Tries():
            self._file(serial).unlink(missing_ok=True)
            settle(self._directory)
