"""What the rulebook is told of a certificate that exists: its status, its last day, where its medium is, who else is at it."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.services.world import BEIJING
from models.rulebook.kinds import PLATFORM_KINDS
from models.rulebook.lifetime import CertificateFacts
from models.rulebook.workflow import CASE_FINAL
from models.tables import Case, Certificate


def certificate_facts(session: Session, certificate: Certificate, asking: Case | None = None) -> CertificateFacts:
    """`asking`: the case in question, which is no other case."""
    others = [case.kind for case in open_cases_about(session, certificate) if asking is None or case.id != asking.id]
    return CertificateFacts(
        status=certificate.status,
        last_day=certificate.not_after.astimezone(BEIJING).date(),
        token=certificate.token.state,
        other_cases=frozenset(others),
    )


def open_cases_about(session: Session, certificate: Certificate) -> Sequence[Case]:
    """The unfinished cases about a certificate and its token, at whatever branch; what it opens at platforms is another matter."""
    return session.scalars(
        select(Case)
        .where(
            Case.certificate_id == certificate.id,
            Case.state.not_in(tuple(CASE_FINAL)),
            Case.kind.not_in(tuple(PLATFORM_KINDS)),
        )
        .order_by(Case.id)
    ).all()
