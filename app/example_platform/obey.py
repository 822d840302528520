"""What the office tells is written down, obeyed in its order, and acknowledged: three steps, each of which may be repeated.

Every event has a number, without a gap. The webhook brings them, one by one and perhaps twice or late; the feed gives all of them
in order, at any time. So an event is obeyed when all before it were, whichever way it came, and once: its id is kept for ever.
"""

import json
import logging
import sqlite3
import threading
import time
from typing import Any

from app.example_platform.binding import keep
from app.example_platform.office import Office, OfficeAway, OfficeBinding, Refused
from app.example_platform.store import Store

log = logging.getLogger(__name__)
REST = 2.0  # seconds between two tries to acknowledge
AT_ONCE = 100


def hear(store: Store, event: dict[str, Any]) -> None:
    """Write it down. One that is known changes nothing."""
    with store.writing() as db:
        db.execute(
            "INSERT INTO event (id, number, body, heard) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (event["id"], event["number"], json.dumps(event, ensure_ascii=False), time.time()),
        )


def obey_all(store: Store) -> bool:
    """Obey whatever is next in turn, each in a transaction of its own. Whether nothing is left: else an earlier one is missing."""
    while True:
        with store.writing() as db:
            row = db.execute(
                "SELECT * FROM event WHERE number = (SELECT coalesce(max(number), 0) + 1 FROM event WHERE obeyed IS NOT NULL)"
            ).fetchone()
            if row is None:
                return db.execute("SELECT 1 FROM event WHERE obeyed IS NULL").fetchone() is None
            _obey(db, json.loads(row["body"]))
            db.execute("UPDATE event SET obeyed = ? WHERE id = ?", (time.time(), row["id"]))


def _obey(db: sqlite3.Connection, event: dict[str, Any]) -> None:
    told, kind = event["binding"], event["type"]
    # An ended binding is written down too: whatever is heard of it later finds it ended.
    if not keep(db, OfficeBinding(told["id"], told["account_reference"], told["certificate"], told["since"])):
        log.warning("event %s is about an account that is not known here", event["number"])
        return
    if kind in ("binding.ended", "binding.moved"):
        db.execute("UPDATE binding SET ended = ? WHERE id = ? AND ended IS NULL", (told["end"] or kind, told["id"]))
    elif kind in ("certificate.suspended", "certificate.resumed"):
        db.execute("UPDATE binding SET suspended = ? WHERE id = ?", (kind == "certificate.suspended", told["id"]))
    if kind == "binding.moved":
        moved = event["moved_to"]
        keep(db, OfficeBinding(moved["binding"], told["account_reference"], moved["certificate"], event["at"]))
    if kind not in ("binding.made", "certificate.resumed"):
        db.execute("DELETE FROM visit WHERE binding_id = ?", (told["id"],))
    # A kind that is not known here yet is acknowledged like the others, or the office would wait for ever.


def read_feed(store: Store, office: Office) -> None:
    """All that was not obeyed yet. Raises OfficeAway, Refused."""
    with store.reading() as db:
        after = db.execute("SELECT coalesce(max(number), 0) FROM event WHERE obeyed IS NOT NULL").fetchone()[0]
    for event in office.events(after):
        hear(store, event)


def acknowledge_all(store: Store, office: Office) -> None:
    """Tell the office what was obeyed; a reset counts as done there only now. Raises OfficeAway, Refused."""
    while True:
        with store.reading() as db:
            ids = [row["id"] for row in db.execute(
                "SELECT id FROM event WHERE obeyed IS NOT NULL AND acknowledged IS NULL ORDER BY number LIMIT ?", (AT_ONCE,)
            )]  # fmt: skip
        if not ids:
            return
        office.acknowledge(ids)
        with store.writing() as db:
            db.executemany("UPDATE event SET acknowledged = ? WHERE id = ?", [(time.time(), each) for each in ids])


class Listener:
    """A thread that reads the feed where the webhook may have missed something, obeys, and acknowledges until it is heard."""

    def __init__(self, store: Store, office: Office, poll_every: float) -> None:
        self._store, self._office, self._poll_every = store, office, poll_every
        self._waking, self._stopping = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._listen, name="events", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """Something was heard."""
        self._waking.set()

    def stop(self) -> None:
        self._stopping.set()
        self._waking.set()
        self._thread.join(10)

    def _listen(self) -> None:
        read_at = -1e9
        away = False
        while not self._stopping.is_set():
            try:
                if not obey_all(self._store) or time.monotonic() - read_at >= self._poll_every:
                    read_feed(self._store, self._office)
                    read_at = time.monotonic()
                    obey_all(self._store)
                acknowledge_all(self._store, self._office)
                away = False
            except (OfficeAway, Refused) as fault:
                if not away:
                    log.warning("the office does not answer: %s; it is asked again", fault)
                away = True
            self._waking.wait(min(REST, self._poll_every))
            self._waking.clear()
