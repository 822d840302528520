"""What the aftercare desk looks at: certificates found by what the holder brings, their past, and the desk's own open cases."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, union
from sqlalchemy.orm import Session, joinedload

from models.rulebook import credit_code
from models.rulebook.kinds import AFTERCARE_KINDS, PLATFORM_KINDS
from models.rulebook.vocabulary import CaseState, CertificateStatus, EnvelopeState
from models.rulebook.workflow import CASE_FINAL
from models.tables import Applicant, Case, CaseItem, Certificate, Envelope, Grant, Handover, Token
from models.worklists.issuance import Page, keyset

MOST = 50
_LIVE = (CertificateStatus.valid, CertificateStatus.suspended, CertificateStatus.on_hold)
_WHOLE = (
    joinedload(Certificate.token),
    joinedload(Certificate.applicant),
    joinedload(Certificate.item).joinedload(CaseItem.case).joinedload(Case.branch),
)


@dataclass(frozen=True)
class CertificatePast:
    """`cases`: about it, newest first, of every branch. `envelope`: the live one of its medium, if there is one."""

    cases: Sequence[Case]
    handover: Handover | None
    envelope: Envelope | None
    successors: Sequence[Certificate]

    @property
    def open_cases(self) -> Sequence[Case]:
        """Those at work on certificate or token."""
        return [case for case in self.cases if case.state not in CASE_FINAL and case.kind not in PLATFORM_KINDS]


def plain_serial(text: str) -> str:
    """A certificate's serial as it is kept: lower-case hex without colons, blanks or leading zeros."""
    return text.lower().replace(":", "").replace(" ", "").lstrip("0")


def certificate_called(session: Session, serial: str) -> Certificate | None:
    return session.scalars(select(Certificate).where(Certificate.serial == plain_serial(serial)).options(*_WHOLE)).one_or_none()


def find_certificates(session: Session, text: str) -> Sequence[Certificate]:
    """By medium's serial, certificate's serial or credit code, exactly; those in use first, the newest of them first.

    Certificates are found from every branch: their holder may come to any.
    """
    text = text.strip()
    if not text:
        return ()
    code = credit_code.read(text)
    unified = code.code if isinstance(code, credit_code.CreditCode) else text.upper()
    token_id = session.scalar(select(Token.id).where(Token.serial == text))
    applicant_id = session.scalar(select(Applicant.id).where(Applicant.credit_code == unified))
    meant = (Certificate.serial == plain_serial(text), Certificate.token_id == token_id, Certificate.applicant_id == applicant_id)
    # Each by its own index: asked for any of the three at once, a database may walk all certificates.
    ids = union(*(select(Certificate.id).where(way) for way in meant))
    query = (
        select(Certificate)
        .where(Certificate.status != CertificateStatus.prepared, Certificate.id.in_(ids))
        .order_by(Certificate.status.in_(_LIVE).desc(), Certificate.id.desc())
        .limit(MOST)
        .options(*_WHOLE)
    )
    return session.scalars(query).unique().all()


def past_of(session: Session, certificate: Certificate) -> CertificatePast:
    return CertificatePast(
        cases=session.scalars(
            select(Case)
            .where(Case.certificate_id == certificate.id)
            .order_by(Case.id.desc())
            .limit(MOST)
            .options(joinedload(Case.branch))
        ).all(),
        handover=session.scalars(
            select(Handover).where(Handover.certificate_id == certificate.id).order_by(Handover.id).limit(1)
        ).first(),
        envelope=session.scalars(
            select(Envelope).where(Envelope.token_id == certificate.token_id, Envelope.state == EnvelopeState.live)
        ).one_or_none(),
        successors=session.scalars(select(Certificate).where(Certificate.replaces_id == certificate.id)).all(),
    )


def aftercare_list(
    session: Session, branch_id: int, state: CaseState, before: int | None = None, after: int | None = None
) -> Page:
    """Cases of the branch that wait at the aftercare desk in this state, the oldest first."""
    query = (
        select(Case)
        .where(Case.branch_id == branch_id, Case.state == state, Case.kind.in_(tuple(AFTERCARE_KINDS)))
        .options(joinedload(Case.applicant), joinedload(Case.opener))
    )
    return keyset(session, query, before, after)


def subject_of(session: Session, case: Case) -> Certificate | None:
    """The certificate that an aftercare case is about."""
    if case.certificate_id is None:
        return None
    return session.scalars(select(Certificate).where(Certificate.id == case.certificate_id).options(*_WHOLE)).one()


def grants_of(session: Session, case_id: int) -> Sequence[Grant]:
    """The leaves that supervisors gave for the case, the newest first."""
    return session.scalars(select(Grant).where(Grant.case_id == case_id).order_by(Grant.id.desc())).all()
