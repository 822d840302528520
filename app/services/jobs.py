"""Work in the background: asked for in the transaction of a page, taken by a worker, told step by step, finished once.

A worker holds a job by a lease that its progress renews. If it dies the lease runs out and another takes the job from its beginning:
what a job does must bear being begun again. What a job makes for its asker to fetch is kept for a day.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from app.services.errors import Absent, Forbidden, OutOfTurn, Refusal, Stale
from app.services.road import claim, write_line
from app.services.world import World
from models.rulebook.oversight import JobAction, JobKind, JobState
from models.rulebook.oversight_workflow import JOB, JOB_FINAL
from models.rulebook.permissions import Actor
from models.rulebook.vocabulary import StaffState
from models.rulebook.workflow import NotOpen, next_state
from models.tables import Job, Staff

LEASE = timedelta(seconds=60)
MOST_ATTEMPTS = 3
KEPT = timedelta(days=1)
TOLD_EVERY = timedelta(milliseconds=300)  # progress is written down no oftener
SWEEP_EVERY = 120  # turns of looking for work

_log = logging.getLogger("office.jobs")
_TO_TAKE = [state for state, action in JOB if action is JobAction.take]


@dataclass(frozen=True, slots=True)
class JobFile:
    """What the asker fetches; `name` may be Chinese."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """`answer`: JSON, for the page that shows what came out."""

    answer: Mapping[str, Any] = field(default_factory=dict)
    file: JobFile | None = None


class Gone(Exception):
    """The job was cancelled, or another worker holds it: whoever hears this stops."""


class Progress:
    """What a job says of itself while it works. Raises Gone where it should stop."""

    def __init__(self, world: World, job_id: int, attempt: int) -> None:
        self._world, self._job_id, self._attempt = world, job_id, attempt
        self._told_at: datetime | None = None

    def __call__(self, done: int, of: int) -> None:
        """So many steps of so many."""
        now = self._world.now()
        if self._told_at is not None and done < of and now - self._told_at < TOLD_EVERY:
            return
        self._told_at = now
        with self._world.writing() as session:
            outcome = session.execute(
                update(Job)
                .where(Job.id == self._job_id, Job.attempt == self._attempt, Job.state == JobState.running)
                .values(steps_done=done, steps_all=of, lease_until=now + LEASE)
                .execution_options(synchronize_session=False)
            )
            if outcome.rowcount != 1:
                raise Gone()
            session.commit()


Work = Callable[[World, Actor, Mapping[str, Any], Progress], Outcome]


def ask_job(
    session: Session, at: datetime, actor: Actor, kind: JobKind, question: Mapping[str, Any], branch_id: int | None = None
) -> Job:
    """In the caller's transaction. `question`: JSON with nothing personal in it; `branch_id`: none for work over all branches."""
    job = Job(kind=kind, state_since=at, branch_id=branch_id, asked_by=actor.staff_id, asked_at=at, question=dict(question))
    session.add(job)
    write_line(session, at, actor, job, "ask", after=JobState.waiting, branch_id=branch_id, kind=kind.value)
    return job


def job_of(session: Session, actor: Actor, job_id: int) -> Job:
    """The asker's own job; anybody else's does not exist."""
    job = session.get(Job, job_id)
    if job is None or job.asked_by != actor.staff_id:
        raise Absent()
    return job


def job_at_work(session: Session, kind: JobKind, **asked: Any) -> Job | None:
    """The job of that kind and with that in its question which waits to be worked on, or is."""
    jobs = session.scalars(select(Job).where(Job.kind == kind, Job.state.not_in(JOB_FINAL)))
    return next((job for job in jobs if job.question.items() >= asked.items()), None)


def cancel_job(world: World, actor: Actor, job_id: int, version: int) -> None:
    """Raises OutOfTurn for one that has ended, Stale, Absent."""
    with world.writing() as session:
        job = job_of(session, actor, job_id)
        _advance(session, world.now(), actor, job, JobAction.cancel, version)
        session.commit()


def run_jobs(world: World, works: Mapping[JobKind, Work]) -> int:
    """Work on everything that waits, one after the other. Returns how many were taken."""
    taken = 0
    while (held := _take(world)) is not None:
        _work_on(world, works, *held)
        taken += 1
    return taken


def sweep_jobs(world: World) -> int:
    """Throw away what was kept to be fetched and nobody needs any more. Returns how many files that were."""
    over = and_(Job.content.is_not(None), Job.content_until < world.now())
    with world.reading() as session:
        if session.scalar(select(Job.id).where(over).limit(1)) is None:
            return 0  # nobody's writing waits for that
    with world.writing() as session:
        outcome = session.execute(update(Job).where(over).values(content=None).execution_options(synchronize_session=False))
        session.commit()
        return outcome.rowcount


def throw_away_files(session: Session, staff_id: int) -> None:
    """What was made for a member of staff goes with the role or the branch by which he asked for it. In the caller's transaction."""
    kept = update(Job).where(Job.asked_by == staff_id, Job.content.is_not(None))
    session.execute(kept.values(content=None).execution_options(synchronize_session=False))


