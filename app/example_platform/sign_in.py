"""From the challenge to the proof. A challenge is good once and for minutes.

What leads from the answer to a session are two secrets, and both are needed: the cookie of the browser that began, and the ticket
that was given to the browser that brought the answer. So nobody signs in with an answer that he lured another into giving, and
nobody is signed in as somebody else.
"""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from app.example_platform.proof import Asked, NotProven, Proven, judge
from app.example_platform.settings import Settings
from app.example_platform.store import Store, digest_of

SIGN_IN, SUBMISSION = "sign-in", "submission"
GRANTS = ("organisation", "certificate", "terms")
LASTS = 180.0  # seconds from the challenge to the answer
TICKET_LASTS = 600.0  # seconds from the challenge to the end of the first login, with its user name and password


@dataclass(frozen=True)
class Begun:
    cookie: str
    station_address: str


@dataclass(frozen=True)
class Person:
    """A holder who has proven who he is, and has no session yet."""

    attempt: str
    serial: str
    organisation: str
    credit_code: str


def begin(store: Store, settings: Settings, back: str, language: str, about: str = "", report_id: int | None = None) -> Begun:
    """A fresh challenge, and where the browser takes it. `about`: SHA-256 of what is to be submitted, hex."""
    cookie, challenge = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    purpose = SUBMISSION if about else SIGN_IN
    with store.writing() as db:
        db.execute("DELETE FROM attempt WHERE made < ?", (time.time() - 24 * 3600,))
        db.execute(
            "INSERT INTO attempt (id, challenge, purpose, about, report_id, made) VALUES (?, ?, ?, ?, ?, ?)",
            (digest_of(cookie), challenge, purpose, about, report_id, time.time()),
        )
    asked = {"platform": settings.origin, "return": f"{settings.origin}{back}", "challenge": challenge, "purpose": purpose}
    more = {"about": about} if about else {"grants": " ".join(GRANTS)}
    return Begun(cookie, f"{settings.station}/sign-in?{urlencode(asked | more | {'lang': language})}")


def take_answer(store: Store, settings: Settings, purpose: str, answer: Mapping[str, str]) -> tuple[Proven, str, int | None]:
    """The proof, the ticket for the browser that brought it, and the report that it is about. Whatever comes of it, the challenge
    is spent before it is judged. Raises NotProven, also with the code "challenge"."""
    with store.writing() as db:
        found = db.execute(
            "UPDATE attempt SET spent = 1 WHERE challenge = ? AND purpose = ? AND spent = 0 AND made > ?"
            " RETURNING id, about, report_id",
            (answer.get("challenge", ""), purpose, time.time() - LASTS),
        ).fetchall()
    if len(found) != 1:
        raise NotProven("challenge")
    [attempt] = found
    grants = GRANTS if purpose == SIGN_IN else ()
    asked = Asked(settings.origin, purpose, answer["challenge"], grants, attempt["about"])
    proven = judge(asked, answer, settings.root, datetime.now(UTC))
    ticket = secrets.token_urlsafe(32)
    with store.writing() as db:
        db.execute(
            "UPDATE attempt SET ticket = ?, serial = ?, organisation = ?, credit_code = ? WHERE id = ?",
            (digest_of(ticket), proven.serial, proven.organisation, proven.credit_code, attempt["id"]),
        )
    return proven, ticket, attempt["report_id"]


def person_with(store: Store, cookie: str, ticket: str) -> Person | None:
    """Who brought both."""
    with store.reading() as db:
        found = db.execute(
            "SELECT * FROM attempt WHERE id = ? AND ticket = ? AND purpose = ? AND finished = 0 AND made > ?",
            (digest_of(cookie), digest_of(ticket), SIGN_IN, time.time() - TICKET_LASTS),
        ).fetchone()
    return Person(found["id"], found["serial"], found["organisation"], found["credit_code"]) if found else None


def finish(store: Store, person: Person) -> bool:
    """The proof is used up. False: it was used before."""
    with store.writing() as db:
        return db.execute("UPDATE attempt SET finished = 1 WHERE id = ? AND finished = 0", (person.attempt,)).rowcount == 1
