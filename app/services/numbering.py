"""Running numbers without gaps or twins: counted up inside the writer's own transaction."""

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from models.tables import Counter


def next_number(session: Session, series: str) -> int:
    """The next number of a series, from 1. The session must hold the write lock (`World.writing`).

    On PostgreSQL the UPDATE locks the series' row until the commit; the first number of a new series is serialised by the
    primary key, so a second writer waits and then counts on.
    """
    value = session.scalar(
        update(Counter).where(Counter.series == series).values(value=Counter.value + 1).returning(Counter.value)
    )
    if value is not None:
        return value
    _open_series(session, series)
    return next_number(session, series)


def _open_series(session: Session, series: str) -> None:
    if session.get_bind().dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as insert_unless_there

        session.execute(insert_unless_there(Counter).values(series=series, value=0).on_conflict_do_nothing())
    elif session.scalar(select(Counter.series).where(Counter.series == series)) is None:
        session.execute(insert(Counter).values(series=series, value=0))
