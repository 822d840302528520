"""A station asks for work, and by asking tells what it sees: its slots, its printer, what it is working on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Select, Table, bindparam, exists, or_, select, update
from sqlalchemy.orm import Session

from app.services.certify_run import sign_prepared
from app.services.choose_token import old_certificate
from app.services.errors import Absent, Refusal, Stale
from app.services.road import advance_run
from app.services.run_grant import is_lapsed
from app.services.stop_run import halt
from app.services.world import World
from card_issuance.authority import AuthorityFault
from models.rulebook import workflow
from models.rulebook.vocabulary import CertificateStatus, Fault, RunAction, RunKind, RunState
from models.tables import Run, Station

SEEN_STEP = timedelta(seconds=4)  # `seen_at` is not written more often than this for an unchanged report
FORGOTTEN_AFTER = timedelta(seconds=5)  # a run that its station does not work on is offered again

_STATION = cast(Table, Station.__table__)
_MAY_BE_DUE = or_(Run.state.in_(workflow.RUN_UNDERWAY), Run.fault == Fault.station_gone)
# Most polls find nothing: these two statements are all that such a one costs, so they are built once, and no session for them.
_GLANCE = select(
    Station.boot_id,
    Station.report,
    Station.seen_at,
    exists().where(Run.station_id == Station.id, Run.state.in_(workflow.RUN_OPEN), _MAY_BE_DUE).label("may_be_due"),
).where(Station.id == bindparam("station_id"))
_SEEN = update(_STATION).where(_STATION.c.id == bindparam("seen_id")).values(seen_at=bindparam("now"))


@dataclass(frozen=True)
class Poll:
    """What a station says of itself. `working`: run key → lease."""

    boot: str
    report: Mapping[str, Any]  # {"page", "slots": [...], "printer": {...}}
    working: Mapping[str, int] = field(default_factory=dict)
    fetched: tuple[str, ...] = ()  # numbers of the envelopes that were shown on its page since the last poll


@dataclass(frozen=True)
class Held:
    """What the holder's token must hold, unharmed before and after: the key by its CKA_ID, its certificate byte for byte."""

    key_id: str
    public_key_digest: str
    certificate: bytes


@dataclass(frozen=True)
class Job:
    """One run for one station. `certificate` only where it was signed before: then its key must still be on the token."""

    key: str
    kind: str
    lease: int
    token_serial: str
    profile: str
    officer_master: int
    officer_epoch: int
    certificate: bytes | None
    held: Held | None
    case_number: str
    item: int


def take_jobs(world: World, station_id: int, poll: Poll) -> tuple[Job, ...]:
    """Note what the station tells, and give it what is there to do. An idle poll only reads, but for `seen_at`."""
    now = world.now()
    due: list[int] = []
    with world.engine.connect() as connection:
        glance = connection.execute(_GLANCE, {"station_id": station_id}).one()
    quiet = glance.boot_id == poll.boot and glance.report == poll.report and not poll.fetched
    if glance.may_be_due:
        with world.reading() as session:
            station = session.get_one(Station, station_id)
            due = [run.id for run in session.scalars(_open_runs(station_id)) if _is_due(run, station, poll, now)]
    if quiet and not due:
        if glance.seen_at is None or now - glance.seen_at >= SEEN_STEP:
            _note_seen(world, station_id, now)
        return ()
    for run_id in due:
        _finish_signing(world, run_id)
    with world.writing() as session:
        station = session.get_one(Station, station_id)
        held = session.scalars(_open_runs(station_id).with_for_update())
        runs = [run for run in held if _is_due(run, station, poll, now)]
        jobs = _take_all(session, now, station, runs)
        _note_envelopes(session, now, station, poll)
        session.execute(
            update(Station).where(Station.id == station_id).values(boot_id=poll.boot, seen_at=now, report=dict(poll.report))
        )
        session.commit()
    return jobs


def _note_seen(world: World, station_id: int, now: datetime) -> None:
    with world.writing() as session:
        session.execute(_SEEN, {"seen_id": station_id, "now": now})
        session.commit()


def _open_runs(station_id: int) -> Select[tuple[Run]]:
    return select(Run).where(Run.station_id == station_id, Run.state.in_(workflow.RUN_OPEN), _MAY_BE_DUE).order_by(Run.id)


