"""A record that papers were issued by is corrected: was, now, and a slip that says both. Papers given out before stay as they were."""

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from app.services.exception_at_hand import use_exception
from app.services.exception_facts import correction_facts
from app.services.give_notice import NoticeKind, give_notice
from app.services.road import claim, write_line
from models.rulebook.exceptions import OF_THE_APPLICANT, Correctable
from models.rulebook.permissions import Actor
from models.tables import ExceptionRequest


def apply_correction(session: Session, at: datetime, actor: Actor, exception: ExceptionRequest) -> None:
    """In the granter's transaction; the applicant's row is held. What the clerk typed follows, so that no later edit brings the old
    value back."""
    case, field, now = exception.case, Correctable(exception.content["field"]), exception.content["now"]
    changes: dict[str, Any] = {"draft": {**case.draft, field.value: now}} if field.value in case.draft else {}
    if field in OF_THE_APPLICANT:
        applicant = case.applicant
        assert applicant is not None  # nothing can be corrected before papers were issued  # noqa: S101
        session.refresh(applicant, with_for_update=True)
        claim(session, applicant, applicant.version, **{field.value: _value(field, now)})
        told = {"fields": [field.value], "number": exception.number}
        write_line(session, at, actor, applicant, "correct", case_id=case.id, branch_id=case.branch_id, **told)
    else:
        changes[field.value] = now
    if changes:
        claim(session, case, case.version, **changes)
    use_exception(session, at, actor, exception)
    give_notice(session, at, actor, case, NoticeKind.record, correction_facts(session, actor, exception))


def _value(field: Correctable, now: str) -> str | date | None:
    if field is not Correctable.established_on:
        return now
    return date.fromisoformat(now) if now else None
