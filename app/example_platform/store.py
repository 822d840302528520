"""What the platform keeps, in SQLite. Cookies, tickets and passwords are kept as digests only."""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_TABLES = """
CREATE TABLE IF NOT EXISTS account (
    id INTEGER PRIMARY KEY, user_name TEXT NOT NULL UNIQUE, salt BLOB NOT NULL, digest BLOB NOT NULL,
    reference TEXT NOT NULL UNIQUE,             -- what the office knows the account by; says nothing to it
    credit_code TEXT,                           -- whose account it is, once a certificate was bound
    wrong INTEGER NOT NULL DEFAULT 0, shut_until REAL NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS attempt (            -- one challenge: once, and for minutes
    id TEXT PRIMARY KEY,                        -- digest of the browser's cookie
    challenge TEXT NOT NULL UNIQUE, purpose TEXT NOT NULL, about TEXT NOT NULL, report_id INTEGER,
    made REAL NOT NULL, spent INTEGER NOT NULL DEFAULT 0,
    ticket TEXT UNIQUE, serial TEXT, organisation TEXT, credit_code TEXT, finished INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS binding (            -- the office's, as far as this platform was told
    id TEXT PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES account, serial TEXT NOT NULL,
    since TEXT NOT NULL, ended TEXT, suspended INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS visit (              -- a session
    id TEXT PRIMARY KEY, binding_id TEXT NOT NULL REFERENCES binding, organisation TEXT NOT NULL, csrf TEXT NOT NULL,
    until REAL NOT NULL);
CREATE TABLE IF NOT EXISTS event (              -- what the office told; the number has no gap
    id TEXT PRIMARY KEY, number INTEGER NOT NULL UNIQUE, body TEXT NOT NULL, heard REAL NOT NULL, obeyed REAL, acknowledged REAL);
CREATE TABLE IF NOT EXISTS report (             -- an annual inspection
    id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES account, content TEXT NOT NULL, digest TEXT NOT NULL,
    made REAL NOT NULL, submitted REAL, serial TEXT, statement BLOB, signature BLOB);
"""


class Store:
    """One file; a connection for each piece of work, so that threads never share one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self.writing() as db:
            db.executescript(_TABLES)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it at the end of the block, or nothing."""
        db = self._open()
        try:
            db.execute("BEGIN IMMEDIATE")
            yield db
            if db.in_transaction:
                db.execute("COMMIT")
        finally:
            db.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        db = self._open()
        try:
            yield db
        finally:
            db.close()

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, timeout=10, isolation_level=None)
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        db.execute("PRAGMA foreign_keys=ON")
        return db


def digest_of(secret: str) -> str:
    """Of a random secret of at least 128 bits: nothing slow is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()
