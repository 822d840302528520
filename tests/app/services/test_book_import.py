"""A file of deliveries goes into the books part by part: wherever it is cut off, a reader sees whole deliveries or none, and who goes
on comes to the same end, nothing twice."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.services import book_import as room
from app.services import jobs as job_room
from app.services.choose_token import choose_token
from app.services.errors import Faulty, OutOfTurn, Refusal
from app.services.job_kinds import WORKS
from app.services.jobs import LEASE, cancel_job, run_jobs
from app.services.preview_import import ask_preview
from app.services.take_over_import import ask_take_over, drop_import, import_at_work, resume_import, stop_import
from app.services.world import World
from models.rulebook.oversight import ImportState, JobState, StockKind
from models.rulebook.vocabulary import RunKind, TokenState
from models.tables import Case, Delivery, Envelope, Job, JournalLine, Movement, StockImport, Token
from tests.builders.issuance import plant_case
from tests.builders.stock import keeper, moved, on_books, plant_delivery
from tests.invariants_stock import stock_violations
from tests.journeys.test_commit_kills import PowerCut, power_cut_at

FILE = (
    "kind,note,supplier,first,last,counted\n"
    "token,SH-7,样例介质厂,HD01-T00101,HD01-T00104,4\n"
    "envelope,SH-7,样例印刷厂,HD01-E000101,HD01-E000107,7\n"
    "token,SH-8,样例介质厂,HD01-T00201,HD01-T00203,3\n"
)
WHOLE = {"token": 7, "envelope": 7}


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of three pieces, of which the third is of two kinds; no pauses, and every step is told."""
    monkeypatch.setattr(room, "AT_ONCE", 3)
    monkeypatch.setattr(room, "BREATH", 0)
    monkeypatch.setattr(job_room, "TOLD_EVERY", timedelta(0))


def looked_at(world: World, text: str = FILE) -> StockImport:
    ask_preview(world, keeper(world), "到货.csv", text.encode())
    run_jobs(world, WORKS)
    return read_now(world)


def asked(world: World, text: str = FILE) -> StockImport:
    read = looked_at(world, text)
    ask_take_over(world, keeper(world), read.id, read.version)
    return read_now(world)


def read_now(world: World) -> StockImport:
    with world.reading() as session:
        return session.scalars(select(StockImport).order_by(StockImport.id.desc()).limit(1)).one()


def in_the_books(world: World) -> dict[str, int]:
    return {kind.value: moved(world, kind=kind).get("received", 0) for kind in StockKind}


def nothing_is_there(world: World) -> bool:
    return on_books(world) == on_books(world, kind=StockKind.envelope) == {} and in_the_books(world) == dict.fromkeys(WHOLE, 0)


def check(world: World) -> None:
    """What anybody may see at any moment: whole deliveries, each with its ledger; what is announced is of the file, and no stock."""
    with world.reading() as session:
        assert list(stock_violations(session)) == []
        for delivery in session.scalars(select(Delivery)):
            booked = select(func.count()).select_from(Movement).where(Movement.delivery_id == delivery.id)
            assert session.scalar(booked) == delivery.counted
            read = session.get_one(StockImport, delivery.import_id)
            assert read.announced == sum(line["pieces"] for line in read.lines), "all was announced before the first was booked"


def cut_off(world: World, commit: int, when: str) -> bool:
    """Whether the power failed: at the n-th commit of the worker, before the database has it or after."""
    try:
        with power_cut_at(commit, when):
            run_jobs(world, WORKS)
    except PowerCut:
        return True
    return False


@pytest.mark.kill
@pytest.mark.parametrize("when", ["before", "after"])
def test_the_power_may_fail_at_every_commit(world: World, when: str) -> None:
    cut = 0
    for commit in range(1, 60):
        text = FILE.replace("00", f"{commit:02}")
        before = in_the_books(world)
        asked(world, text)
        failed = cut_off(world, commit, when)
        check(world)
        seen = {kind: count - before[kind] for kind, count in in_the_books(world).items()}
        assert seen in ({"token": 0, "envelope": 0}, {"token": 4, "envelope": 0}, {"token": 4, "envelope": 7}, WHOLE)
        world.clock.move(LEASE + timedelta(seconds=1))  # type: ignore[attr-defined]
        run_jobs(world, WORKS)
        check(world)
        assert {kind: count - before[kind] for kind, count in in_the_books(world).items()} == WHOLE
        read = read_now(world)
        assert (read.state, read.announced, read.booked) == (ImportState.imported, 14, 3)
        cut += failed
        if not failed:
            break
    assert cut > 12, "there were fewer commits than parts"


