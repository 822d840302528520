"""The migrations lead to exactly the tables that the models describe, on both databases, with rows in them, and back."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, Engine, Enum, inspect, text

from models.migrations.run import DanglingRows, _alone, current_revision, downgrade, newest_revision, upgrade
from models.tables import Base
from models.tables.engine import make_engine


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Engine]]:
    """Makes empty databases of one kind."""
    made: list[Engine] = []

    def make() -> Engine:
        on_disk = f"sqlite:///{tmp_path / f'{len(made)}.db'}"
        url = on_disk if request.param == "sqlite" else request.getfixturevalue("postgresql").fresh()
        made.append(make_engine(url))
        return made[-1]

    yield make
    for engine in made:
        engine.dispose()


def shape(engine: Engine) -> dict[str, Any]:
    """Everything of the tables that the database tells: columns, keys, unique and CHECK constraints, indexes and their conditions."""
    inspector = inspect(engine)
    found = {}
    for table in sorted(set(inspector.get_table_names()) - {"alembic_version"}):
        found[table] = {
            "columns": [(c["name"], str(c["type"]), c["nullable"]) for c in inspector.get_columns(table)],
            "key": inspector.get_pk_constraint(table)["constrained_columns"],
            "foreign": sorted(
                (f["name"], tuple(f["constrained_columns"]), f["referred_table"], str(f["options"]))
                for f in inspector.get_foreign_keys(table)
            ),
            "unique": sorted((u["name"], tuple(u["column_names"])) for u in inspector.get_unique_constraints(table)),
            "check": sorted((c["name"], " ".join(c["sqltext"].split())) for c in inspector.get_check_constraints(table)),
            "indexes": sorted(
                (
                    i["name"],
                    tuple(i["column_names"]),
                    bool(i["unique"]),
                    sorted(f"{k}={v}" for k, v in i["dialect_options"].items()),
                )
                for i in inspector.get_indexes(table)
            ),
        }
    return found


def test_upgrading_an_empty_database_gives_the_tables_of_the_models(empty: Callable[[], Engine]) -> None:
    migrated, described = empty(), empty()
    upgrade(migrated)
    for key in Base.metadata.tables["case_file"].foreign_key_constraints:
        key._create_rule = None  # a create_all on PostgreSQL before, in this process, left its mark
    Base.metadata.create_all(described)
    assert shape(migrated) == shape(described)
    with migrated.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    assert current_revision(migrated) == newest_revision()


def test_every_closed_list_is_held_by_a_check_constraint(empty: Callable[[], Engine]) -> None:
    engine = empty()
    upgrade(engine)
    checks = {name for table in shape(engine).values() for name, _ in table["check"]}
    described = {
        f"ck_{table.name}_{column.type.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, Enum)
    }
    written = {
        str(check.name)
        for table in Base.metadata.tables.values()
        for check in table.constraints
        if isinstance(check, CheckConstraint)
    }
    assert described < written
    assert checks == written
    assert len(described) > 20


def test_downgrading_leaves_nothing_and_the_way_up_is_open_again(empty: Callable[[], Engine]) -> None:
    engine = empty()
    upgrade(engine)
    downgrade(engine, "base")
    assert shape(engine) == {}
    upgrade(engine)
    assert current_revision(engine) == newest_revision()


def test_upgrading_twice_changes_nothing_and_rows_stay(empty: Callable[[], Engine]) -> None:
    engine = empty()
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO branch (code, name_zh, name_en, address, telephone, is_local_tax)"
                " VALUES ('HD01', '样例', 'Sample', '', '', false)"
            )
        )
    upgrade(engine)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM branch")) == 1


def test_two_programs_that_start_together_migrate_once(empty: Callable[[], Engine]) -> None:
    engine = empty()
    faults: list[BaseException] = []

    def go() -> None:
        try:
            upgrade(engine)
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert current_revision(engine) == newest_revision()


def test_a_migration_that_leaves_rows_dangling_is_rolled_back(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'dangling.db'}")
    upgrade(engine)
    with pytest.raises(DanglingRows), _alone(engine) as connection:
        connection.exec_driver_sql("INSERT INTO staff_role (staff_id, role) VALUES (77, 'clerk')")
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM staff_role")) == 0
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1
    engine.dispose()
