"""One step of a draft of the rules along its workflow table, with its journal line."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.services.errors import Absent, OutOfTurn
from app.services.road import claim, write_line
from models.rulebook.editions import Edition, read
from models.rulebook.oversight import DraftAction
from models.rulebook.oversight_workflow import DRAFT
from models.rulebook.permissions import Actor
from models.rulebook.workflow import NotOpen, next_state
from models.tables import EditionDraft


def draft_at_hand(session: Session, draft_id: int) -> EditionDraft:
    """Raises Absent."""
    draft = session.get(EditionDraft, draft_id)
    if draft is None:
        raise Absent()
    return draft


def edition_in(draft: EditionDraft) -> Edition:
    """What the draft would publish."""
    return read(draft.content)


def advance_draft(
    session: Session,
    at: datetime,
    actor: Actor,
    draft: EditionDraft,
    action: DraftAction,
    version: int,
    said: str = "",
    told_as: str = "",
    **changes: Any,
) -> None:
    """`said`: why, for the journal; `told_as`: what it calls the act, if not as the table does. Raises OutOfTurn where the table has
    no row, Stale where somebody else was first."""
    before = draft.state
    try:
        after = next_state(DRAFT, before, action)
    except NotOpen:
        raise OutOfTurn(state=before.value, action=action.value) from None
    claim(session, draft, version, state=after, state_since=at, **changes)
    detail = {"number": draft.code} | ({"reason": said} if said else {})
    write_line(session, at, actor, draft, told_as or action.value, before=before, after=after, **detail)