def _is_due(run: Run, station: Station, poll: Poll, now: datetime) -> bool:
    """Waiting; or begun by a station that died; or stopped because it was silent; or dropped without a word."""
    if run.state not in workflow.RUN_UNDERWAY:
        return run.fault is Fault.station_gone
    if run.state in workflow.RUN_WAITING or station.boot_id != poll.boot:
        return True
    return poll.working.get(run.key) != run.lease and now - run.state_since > FORGOTTEN_AFTER


def _take_all(session: Session, now: datetime, station: Station, runs: list[Run]) -> tuple[Job, ...]:
    jobs = []
    for run in runs:
        try:
            jobs.append(_take(session, now, station, run))
        except Stale:
            continue  # another poll of this station was faster
    return tuple(job for job in jobs if job is not None)


def _take(session: Session, now: datetime, station: Station, run: Run) -> Job | None:
    if is_lapsed(session, run, now):
        if run.state not in workflow.RUN_WAITING and run.fault is None:
            halt(session, now, station, run, Fault.station_gone, "")
        return None  # reconciliation undoes it
    if run.fault is not None:
        cleared = {"fault": None, "fault_detail": "", "stopped_at_step": None}
        advance_run(session, now, station, run, RunAction.resume, changes=cleared)
    certificate = run.certificate
    if certificate is not None and certificate.status is CertificateStatus.prepared:
        # Its signature could not be had just now; without it the station would make another key.
        halt(session, now, station, run, Fault.authority_unreachable, "")
        return None
    steps = [*run.steps, {"state": RunState.inspecting.value, "at": now.isoformat(), "lease": run.lease + 1}]
    advance_run(session, now, station, run, RunAction.take, changes={"lease": run.lease + 1, "steps": steps})
    return Job(
        key=run.key,
        kind=run.kind.value,
        lease=run.lease,
        token_serial=run.token.serial,
        profile=run.profile.value,
        officer_master=run.token.officer_master,
        officer_epoch=run.token.officer_epoch,
        certificate=certificate.der if certificate is not None else None,
        held=_held(session, run),
        case_number=run.item.case.number,
        item=run.item.position,
    )


def _held(session: Session, run: Run) -> Held | None:
    if run.kind is RunKind.issue:
        return None
    old = old_certificate(session, run.item.case)
    if old is None or old.der is None:
        raise Absent()
    return Held(old.run.key, old.public_key_digest, old.der)


def _finish_signing(world: World, run_id: int) -> None:
    """A crash may have come between storing and signing. The key named there is the one on the token: finish first."""
    with world.reading() as session:
        certificate = session.get_one(Run, run_id).certificate
        unsigned = certificate is not None and certificate.status is CertificateStatus.prepared
        certificate_id = certificate.id if certificate is not None else 0
    if unsigned:
        try:
            sign_prepared(world, certificate_id)
        except (AuthorityFault, Refusal):
            return  # `_take` sees it still unsigned and stops the run with its fault


def _note_envelopes(session: Session, now: datetime, station: Station, poll: Poll) -> None:
    """Which envelopes were shown on the station's page, and which can be shown no more because the station restarted."""
    restarted = station.boot_id != poll.boot
    if not poll.fetched and not restarted:
        return
    waiting = session.scalars(
        select(Run).where(Run.station_id == station.id, Run.state == RunState.awaiting_confirmation, Run.envelope_url != "")
    )
    for run in waiting:
        shown = run.envelope is not None and run.envelope.number in poll.fetched
        if shown:
            _note_envelope(session, now, run, "envelope_fetched", run.version)
        elif restarted:
            _note_envelope(session, now, run, "envelope_lost", run.version + 1)


def _note_envelope(session: Session, now: datetime, run: Run, note: str, version: int) -> None:
    """A version that stays: the clerk opened the envelope himself, and types its number on the page that he still has before him.
    Whoever changed the run meanwhile has made the note idle."""
    steps = [*run.steps, {"state": run.state.value, "at": now.isoformat(), "note": note}]
    session.execute(
        update(Run)
        .where(Run.id == run.id, Run.version == run.version)
        .values(envelope_url="", steps=steps, version=version)
        .execution_options(synchronize_session=False)
    )
    session.expire(run)
