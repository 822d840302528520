"""What the rules' pages look at: published editions, each until the next begins, and the drafts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload, selectinload

from models.rulebook import editions as rulebook
from models.rulebook.editions import Edition
from models.rulebook.oversight import DraftAction, DraftState
from models.rulebook.oversight_workflow import DRAFT
from models.rulebook.workflow import open_actions
from models.tables import Edition as KeptEdition
from models.tables import EditionDraft, Staff

OPEN = tuple(state for state in DraftState if open_actions(DRAFT, state))
ENDED_SHOWN = 20


@dataclass(frozen=True, slots=True)
class InForce:
    """`until`: its last day, None as long as none follows. `draft`: what it was published from; none: it came with the program."""

    edition: Edition
    until: date | None
    published_at: datetime | None
    draft: EditionDraft | None

    def stands_on(self, day: date) -> bool:
        return self.edition.effective_from <= day and (self.until is None or day <= self.until)


def published(session: Session) -> Sequence[InForce]:
    """The earliest first; what the program ships with where none is kept yet."""
    rows = session.scalars(select(KeptEdition).order_by(KeptEdition.effective_from)).all()
    kept = [(rulebook.read(row.content), row.published_at) for row in rows] or [(one, None) for one in rulebook.SHIPPED]
    drafts = {
        draft.code: draft
        for draft in session.scalars(
            select(EditionDraft)
            .where(EditionDraft.state == DraftState.published)
            .options(selectinload(EditionDraft.authors), joinedload(EditionDraft.publisher))
        )
    }
    ends = [later.effective_from - timedelta(days=1) for later, _at in kept[1:]]
    return [
        InForce(edition, until, published_at, drafts.get(edition.code))
        for (edition, published_at), until in zip(kept, [*ends, None], strict=True)
    ]


def open_drafts(session: Session) -> Sequence[EditionDraft]:
    return session.scalars(_drafts().where(EditionDraft.state.in_(OPEN)).order_by(EditionDraft.id)).all()


def ended_drafts(session: Session) -> Sequence[EditionDraft]:
    """The newest first."""
    ended = _drafts().where(EditionDraft.state.not_in(OPEN)).order_by(EditionDraft.id.desc())
    return session.scalars(ended.limit(ENDED_SHOWN)).all()


def drafts_to_publish(staff_id: int) -> Select[tuple[EditionDraft]]:
    """Those that wait for a second supervisor, and may be published by this one."""
    waiting = [state for state, action in DRAFT if action is DraftAction.publish]
    return select(EditionDraft).where(EditionDraft.state.in_(waiting), ~EditionDraft.authors.any(Staff.id == staff_id))


def _drafts() -> Select[tuple[EditionDraft]]:
    people = (joinedload(EditionDraft.writer), joinedload(EditionDraft.proposer), selectinload(EditionDraft.authors))
    return select(EditionDraft).options(*people)
