"""What a supervisor may allow, and within which limits. Pure.

How long a request waits for its decision, and a decision for its use, is the house's own choice.
"""

from datetime import date, timedelta
from enum import StrEnum

from models.rulebook.facts import ApplicantFacts
from models.rulebook.judgement import regime_of
from models.rulebook.vocabulary import ApplicantKind

UNDECIDED_FOR = timedelta(days=3)
UNUSED_FOR = timedelta(days=1)
LONGEST_REASON = 200


class Correctable(StrEnum):
    """What of a record may be corrected once papers rest on it. Name and code change by an amendment, the presenter not at all."""

    legal_representative = "legal_representative"
    address = "address"
    established_on = "established_on"
    remark = "remark"


LONGEST = {
    Correctable.legal_representative: 60,
    Correctable.address: 200,
    Correctable.established_on: 10,
    Correctable.remark: 500,
}
# Of the applicant's record, which all its cases share; the others are of the case.
OF_THE_APPLICANT = frozenset(Correctable) - {Correctable.remark}


def correction_fault(field: Correctable, was: str, now: str, today: date) -> str | None:
    """What is wrong with the new value, as the code of a sentence. Days are written as ISO dates; empty takes a value away."""
    if now == was:
        return "correction_same"
    if len(now) > LONGEST[field]:
        return "too_long"
    if field is not Correctable.established_on or not now:
        return None
    try:
        day = date.fromisoformat(now) if len(now) == 10 else None
    except ValueError:
        day = None
    if day is None:
        return "not_a_date"
    return "in_the_future" if day > today else None


def may_be_admitted(applicant: ApplicantFacts) -> bool:
    """A sole proprietor without a seal whose business bears a trade name: no rule covers him, and a supervisor may admit him in
    person. Whoever else is without a seal has to have one made."""
    return regime_of(applicant) is None and applicant.kind is ApplicantKind.individual_business and not applicant.has_seal
