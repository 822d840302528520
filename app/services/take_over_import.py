"""A file of deliveries that was looked at is taken over: all of it, or the good lines alone where a supervisor says why. The work
itself is done in the background, part by part (`book_import`)."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.services.book_import import ImportLines, advance_import, book_import, import_at_hand, next_of, take_back
from app.services.errors import Faulty, Refusal
from app.services.given_reason import given_reason
from app.services.jobs import Outcome, Progress, ask_job, job_at_work
from app.services.preview_import import preview
from app.services.road import claim
from app.services.world import World
from models.rulebook.oversight import ImportAction, JobKind
from models.rulebook.permissions import Actor
from models.tables import Job, StockImport


def ask_take_over(world: World, actor: Actor, import_id: int, version: int, only_good: bool = False, reason: str = "") -> int:
    """The id of the background work. `only_good`: leave the faulty lines, for a reason.

    Raises Faulty at only_good and reason, Absent, OutOfTurn, Stale: also for a second click.
    """
    with world.writing() as session:
        read = import_at_hand(session, actor, import_id)
        next_of(read, ImportAction.take_over)
        if read.faulty and not only_good:
            raise Faulty(fields={"only_good": "import_faulty"})
        if read.faulty and not reason.strip():
            raise Faulty(fields={"reason": "required"})
        if read.faulty == len(read.lines):
            raise Faulty(fields={"only_good": "import_nothing_good"})
        why = reason.strip() if read.faulty else ""
        said = {"taken": len(read.lines) - read.faulty, "left": read.faulty, **({"reason": why} if why else {})}
        advance_import(session, world.now(), actor, read, ImportAction.take_over, version, {"reason": why}, **said)
        job = _ask(session, world, actor, read)
        session.commit()
        return job.id


def resume_import(world: World, actor: Actor, import_id: int, version: int) -> int:
    """Ask once more for what did not come to its end; it goes on where it was. Returns the job's id.

    Raises Refusal "import_under_way" while one works on it, Absent, OutOfTurn, Stale.
    """
    with world.writing() as session:
        read = _stuck(session, actor, import_id, ImportAction.finish)
        claim(session, read, version)
        job = _ask(session, world, actor, read)
        session.commit()
        return job.id


def stop_import(world: World, actor: Actor, import_id: int, version: int) -> None:
    """Before the first line is in the books: what was announced is taken back, and the file is as it was when it was looked at.

    Raises Refusal "import_booked" later than that, and as `resume_import`.
    """
    with world.writing() as session:
        read = _stuck(session, actor, import_id, ImportAction.stop)
        claim(session, read, version)
        lines = ImportLines(read.lines)
        session.commit()
    take_back(world, actor, import_id, lines)


def drop_import(world: World, actor: Actor, import_id: int, version: int, reason: str) -> None:
    """Nothing of it is taken over. Raises Faulty at `reason`, Absent, OutOfTurn, Stale."""
    given = given_reason(reason)
    with world.writing() as session:
        read = import_at_hand(session, actor, import_id)
        advance_import(session, world.now(), actor, read, ImportAction.drop, version, reason=given)
        session.commit()


def work_on_import(world: World, actor: Actor, question: Mapping[str, Any], progress: Progress) -> Outcome:
    """Whichever step was asked for. Each bears being begun again."""
    step = preview if question["step"] == "preview" else book_import
    return step(world, actor, question, progress)


def import_at_work(session: Session, import_id: int) -> Job | None:
    """The job that waits to take this file over, or is at it."""
    return job_at_work(session, JobKind.stock_import, import_id=import_id)


def _stuck(session: Session, actor: Actor, import_id: int, action: ImportAction) -> StockImport:
    read = import_at_hand(session, actor, import_id)
    next_of(read, action)
    if import_at_work(session, import_id) is not None:
        raise Refusal("import_under_way")
    if action is ImportAction.stop and read.booked:
        raise Refusal("import_booked")
    return read


def _ask(session: Session, world: World, actor: Actor, read: StockImport) -> Job:
    question = {"step": "take_over", "import_id": read.id}
    return ask_job(session, world.now(), actor, JobKind.stock_import, question, read.branch_id)
