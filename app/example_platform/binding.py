"""The first login binds; every later one asks whether the binding still holds. What the office says is what counts: the rows kept
here are what this platform was told of it.
"""

import hashlib
import secrets
import sqlite3
import time
from dataclasses import dataclass

from app.example_platform.accounts import Account, account_called
from app.example_platform.office import Office, OfficeBinding, Words
from app.example_platform.sign_in import Person
from app.example_platform.store import Store, digest_of

IDLE = 1800.0  # seconds after which a session ends by itself
MAY_BIND = frozenset({"may_bind", "choose_anew"})
ALREADY = "already_bound"


@dataclass(frozen=True)
class Bound:
    """Log in."""

    binding: str


@dataclass(frozen=True)
class FirstLogin:
    """Ask for the platform's own user name and password. `words`: what the office says about it."""

    code: str
    words: tuple[Words, ...]


@dataclass(frozen=True)
class NotHere:
    """`code` and `words` of the office."""

    code: str
    words: tuple[Words, ...]


@dataclass(frozen=True)
class Visit:
    """A session."""

    id: str
    account: int
    binding: str
    serial: str
    organisation: str
    csrf: str


def stand(store: Store, office: Office, person: Person) -> Bound | FirstLogin | NotHere:
    """What is to be done with somebody who has proven who he is. Raises OfficeAway, Refused."""
    verdict = office.verdict(person.serial)
    if verdict.code in MAY_BIND:
        return FirstLogin(verdict.code, verdict.words)
    if verdict.code != ALREADY:
        return NotHere(verdict.code, verdict.words)
    binding = office.live_binding(person.serial)
    if binding is None:  # ended between the two questions
        return NotHere("ended", verdict.words)
    # It may be unknown here: the answer to the binding was lost, or a renewal has moved it and the event is still on its way.
    with store.writing() as db:
        if not keep(db, binding, person.credit_code):
            return NotHere("account_unknown", ())
        db.execute("UPDATE binding SET suspended = 0 WHERE id = ?", (binding.id,))  # the office has just said that it counts
        return Bound(binding.id)


def bind(store: Store, office: Office, person: Person, account: Account) -> str:
    """The binding's name. The key says which attempt this is, so that a second click or a lost answer binds nothing twice.
    Raises OfficeAway, Refused."""
    key = hashlib.sha256(f"{person.attempt} {account.reference}".encode()).hexdigest()
    binding = office.bind(person.serial, account.reference, key)
    with store.writing() as db:
        keep(db, binding, person.credit_code)
    return binding.id


def keep(db: sqlite3.Connection, binding: OfficeBinding, credit_code: str | None = None) -> bool:
    """Write down a binding of the office's; one that is known stays as it is. False: the account is none of ours."""
    account = account_called(db, binding.account_reference)
    if account is None:
        return False
    db.execute(
        "INSERT INTO binding (id, account_id, serial, since) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
        (binding.id, account, binding.serial, binding.since),
    )
    if credit_code is not None:
        db.execute("UPDATE account SET credit_code = ? WHERE id = ? AND credit_code IS NULL", (credit_code, account))
    return True


def open_visit(store: Store, binding: str, organisation: str) -> str | None:
    """The session's cookie; none where the binding has ended in this very moment."""
    cookie = secrets.token_urlsafe(32)
    with store.writing() as db:
        live = db.execute("SELECT 1 FROM binding WHERE id = ? AND ended IS NULL AND suspended = 0", (binding,)).fetchone()
        if not live:
            return None
        db.execute(
            "INSERT INTO visit (id, binding_id, organisation, csrf, until) VALUES (?, ?, ?, ?, ?)",
            (digest_of(cookie), binding, organisation, secrets.token_urlsafe(24), time.time() + IDLE),
        )
    return cookie


def visit_with(store: Store, cookie: str) -> Visit | None:
    """Only as long as its binding holds: a reset ends it at once."""
    with store.writing() as db:
        row = db.execute(
            "UPDATE visit SET until = ? WHERE id = ? AND until > ? AND EXISTS (SELECT 1 FROM binding WHERE id = binding_id"
            " AND ended IS NULL AND suspended = 0) RETURNING *",
            (time.time() + IDLE, digest_of(cookie), time.time()),
        ).fetchone()
        if row is None:
            return None
        binding = db.execute("SELECT * FROM binding WHERE id = ?", (row["binding_id"],)).fetchone()
    return Visit(row["id"], binding["account_id"], binding["id"], binding["serial"], row["organisation"], row["csrf"])


def close_visit(store: Store, visit: Visit) -> None:
    with store.writing() as db:
        db.execute("DELETE FROM visit WHERE id = ?", (visit.id,))
