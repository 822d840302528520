"""What every connection to the database is promised."""

import threading
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DataError, IntegrityError

from app.services.numbering import next_number
from app.services.world import World
from models.tables import Branch, db
from models.tables.engine import database_url, make_engine


@pytest.fixture(params=["world", pytest.param("postgresql_world", marks=pytest.mark.postgresql)])
def any_world(request: pytest.FixtureRequest) -> World:
    """The same promise on both databases."""
    made: World = request.getfixturevalue(request.param)
    return made


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = make_engine(f"sqlite:///{tmp_path / 'some.db'}")
    yield made
    made.dispose()


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("secure_delete", 1), ("busy_timeout", 15000)],
)
def test_sqlite_is_set_up_for_keeping(engine: Engine, pragma: str, value: object) -> None:
    with engine.connect() as connection:
        assert connection.scalar(text(f"PRAGMA {pragma}")) == value


def test_a_writer_takes_the_lock_when_it_begins(engine: Engine) -> None:
    other = engine.execution_options(writer=True)
    with engine.execution_options(writer=True).connect() as first:
        first.execute(text("SELECT 1"))
        second = other.connect()
        try:
            second.connection.driver_connection.execute("PRAGMA busy_timeout=50")
            with pytest.raises(Exception, match="locked"):
                second.execute(text("SELECT 1"))
        finally:
            second.close()
            other.dispose()


def test_a_reader_is_not_kept_waiting_by_a_writer(any_world: World) -> None:
    with any_world.writing() as writer:
        writer.add(Branch(code="ZZ99", name_zh="样例", name_en="Sample"))
        writer.flush()
        with any_world.reading() as reader:
            assert reader.query(Branch).filter_by(code="ZZ99").first() is None


def test_nothing_is_written_without_a_commit(any_world: World) -> None:
    with any_world.writing() as session:
        session.add(Branch(code="ZZ99", name_zh="样例", name_en="Sample"))
    with any_world.reading() as session:
        assert session.query(Branch).filter_by(code="ZZ99").first() is None


def test_an_error_does_not_show_the_parameters(any_world: World) -> None:
    with any_world.writing() as session:
        session.add(Branch(code="HD01", name_zh="110101199003071234", name_en="Sample"))
        with pytest.raises(IntegrityError) as fault:
            session.flush()
    assert "[SQL parameters hidden" in str(fault.value)


def test_neither_an_error_nor_its_cause_shows_what_the_row_holds(any_world: World) -> None:
    """PostgreSQL tells the whole row that failed ("DETAIL: Failing row contains …"), and a log of the fault would keep it."""
    written = {
        "name_zh": Branch(code="HD01", name_zh="110101199003071234", name_en="Sample"),  # its code is taken
        "none": Branch(code="ZZ99", name_zh="110101199003071234", name_en=None),  # a column that must be filled
    }
    for branch in written.values():
        with any_world.writing() as session:
            session.add(branch)
            with pytest.raises(IntegrityError) as fault:
                session.flush()
        told = "".join(traceback.format_exception(fault.value))
        assert "110101199003071234" not in told
        assert "Key (" not in told
        assert "branch" in told, "what is wrong is still told: the table, the column or the constraint"


@pytest.mark.postgresql
def test_a_value_that_the_database_cannot_take_is_not_quoted(postgresql_world: World) -> None:
    number = "110101199003071234"
    with postgresql_world.reading() as session, pytest.raises(DataError) as fault:
        session.execute(text("SELECT CAST(:it AS date)"), {"it": number})
    assert number not in "".join(traceback.format_exception(fault.value))


def test_numbers_run_without_gaps_or_twins_under_eight_threads(any_world: World) -> None:
    taken: list[int] = []
    faults: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(10):
                with any_world.writing() as session:
                    number = next_number(session, "case:HD01:20261123")
                    session.commit()
                taken.append(number)
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert sorted(taken) == list(range(1, 81))


def test_a_number_that_was_not_used_is_given_again(any_world: World) -> None:
    with any_world.writing() as session:
        assert next_number(session, "receipt:HD01:2026") == 1
    with any_world.writing() as session:
        assert next_number(session, "receipt:HD01:2026") == 1
        assert next_number(session, "receipt:CY01:2026") == 1
        session.commit()


def test_desks_cannot_write(app: Flask) -> None:
    with app.app_context():
        db.session.add(Branch(code="ZZ99", name_zh="样例", name_en="Sample"))
        with pytest.raises(RuntimeError, match="only services write"):
            db.session.commit()
        db.session.rollback()
        db.session.scalars(select(Branch)).first().name_zh = "样例"
        with pytest.raises(RuntimeError, match="only services write"):
            db.session.flush()


def test_desks_and_services_share_one_engine(app: Flask, world: World) -> None:
    with app.app_context():
        assert db.engine is world.engine


@pytest.mark.parametrize(
    ("given", "driver"),
    [
        ("postgres://u@h/d", "postgresql+psycopg"),
        ("postgresql://u@h/d", "postgresql+psycopg"),
        ("postgresql+psycopg://u@h/d", "postgresql+psycopg"),
        ("sqlite:///x.db", "sqlite"),
    ],
)
def test_urls_name_the_drivers_we_know(given: str, driver: str) -> None:
    assert database_url(given).drivername == driver


@pytest.mark.parametrize("given", ["mysql://u@h/d", "postgresql+psycopg2://u@h/d", "oracle://x"])
def test_other_databases_are_refused(given: str) -> None:
    with pytest.raises(ValueError, match="unknown database"):
        database_url(given)
