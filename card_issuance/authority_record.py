"""The embedded authority's own record of every certificate it signed, one SQLite file beside its keys.

A signature leaves the signer only after its line is on the disk. So nothing that was ever signed is missing here, a
repeat gives the same signature, and no transaction and no serial is ever used for two certificates, whatever the
office's database says.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from card_issuance.authority import SignedLine

# Certificates of the authority's own responder stand in the record under transactions that begin so.
RESPONDER = "responder-"

_TABLE = """
CREATE TABLE IF NOT EXISTS signed (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    transaction_key TEXT NOT NULL UNIQUE,
    serial TEXT NOT NULL UNIQUE,
    digest BLOB NOT NULL UNIQUE,
    signature BLOB NOT NULL
)"""
_SETTINGS = ("synchronous=FULL", "busy_timeout=5000")


class AlreadySigned(Exception):
    """The transaction or the serial belongs to another certificate already."""


def create_record(file: Path) -> None:
    """An empty record, at the founding and at no other time; its companions get the same mode from SQLite."""
    file.touch(mode=0o600, exist_ok=False)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(_TABLE)


class AuthorityRecord:
    """For the signer: one connection, one thread. Raises sqlite3.Error; a record that is missing is not made anew."""

    def __init__(self, file: Path) -> None:
        self._connection = _open(file)
        for setting in _SETTINGS:
            self._connection.execute(f"PRAGMA {setting}")
        self._connection.execute("SELECT 1 FROM signed LIMIT 1")

    def sign_once(self, transaction: str, serial: str, to_be_signed: bytes, sign: Callable[[bytes], bytes]) -> bytes:
        """The signature over these bytes: the one already made, or a new one, recorded first. Raises AlreadySigned."""
        digest = sha256(to_be_signed).digest()
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            known = self._connection.execute(
                "SELECT digest, signature FROM signed WHERE transaction_key = ? OR serial = ? OR digest = ?",
                (transaction, serial, digest),
            ).fetchall()
            if known:
                if any(line[0] != digest for line in known):
                    raise AlreadySigned
                return known[0][1]
            signature = sign(to_be_signed)
            self._connection.execute(
                "INSERT INTO signed (at, transaction_key, serial, digest, signature) VALUES (?, ?, ?, ?, ?)",
                (datetime.now(UTC).isoformat(), transaction, serial, digest, signature),
            )
            self._connection.execute("COMMIT")
            return signature
        finally:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")


def read_lines(file: Path, after: int = 0, *, chunk: int = 1000) -> Iterator[SignedLine]:
    """The lines about end entities after a position, oldest first; in chunks, so that a slow reader does not hold the file."""
    while True:
        with closing(_open(file)) as connection:
            lines = connection.execute(
                "SELECT position, at, transaction_key, serial, lower(hex(digest)) FROM signed "
                "WHERE position > ? AND transaction_key NOT LIKE ? ORDER BY position LIMIT ?",
                (after, f"{RESPONDER}%", chunk),
            ).fetchall()
        for position, at, transaction, serial, digest in lines:
            yield SignedLine(position, datetime.fromisoformat(at), transaction, serial, digest)
        if len(lines) < chunk:
            return
        after = lines[-1][0]


def _open(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.resolve().as_uri()}?mode=rw", uri=True, isolation_level=None)
