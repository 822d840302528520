"""The authority certifies a run's key: intent, prepare, store, sign, store, publish. Every step may be the last before a crash."""

from dataclasses import dataclass
from datetime import UTC

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.services.choose_token import old_certificate
from app.services.errors import Faulty, OutOfTurn, Stale, Unavailable
from app.services.pick_run import pick_leased_run
from app.services.publish_crl import publish_crl
from app.services.road import report_run, write_line
from app.services.stock import move_certificate
from app.services.subject_of import expiry, subject_of
from app.services.world import World
from card_issuance.authority import AuthorityRefused, AuthorityUnreachable, CertificateOrder, Prepared
from card_issuance.request import BadRequest, PublicKeyFacts, read_request
from models.rulebook import workflow
from models.rulebook.vocabulary import CertificateAction, CertificateStatus, RunState
from models.tables import Certificate, JournalLine, Run, Station

CRL_PATH = "/crl/issuing.crl"
ISSUER_PATH = "/authority/issuing.cer"
OCSP_PATH = "/ocsp"


@dataclass(frozen=True)
class Certified:
    der: bytes
    chain: tuple[bytes, ...]


def certify_run(world: World, station_id: int, key: str, lease: int, csr: bytes) -> Certified:
    """The run's certificate; asked again, the same one.

    Raises Faulty("authority_refused", detail=…), Faulty("key_lost") for another key than the one already prepared,
    Unavailable("authority_unreachable"), Stale for an old lease, OutOfTurn for a run that makes no certificate.
    """
    intent = _claim_intent(world, station_id, key, lease, csr)
    try:
        if intent.certificate_id is None:
            prepared = world.authority.prepare(intent.order)
            certificate_id = _store_prepared(world, station_id, key, lease, intent, prepared)
        else:
            certificate_id = intent.certificate_id
        der = sign_prepared(world, certificate_id)
        chain = world.authority.chain()
    except AuthorityRefused as refused:
        raise Faulty("authority_refused", detail=str(refused)) from None
    except AuthorityUnreachable:
        raise Unavailable("authority_unreachable") from None
    publish_crl(world)
    return Certified(der, chain)


def sign_prepared(world: World, certificate_id: int) -> bytes:
    """Have the stored bytes signed and the signature stored, once; also how a crash in between is finished.

    Raises AuthorityFault; Stale where the run was cancelled meanwhile (the certificate is revoked then, signed or not).
    """
    with world.reading() as session:
        certificate = session.get_one(Certificate, certificate_id)
        if certificate.der is not None:
            return _still_wanted(certificate)
        prepared = Prepared(certificate.run.key, certificate.serial, certificate.to_be_signed, list(certificate.lint))
    der = world.authority.issue(prepared)
    if prepared.to_be_signed not in der:
        raise AuthorityRefused(())
    with world.writing() as session:
        certificate = session.get_one(Certificate, certificate_id, with_for_update=True)
        if certificate.der is not None:
            return _still_wanted(certificate)
        if workflow.CERTIFICATE.get((certificate.status, CertificateAction.sign)):
            move_certificate(session, world.now(), None, certificate, CertificateAction.sign, der=der)
        else:
            certificate.der = der  # revoked while it was being signed: kept as evidence, on the list already
        session.commit()
        return _still_wanted(certificate)


@dataclass(frozen=True)
class _Intent:
    order: CertificateOrder
    key: PublicKeyFacts
    certificate_id: int | None


def _claim_intent(world: World, station_id: int, key: str, lease: int, csr: bytes) -> _Intent:
    with world.writing() as session:
        now = world.now()
        run = pick_leased_run(session, station_id, key, lease)
        if run.kind not in workflow.RUN_CERTIFIES:
            raise OutOfTurn(state=run.state.value, action=RunState.certifying.value)
        try:
            facts = read_request(csr, run.profile.value)
        except BadRequest as bad:
            raise Faulty("authority_refused", detail=str(bad)) from None
        certificate = run.certificate
        if certificate is not None and certificate.public_key_digest != facts.digest:
            raise Faulty("key_lost")
        station = session.get_one(Station, station_id)
        told_again = _asked_for(session, run) == facts.digest
        if workflow.may_report(run.state, RunState.certifying):
            report_run(session, now, station, run, RunState.certifying, {})
        elif certificate is None:
            raise OutOfTurn(state=run.state.value, action=RunState.certifying.value)
        if certificate is None and not told_again:
            case = run.item.case
            write_line(
                session,
                now,
                station,
                run,
                "certify",
                case_id=case.id,
                branch_id=case.branch_id,
                public_key=facts.digest,
                input_digest=run.input_digest,
            )
        session.commit()
        order = _order(session, world, run, facts)
        return _Intent(order, facts, certificate.id if certificate else None)


def _asked_for(session: Session, run: Run) -> str | None:
    """The public key that the station asked a certificate for last: the same request, sent again, is the same intent."""
    asked = select(JournalLine.detail).where(
        JournalLine.subject == Run.__tablename__, JournalLine.subject_id == run.id, JournalLine.act == "certify"
    )
    detail = session.scalar(asked.order_by(JournalLine.id.desc()).limit(1))
    return detail["public_key"] if detail is not None else None


def _order(session: Session, world: World, run: Run, facts: PublicKeyFacts) -> CertificateOrder:
    case = run.item.case
    subject = subject_of(case)
    start = world.now().astimezone(UTC).replace(microsecond=0)
    return CertificateOrder(
        transaction=run.key,
        organisation_name=subject.name,
        credit_code=subject.credit_code,
        public_key=facts.spki,
        not_before=start,
        not_after=expiry(case, start, old_certificate(session, case)),
        crl_url=world.public_url + CRL_PATH,
        issuer_url=world.public_url + ISSUER_PATH,
        ocsp_url=world.public_url + OCSP_PATH,
    )


def _store_prepared(world: World, station_id: int, key: str, lease: int, intent: _Intent, prepared: Prepared) -> int:
    """Store what is about to be signed. A second request that was as quick finds the first one's row and uses it."""
    try:
        with world.writing() as session:
            run = pick_leased_run(session, station_id, key, lease)
            if run.certificate is None:
                _insert(session, world, run, intent, prepared)
            elif run.certificate.public_key_digest != intent.key.digest:
                raise Faulty("key_lost")
            session.commit()
            session.refresh(run, ["certificate"])
            return run.certificate.id
    except IntegrityError:
        raise Stale() from None


def _insert(session: Session, world: World, run: Run, intent: _Intent, prepared: Prepared) -> None:
    case = run.item.case
    order = intent.order
    certificate = Certificate(
        serial=prepared.serial,
        branch_id=case.branch_id,
        run_id=run.id,
        item_id=run.item_id,
        applicant_id=case.applicant_id,
        token_id=run.token_id,
        status=CertificateStatus.prepared,
        status_since=world.now(),
        replaces_id=case.certificate_id,
        subject_name=order.organisation_name,
        credit_code=order.credit_code,
        public_key_digest=intent.key.digest,
        not_before=order.not_before,
        not_after=order.not_after,
        to_be_signed=prepared.to_be_signed,
        lint=prepared.lint,
        prepared_at=world.now(),
    )
    session.add(certificate)
    write_line(
        session,
        world.now(),
        None,
        certificate,
        "prepare",
        after=CertificateStatus.prepared,
        case_id=case.id,
        branch_id=case.branch_id,
        serial=prepared.serial,
    )


def _still_wanted(certificate: Certificate) -> bytes:
    if certificate.der is None or certificate.status is CertificateStatus.revoked:
        raise Stale()
    return certificate.der
