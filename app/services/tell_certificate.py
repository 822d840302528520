"""What relying parties are told of a certificate, by its serial number or by its very bytes."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.services.errors import Absent, Faulty
from app.services.read_chain import read_chain
from app.services.world import World
from card_issuance.shown_certificate import LARGEST as LARGEST_SHOWN
from card_issuance.shown_certificate import NoCertificate, read_shown
from models.rulebook.standing import Standing, standing_of
from models.rulebook.vocabulary import RevocationReason
from models.tables import Certificate

__all__ = ["LARGEST_SHOWN", "CertificateTold", "examine_certificate", "tell_certificate"]


@dataclass(frozen=True)
class CertificateTold:
    """Nothing but what the certificate itself and the revocation list say."""

    serial: str
    standing: Standing
    since: datetime
    reason: RevocationReason | None
    revoked_at: datetime | None
    organisation_name: str
    credit_code: str
    not_before: datetime
    not_after: datetime


def tell_certificate(world: World, serial: str) -> CertificateTold:
    """Raises Absent("certificate_unknown")."""
    with world.reading() as session:
        return _told(_called(session, serial), world.now())


def examine_certificate(world: World, content: bytes) -> CertificateTold:
    """By DER or PEM. Raises Faulty: certificate_malformed, other_issuer (issuer), certificate_forged; Absent("certificate_unknown")
    for one that the authority signed and the office does not know."""
    issuing = read_chain(world)[0]
    try:
        shown = read_shown(content, issuing)
    except NoCertificate:
        raise Faulty("certificate_malformed") from None
    if not shown.ours:
        raise Faulty("other_issuer", issuer=shown.issuer)
    if not shown.genuine:
        raise Faulty("certificate_forged")
    with world.reading() as session:
        certificate = _called(session, shown.serial)
        if certificate.der != shown.der:
            raise Absent("certificate_unknown")
        return _told(certificate, world.now())


def _called(session: Session, serial: str) -> Certificate:
    found = session.scalars(select(Certificate).where(Certificate.serial == serial)).one_or_none()
    if found is None:
        raise Absent("certificate_unknown")
    return found


def _told(certificate: Certificate, now: datetime) -> CertificateTold:
    standing = standing_of(certificate.status, certificate.not_before, certificate.not_after, now)
    if standing is None:
        raise Absent("certificate_unknown")
    return CertificateTold(
        serial=certificate.serial,
        standing=standing,
        since=_since(certificate, standing),
        reason=certificate.reason,
        revoked_at=certificate.revoked_at,
        organisation_name=certificate.subject_name,
        credit_code=certificate.credit_code,
        not_before=certificate.not_before,
        not_after=certificate.not_after,
    )


def _since(certificate: Certificate, standing: Standing) -> datetime:
    if standing is Standing.expired:
        return certificate.not_after
    if standing is Standing.good:
        return max(certificate.status_since, certificate.not_before)
    return certificate.status_since
