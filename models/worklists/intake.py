"""What the intake desk looks at: its own open cases, and an applicant's history over all branches."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import case as when
from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from models.rulebook.kinds import FIRST_KINDS
from models.rulebook.vocabulary import CaseState, CertificateStatus
from models.rulebook.workflow import CASE_FINAL
from models.tables import Applicant, Case, Certificate
from models.worklists.issuance import Page, keyset

MOST_OPEN_CASES = 5  # shown of an applicant's


@dataclass(frozen=True, slots=True)
class History:
    """`ever`: certificates signed for the applicant, at any branch; `live`: those not revoked. `promised` counts those paid or free."""

    applicant: Applicant
    ever: int
    live: int
    promised: int
    open_cases: Sequence[Case]  # elsewhere or here, but not the case that asks; with their branches


def intake_list(session: Session, branch_id: int, state: CaseState, before: int | None = None, after: int | None = None) -> Page:
    """Cases of the branch that wait at the intake desk in this state, the oldest first."""
    query = (
        select(Case)
        .where(Case.branch_id == branch_id, Case.state == state)
        .options(joinedload(Case.applicant), joinedload(Case.opener))
    )
    return keyset(session, query, before, after, parts=[Case.kind == kind for kind in FIRST_KINDS])


def history_of(session: Session, applicant: Applicant, asking_case_id: int) -> History:
    live = Certificate.status.in_((CertificateStatus.on_hold, CertificateStatus.valid, CertificateStatus.suspended))
    ever, alive = session.execute(
        select(func.count(), func.coalesce(func.sum(when((live, 1), else_=0)), 0)).where(
            Certificate.applicant_id == applicant.id, Certificate.status != CertificateStatus.prepared
        )
    ).one()
    open_cases = session.scalars(
        select(Case)
        .where(Case.applicant_id == applicant.id, Case.id != asking_case_id, Case.state.not_in(tuple(CASE_FINAL)))
        .order_by(Case.id.desc())
        .limit(MOST_OPEN_CASES)
        .options(joinedload(Case.branch))
    ).all()
    return History(applicant, ever, alive, applicant.certificates_promised, open_cases)
