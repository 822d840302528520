"""A draft of the rules is put before a second supervisor once its preview is there; until he publishes it, it can be taken back."""

from sqlalchemy.orm import Session

from app.services.advance_draft import advance_draft, draft_at_hand, edition_in
from app.services.draft_edition import check_name, sign_draft
from app.services.edition_at_hand import edition_on
from app.services.errors import Refusal
from app.services.guard import allow
from app.services.world import World
from models.rulebook.edition_difference import differences
from models.rulebook.oversight import DraftAction, JobState
from models.rulebook.permissions import Actor, Permission
from models.tables import EditionDraft, Job


def propose_edition(world: World, actor: Actor, draft_id: int, version: int, reason: str) -> None:
    """By one of its authors or by another supervisor, who is one of them then. Raises Refusal "edition_not_previewed",
    "edition_differs_in_nothing"; Faulty at `code`, `effective_from` where time or another edition has overtaken it; OutOfTurn, Stale.
    """
    allow(Permission.write_rules, actor)
    at = world.now()
    with world.writing() as session:
        draft = draft_at_hand(session, draft_id)
        edition = edition_in(draft)
        check_name(session, edition, world.today(), draft.id)
        if not differences(edition_on(session, edition.effective_from), edition):
            raise Refusal("edition_differs_in_nothing")
        if not is_previewed(session, draft):
            raise Refusal("edition_not_previewed")
        by = {"proposed_by": actor.staff_id, "proposed_at": at, "reason": reason}
        advance_draft(session, at, actor, draft, DraftAction.propose, version, said=reason, **by)
        sign_draft(session, draft, actor)
        session.commit()


def take_back_edition(world: World, actor: Actor, draft_id: int, version: int, reason: str) -> None:
    """To be written on, by whoever may write. Raises OutOfTurn, Stale."""
    allow(Permission.write_rules, actor)
    with world.writing() as session:
        draft = draft_at_hand(session, draft_id)
        nobody = {"proposed_by": None, "proposed_at": None}
        advance_draft(session, world.now(), actor, draft, DraftAction.take_back, version, said=reason, **nobody)
        session.commit()


def is_previewed(session: Session, draft: EditionDraft) -> bool:
    """Whether what it says now was tried on past cases to the end."""
    preview = session.get(Job, draft.preview_id) if draft.preview_id else None
    return preview is not None and preview.state is JobState.done
