"""How often one address may ask: token buckets in this process's memory.

Own code rather than a library: one public route needs it, a few lines hold it, and nothing has to be shared, kept or configured.
With several worker processes each has buckets of its own, so the limit is that many times as high; it guards the machine, no secret.
"""

import ipaddress
import threading
from collections import OrderedDict
from collections.abc import Callable
from math import ceil
from time import monotonic

_MOST_ADDRESSES = 10_000


class Buckets:
    """Each address has a bucket of `burst` asks, refilled at `per_second`. Time is in seconds, from any clock that only goes on."""

    def __init__(self, burst: int, per_second: float, clock: Callable[[], float] = monotonic) -> None:
        self._burst = burst
        self._per_second = per_second
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # (asks left, when), least recently used first

    def seconds_to_wait(self, address: str) -> int:
        """Take one ask from the address's bucket: 0 if there was one, else the whole seconds until there is."""
        now, holder = self._clock(), _holder(address)
        with self._lock:
            left, since = self._buckets.pop(holder, (float(self._burst), now))
            left = min(self._burst, left + (now - since) * self._per_second)
            may = left >= 1
            self._buckets[holder] = (left - 1 if may else left, now)
            if len(self._buckets) > _MOST_ADDRESSES:
                self._buckets.popitem(last=False)
        return 0 if may else ceil((1 - left) / self._per_second)


def _holder(address: str) -> str:
    """Whose bucket: an IPv4 address, or the /64 that one subscriber of IPv6 has to himself."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if ip.version == 6 and ip.ipv4_mapped is None:
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)
