"""Publish a revocation list that says what the database says. Numbers only grow; a list is made of one snapshot."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.services.world import World
from card_issuance.authority import AuthorityFault, RevokedEntry
from models.rulebook.vocabulary import CertificateStatus, RevocationReason
from models.tables import Certificate, RevocationList, StrayCertificate

VALIDITY = timedelta(hours=24)
RENEW_BEFORE = timedelta(hours=12)  # re-signed when less than this is left
LISTED_AFTER_EXPIRY = timedelta(days=2)  # RFC 5280, 5.1: an entry appears on at least one list after the expiry
KEPT = 200  # old lists, for who must show what was published
_ROUNDS = 20


@dataclass(frozen=True)
class Snapshot:
    """What the database says: the entries a list must have, and the last list that was published."""

    entries: tuple[RevokedEntry, ...]
    digest: str
    number: int  # of the last list; 0: none yet
    published_digest: str
    next_update: datetime | None

    def is_due(self, now: datetime) -> bool:
        """Whether another list must be signed."""
        return self.published_digest != self.digest or self.next_update is None or self.next_update - now < RENEW_BEFORE


def take_snapshot(session: Session, now: datetime) -> Snapshot:
    last = session.execute(
        select(RevocationList.number, RevocationList.content_digest, RevocationList.next_update)
        .order_by(RevocationList.number.desc())
        .limit(1)
    ).first()
    entries = tuple(_entries(session, now))
    lines = (f"{entry.serial} {entry.at.isoformat()} {entry.reason}\n" for entry in entries)
    digest = hashlib.sha256("".join(lines).encode()).hexdigest()
    return Snapshot(entries, digest, *(last or (0, "", None)))


def publish_crl(world: World) -> bool:
    """Sign and store a list if one is due. Returns whether what is published is now what the database says.

    False where the authority gives no answer: the act that asked stands, and the next reconciliation publishes.
    """
    for _ in range(_ROUNDS):
        now = world.now()
        with world.reading() as session:
            snapshot = take_snapshot(session, now)
        if not snapshot.is_due(now):
            return True
        try:
            der = world.authority.revocation_list(snapshot.number + 1, now, now + VALIDITY, snapshot.entries)
        except AuthorityFault:
            return False
        if _store(world, snapshot, now, der):
            return True
    return False


def _store(world: World, snapshot: Snapshot, now: datetime, der: bytes) -> bool:
    """The number is the claim: whoever is second under the same number has signed an old picture, and looks again."""
    try:
        with world.writing() as session:
            if session.scalar(select(func.max(RevocationList.number))) not in (None, snapshot.number):
                return False
            session.add(
                RevocationList(
                    number=snapshot.number + 1,
                    this_update=now,
                    next_update=now + VALIDITY,
                    entries=len(snapshot.entries),
                    content_digest=snapshot.digest,
                    der=der,
                )
            )
            session.execute(delete(RevocationList).where(RevocationList.number <= snapshot.number + 1 - KEPT))
            session.commit()
    except IntegrityError:
        return False
    return True


def _entries(session: Session, now: datetime) -> list[RevokedEntry]:
    hold = RevocationReason.certificate_hold
    for_a_while = (CertificateStatus.on_hold, CertificateStatus.suspended)
    rows = session.execute(
        select(
            Certificate.serial, Certificate.status, Certificate.status_since, Certificate.revoked_at, Certificate.reason
        ).where(
            Certificate.status.in_((*for_a_while, CertificateStatus.revoked)),
            Certificate.not_after > now - LISTED_AFTER_EXPIRY,
        )
    )
    entries = [
        RevokedEntry(serial, since, hold.value)
        if status in for_a_while
        else RevokedEntry(serial, revoked_at or since, reason.value if reason else None)
        for serial, status, since, revoked_at, reason in rows
    ]
    strays = session.execute(select(StrayCertificate.serial, StrayCertificate.found_at))
    entries += [RevokedEntry(serial, at, None) for serial, at in strays]
    return sorted(entries, key=lambda entry: (entry.at, entry.serial))
