"""Database engines of the house: the same settings wherever one is made."""

from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.pool import StaticPool

BUSY_TIMEOUT_MS = 15_000
_BAD_VALUE = "22"  # SQLSTATE's class of data exceptions


def database_url(text: str) -> URL:
    """Parse a URL; `postgres://` and `postgresql://` mean psycopg 3. Only SQLite and PostgreSQL are known: ValueError otherwise."""
    url = make_url(text)
    if url.drivername in {"postgres", "postgresql"}:
        return url.set(drivername="postgresql+psycopg")
    if url.drivername in {"sqlite", "sqlite+pysqlite", "postgresql+psycopg"}:
        return url
    raise ValueError(f"unknown database: {url.drivername}")


def engine_options(url: URL) -> dict[str, Any]:
    """Options of `create_engine`; Flask-SQLAlchemy is given the same."""
    options: dict[str, Any] = {"hide_parameters": True}
    if url.get_backend_name() == "sqlite":
        options["connect_args"] = {"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False}
        if url.database in {None, "", ":memory:"}:
            return options | {"poolclass": StaticPool}
    else:
        # A plan made for any value ignores the index that fits this one (psycopg prepares after five uses).
        options |= {"pool_pre_ping": True, "connect_args": {"options": "-c plan_cache_mode=force_custom_plan"}}
    return options | {"pool_size": 20, "max_overflow": 10}


def make_engine(text: str, **options: Any) -> Engine:
    """An engine for a SQLite or PostgreSQL URL, with the house's settings."""
    url = database_url(text)
    engine = create_engine(url, **engine_options(url) | options)
    settle_engine(engine)
    return engine


def settle_engine(engine: Engine) -> None:
    """Give an engine its pragmas and its way to begin. The execution option `writer=True` takes SQLite's write lock at BEGIN.

    SQLite's driver would begin by itself, and only at the first write: a reader that turns writer is then refused at once,
    whatever the time-out. So the driver is told to keep out of it, and we say BEGIN.
    """
    if engine.dialect.name != "sqlite":
        event.listen(engine, "handle_error", _tell_no_values)
        return

    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writer = connection.get_execution_options().get("writer", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")


def _tell_no_values(context: ExceptionContext) -> None:
    """What an error says, without what the row held: PostgreSQL adds all of it ("DETAIL: Failing row contains …"), and whoever logs the
    error would keep names in clear. Of bad values the sentence itself quotes one; there only the kind of the error stays."""
    cause = context.original_exception
    sentence = getattr(getattr(cause, "diag", None), "message_primary", None)
    if sentence is None:
        return
    if (getattr(cause, "sqlstate", None) or "").startswith(_BAD_VALUE):
        sentence = "a value that the database cannot take"
    cause.args = (sentence,)
    if context.sqlalchemy_exception is not None:
        kind = type(cause)
        context.sqlalchemy_exception.args = (f"({kind.__module__}.{kind.__name__}) {sentence}",)
