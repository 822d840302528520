"""What an act left behind, as a value: every row of every table, but for what is random; and a database that can be put back.

A round of a race is judged by comparison: whatever one click alone leaves behind, two clicks at once must leave, and no more.
"""

import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Engine, Table

from models.tables import Base

Rows = list[tuple[Any, ...]]
Trace = Mapping[str, Rows]  # by table; and by FILES the names' count of the scans folder
Random = frozenset[tuple[str, int]]  # table and place of a column whose values no two acts have in common
FILES = "files in the scans folder"


class Keeper(Protocol):
    """Holds a database as it was at one moment."""

    def keep(self) -> None: ...

    def put_back(self) -> None: ...

    def read(self) -> Trace: ...


class SqliteKeeper:
    """By a copy of the file: put back within a millisecond or two."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.file = engine, Path(str(engine.url.database))
        self.copy = self.file.with_suffix(".kept")

    def keep(self) -> None:
        self._close()
        shutil.copyfile(self.file, self.copy)

    def put_back(self) -> None:
        self._close()
        shutil.copyfile(self.copy, self.file)

    def read(self) -> Trace:
        with sqlite3.connect(self.file) as connection:
            found = {t.name: connection.execute(f'SELECT * FROM "{t.name}"').fetchall() for t in _tables()}  # noqa: S608
        connection.close()
        return found

    def _close(self) -> None:
        self.engine.dispose()
        with sqlite3.connect(self.file) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        for end in ("-wal", "-shm"):
            self.file.with_name(self.file.name + end).unlink(missing_ok=True)


class PostgresqlKeeper:
    """By a second schema with the rows as they were. Rows are compared without their keys: a lost race uses up a sequence's value."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def keep(self) -> None:
        self._run(
            "DROP SCHEMA IF EXISTS kept CASCADE",
            "CREATE SCHEMA kept",
            *(f'CREATE TABLE kept."{t.name}" AS TABLE public."{t.name}"' for t in _tables()),
        )

    def put_back(self) -> None:
        """As replica: no trigger asks in which order rows come and go. A key's sequence goes on from the highest that is there."""
        keys = [(t.name, key.name) for t in _tables() if (key := t.autoincrement_column) is not None]
        self._run(
            "SET LOCAL session_replication_role = replica",
            *(f'DELETE FROM "{t.name}"' for t in _tables()),  # noqa: S608
            *(f'INSERT INTO "{t.name}" SELECT * FROM kept."{t.name}"' for t in _tables()),  # noqa: S608
            *(
                f"SELECT setval(pg_get_serial_sequence('\"{table}\"', '{key}'), "  # noqa: S608
                f'(SELECT coalesce(max("{key}"), 0) + 1 FROM "{table}"), false)'
                for table, key in keys
            ),
        )

    def read(self) -> Trace:
        found = {}
        with self.engine.connect() as connection:
            for table in _tables():
                names = [c.name for c in table.columns if not c.primary_key and not c.foreign_keys and c.name != "subject_id"]
                columns = ", ".join(f'"{name}"::text' for name in names) or "NULL"
                found[table.name] = [
                    tuple(row)
                    for row in connection.exec_driver_sql(f'SELECT {columns} FROM "{table.name}"')  # noqa: S608
                ]
        return found

    def _run(self, *statements: str) -> None:
        with self.engine.begin() as connection:
            connection.exec_driver_sql(";\n".join(statements))


def _tables() -> Iterable[Table]:
    return Base.metadata.sorted_tables


def differing(one: Trace, other: Trace) -> Random:
    """Columns in which two traces of the same act differ: random tokens, sealed bytes, hashes with a salt."""
    return frozenset(
        (table, place)
        for table in one
        for mine, yours in zip(sorted(one[table], key=repr), sorted(other[table], key=repr), strict=True)
        for place, (a, b) in enumerate(zip(mine, yours, strict=True))
        if a != b
    )


def without(trace: Trace, random: Random) -> dict[str, Counter[tuple[Any, ...]]]:
    """The trace as sets with counts, the random columns left out."""
    left_out: dict[str, set[int]] = {}
    for table, place in random:
        left_out.setdefault(table, set()).add(place)
    return {
        table: Counter(tuple(v for place, v in enumerate(row) if place not in left_out.get(table, ())) for row in rows)
        for table, rows in trace.items()
    }


def more_and_less(found: Mapping[str, Counter[Any]], wanted: Mapping[str, Counter[Any]]) -> str:
    """What is there too much and too little, table by table."""
    lines = []
    for table in wanted:
        lines += [f"{table} + {row}" for row in (found[table] - wanted[table]).elements()]
        lines += [f"{table} - {row}" for row in (wanted[table] - found[table]).elements()]
    return "\n".join(lines)
