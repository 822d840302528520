"""Background work: taken once, told step by step, finished once; a worker that dies, is late or is told to stop changes nothing."""

import threading
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.services.edit_staff import StaffFacts, edit_staff, switch_staff
from app.services.errors import Absent, Faulty, OutOfTurn, Stale
from app.services.guard import allow
from app.services.jobs import (
    LEASE,
    MOST_ATTEMPTS,
    Gone,
    JobFile,
    Outcome,
    Progress,
    ask_job,
    cancel_job,
    job_of,
    run_jobs,
    sweep_jobs,
)
from app.services.world import World
from models.rulebook.oversight import JobKind, JobState
from models.rulebook.permissions import Actor, Permission
from models.rulebook.vocabulary import Role, StaffState
from models.tables import Job, JournalLine
from tests.builders.people import actor_of

KIND = JobKind.list_export


@pytest.fixture
def asker(world: World) -> Actor:
    return actor_of(world, Role.supervisor)


def asked(world: World, asker: Actor, **question: Any) -> int:
    with world.writing() as session:
        job = ask_job(session, world.now(), asker, KIND, question, asker.branch_id)
        session.commit()
        return job.id


def now_is(world: World, job_id: int) -> Job:
    with world.reading() as session:
        job = session.get_one(Job, job_id)
        assert job.content is None or job.content  # read while the session is open
        return job


def test_a_job_is_done_once_and_its_file_waits_for_its_asker(world: World, asker: Actor) -> None:
    seen: list[Mapping[str, Any]] = []

    def work(world: World, actor: Actor, question: Mapping[str, Any], progress: Progress) -> Outcome:
        seen.append(question)
        assert actor == asker
        for step in range(5):
            progress(step + 1, 5)
        return Outcome({"rows": 5}, JobFile("名单.csv", "text/csv", b"a,b"))

    job_id = asked(world, asker, room="cases")
    assert run_jobs(world, {KIND: work}) == 1
    assert run_jobs(world, {KIND: work}) == 0
    job = now_is(world, job_id)
    assert (job.state, job.steps_done, job.steps_all, job.attempt) == (JobState.done, 5, 5, 1)
    assert (job.answer, job.file_name, job.content) == ({"rows": 5}, "名单.csv", b"a,b")
    assert seen == [{"room": "cases"}]
    with world.reading() as session:
        acts = session.scalars(select(JournalLine.act).where(JournalLine.subject == "job").order_by(JournalLine.id)).all()
    assert acts == ["ask", "take", "finish"]


def test_a_refusal_is_the_answer_and_is_not_tried_again(world: World, asker: Actor) -> None:
    tried = []

    def work(*_: Any) -> Outcome:
        tried.append(1)
        raise Faulty("too_many_rows")

    job_id = asked(world, asker)
    run_jobs(world, {KIND: work})
    job = now_is(world, job_id)
    assert (job.state, job.fault, tried) == (JobState.failed, "too_many_rows", [1])


def test_a_fault_is_tried_again_and_given_up_after_the_last_attempt(world: World, asker: Actor, caplog: Any) -> None:
    tried = []

    def work(*_: Any) -> Outcome:
        tried.append(1)
        raise OSError("the disk is full")

    job_id = asked(world, asker)
    run_jobs(world, {KIND: work})
    job = now_is(world, job_id)
    assert (job.state, job.fault, len(tried)) == (JobState.failed, "job_failed", MOST_ATTEMPTS)
    assert "the disk is full" in caplog.text


def test_what_a_dead_worker_left_is_taken_up_when_its_lease_is_over_and_its_late_word_changes_nothing(
    world: World, asker: Actor
) -> None:
    job_id = asked(world, asker)
    progresses: list[Progress] = []

    class Killed(BaseException):
        """As a kill: nothing after it runs."""

    def dies(world: World, actor: Actor, question: Mapping[str, Any], progress: Progress) -> Outcome:
        progress(1, 9)
        progresses.append(progress)
        raise Killed

    with pytest.raises(Killed):
        run_jobs(world, {KIND: dies})
    assert now_is(world, job_id).state is JobState.running
    assert run_jobs(world, {KIND: dies}) == 0, "its lease still runs"
    world.clock.move(LEASE + timedelta(seconds=1))
    assert run_jobs(world, {KIND: lambda *_: Outcome({"by": "the second"})}) == 1
    with pytest.raises(Gone):
        progresses[0](9, 9)
    job = now_is(world, job_id)
    assert (job.state, job.answer, job.attempt) == (JobState.done, {"by": "the second"}, 2)


