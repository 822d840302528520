"""How soon a station asks again: at once while a clerk watches it, so that his run begins at once; slowly while nobody does.

Kept in this process only and lost with it: at worst a station asks slowly for once.
"""

import time
from collections.abc import Iterable
from threading import Lock

WATCHED, IDLE = 0.1, 0.9  # seconds until the next poll; no job waits longer than a second
REMEMBERED = 15.0  # seconds that a look lasts; the page that watches looks again within them


class Pace:
    """Safe for several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._watched: dict[int, float] = {}

    def watch(self, station_ids: Iterable[int]) -> None:
        """Somebody has a page open that shows these stations."""
        until = time.monotonic() + REMEMBERED
        with self._lock:
            self._watched |= dict.fromkeys(station_ids, until)

    def poll_after(self, station_id: int) -> float:
        with self._lock:
            return WATCHED if self._watched.get(station_id, 0.0) > time.monotonic() else IDLE