def test_the_largest_part_is_small_and_others_write_in_between(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two parts somebody else takes in a delivery of his own, every time."""
    others, real = [], time.sleep
    monkeypatch.setattr(room.time, "sleep", lambda pause: (others.append(plant_other(world, len(others))), real(0))[1])
    asked(world)
    run_jobs(world, WORKS)
    assert len(others) == 5 + 3, "five parts of three pieces, then three deliveries"
    assert read_now(world).state is ImportState.imported
    with world.reading() as session:
        assert list(stock_violations(session)) == []


def plant_other(world: World, number: int) -> int:
    serial = f"CY01-T{number:05}"
    return plant_delivery(world, "CY01", first=serial, last=serial, counted=1, note_number=f"SH-{number}")


def at_part(world: World, monkeypatch: pytest.MonkeyPatch, part: int, act: Callable[[], Any]) -> None:
    """`act` happens in the pause after the n-th part."""
    seen = []

    def pause(_: float) -> None:
        seen.append(1)
        if len(seen) == part:
            act()

    monkeypatch.setattr(room.time, "sleep", pause)


def test_nobody_uses_what_is_announced_and_its_number_is_taken(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def look() -> None:
        assert on_books(world) == dict.fromkeys(("HD01-T00101", "HD01-T00102", "HD01-T00103"), "announced")
        with world.reading() as session:
            case = session.get_one(Case, case_id)
            assert choose_token(session, world.now(), case, RunKind.issue, "HD01-T00101") == "token_not_in_stock"
        with pytest.raises(Faulty):
            plant_delivery(world, first="HD01-T00103", last="HD01-T00104", counted=2, note_number="SH-99")
        raise AssertionError("looked")

    case_id = plant_case(world)
    at_part(world, monkeypatch, 1, look)
    asked(world)
    with pytest.raises(AssertionError, match="looked"):
        raise_through(world)


def raise_through(world: World) -> None:
    """The work without the worker that would hear of the fault."""
    read = read_now(world)
    room.book_import(world, keeper(world), {"import_id": read.id}, lambda done, of: None)


@pytest.mark.parametrize("part", [1, 3, 4])
def test_what_comes_in_by_another_way_meanwhile_leaves_nothing_of_the_file(
    world: World, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    note = {"first": "HD01-T00203", "last": "HD01-T00203", "counted": 1, "note_number": "SH-99"}
    at_part(world, monkeypatch, part, lambda: plant_delivery(world, **note))
    asked(world)
    run_jobs(world, WORKS)
    assert on_books(world) == {"HD01-T00203": "in_stock"}
    assert on_books(world, kind=StockKind.envelope) == {}
    read = read_now(world)
    assert (read.state, read.announced, read.booked, read.faulty) == (ImportState.previewed, 0, 0, 1)
    [line] = [line for line in read.lines if line["faults"]]
    assert (line["note"], line["faults"][0]["code"]) == ("SH-8", "serials_known")
    with world.reading() as session:
        job = session.scalars(select(Job).order_by(Job.id.desc()).limit(1)).one()
        assert (job.state, job.fault) == (JobState.failed, "import_changed")
        acts = session.scalars(
            select(JournalLine.act).where(JournalLine.subject == "stock_import").order_by(JournalLine.id)
        ).all()
    assert acts == ["preview", "take_over", "stop"]
    ask_take_over(world, keeper(world), read.id, read.version, only_good=True, reason="急用")
    run_jobs(world, WORKS)
    assert in_the_books(world) == {"token": 5, "envelope": 7}


def cancelled_after(world: World, monkeypatch: pytest.MonkeyPatch, part: int) -> StockImport:
    """Its asker stopped the work after so many parts."""

    def cancel() -> None:
        with world.reading() as session:
            job = session.scalars(select(Job).order_by(Job.id.desc()).limit(1)).one()
        cancel_job(world, keeper(world), job.id, job.version)

    at_part(world, monkeypatch, part, cancel)
    asked(world)
    run_jobs(world, WORKS)
    return read_now(world)


def test_what_was_broken_off_is_gone_on_with_or_stopped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    read = cancelled_after(world, monkeypatch, 2)
    assert (read.state, read.announced, read.booked) == (ImportState.taking, 6, 0)
    with world.reading() as session:
        assert import_at_work(session, read.id) is None
    with pytest.raises(OutOfTurn):
        drop_import(world, keeper(world), read.id, read.version, "送错的清单")
    stop_import(world, keeper(world), read.id, read.version)
    assert nothing_is_there(world)
    read = read_now(world)
    assert (read.state, read.announced, read.faulty) == (ImportState.previewed, 0, 0)
    ask_take_over(world, keeper(world), read.id, read.version)
    with pytest.raises(Refusal) as refused:
        stop_import(world, keeper(world), read.id, read_now(world).version)
    assert refused.value.code == "import_under_way"
    run_jobs(world, WORKS)
    assert in_the_books(world) == WHOLE


def test_once_a_line_is_in_the_books_it_is_gone_on_with(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    read = cancelled_after(world, monkeypatch, 6)
    assert (read.state, read.announced, read.booked) == (ImportState.taking, 14, 1)
    with pytest.raises(Refusal) as refused:
        stop_import(world, keeper(world), read.id, read.version)
    assert refused.value.code == "import_booked"
    assert in_the_books(world) == {"token": 4, "envelope": 0}
    resume_import(world, keeper(world), read.id, read.version)
    with pytest.raises(Refusal) as refused:
        resume_import(world, keeper(world), read.id, read_now(world).version)
    assert refused.value.code == "import_under_way"
    run_jobs(world, WORKS)
    assert (in_the_books(world), read_now(world).state) == (WHOLE, ImportState.imported)


def test_a_late_worker_changes_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """He slept through his lease in the middle of the file; another took the work up and ended it."""

    def another() -> None:
        monkeypatch.setattr(room.time, "sleep", lambda pause: None)
        world.clock.move(LEASE + timedelta(seconds=1))  # type: ignore[attr-defined]
        run_jobs(world, WORKS)
        assert in_the_books(world) == WHOLE

    at_part(world, monkeypatch, 3, another)
    asked(world)
    run_jobs(world, WORKS)
    check(world)
    assert (in_the_books(world), read_now(world).state) == (WHOLE, ImportState.imported)


WORKER = """
import sys
from app.services import book_import, jobs
from app.services.job_kinds import WORKS
from app.services.vault import Vault
from app.services.world import World
from models.tables.engine import make_engine
from tests.conftest import VAULT_KEY, SetClock
book_import.AT_ONCE = 20
jobs.run_jobs(World(SetClock(), make_engine(sys.argv[1]), Vault(VAULT_KEY), None, None, ""), WORKS)
"""


@pytest.mark.kill
def test_a_worker_that_is_killed_is_followed_by_one_that_goes_on(world: World) -> None:
    """A process of its own, ended by the system once it is past so many parts, wherever it is then."""
    rows = "".join(f"envelope,SH-{n},样例印刷厂,HD01-E{n:02}0001,HD01-E{n:02}0100,100\n" for n in range(6))
    read = asked(world, "kind,note,supplier,first,last,counted\n" + rows)
    seen = []
    for announced, booked in ((300, 0), (600, 3)):
        worker = subprocess.Popen([sys.executable, "-c", WORKER, str(world.engine.url)])
        while worker.poll() is None:
            now = read_now(world)
            if now.announced >= announced and now.booked >= booked and now.state is ImportState.taking:
                os.kill(worker.pid, signal.SIGKILL)
                break
            time.sleep(0.002)
        worker.wait()
        check(world)
        now = read_now(world)
        seen.append((now.announced, now.booked))
        set_free(world)
    assert seen == sorted(seen)
    run_jobs(world, WORKS)
    assert read_now(world).state is ImportState.imported
    assert in_the_books(world) == {"token": 0, "envelope": 600}
    assert read.id == read_now(world).id
    with world.reading() as session:
        assert list(stock_violations(session)) == []
        assert session.scalar(select(func.count()).select_from(Token)) == 0
        assert session.scalar(select(func.count()).select_from(Envelope)) == 600


def set_free(world: World) -> None:
    """As if the lease were over, for the first time."""
    with world.writing() as session:
        session.execute(update(Job).where(Job.state == JobState.running).values(lease_until=world.now() - LEASE, attempt=1))
        session.commit()


@pytest.mark.postgresql
def test_the_same_on_postgresql(postgresql_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world = postgresql_world
    note = {"first": "HD01-T00203", "last": "HD01-T00203", "counted": 1, "note_number": "SH-99"}
    at_part(world, monkeypatch, 3, lambda: plant_delivery(world, **note))
    read = asked(world)
    run_jobs(world, WORKS)
    assert on_books(world) == {"HD01-T00203": "in_stock"}
    ask_take_over(world, keeper(world), read.id, read_now(world).version, only_good=True, reason="急用")
    assert cut_off(world, 5, "before")
    world.clock.move(LEASE + timedelta(seconds=1))  # type: ignore[attr-defined]
    run_jobs(world, WORKS)
    assert in_the_books(world) == {"token": 5, "envelope": 7}
    assert read_now(world).state is ImportState.imported


def test_an_announced_piece_of_no_file_is_noticed(world: World) -> None:
    with world.writing() as session:
        add_announced(session, world)
        session.commit()
    with world.reading() as session:
        assert list(stock_violations(session)) == ["token HD01-T00001 is announced, and by no file"]


def add_announced(session: Session, world: World) -> None:
    branch_id = keeper(world).branch_id
    session.add(Token(serial="HD01-T00001", branch_id=branch_id, state=TokenState.announced, state_since=world.now()))
