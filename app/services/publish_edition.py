"""A supervisor who had no hand in it publishes a draft: from its day on it judges and charges. What was published is never changed."""

from sqlalchemy.exc import IntegrityError

from app.services.advance_draft import advance_draft, draft_at_hand, edition_in
from app.services.draft_edition import check_name
from app.services.errors import Faulty, Forbidden
from app.services.guard import allow
from app.services.world import World
from models.rulebook.editions import write
from models.rulebook.oversight import DraftAction
from models.rulebook.permissions import Actor, Permission, Subject, denial
from models.tables import Edition, EditionDraft


def may_publish(actor: Actor, draft: EditionDraft) -> bool:
    """Nobody who ever wrote on it, or proposed it."""
    hands = {draft.written_by, draft.proposed_by, *(author.id for author in draft.authors)}
    return all(denial(Permission.publish_rules, actor, Subject(opened_by=hand)) is None for hand in hands)


def publish_edition(world: World, actor: Actor, draft_id: int, version: int, reason: str) -> str:
    """The edition's code. Raises Forbidden "edition_needs_second" to whoever wrote or proposed it; Faulty where its day has come, or
    another edition has its code or day meanwhile; OutOfTurn, Stale."""
    allow(Permission.publish_rules, actor)
    at = world.now()
    with world.writing() as session:
        draft = draft_at_hand(session, draft_id)
        if not may_publish(actor, draft):
            raise Forbidden("edition_needs_second")
        edition = edition_in(draft)
        advance_draft(
            session,
            at,
            actor,
            draft,
            DraftAction.publish,
            version,
            said=reason,
            published_by=actor.staff_id,
            published_at=at,
        )
        check_name(session, edition, world.today(), draft.id)
        session.add(Edition(code=edition.code, effective_from=edition.effective_from, published_at=at, content=write(edition)))
        try:
            session.flush()
        except IntegrityError:  # another draft for the same day, published in the same moment
            raise Faulty("edition_overtaken", fields={"effective_from": "edition_day_taken"}) from None
        session.commit()
        return edition.code
