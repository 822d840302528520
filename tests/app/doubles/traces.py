"""What an act left behind, as a value: every row of every table, but for what is random; and a database that can be put back.

A round of a race is judged by comparison: whatever one click alone leaves behind, two clicks at once must leave, and no more.
"""

import sqlite3
from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Engine, Table

from models.tables import Base

Rows = list[tuple[Any, ...]]
Trace = Mapping[str, Rows]  # by table; and by FILES the names' count of the scans folder
Random = frozenset[tuple[str, int]]  # table and place of a column whose values no two acts have in common
FILES = "files in the scans folder"
TABLES = tuple(table.name for table in Base.metadata.sorted_tables)


class Keeper(Protocol):
    """Holds a database as it was at one moment."""

    def keep(self) -> None: ...

    def put_back(self, tables: Collection[str]) -> None: ...

    def read(self) -> Trace: ...


class SqliteKeeper:
    """By a second file with the rows as they were, and a connection of its own: the office's connections stay as they are."""

    def __init__(self, engine: Engine) -> None:
        self.file = Path(str(engine.url.database))
        self.connection = sqlite3.connect(self.file, isolation_level=None, check_same_thread=False)

    def keep(self) -> None:
        with sqlite3.connect(self.file.with_suffix(".kept")) as copy:
            self.connection.backup(copy)
        copy.close()
        self.connection.execute("ATTACH ? AS kept", (str(self.file.with_suffix(".kept")),))

    def put_back(self, tables: Collection[str]) -> None:
        """Without asking for foreign keys, and without the triggers that guard the ledgers: rows come and go in any order."""
        self.connection.execute("BEGIN IMMEDIATE")
        guards = self.connection.execute("SELECT name, tbl_name, sql FROM main.sqlite_master WHERE type = 'trigger'").fetchall()
        guards = [guard for guard in guards if guard[1] in tables]
        for name, _, _ in guards:
            self.connection.execute(f'DROP TRIGGER main."{name}"')
        for table in tables:
            self.connection.execute(f'DELETE FROM main."{table}"')  # noqa: S608
            self.connection.execute(f'INSERT INTO main."{table}" SELECT * FROM kept."{table}"')  # noqa: S608
        for _, _, guard in guards:
            self.connection.execute(guard)
        self.connection.execute("COMMIT")

    def read(self) -> Trace:
        return {name: self.connection.execute(f'SELECT * FROM main."{name}"').fetchall() for name in TABLES}  # noqa: S608


class PostgresqlKeeper:
    """By a second schema with the rows as they were. Rows are compared without their keys: a lost race uses up a sequence's value."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.reading = " UNION ALL ".join(_as_texts(table) for table in Base.metadata.sorted_tables)

    def keep(self) -> None:
        self._run("CREATE SCHEMA kept", *(f'CREATE TABLE kept."{name}" AS TABLE public."{name}"' for name in TABLES))

    def put_back(self, tables: Collection[str]) -> None:
        """As replica: no trigger asks in which order rows come and go. A key's sequence goes on from the highest that is there."""
        keys = {name: key.name for name in tables if (key := Base.metadata.tables[name].autoincrement_column) is not None}
        self._run(
            "SET LOCAL session_replication_role = replica",
            *(f'DELETE FROM "{name}"' for name in tables),  # noqa: S608
            *(f'INSERT INTO "{name}" SELECT * FROM kept."{name}"' for name in tables),  # noqa: S608
            *(
                f"SELECT setval(pg_get_serial_sequence('\"{name}\"', '{key}'), "  # noqa: S608
                f'(SELECT coalesce(max("{key}"), 0) + 1 FROM "{name}"), false)'
                for name, key in keys.items()
            ),
        )

    def read(self) -> Trace:
        found: dict[str, Rows] = {name: [] for name in TABLES}
        with self.engine.connect() as connection:
            for name, values in connection.exec_driver_sql(self.reading):
                found[name].append(tuple(values))
        return found

    def _run(self, *statements: str) -> None:
        with self.engine.begin() as connection:
            connection.exec_driver_sql(";\n".join(statements))


def _as_texts(table: Table) -> str:
    names = [c.name for c in table.columns if not c.primary_key and not c.foreign_keys and c.name != "subject_id"]
    values = ", ".join(f'"{name}"::text' for name in names)
    return f"SELECT '{table.name}', ARRAY[{values}]::text[] FROM \"{table.name}\""  # noqa: S608


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
