"""Answer a question of status with what the database says at this moment (RFC 6960): nothing is answered from yesterday."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.services.world import World
from card_issuance.authority import AuthorityFault, Standing, StatusAnswer
from card_issuance.ocsp import Asked, MalformedQuestion, Refused, read_question, refusal
from models.rulebook.vocabulary import CertificateStatus, RevocationReason
from models.tables import Certificate, StrayCertificate

# A certificate comes off hold while its holder stands at the counter: nobody should rest on an answer for long.
VALIDITY = timedelta(minutes=10)


@dataclass(frozen=True)
class Answered:
    """An OCSPResponse, DER; how long a cache may keep it. None: not at all."""

    der: bytes
    this_update: datetime | None = None
    next_update: datetime | None = None


@dataclass(frozen=True)
class _Known:
    standing: Standing
    at: datetime | None = None
    reason: str | None = None


_UNKNOWN = _Known(Standing.unknown)
# What is said of each status, and whether it is so for good.
_STANDINGS = {
    CertificateStatus.prepared: (Standing.unknown, False),  # perhaps signed, perhaps never: nobody can hold it yet
    CertificateStatus.on_hold: (Standing.revoked, False),
    CertificateStatus.valid: (Standing.good, False),
    CertificateStatus.suspended: (Standing.revoked, False),
    CertificateStatus.revoked: (Standing.revoked, True),
}


def answer_ocsp(world: World, question: bytes) -> Answered:
    """Good, revoked (on hold and suspended too: certificateHold) or unknown for each certificate that is asked after.

    What is no question, and what cannot be answered now, gets the answer that RFC 6960 has for it; nothing is raised.
    """
    try:
        read = read_question(question)
    except MalformedQuestion:
        return Answered(refusal(Refused.malformed_request))
    now = world.now().astimezone(UTC).replace(microsecond=0)
    try:
        issuing = world.authority.chain()[0]
        serials = {asked: asked.serial_if_from(issuing) for asked in read.asked}
        with world.reading() as session:
            known = _known(session, {serial for serial in serials.values() if serial is not None})
        answers = [_answer(asked, known.get(serials[asked] or "", _UNKNOWN)) for asked in read.asked]
        der = world.authority.status_response(answers, now, now + VALIDITY, read.nonce)
    except AuthorityFault:
        return come_later()
    return Answered(der) if read.nonce is not None else Answered(der, now, now + VALIDITY)


def come_later() -> Answered:
    """The answer to whoever asks too often."""
    return Answered(refusal(Refused.try_later))


def _answer(asked: Asked, known: _Known) -> StatusAnswer:
    return StatusAnswer(asked.certificate_id, known.standing, known.at, known.reason)


def _known(session: Session, serials: Iterable[str]) -> dict[str, _Known]:
    """The same that the revocation list says of these serials, and besides which of them are good."""
    wanted = list(serials)
    strays = session.execute(
        select(StrayCertificate.serial, StrayCertificate.found_at).where(StrayCertificate.serial.in_(wanted))
    )
    known = {serial: _Known(Standing.revoked, at) for serial, at in strays}
    rows = session.execute(
        select(
            Certificate.serial, Certificate.status, Certificate.status_since, Certificate.revoked_at, Certificate.reason
        ).where(Certificate.serial.in_(wanted))
    )
    return known | {serial: _standing(status, since, at, reason) for serial, status, since, at, reason in rows}


def _standing(status: CertificateStatus, since: datetime, revoked_at: datetime | None, reason: RevocationReason | None) -> _Known:
    standing, lasting = _STANDINGS[status]
    if standing is not Standing.revoked:
        return _Known(standing)
    if not lasting:
        return _Known(standing, since, RevocationReason.certificate_hold.value)
    return _Known(standing, revoked_at or since, reason.value if reason else None)
