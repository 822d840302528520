"""How often a platform may call: a moving window of a minute for each, the same for all processes and threads of an office.

Own code rather than a library: those at hand count in one process's memory, or ask for a server of their own. Counting in the
database would make a writer of every reader, and a write waits for the disk. So each platform has a file of 256 bytes, locked for
the microseconds of a count and never synchronised; what a power cut takes with it is a minute's count. Offices on several machines
count each for itself: the limit guards a machine, no secret.
"""

import fcntl
import logging
import os
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

WINDOW = 60  # seconds
_CELLS = WINDOW + 1  # a call counts until a whole minute has passed since the end of its second
_FORM = struct.Struct(f"<Q{_CELLS}L")  # the second of the last count, and how many calls there were in each second, in a ring

_log = logging.getLogger("office.meter")


@dataclass(frozen=True, slots=True)
class Reading:
    """Where a caller stands after this call. `seconds`: until one call more is free than now; 1 at least."""

    admitted: bool
    limit: int
    left: int
    seconds: int

    @property
    def headers(self) -> dict[str, str]:
        """The RateLimit fields of the IETF's draft (draft-ietf-httpapi-ratelimit-headers)."""
        policy = {
            "RateLimit-Policy": f'"calls";q={self.limit};w={WINDOW}',
            "RateLimit": f'"calls";r={self.left};t={self.seconds}',
        }
        return policy if self.admitted else policy | {"Retry-After": str(self.seconds)}


class Meter:
    """Safe for several threads and processes. `clock`: seconds that only go on, the same for all processes of a machine."""

    def __init__(self, folder: Path, clock: Callable[[], float] = monotonic) -> None:
        self._folder, self._clock = folder, clock

    def count(self, caller: str, calls_a_minute: int) -> Reading:
        """One call more of this caller, if it is still within his limit; one beyond it is not counted.

        `caller`: a platform's code, of small letters, digits and underscores. Where no file can be written, everybody is let in.
        """
        try:
            with _Page(self._folder / caller) as page:
                return self._count(page, calls_a_minute)
        except OSError as fault:
            _log.warning("calls are not counted: %s", fault.strerror)
            return Reading(True, calls_a_minute, calls_a_minute, WINDOW)

    def _count(self, page: "_Page", calls_a_minute: int) -> Reading:
        now, cells = _moved_on(*page.read(), int(self._clock()))
        admitted = sum(cells) < calls_a_minute
        if admitted:
            cells[now % _CELLS] += 1
            page.write(now, cells)
        oldest = next((age for age in range(WINDOW, 0, -1) if cells[(now - age) % _CELLS]), 0)
        return Reading(admitted, calls_a_minute, max(0, calls_a_minute - sum(cells)), _CELLS - oldest)


def _moved_on(last: int, cells: list[int], now: int) -> tuple[int, list[int]]:
    """The ring at `now`: what is older than it reaches is gone, and so is what was written before the machine was started."""
    if not 0 <= now - last < _CELLS:
        return now, [0] * _CELLS
    for second in range(last + 1, now + 1):
        cells[second % _CELLS] = 0
    return now, cells


class _Page:
    """A caller's file, ours alone while it is open."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __enter__(self) -> "_Page":
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        with suppress(FileNotFoundError):
            return self._locked(os.open(self._file, flags, 0o600))
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self._locked(os.open(self._file, flags, 0o600))

    def __exit__(self, *_: object) -> None:
        os.close(self._handle)  # and the lock with it

    def _locked(self, handle: int) -> "_Page":
        self._handle = handle
        fcntl.flock(handle, fcntl.LOCK_EX)
        return self

    def read(self) -> tuple[int, list[int]]:
        written = os.pread(self._handle, _FORM.size, 0)
        if len(written) != _FORM.size:  # new, or cut off
            return 0, [0] * _CELLS
        last, *cells = _FORM.unpack(written)
        return last, cells

    def write(self, last: int, cells: list[int]) -> None:
        os.pwrite(self._handle, _FORM.pack(last, *cells), 0)
