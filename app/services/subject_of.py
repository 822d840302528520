"""Whom a case's certificate names, and until when it lasts."""

from dataclasses import dataclass
from datetime import datetime

from app.services.errors import Absent
from models.rulebook.kinds import KINDS
from models.tables import Case, Certificate


@dataclass(frozen=True)
class CertificateSubject:
    name: str
    credit_code: str


def subject_of(case: Case) -> CertificateSubject:
    """The applicant; of an amendment, as he will be called once the new certificate is his."""
    applicant = case.applicant
    if applicant is None:
        raise Absent()
    return CertificateSubject(case.new_name or applicant.name, case.new_credit_code or applicant.credit_code)


def expiry(case: Case, start: datetime, old: Certificate | None) -> datetime:
    """A year from now, also for a renewal: certificates of this service last one year, so days left on the old one are not
    added. What replaces a certificate before its time ends with it."""
    if old is not None and KINDS[case.kind].keeps_expiry:
        return old.not_after
    return a_year_after(start)


def a_year_after(start: datetime) -> datetime:
    """The same day next year; the 28th of February for the 29th."""
    day = 28 if (start.month, start.day) == (2, 29) else start.day
    return start.replace(year=start.year + 1, day=day)
