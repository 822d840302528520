"""The loop that tells platforms: one thread looks what is due, and each platform has a thread of its own while it is told."""

import logging
import threading
import time

from app.services.deliver_events import deliver_next, due_platforms
from app.services.office_key import signing_key
from app.services.world import World

EVERY = 1.0  # seconds between two looks
REST = 60.0  # seconds that a platform is left alone after nobody was at home

_log = logging.getLogger("office.tell")


def tell_platform_all(world: World, platform_id: int, stop: threading.Event | None = None) -> tuple[int, bool]:
    """Deliver what is due to one platform, until nothing is or nobody is at home. Returns how many it took, and whether it was away."""
    taken = 0
    while stop is None or not stop.is_set():
        told = deliver_next(world, platform_id, signing_key(world))  # asked anew: its time may be over in the middle of a heap
        if told is None:
            break
        taken += told.answered.took
        if told.answered.is_away:
            return taken, True
    return taken, False


def tell_all(world: World) -> int:
    """One look at everything that is due, platform by platform. Returns how many events were taken."""
    return sum(tell_platform_all(world, platform_id)[0] for platform_id in due_platforms(world))


class _Messengers:
    """Who is under way to which platform: a slow platform keeps nobody else waiting."""

    def __init__(self, world: World, stop: threading.Event) -> None:
        self._world, self._stop = world, stop
        self._under_way: dict[int, threading.Thread] = {}
        self._rests_until: dict[int, float] = {}

    def look(self) -> None:
        for platform_id in due_platforms(self._world):
            before = self._under_way.get(platform_id)
            if (before is not None and before.is_alive()) or time.monotonic() < self._rests_until.get(platform_id, 0):
                continue
            thread = threading.Thread(target=self._go, args=(platform_id,), name=f"tell-{platform_id}", daemon=True)
            self._under_way[platform_id] = thread
            thread.start()

    def _go(self, platform_id: int) -> None:
        try:
            _, away = tell_platform_all(self._world, platform_id, self._stop)
        except Exception:
            _log.exception("telling platform %s failed; it is tried again", platform_id)
            away = True
        if away:
            self._rests_until[platform_id] = time.monotonic() + REST


def keep_told(world: World, stop: threading.Event) -> threading.Thread:
    """Start the thread that tells platforms what is due, every second, until `stop` is set."""
    messengers = _Messengers(world, stop)

    def work() -> None:
        while True:
            try:
                messengers.look()
            except Exception:
                _log.exception("looking for what platforms are to be told failed; it is tried again")
            if stop.wait(EVERY):
                return

    thread = threading.Thread(target=work, name="tell", daemon=True)
    thread.start()
    return thread
