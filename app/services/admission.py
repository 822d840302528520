"""A supervisor's leave to accept an applicant whom no rule covers: for one case and one credit code, in person, on a recorded ground."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from models.rulebook.oversight import ExceptionState
from models.tables import Case
from models.worklists.exceptions import standing_admission


@dataclass(frozen=True, slots=True)
class Admission:
    """`ground`: what the supervisor wrote. `used`: a paper of the case rests on it already, and it does not run out any more."""

    exception_id: int
    number: str
    ground: str
    by: str
    expires_at: datetime
    used: bool

    def told(self) -> dict[str, str]:
        """What is kept with the examination and printed on the slip."""
        return {"number": self.number, "ground": self.ground, "by": self.by}


def admission_of(session: Session, case: Case, code: str, now: datetime) -> Admission | None:
    """None also where it was given to another credit code than the one that stands in the draft now."""
    found = standing_admission(session, case.id, now)
    if found is None or found.content["credit_code"] != code:
        return None
    assert found.decider is not None  # it was granted by somebody  # noqa: S101
    used = found.state is ExceptionState.used
    return Admission(found.id, found.number, found.decision, found.decider.called, found.expires_at, used)