def _take(world: World) -> tuple[int, int] | None:
    """The id of the job that waits longest, and which attempt this is."""
    now = world.now()
    waits = or_(
        Job.state == JobState.waiting,
        and_(Job.state == JobState.running, Job.lease_until < now),
    )
    with world.reading() as session:
        if session.scalar(select(Job.id).where(Job.state.in_(_TO_TAKE), waits).limit(1)) is None:
            return None
    with world.writing() as session:
        job = session.scalar(
            select(Job).where(Job.state.in_(_TO_TAKE), waits).order_by(Job.id).limit(1).with_for_update(skip_locked=True)
        )
        if job is None:
            return None
        if job.attempt >= MOST_ATTEMPTS:
            _advance(session, now, None, job, JobAction.fail, job.version, fault="job_given_up", lease_until=None)
            session.commit()
            return job.id, 0
        _advance(
            session, now, None, job, JobAction.take, job.version, attempt=job.attempt + 1, lease_until=now + LEASE, steps_done=0
        )
        session.commit()
        return job.id, job.attempt


def _work_on(world: World, works: Mapping[JobKind, Work], job_id: int, attempt: int) -> None:
    if not attempt:
        return
    with world.reading() as session:
        job = session.get_one(Job, job_id)
        kind, question, actor = job.kind, dict(job.question), _asker(session, job)
    try:
        _finish(world, job_id, attempt, actor, works[kind](world, actor, question, Progress(world, job_id, attempt)))
    except Gone:
        return
    except Refusal as refusal:
        _fail(world, job_id, attempt, refusal.code)
    except Exception:
        _log.exception("job %s (%s) failed at attempt %s", job_id, kind.value, attempt)
        if attempt >= MOST_ATTEMPTS:
            _fail(world, job_id, attempt, "job_failed")
        else:
            _let_go(world, job_id, attempt)


def _asker(session: Session, job: Job) -> Actor:
    """For whom it is done: as he is now, or nobody at all who may do anything where he was shut out meanwhile."""
    staff = session.get_one(Staff, job.asked_by)
    actor = staff.as_actor()
    return actor if staff.state is StaffState.active else replace(actor, roles=frozenset())


def _finish(world: World, job_id: int, attempt: int, actor: Actor, outcome: Outcome) -> None:
    now, file = world.now(), outcome.file
    kept = (
        {"file_name": file.name, "media_type": file.media_type, "content": file.content, "content_until": now + KEPT}
        if file
        else {}
    )
    with world.writing() as session:
        job = _held(session, job_id, attempt)
        now_he_is = _asker(session, job)
        if file and (now_he_is.roles, now_he_is.branch_id) != (actor.roles, actor.branch_id):  # it was made by what he is no more
            raise Forbidden("forbidden_role")
        whole = {"steps_done": job.steps_all or 1, "steps_all": job.steps_all or 1, "lease_until": None}
        _advance(session, now, None, job, JobAction.finish, job.version, answer=dict(outcome.answer), **whole, **kept)
        session.commit()


def _fail(world: World, job_id: int, attempt: int, fault: str) -> None:
    with world.writing() as session:
        job = _held(session, job_id, attempt)
        _advance(session, world.now(), None, job, JobAction.fail, job.version, fault=fault[:40], lease_until=None)
        session.commit()


def _let_go(world: World, job_id: int, attempt: int) -> None:
    """For the next attempt."""
    with world.writing() as session:
        job = _held(session, job_id, attempt)
        claim(session, job, job.version, lease_until=world.now() - LEASE)
        session.commit()


def _held(session: Session, job_id: int, attempt: int) -> Job:
    job = session.get_one(Job, job_id, with_for_update=True)
    if job.attempt != attempt or job.state in JOB_FINAL:
        raise Gone()
    return job


def _advance(
    session: Session, at: datetime, who: Actor | None, job: Job, action: JobAction, version: int, **changes: Any
) -> None:
    before = job.state
    try:
        after = next_state(JOB, before, action)
    except NotOpen:
        raise OutOfTurn(state=before.value, action=action.value) from None
    claim(session, job, version, state=after, state_since=at, **changes)
    write_line(session, at, who, job, action.value, before=before, after=after, branch_id=job.branch_id)


def keep_working(world: World, works: Mapping[JobKind, Work], stop: threading.Event, every: float = 0.5) -> threading.Thread:
    """Start the thread that works on what waits, until `stop` is set."""

    def work() -> None:
        for turn in count():
            if stop.is_set():
                return
            try:
                run_jobs(world, works)
                if turn % SWEEP_EVERY == 0:
                    sweep_jobs(world)
            except (Stale, Gone):
                continue
            except Exception:
                _log.exception("looking for jobs failed; it is tried again")
            stop.wait(every)

    thread = threading.Thread(target=work, name="jobs", daemon=True)
    thread.start()
    return thread
