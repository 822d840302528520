"""Background work as its asker looks at it."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.rulebook.oversight import JobState
from models.rulebook.oversight_workflow import JOB_FINAL
from models.tables import Job

SHOWN = 50
OPEN = tuple(state for state in JobState if state not in JOB_FINAL)


def jobs_of(session: Session, staff_id: int) -> Sequence[Job]:
    """The newest that a member of staff asked for."""
    return session.scalars(select(Job).where(Job.asked_by == staff_id).order_by(Job.id.desc()).limit(SHOWN)).all()


def ahead_of(session: Session, job: Job) -> int:
    """How many are to be worked on before it: they are taken one after the other."""
    earlier = select(func.count()).select_from(Job).where(Job.state.in_(OPEN), Job.id < job.id)
    return session.scalar(earlier) or 0
