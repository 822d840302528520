"""Drafts of editions for tests, as far along their road as asked."""

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Any

from app.services.draft_edition import begin_edition, write_edition
from app.services.job_kinds import WORKS
from app.services.jobs import run_jobs
from app.services.passwords import hash_password
from app.services.preview_edition import ask_preview
from app.services.propose_edition import propose_edition
from app.services.publish_edition import publish_edition
from app.services.world import World
from models.rulebook.editions import P1, Edition, Requirement
from models.rulebook.oversight import JobState
from models.rulebook.permissions import Actor
from models.rulebook.vocabulary import CaseKind, Role
from models.tables import EditionDraft, Job
from tests.builders.people import actor_of, add_staff, branch_id_of

CODE, DAY = "P2-2027", date(2027, 1, 1)


def edition(code: str = CODE, day: date = DAY, papers: Mapping[CaseKind, Any] = MappingProxyType({}), **changes: Any) -> Edition:
    """The shipped one with other words: `papers` replaces what some kinds ask for."""
    asked = MappingProxyType({**P1.requirements, **papers})
    return replace(P1, code=code, effective_from=day, requirements=asked, **changes)


def with_paper(kind: CaseKind, *more: Requirement) -> dict[CaseKind, tuple[Requirement, ...]]:
    """What the kind asks for, and more."""
    return {kind: (*P1.requirements[kind], *more)}


DEARER = edition(medium_fen=95_00)


def first(world: World) -> Actor:
    """Who writes and proposes."""
    return actor_of(world, Role.supervisor)


def second(world: World) -> Actor:
    """Who publishes, from another branch: the rules are everybody's."""
    return actor_of(world, Role.supervisor, "CY01")


def colleague(world: World) -> Actor:
    """A second supervisor of the writer's own branch."""
    with world.writing() as session:
        add_staff(world, session, "S2-HD01", {Role.supervisor}, branch_id_of(world), hash_password("another-one-at-hd01"))
        session.commit()
    return actor_of(world, Role.supervisor, which=2)


def draft_now(world: World, draft_id: int) -> EditionDraft:
    with world.reading() as session:
        return session.get_one(EditionDraft, draft_id)


def written(world: World, says: Edition = DEARER, by: Actor | None = None) -> EditionDraft:
    by = by or first(world)
    draft_id = begin_edition(world, by, says.code, says.effective_from, P1.code)
    write_edition(world, by, draft_id, draft_now(world, draft_id).version, says)
    return draft_now(world, draft_id)


def asked(world: World, says: Edition = DEARER, by: Actor | None = None) -> EditionDraft:
    by = by or first(world)
    draft = written(world, says, by)
    ask_preview(world, by, draft.id, draft.version)
    return draft_now(world, draft.id)


def previewed(world: World, says: Edition = DEARER, by: Actor | None = None) -> EditionDraft:
    """To its end, by a worker of ours or by the one of an office that runs already."""
    draft = asked(world, says, by)
    run_jobs(world, WORKS)
    while not _is_done(world, draft):
        time.sleep(0.05)
    return draft_now(world, draft.id)


def _is_done(world: World, draft: EditionDraft) -> bool:
    with world.reading() as session:
        state = session.get_one(Job, draft.preview_id).state
    assert state not in {JobState.failed, JobState.cancelled}
    return state is JobState.done


def proposed(world: World, says: Edition = DEARER, by: Actor | None = None) -> EditionDraft:
    by = by or first(world)
    draft = previewed(world, says, by)
    propose_edition(world, by, draft.id, draft.version, "介质涨价")
    return draft_now(world, draft.id)


def published(world: World, says: Edition = DEARER) -> EditionDraft:
    draft = proposed(world, says)
    publish_edition(world, second(world), draft.id, draft.version, "核对无误")
    return draft_now(world, draft.id)
