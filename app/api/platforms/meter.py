"""How often a platform may call: a moving window of a minute for each, in this process's memory.

With several worker processes each has windows of its own, so the limit is that many times as high; it guards the machine, no
secret.
"""

from dataclasses import dataclass
from math import ceil
from time import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter


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
        policy = {"RateLimit-Policy": f'"calls";q={self.limit};w=60', "RateLimit": f'"calls";r={self.left};t={self.seconds}'}
        return policy if self.admitted else policy | {"Retry-After": str(self.seconds)}


class Meter:
    """Safe for several threads."""

    def __init__(self) -> None:
        self._windows = MovingWindowRateLimiter(MemoryStorage())

    def count(self, caller: str, calls_a_minute: int) -> Reading:
        """One call more of this caller, if it is still within his limit; one beyond it is not counted."""
        limit = RateLimitItemPerMinute(calls_a_minute)
        admitted = self._windows.hit(limit, caller)
        window = self._windows.get_window_stats(limit, caller)
        return Reading(admitted, calls_a_minute, window.remaining, max(1, ceil(window.reset_time - time())))
