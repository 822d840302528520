"""Background work as its asker sees it: progress, result, file, and a way to stop it."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from app.services.world import World
from models.rulebook.oversight import JobState
from models.rulebook.vocabulary import Role
from models.tables import Job
from tests.builders.clients import OfficeClient
from tests.builders.jobs import plant_job
from tests.builders.people import actor_of
from tests.builders.road import only

Clients = Callable[..., OfficeClient]


@pytest.mark.parametrize("state", JobState)
def test_a_job_is_shown_in_every_state(world: World, client_of: Clients, state: JobState) -> None:
    job = plant_job(world, actor_of(world), state)
    page = client_of().get(f"/jobs/{job.id}")
    assert page.status_code == 200
    final = state in {JobState.done, JobState.failed, JobState.cancelled}
    assert ("data-poll" not in page.text) is final
    assert (f"/jobs/{job.id}/cancel" not in page.text) is final
    assert (f"/jobs/{job.id}/file" in page.text) is (state is JobState.done)


def test_how_far_it_is_and_how_many_are_ahead(world: World, client_of: Clients) -> None:
    running, waiting = plant_job(world, actor_of(world), JobState.running), plant_job(world, actor_of(world))
    client = client_of()
    part = client.get(f"/jobs/{running.id}/progress").text
    assert 'max="8" value="3"' in part
    assert "第 3 步，共 8 步。" in part
    assert 'hx-swap-oob="true"' in part
    assert "前面还有 1 项" in client.get(f"/jobs/{waiting.id}/progress").text


def test_a_cancelled_job_is_cancelled_once_and_the_second_click_is_told(world: World, client_of: Clients) -> None:
    job, client = plant_job(world, actor_of(world)), client_of()
    for expected in ("已取消。", "这项任务已经结束"):
        page = client.post(f"/jobs/{job.id}/cancel", data={"version": str(job.version)}, follow_redirects=True)
        assert page.status_code == 200
        assert expected in page.text
    assert only(world, Job, id=job.id).state is JobState.cancelled


def test_the_file_is_fetched_for_a_day(world: World, client_of: Clients) -> None:
    job, client = plant_job(world, actor_of(world), JobState.done), client_of()
    answer = client.get(f"/jobs/{job.id}/file")
    assert answer.data == "编号\r\n".encode()
    assert answer.headers["Content-Disposition"].endswith("filename*=UTF-8''%E6%A0%B7%E4%BE%8B.csv")
    with world.writing() as session:
        session.get_one(Job, job.id).content = None
        session.commit()
    world.clock.move(timedelta(hours=25))  # type: ignore[attr-defined]
    gone = client_of().get(f"/jobs/{job.id}/file")
    assert gone.status_code == 404
    assert "文件已过保留时间" in gone.text


def test_nobody_elses_job_exists(world: World, client_of: Clients) -> None:
    job = plant_job(world, actor_of(world), JobState.done)
    for client in (client_of(which=2), client_of(Role.supervisor), client_of(Role.clerk, "CY01")):
        assert client.get(f"/jobs/{job.id}").status_code == 404
        assert client.get(f"/jobs/{job.id}/progress").status_code == 404
        assert client.get(f"/jobs/{job.id}/file").status_code == 404
        assert client.post(f"/jobs/{job.id}/cancel", data={"version": "1"}).status_code == 404
        assert f"/jobs/{job.id}" not in client.get("/jobs/").text
    assert only(world, Job, id=job.id).state is JobState.done


def test_my_jobs_are_found_from_my_account(world: World, client_of: Clients) -> None:
    job, client = plant_job(world, actor_of(world), JobState.failed), client_of()
    assert 'href="/jobs/"' in client.get("/account/").text
    listed = client.get("/jobs/").text
    assert f'href="/jobs/{job.id}"' in listed
    assert "程序在做这项任务时出了错" in listed
