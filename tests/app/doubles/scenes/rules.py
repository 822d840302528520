"""Every POST about editions of the rules, and about background work."""

from models.rulebook.vocabulary import Role
from tests.app.doubles.stage import CLERKS, Post, Scene, Stage
from tests.builders.jobs import plant_job
from tests.builders.people import actor_of


def cancelling(stage: Stage) -> Post:
    job = plant_job(stage.world, actor_of(stage.world, Role.clerk))
    return Post(f"/jobs/{job.id}/cancel", {"version": str(job.version)})


SCENES = (Scene("jobs.cancel", "", cancelling, CLERKS[:1]),)
