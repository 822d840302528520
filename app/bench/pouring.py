"""Rows by the hundred thousand into a database, as quickly as its driver takes them: past the ORM, with the types of the tables."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from sqlalchemy import Column, Connection, Table, func, select
from sqlalchemy.engine import Dialect

from models.tables import Base

_BATCH = 20_000

Row = Mapping[str, Any]


def pour(connection: Connection, table: Table, rows: Iterable[Row]) -> int:
    """Insert rows; a column that a row does not name gets its default, else NULL. Returns how many. The caller commits."""
    columns = list(table.columns)
    makers = [_maker(column, connection.dialect) for column in columns]
    tuples = (tuple(make(row) for make in makers) for row in rows)
    return _copy(connection, table, tuples) if connection.dialect.name == "postgresql" else _insert(connection, table, tuples)


def let_refer_forward(connection: Connection) -> None:
    """For the rest of the transaction: a row may come before one that it refers to."""
    deferred = {"sqlite": "PRAGMA defer_foreign_keys=ON", "postgresql": "SET LOCAL session_replication_role = replica"}
    connection.exec_driver_sql(deferred[connection.dialect.name])


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
    while batch := list(islice(tuples, _BATCH)):
        cursor.executemany(f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})', batch)  # noqa: S608 - names of our own tables
        count += len(batch)
    return count


def _copy(connection: Connection, table: Table, tuples: Iterator[tuple[Any, ...]]) -> int:
    names, count = ", ".join(f'"{column.name}"' for column in table.columns), 0
    cursor: Any = connection.connection.cursor()
    with cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
        for row in tuples:
            copy.write_row(row)
            count += 1
    return count
