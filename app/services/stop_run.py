"""A run stops with a named fault: told by its station, or found out when the station is silent."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.services.errors import Absent
from app.services.pick_run import pick_leased_run
from app.services.road import Who, advance_run
from app.services.world import World
from models.rulebook.vocabulary import Fault, RunAction
from models.tables import Run, Station


def stop_run(world: World, station_id: int, key: str, lease: int, fault: Fault, detail: str) -> None:
    """Told by the station. Told again, nothing changes. Raises Stale for an old lease."""
    with world.writing() as session:
        known = session.scalar(select(Run).where(Run.key == key, Run.station_id == station_id))
        if known is None:
            raise Absent()
        if known.lease == lease and known.fault is fault:
            return
        run = pick_leased_run(session, station_id, key, lease)
        halt(session, world.now(), session.get_one(Station, station_id), run, fault, detail)
        session.commit()


def halt(session: Session, at: datetime, who: Who, run: Run, fault: Fault, detail: str) -> None:
    advance_run(
        session,
        at,
        who,
        run,
        RunAction.stop,
        changes={"fault": fault, "fault_detail": detail, "stopped_at_step": run.state},
        fault=fault.value,
    )
