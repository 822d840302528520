"""What the check desk looks at: what lies in the branch's stations now, which certificate is meant, and the reports given out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import case, or_, select
from sqlalchemy.orm import Session

from models.rulebook.vocabulary import CertificateStatus
from models.tables import Certificate, CertificateCheck, Token
from models.worklists.aftercare import plain_serial
from models.worklists.issuance import stations_of

PAGE = 20
_IN_USE = (CertificateStatus.valid, CertificateStatus.suspended, CertificateStatus.on_hold)
_COLLECTED = (CertificateStatus.valid, CertificateStatus.suspended, CertificateStatus.revoked)


@dataclass(frozen=True)
class LiveSlot:
    """A slot of a station that is awake, with something in it. `told`: the station's own words of it."""

    key: str  # names it in a form
    station: str
    slot: str
    serial: str | None  # none: it cannot be read
    told: Mapping[str, Any]

    @property
    def readable(self) -> bool:
        return self.told["state"] != "unreadable"

    @property
    def initialised(self) -> bool:
        return bool(self.told["state"] == "initialised")


@dataclass(frozen=True)
class ChecksPage:
    rows: Sequence[CertificateCheck]
    older: int | None
    newer: int | None


def live_slots(session: Session, branch_id: int, now: datetime) -> list[LiveSlot]:
    """Slots of the branch's stations with a medium in them, as they were told within the last seconds."""
    return [
        LiveSlot(f"{view.station.id}:{slot['slot']}", view.station.name, slot["slot"], slot["serial"], slot)
        for view in stations_of(session, branch_id, now)
        if view.awake
        for slot in view.station.report.get("slots", [])
        if slot["serial"] or slot["state"] == "unreadable"
    ]


def certificate_meant(session: Session, text: str) -> Certificate | None:
    """By a medium's or a certificate's serial, exactly; of a medium's certificates the one in use, else the newest."""
    serial = plain_serial(text)
    token_id = session.scalar(select(Token.id).where(Token.serial == text))
    return session.scalars(
        select(Certificate)
        .where(
            or_(Certificate.serial == serial, Certificate.token_id == token_id) if serial else Certificate.token_id == token_id,
            Certificate.status != CertificateStatus.prepared,
        )
        .order_by(case((Certificate.serial == serial, 0), else_=1), Certificate.status.in_(_IN_USE).desc(), Certificate.id.desc())
        .limit(1)
    ).first()


def certificate_by_keys(session: Session, slot: LiveSlot) -> Certificate | None:
    """One of ours whose key a medium holds that the register does not know by its serial."""
    digests = [key["digest"] for key in slot.told.get("keys") or () if key["digest"]]
    if not digests:
        return None
    return session.scalars(
        select(Certificate)
        .where(Certificate.public_key_digest.in_(digests), Certificate.status != CertificateStatus.prepared)
        .order_by(Certificate.id.desc())
        .limit(1)
    ).first()


def holds_key(slot: LiveSlot, certificate: Certificate) -> bool | None:
    """Whether the medium holds the certificate's private key; None where the station has not looked yet."""
    keys = slot.told.get("keys")
    if keys is None:
        return None
    of_run = {"id": certificate.run.key, "digest": certificate.public_key_digest}
    return any(key["digest"] == of_run["digest"] or (not key["digest"] and key["id"] == of_run["id"]) for key in keys)


def holds_certificate(slot: LiveSlot, certificate: Certificate) -> bool | None:
    """Whether it holds the certificate, byte for byte; None where the station has not looked yet."""
    digests = slot.told.get("certificates")
    if digests is None or certificate.der is None:
        return None
    return sha256(certificate.der).hexdigest() in digests


def is_replaced(session: Session, certificate: Certificate) -> bool:
    """Whether its holder has a newer one in its place."""
    return (
        session.scalar(
            select(Certificate.id)
            .where(Certificate.replaces_id == certificate.id, Certificate.status.in_(_COLLECTED), Certificate.der.is_not(None))
            .limit(1)
        )
        is not None
    )


def check_called(session: Session, number: str) -> CertificateCheck | None:
    return session.scalars(select(CertificateCheck).where(CertificateCheck.number == number)).one_or_none()


def checks_of(session: Session, branch_id: int, before: int | None = None, after: int | None = None) -> ChecksPage:
    """The branch's reports, the newest first, at the same cost at any depth."""
    query = select(CertificateCheck).where(CertificateCheck.branch_id == branch_id)
    if after is not None:
        found = list(session.scalars(query.where(CertificateCheck.id > after).order_by(CertificateCheck.id).limit(PAGE + 1)))
        rows = found[:PAGE][::-1]
        return ChecksPage(rows, rows[-1].id if rows else None, rows[0].id if len(found) > PAGE else None)
    if before is not None:
        query = query.where(CertificateCheck.id < before)
    found = list(session.scalars(query.order_by(CertificateCheck.id.desc()).limit(PAGE + 1)))
    rows = found[:PAGE]
    return ChecksPage(rows, rows[-1].id if len(found) > PAGE else None, rows[0].id if before is not None and rows else None)
