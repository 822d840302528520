"""Bring a database to this version's tables, or back. One migration runs at a time, and wholly or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

_FOLDER = Path(__file__).parent
_LOCK = 7_403_211  # any number: ours among PostgreSQL's advisory locks


class DanglingRows(Exception):
    """After a migration a row points to nothing; everything was rolled back."""


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Raises DanglingRows, and whatever the database says; the database is then as it was before."""
    with _alone(engine) as connection:
        command.upgrade(_config(connection), revision)


def downgrade(engine: Engine, revision: str) -> None:
    with _alone(engine) as connection:
        command.downgrade(_config(connection), revision)


def write_revision(engine: Engine, message: str, name: str) -> None:
    """Write the next revision file from the difference between the tables and the (fully upgraded) database."""
    with _alone(engine) as connection:
        command.revision(_config(connection), message, autogenerate=True, rev_id=name)


def current_revision(engine: Engine) -> str | None:
    """What the database is at; None for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str:
    newest = ScriptDirectory.from_config(_config(None)).get_current_head()
    if newest is None:
        raise LookupError("no revision")
    return newest


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """A connection inside one transaction that no other migration shares.

    On SQLite foreign keys are off meanwhile: a table is altered by copying it, and dropping the old one would cascade into
    its children. The switch works outside a transaction only, and what it let through is looked for before the commit.
    """
    with engine.execution_options(writer=True).connect() as connection:
        if connection.dialect.name == "sqlite":
            switch = connection.connection.driver_connection
            switch.execute("PRAGMA foreign_keys=OFF")
            try:
                with connection.begin():
                    yield connection
                    dangling = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
                    if dangling:
                        raise DanglingRows(f"{len(dangling)} rows, the first in {dangling[0][0]}")
            finally:
                switch.execute("PRAGMA foreign_keys=ON")
        else:
            with connection.begin():
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
                yield connection
