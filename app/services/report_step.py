"""A station reports a step of its run."""

from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.services.errors import Faulty, OutOfTurn
from app.services.pick_run import pick_leased_run
from app.services.road import report_run
from app.services.world import World
from models.rulebook import workflow
from models.rulebook.vocabulary import CertificateStatus, EnvelopeState, RunAction, RunState
from models.tables import Run, Station

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def report_step(world: World, station_id: int, key: str, lease: int, state: RunState, envelope: str = "", url: str = "") -> None:
    """Take down a step. For `awaiting_confirmation`: `envelope` is the allotted number, `url` where it can be fetched once; both
    "" for a run that left the PIN as it was. Told again because the answer was lost, nothing changes.

    Raises Stale for an old lease, OutOfTurn for a step back or of another kind of run, Faulty for an envelope that is not this
    run's.
    """
    with world.writing() as session:
        if state is RunState.awaiting_confirmation and _is_told_again(session, station_id, key, lease, envelope):
            return
        run = pick_leased_run(session, station_id, key, lease)
        changes: dict[str, Any] = {}
        if state in workflow.RUN_TO_CONFIRM:
            _check_made(run, envelope)
            changes["envelope_url"] = loopback_url(url)
        station = session.get_one(Station, station_id)
        report_run(session, world.now(), station, run, state, changes)
        session.commit()


def _is_told_again(session: Session, station_id: int, key: str, lease: int, number: str) -> bool:
    run = session.scalar(select(Run).where(Run.key == key, Run.station_id == station_id, Run.lease == lease))
    if run is None or workflow.RUN.get((run.state, RunAction.confirm)) is None:
        return False
    return number == (run.envelope.number if run.envelope is not None else "")


def loopback_url(url: str) -> str:
    """The address, or "" for none. Raises Faulty for anything but plain http on the clerk's own machine."""
    if not url:
        return ""
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.hostname not in _LOOPBACK or parts.username or len(url) > 200:
        raise Faulty("url_not_loopback")
    return url


def _check_made(run: Run, number: str) -> None:
    """No run waits to be confirmed without what its kind makes: an envelope, a certificate on hold, or both."""
    envelope, certificate = run.envelope, run.certificate
    if run.kind in workflow.RUN_SETS_PIN:
        if envelope is None or envelope.number != number or envelope.state is not EnvelopeState.allotted:
            raise Faulty("envelope_not_of_run")
    elif number:
        raise Faulty("envelope_not_of_run")
    if run.kind in workflow.RUN_CERTIFIES and (certificate is None or certificate.status is not CertificateStatus.on_hold):
        raise OutOfTurn(state=run.state.value, action=RunState.awaiting_confirmation.value)
