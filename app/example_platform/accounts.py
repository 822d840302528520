"""The platform's own user names and passwords: typed once, at the first login with a certificate."""

import hashlib
import hmac
import secrets
import sqlite3
import time
from dataclasses import dataclass

from app.example_platform.store import Store

TRIES = 5
SHUT_FOR = 900.0  # seconds
DEMONSTRATION = tuple(f"shetuan{number:02}" for number in range(1, 7))
DEMONSTRATION_PASSWORD = "shetuan-demo"  # noqa: S105 - shown on the demonstration's own page
_NOBODY = (b"\0" * 16, b"\0" * 32)


@dataclass(frozen=True)
class Account:
    id: int
    reference: str


class NotOpened(Exception):
    """`code`: wrong, shut, other_organisation."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def add_account(db: sqlite3.Connection, user_name: str, password: str) -> None:
    salt = secrets.token_bytes(16)
    db.execute(
        "INSERT INTO account (user_name, salt, digest, reference) VALUES (?, ?, ?, ?)",
        (user_name, salt, _hash(password, salt), secrets.token_hex(12)),
    )


def plant_demonstration(store: Store) -> None:
    """Where there is no account at all."""
    with store.writing() as db:
        if db.execute("SELECT 1 FROM account").fetchone():
            return
        for user_name in DEMONSTRATION:
            add_account(db, user_name, DEMONSTRATION_PASSWORD)


def open_account(store: Store, user_name: str, password: str, credit_code: str) -> Account:
    """The account, if it is this organisation's or nobody's yet. A wrong password and an unknown name are answered alike, and
    after the same time; a try is counted before it is judged. Raises NotOpened."""
    now = time.time()
    with store.writing() as db:
        row = db.execute("SELECT * FROM account WHERE user_name = ?", (user_name,)).fetchone()
        shut = row is not None and row["shut_until"] > now
        if row is not None and not shut:
            wrong = row["wrong"] + 1
            db.execute(
                "UPDATE account SET wrong = ?, shut_until = ? WHERE id = ?",
                (wrong % TRIES, now + SHUT_FOR if wrong >= TRIES else 0, row["id"]),
            )
    salt, digest = (row["salt"], row["digest"]) if row is not None else _NOBODY
    right = hmac.compare_digest(_hash(password, salt), digest)
    if shut:
        raise NotOpened("shut")
    if row is None or not right:
        raise NotOpened("wrong")
    with store.writing() as db:
        db.execute("UPDATE account SET wrong = 0, shut_until = 0 WHERE id = ?", (row["id"],))
    if row["credit_code"] not in (None, credit_code):
        raise NotOpened("other_organisation")
    return Account(row["id"], row["reference"])


def account_called(db: sqlite3.Connection, reference: str) -> int | None:
    found = db.execute("SELECT id FROM account WHERE reference = ?", (reference,)).fetchone()
    return int(found["id"]) if found else None


def _hash(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=1 << 14, r=8, p=1, maxmem=64 << 20, dklen=32)
