"""A new edition of the rules is begun from an earlier one, written, and given up. Until it is published it judges nothing."""

import re
from dataclasses import replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.services.advance_draft import advance_draft, draft_at_hand
from app.services.edition_at_hand import editions
from app.services.errors import Faulty
from app.services.guard import allow
from app.services.road import write_line
from app.services.world import World
from models.rulebook.edition_sense import Fault, faults_of
from models.rulebook.editions import LONGEST_CODE, Edition, NoEdition, edition_called, write
from models.rulebook.oversight import DraftAction, DraftState
from models.rulebook.oversight_workflow import DRAFT
from models.rulebook.permissions import Actor, Permission
from models.rulebook.workflow import open_actions
from models.tables import EditionAuthor, EditionDraft

_CODE = re.compile(rf"[A-Z0-9][A-Z0-9-]{{1,{LONGEST_CODE - 1}}}")
OPEN_DRAFTS = tuple(state for state in DraftState if open_actions(DRAFT, state))


def begin_edition(world: World, actor: Actor, code: str, effective_from: date, based_on: str) -> int:
    """A draft that says what the edition `based_on` says; its id. Raises Faulty at `code`, `effective_from`, `based_on`."""
    allow(Permission.write_rules, actor)
    at, code = world.now(), code.strip().upper()
    with world.writing() as session:
        try:
            base = edition_called(editions(session), based_on)
        except NoEdition:
            raise Faulty(fields={"based_on": "edition_unknown"}) from None
        edition = replace(base, code=code, effective_from=effective_from)
        check_name(session, edition, world.today())
        draft = EditionDraft(
            code=code, state_since=at, content=write(edition), based_on=based_on, written_by=actor.staff_id, written_at=at
        )
        session.add(draft)
        _flush(session)
        sign_draft(session, draft, actor)
        write_line(session, at, actor, draft, "begin", after=DraftState.draft, number=code)
        session.commit()
        return draft.id


def write_edition(world: World, actor: Actor, draft_id: int, version: int, edition: Edition) -> None:
    """Keep what whoever writes says now; a preview of something else counts no longer, and he is one of its authors from here on.

    Raises Faulty at `code`, `effective_from`, and at "kind-paper" or "kind-fee" for what makes no sense; OutOfTurn, Stale.
    """
    allow(Permission.write_rules, actor)
    senseless = {place_of(fault): fault.code.value for fault in faults_of(edition)}
    if senseless:
        raise Faulty(fields=senseless)
    at = world.now()
    with world.writing() as session:
        draft = draft_at_hand(session, draft_id)
        check_name(session, edition, world.today(), draft.id)
        content, by = write(edition), {"written_by": actor.staff_id, "written_at": at}
        same = content == draft.content  # then nothing was written
        changes = {} if same else {"content": content, "code": edition.code, "preview_id": None, **by}
        try:
            advance_draft(session, at, actor, draft, DraftAction.save, version, **changes)
        except IntegrityError:  # somebody else was faster by a blink
            raise Faulty(fields={"code": "edition_code_taken"}) from None
        if not same:
            sign_draft(session, draft, actor)
        session.commit()


def drop_edition(world: World, actor: Actor, draft_id: int, version: int, reason: str) -> None:
    """Given up, by an author or by another supervisor. Raises OutOfTurn, Stale."""
    allow(Permission.write_rules, actor)
    with world.writing() as session:
        draft = draft_at_hand(session, draft_id)
        advance_draft(session, world.now(), actor, draft, DraftAction.drop, version, reason)
        session.commit()


def sign_draft(session: Session, draft: EditionDraft, actor: Actor) -> None:
    """One of its authors from here on; he never publishes it. After the draft's own row was claimed: twice at once is once."""
    if session.get(EditionAuthor, (draft.id, actor.staff_id)) is None:
        session.add(EditionAuthor(draft_id=draft.id, staff_id=actor.staff_id))


def place_of(fault: Fault) -> str:
    """The form's name of where it is: "renewal-licence", "credentials_reset-fee"."""
    return f"{fault.kind.value}-{fault.paper.value if fault.paper else 'fee'}"


def check_name(session: Session, edition: Edition, today: date, draft_id: int | None = None) -> None:
    """Code and first day are its own, and the day is yet to come. Raises Faulty at `code`, `effective_from`."""
    kept, fields = editions(session), {}
    if not _CODE.fullmatch(edition.code):
        fields["code"] = "edition_code_form"
    elif edition.code in {one.code for one in kept} or _is_drafted(session, edition.code, draft_id):
        fields["code"] = "edition_code_taken"
    if edition.effective_from <= today:
        fields["effective_from"] = "edition_day_past"
    elif edition.effective_from in {one.effective_from for one in kept}:
        fields["effective_from"] = "edition_day_taken"
    if fields:
        raise Faulty(fields=fields)


def _is_drafted(session: Session, code: str, draft_id: int | None) -> bool:
    other = select(EditionDraft.id).where(EditionDraft.code == code, EditionDraft.state.in_(OPEN_DRAFTS))
    return session.scalar(other.where(EditionDraft.id != draft_id) if draft_id else other) is not None


def _flush(session: Session) -> None:
    try:
        session.flush()
    except IntegrityError:
        raise Faulty(fields={"code": "edition_code_taken"}) from None
