"""Background work for tests, in any state, without a worker."""

from datetime import timedelta
from typing import Any

from app.services.jobs import ask_job
from app.services.world import World
from models.rulebook.oversight import JobKind, JobState
from models.rulebook.permissions import Actor
from models.tables import Job

_AS: dict[JobState, dict[str, Any]] = {
    JobState.waiting: {},
    JobState.running: {"steps_done": 3, "steps_all": 8, "attempt": 1},
    JobState.done: {"steps_done": 8, "steps_all": 8, "file_name": "样例.csv", "media_type": "text/csv; charset=utf-8"},
    JobState.failed: {"fault": "job_failed", "steps_done": 3, "steps_all": 8},
    JobState.cancelled: {},
}


def plant_job(world: World, by: Actor, state: JobState = JobState.waiting, kind: JobKind = JobKind.list_export) -> Job:
    """A running one is held by a worker for a minute; a done one has a file."""
    with world.writing() as session:
        job = ask_job(session, world.now(), by, kind, {}, by.branch_id)
        job.state = state
        for name, value in _AS[state].items():
            setattr(job, name, value)
        if state is JobState.running:
            job.lease_until = world.now() + timedelta(minutes=1)
        if state is JobState.done:
            job.content, job.content_until = "编号\r\n".encode(), world.now() + timedelta(days=1)
        session.commit()
        return job
