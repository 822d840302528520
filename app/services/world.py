"""What a use case needs of the world, put together once in `app/wiring.py`: no request, no session of the web."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.services.errors import Stale
from app.services.vault import Vault
from app.services.webhook_reach import LOOPBACK, Network
from card_issuance.authority import Authority
from models.tables.base import BEIJING

__all__ = ["BEIJING", "Clock", "SystemClock", "World"]

_LOST_RACES = {"40001", "40P01"}  # PostgreSQL: two transactions in each other's way, and this one gave way


class Clock(Protocol):
    def now(self) -> datetime:
        """The instant, aware, UTC."""


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True)
class World:
    clock: Clock
    engine: Engine
    vault: Vault
    authority: Authority
    scans: Path  # folder of sealed pictures, outside the static path
    public_url: str  # where the revocation list is published, e.g. "http://127.0.0.1:8600"
    webhook_networks: tuple[Network, ...] = LOOPBACK  # called beside the public internet where a platform's address leads there

    def now(self) -> datetime:
        return self.clock.now()

    def today(self) -> date:
        """The calendar date at the counters."""
        return self.clock.now().astimezone(BEIJING).date()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose transaction holds the write lock from its start (SQLite: BEGIN IMMEDIATE).

        Nothing is committed unless the use case says `session.commit()`; an exception rolls back.
        """
        with Session(self.engine.execution_options(writer=True), expire_on_commit=False) as session:
            try:
                yield session
            except OperationalError as fault:
                if getattr(fault.orig, "sqlstate", None) in _LOST_RACES:
                    raise Stale() from None
                raise

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with Session(self.engine) as session:
            yield session
