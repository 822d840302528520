"""The first paper that rests on an admission uses it: from then on it holds for the case, however often its papers come back."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.services.admission import Admission
from app.services.exception_at_hand import use_exception
from models.rulebook.permissions import Actor
from models.tables import ExceptionRequest


def use_admission(session: Session, at: datetime, actor: Actor, admission: Admission | None) -> None:
    """Raises Stale where it was withdrawn in the same moment. Nothing happens without one, nor where it was used before."""
    if admission is None or admission.used:
        return
    use_exception(session, at, actor, session.get_one(ExceptionRequest, admission.exception_id))