def test_who_dies_every_time_is_given_up(world: World, asker: Actor) -> None:
    job_id = asked(world, asker)

    class Killed(BaseException):
        """As a kill."""

    def dies(*_: Any) -> Outcome:
        raise Killed

    for _ in range(MOST_ATTEMPTS):
        with pytest.raises(Killed):
            run_jobs(world, {KIND: dies})
        world.clock.move(LEASE + timedelta(seconds=1))
    run_jobs(world, {KIND: dies})
    job = now_is(world, job_id)
    assert (job.state, job.fault) == (JobState.failed, "job_given_up")


def test_a_cancelled_job_stops_at_its_next_step_and_leaves_no_result(world: World, asker: Actor) -> None:
    job_id = asked(world, asker)

    def work(world: World, actor: Actor, question: Mapping[str, Any], progress: Progress) -> Outcome:
        progress(1, 3)
        cancel_job(world, asker, job_id, now_is(world, job_id).version)
        world.clock.move(seconds=1)
        progress(2, 3)
        raise AssertionError("it went on")

    run_jobs(world, {KIND: work})
    job = now_is(world, job_id)
    assert (job.state, job.answer, job.content) == (JobState.cancelled, {}, None)
    with pytest.raises(OutOfTurn):
        cancel_job(world, asker, job_id, job.version)


def test_nobody_sees_or_cancels_anothers_job_and_a_stale_page_cancels_nothing(world: World, asker: Actor) -> None:
    job_id = asked(world, asker)
    other = actor_of(world, Role.auditor)
    with world.reading() as session, pytest.raises(Absent):
        job_of(session, other, job_id)
    with pytest.raises(Absent):
        cancel_job(world, other, job_id, 1)
    with pytest.raises(Stale):
        cancel_job(world, asker, job_id, 7)


def test_many_workers_take_each_job_once(world: World, asker: Actor) -> None:
    jobs = {asked(world, asker, number=number) for number in range(12)}
    done: list[int] = []

    def work(world: World, actor: Actor, question: Mapping[str, Any], progress: Progress) -> Outcome:
        progress(1, 1)
        done.append(question["number"])
        return Outcome()

    workers = [threading.Thread(target=run_jobs, args=(world, {KIND: work})) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(done) == list(range(12))
    assert {now_is(world, job_id).state for job_id in jobs} == {JobState.done}


def test_a_file_that_nobody_fetched_is_thrown_away_after_a_day_and_its_answer_stays(world: World, asker: Actor) -> None:
    job_id = asked(world, asker)
    run_jobs(world, {KIND: lambda *_: Outcome({"rows": 1}, JobFile("a.csv", "text/csv", b"a"))})
    assert sweep_jobs(world) == 0
    world.clock.move(days=1, seconds=1)
    assert sweep_jobs(world) == 1
    job = now_is(world, job_id)
    assert (job.content, job.answer, job.file_name) == (None, {"rows": 1}, "a.csv")


def test_what_somebody_asked_for_who_was_shut_out_since_is_not_done_for_him(world: World, asker: Actor) -> None:
    def work(world: World, actor: Actor, question: Mapping[str, Any], progress: Progress) -> Outcome:
        allow(Permission.export_lists, actor)
        raise AssertionError("he may do nothing any more")

    job_id = asked(world, asker)
    switch_staff(world, actor_of(world, Role.administrator), asker.staff_id, 1, StaffState.disabled, "离职")
    run_jobs(world, {KIND: work})
    assert (now_is(world, job_id).state, now_is(world, job_id).fault) == (JobState.failed, "forbidden_role")


@pytest.mark.parametrize("name", ["改了名", ""])
def test_a_file_that_was_made_by_a_role_he_lost_meanwhile_is_not_kept(world: World, asker: Actor, name: str) -> None:
    """A change of name alone loses nothing."""
    clerk = StaffFacts("样例", asker.branch_id, frozenset({Role.clerk}))
    changed = StaffFacts(name, asker.branch_id, asker.roles) if name else clerk

    def work(world: World, actor: Actor, question: Mapping[str, Any], progress: Progress) -> Outcome:
        edit_staff(world, actor_of(world, Role.administrator), asker.staff_id, 1, changed, "调动")
        return Outcome(file=JobFile("名单.csv", "text/csv", b"a,b"))

    job_id = asked(world, asker)
    run_jobs(world, {KIND: work})
    job = now_is(world, job_id)
    kept = (JobState.done, b"a,b", "")
    assert (job.state, job.content, job.fault) == (kept if name else (JobState.failed, None, "forbidden_role"))
