"""The business behind the login, as small as can be: an annual inspection report, signed when it is handed in."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from app.example_platform.binding import Visit
from app.example_platform.proof import Proven
from app.example_platform.store import Store

FIELDS = ("year", "staff", "assets", "activities")
LONGEST = 400


@dataclass(frozen=True)
class Report:
    id: int
    content: dict[str, str]
    digest: str  # SHA-256 of its canonical form, hex: what the holder signs for
    submitted: float | None


class NotComplete(Exception):
    """`fields`: what to correct."""

    def __init__(self, fields: tuple[str, ...]) -> None:
        super().__init__(", ".join(fields))
        self.fields = fields


def draft(store: Store, visit: Visit, form: Mapping[str, str]) -> int:
    """A report that waits for its signature; its id. Raises NotComplete."""
    content = {name: form.get(name, "").strip() for name in FIELDS}
    faulty = [name for name, text in content.items() if not text or len(text) > LONGEST]
    faulty += [name for name in ("year", "staff", "assets") if content[name] and not content[name].isdecimal()]
    if faulty:
        raise NotComplete(tuple(dict.fromkeys(faulty)))
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    with store.writing() as db:
        made = db.execute(
            "INSERT INTO report (account_id, content, digest, made) VALUES (?, ?, ?, ?) RETURNING id",
            (visit.account, text, sha256(text.encode()).hexdigest(), time.time()),
        ).fetchone()
    return int(made["id"])


def report_of(store: Store, account: int, report_id: int) -> Report | None:
    with store.reading() as db:
        row = db.execute("SELECT * FROM report WHERE id = ? AND account_id = ?", (report_id, account)).fetchone()
    return _report(row) if row else None


def reports_of(store: Store, account: int) -> list[Report]:
    with store.reading() as db:
        rows = db.execute("SELECT * FROM report WHERE account_id = ? ORDER BY id DESC LIMIT 10", (account,)).fetchall()
    return [_report(row) for row in rows]


def submit(store: Store, report_id: int, proven: Proven) -> bool:
    """The signature is over the report's digest, and what may sign is the certificate that is bound to its account: so no session
    is asked. False: another certificate signed, or the binding has ended."""
    with store.writing() as db:
        done = db.execute(
            "UPDATE report SET submitted = ?, serial = ?, statement = ?, signature = ? WHERE id = ? AND submitted IS NULL AND EXISTS"
            " (SELECT 1 FROM binding WHERE account_id = report.account_id AND serial = ? AND ended IS NULL AND suspended = 0)",
            (time.time(), proven.serial, proven.statement, proven.signature, report_id, proven.serial),
        )
        return done.rowcount == 1


def _report(row: Mapping[str, object]) -> Report:
    return Report(int(str(row["id"])), json.loads(str(row["content"])), str(row["digest"]), row["submitted"])  # type: ignore[arg-type]
