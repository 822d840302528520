"""Find a run to act on: by its row for a clerk, by key, station and lease for a station.

The row is held (PostgreSQL; SQLite has one writer anyway): a repeated request waits for the first and finds its result. Whoever
moves several things takes them in this order, so that nobody waits in a ring: run, envelope, token, certificate, item, case.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.services.errors import Absent, Stale
from models.rulebook import workflow
from models.tables import Run


def pick_run(session: Session, run_id: int) -> Run:
    """Raises Absent."""
    run = session.get(Run, run_id, with_for_update=True)
    if run is None:
        raise Absent()
    return run


def pick_leased_run(session: Session, station_id: int, key: str, lease: int) -> Run:
    """The station's own run that it is working on under this very lease.

    Raises Absent for a key that is not this station's, Stale where the run moved on: a late worker changes nothing.
    """
    run = session.scalar(
        select(Run)
        .where(Run.key == key, Run.station_id == station_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if run is None:
        raise Absent()
    if run.lease != lease or run.lease == 0 or run.state not in workflow.RUN_UNDERWAY:
        raise Stale()
    return run
