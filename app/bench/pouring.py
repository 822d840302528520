"""Rows by the hundred thousand into a database, as quickly as its driver takes them: past the ORM, with the types of the tables."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from typing import Any

from sqlalchemy import Column, Connection, Table, create_engine, func, select
from sqlalchemy.engine import Dialect

from models.tables import Base

_BATCH = 20_000

Row = Mapping[str, Any]


def pour(connection: Connection, table: Table, rows: Iterable[Row]) -> int:
    """Insert rows; a column that a row does not name gets its default, else NULL. Returns how many."""
    columns = list(table.columns)
    makers = [_maker(column, connection.dialect) for column in columns]
    tuples = (tuple(make(row) for make in makers) for row in rows)
    return _copy(connection, table, tuples) if connection.dialect.name == "postgresql" else _insert(connection, table, tuples)


@contextmanager
def pouring(url: str) -> Iterator[Connection]:
    """A connection that looks at nothing and is sure of nothing: no references, no triggers, no journal. Committed at the end."""
    options: dict[str, Any] = {"isolation_level": "AUTOCOMMIT"} if url.startswith("sqlite") else {}
    engine = create_engine(url, **options)
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        else:
            for pragma in (
                "journal_mode=DELETE",
                "journal_mode=OFF",
                "synchronous=OFF",
                "cache_size=-400000",
                "foreign_keys=OFF",
            ):
                connection.exec_driver_sql(f"PRAGMA {pragma}")
        yield connection
    engine.dispose()


def count_on(connection: Connection) -> None:
    """Let PostgreSQL's running ids go on after the ones that were poured in. SQLite does so by itself."""
    if connection.dialect.name != "postgresql":
        return
    for table in Base.metadata.sorted_tables:
        if "id" in table.columns and (last := connection.scalar(select(func.max(table.c.id)))):
            connection.execute(select(func.setval(func.pg_get_serial_sequence(table.name, "id"), last)))


def _maker(column: Column[Any], dialect: Dialect) -> Callable[[Row], Any]:
    name, process = column.name, column.type.dialect_impl(dialect).bind_processor(dialect)
    default = column.default

    def value(row: Row) -> Any:
        if name in row:
            found = row[name]
        elif default is None or default.is_sequence:
            return None
        else:
            found = default.arg(None) if default.is_callable else default.arg
        return process(found) if process is not None else found

    return value


def _insert(connection: Connection, table: Table, tuples: Iterator[tuple[Any, ...]]) -> int:
    marks, names = ", ".join("?" * len(table.columns)), ", ".join(f'"{column.name}"' for column in table.columns)
    cursor, count = connection.connection.cursor(), 0
    cursor.execute("BEGIN")
    while batch := list(islice(tuples, _BATCH)):
        cursor.executemany(f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})', batch)  # noqa: S608 - names of our own tables
        count += len(batch)
    cursor.execute("COMMIT")
    return count


def _copy(connection: Connection, table: Table, tuples: Iterator[tuple[Any, ...]]) -> int:
    names, count = ", ".join(f'"{column.name}"' for column in table.columns), 0
    cursor: Any = connection.connection.cursor()
    with cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
        for row in tuples:
            copy.write_row(row)
            count += 1
    return count
