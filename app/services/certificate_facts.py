"""What the rulebook is told of a certificate that exists: its status, its last day, where its medium is, who else is at it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.services.world import BEIJING
from models.rulebook.lifetime import CertificateFacts
from models.rulebook.workflow import CASE_FINAL
from models.tables import Case, Certificate


def certificate_facts(session: Session, certificate: Certificate, asking: Case | None = None) -> CertificateFacts:
    """`asking`: the case in question, which is no other case."""
    other = open_case_about(session, certificate)
    if asking is not None and other is not None and other.id == asking.id:
        other = None
    return CertificateFacts(
        status=certificate.status,
        last_day=certificate.not_after.astimezone(BEIJING).date(),
        token=certificate.token.state,
        other_case=other.kind if other is not None else None,
    )


def open_case_about(session: Session, certificate: Certificate) -> Case | None:
    """The one unfinished case about a certificate, at whatever branch."""
    return session.scalars(
        select(Case).where(Case.certificate_id == certificate.id, Case.state.not_in(tuple(CASE_FINAL)))
    ).one_or_none()
