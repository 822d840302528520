"""The one method that writes whether a platform took an event: guarded by state and version, with its journal line."""

from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.services.errors import OutOfTurn, Stale
from app.services.road import Who, write_line
from models.rulebook import workflow
from models.rulebook.vocabulary import DeliveryAction
from models.tables import PlatformEvent


def advance_event(
    session: Session,
    at: datetime,
    who: Who,
    event: PlatformEvent,
    action: DeliveryAction,
    *,
    version: int | None = None,
    changes: dict[str, Any] | None = None,
    **detail: Any,
) -> None:
    """Move an event along the delivery table. `version`: what was seen (default: what was just read).

    Raises OutOfTurn where the table has no row, Stale where somebody else was first.
    """
    before, seen = event.delivery, event.version if version is None else version
    try:
        after = workflow.next_state(workflow.DELIVERY, before, action)
    except workflow.NotOpen as error:
        raise OutOfTurn(state=error.state.value, action=error.action.value) from None
    values = dict(changes or {})
    if action is DeliveryAction.deliver:
        values.setdefault("delivered_at", at)
    outcome = session.execute(
        update(PlatformEvent)
        .where(PlatformEvent.id == event.id, PlatformEvent.version == seen, PlatformEvent.delivery == before)
        .values(version=seen + 1, delivery=after, **values)
        .execution_options(synchronize_session=False)
    )
    if outcome.rowcount != 1:
        raise Stale()
    session.refresh(event)
    case = event.case
    write_line(
        session,
        at,
        who,
        event,
        action.value,
        before=before,
        after=after,
        case_id=event.case_id,
        branch_id=case.branch_id if case is not None else None,
        number=event.number,
        platform=event.platform.code,
        **detail,
    )
