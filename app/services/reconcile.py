"""Finish, or make harmless, what a crash left half done: a pure plan over what is recorded and observed, then its execution.

Run at the start and every minute. Running it twice changes nothing: every action is claimed by the state it was planned in.
"""

import logging
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from app.services.address_delay import forget_addresses
from app.services.cancel_run import undo_run
from app.services.certify_run import sign_prepared
from app.services.errors import Refusal
from app.services.find_strays import find_strays
from app.services.lapse_exceptions import lapse_exception
from app.services.pick_run import pick_run
from app.services.prune_answers import prune_answers
from app.services.publish_crl import publish_crl, take_snapshot
from app.services.renew_office_key import erase_spent_keys
from app.services.run_grant import is_lapsed
from app.services.stock import move_certificate, move_envelope
from app.services.stop_run import halt
from app.services.sweep_scans import sweep_scans
from app.services.world import World
from card_issuance.authority import AuthorityFault
from models.rulebook import workflow
from models.rulebook.vocabulary import (
    CertificateAction,
    CertificateStatus,
    EnvelopeAction,
    EnvelopeState,
    Fault,
    ItemState,
    RevocationReason,
    RunKind,
    RunState,
)
from models.tables import Certificate, Envelope, Run
from models.worklists.exceptions import exceptions_expired

EVERY = timedelta(minutes=1)
SWEEP_EVERY = 60  # rounds: the folder of scans may be large
SWEEPS = (sweep_scans, prune_answers, forget_addresses, erase_spent_keys)
SILENT_AFTER = timedelta(seconds=20)
SIGNING_TAKES = timedelta(seconds=30)  # a younger prepared certificate is being signed right now

_log = logging.getLogger("office.reconcile")


@dataclass(frozen=True)
class OpenRun:
    id: int
    state: RunState
    station_seen_at: datetime | None
    lapsed: bool = False  # an unlock that has not touched its token, and its grant is over


@dataclass(frozen=True)
class UnsettledCertificate:
    """Prepared, or on hold: with the states of the run and the item it was made for."""

    id: int
    status: CertificateStatus
    prepared_at: datetime
    run: RunState
    item: ItemState


@dataclass(frozen=True)
class AllottedEnvelope:
    """Allotted or live, with the state of the run that holds it; None: no run does."""

    id: int
    state: EnvelopeState
    run: RunState | None


@dataclass(frozen=True)
class Recorded:
    runs: Sequence[OpenRun]
    certificates: Sequence[UnsettledCertificate]
    envelopes: Sequence[AllottedEnvelope]
    list_is_due: bool
    exceptions: Sequence[int] = ()  # ids of requests whose time is over


@dataclass(frozen=True)
class Observed:
    now: datetime
    up_since: datetime  # while the office was down no station could be heard


@dataclass(frozen=True)
class StopRun:
    run_id: int


@dataclass(frozen=True)
class UndoRun:
    run_id: int


@dataclass(frozen=True)
class FinishSigning:
    certificate_id: int


@dataclass(frozen=True)
class RevokeOrphan:
    certificate_id: int


@dataclass(frozen=True)
class VoidEnvelope:
    envelope_id: int


@dataclass(frozen=True)
class LapseException:
    exception_id: int


@dataclass(frozen=True)
class PublishList:
    pass


Action = StopRun | UndoRun | FinishSigning | RevokeOrphan | VoidEnvelope | LapseException | PublishList


def plan(recorded: Recorded, observed: Observed) -> tuple[Action, ...]:
    """What must be done. Pure: equal pictures give equal plans."""
    actions: list[Action] = []
    for run in recorded.runs:
        heard = max(run.station_seen_at or observed.up_since, observed.up_since)
        if run.lapsed and (run.state in workflow.RUN_WAITING or run.state in workflow.RUN_STOPPED):
            actions.append(UndoRun(run.id))
        elif run.state in workflow.RUN_UNDERWAY and observed.now - heard > SILENT_AFTER:
            actions.append(StopRun(run.id))
    for certificate in recorded.certificates:
        if _is_orphan(certificate):
            actions.append(RevokeOrphan(certificate.id))
        elif certificate.status is CertificateStatus.prepared and observed.now - certificate.prepared_at > SIGNING_TAKES:
            actions.append(FinishSigning(certificate.id))
    actions += [
        VoidEnvelope(envelope.id) for envelope in recorded.envelopes if envelope.run is None or envelope.run is RunState.cancelled
    ]
    actions += [LapseException(exception_id) for exception_id in recorded.exceptions]
    if recorded.list_is_due or any(isinstance(action, RevokeOrphan | FinishSigning) for action in actions):
        actions.append(PublishList())
    return tuple(actions)


def _is_orphan(certificate: UnsettledCertificate) -> bool:
    """Nobody will ever hand it over: its run is given up, or its item waits for another."""
    return certificate.run is RunState.cancelled or certificate.item in {ItemState.ordered, ItemState.given_up}


def reconcile(world: World, up_since: datetime) -> tuple[Action, ...]:
    """Plan and execute once. Returns what was planned; an action that somebody else was faster with is no fault."""
    find_strays(world)
    with world.reading() as session:
        recorded = read_recorded(session, world.now())
    actions = plan(recorded, Observed(world.now(), up_since))
    for action in actions:
        try:
            execute(world, action)
        except Refusal as refusal:
            _log.info("%s is done already: %s", action, refusal.code)
        except AuthorityFault as fault:
            _log.warning("%s must wait: %s", action, type(fault).__name__)
    return actions


def read_recorded(session: Session, now: datetime) -> Recorded:
    return Recorded(
        tuple(_runs(session, now)),
        tuple(_certificates(session)),
        tuple(_envelopes(session)),
        take_snapshot(session, now).is_due(now),
        session.scalars(exceptions_expired(now)).all(),
    )


def execute(world: World, action: Action) -> None:
    """Do one thing of a plan, in a transaction of its own."""
    match action:
        case PublishList():
            publish_crl(world)
        case FinishSigning(certificate_id):
            sign_prepared(world, certificate_id)
        case LapseException(exception_id):
            lapse_exception(world, exception_id)
        case _:
            _correct(world, action)


def _correct(world: World, action: StopRun | UndoRun | RevokeOrphan | VoidEnvelope) -> None:
    with world.writing() as session:
        now = world.now()
        match action:
            case StopRun(run_id):
                run = session.get_one(Run, run_id)
                if run.station.seen_at is None or now - run.station.seen_at > SILENT_AFTER:
                    halt(session, now, None, run, Fault.station_gone, "")
            case UndoRun(run_id):
                run = pick_run(session, run_id)
                if is_lapsed(session, run, now):
                    undo_run(session, world, None, run, "grant_lapsed")
            case RevokeOrphan(certificate_id):
                certificate = session.get_one(Certificate, certificate_id)
                move_certificate(
                    session, now, None, certificate, CertificateAction.revoke, reason=RevocationReason.cessation_of_operation
                )
            case VoidEnvelope(envelope_id):
                envelope = session.get_one(Envelope, envelope_id)
                run = session.scalar(select(Run).where(Run.token_id == envelope.token_id).order_by(Run.id.desc()).limit(1))
                if run is not None:
                    move_envelope(session, now, None, envelope, EnvelopeAction.void, run.item.case, void_reason="run_dead")
        session.commit()


def _runs(session: Session, now: datetime) -> Iterator[OpenRun]:
    """Under way; and unlocks that stopped, because their grant does not wait."""
    stopped_unlock = and_(Run.kind == RunKind.unlock, Run.state.in_(workflow.RUN_STOPPED))
    for run in session.scalars(select(Run).where(or_(Run.state.in_(workflow.RUN_UNDERWAY), stopped_unlock))):
        yield OpenRun(run.id, run.state, run.station.seen_at, is_lapsed(session, run, now))


def _certificates(session: Session) -> Iterator[UnsettledCertificate]:
    unsettled = (CertificateStatus.prepared, CertificateStatus.on_hold)
    for row in session.scalars(select(Certificate).where(Certificate.status.in_(unsettled))):
        yield UnsettledCertificate(row.id, row.status, row.prepared_at, row.run.state, row.item.state)


def _envelopes(session: Session) -> Iterator[AllottedEnvelope]:
    rows = session.execute(
        select(Envelope.id, Envelope.state, Run.state)
        .outerjoin(Run, Run.envelope_id == Envelope.id)
        .where(Envelope.state == EnvelopeState.allotted)
    )
    for envelope_id, state, run_state in rows:
        yield AllottedEnvelope(envelope_id, state, run_state)


def sweep(world: World) -> None:
    """Throw away what has had its time. One broom that breaks keeps no other from sweeping."""
    for broom in SWEEPS:
        try:
            broom(world)
        except Exception:
            _log.exception("%s failed; it is tried again", broom.__name__)


def keep_reconciled(world: World, stop: threading.Event) -> threading.Thread:
    """Start the thread that reconciles now and every minute until `stop` is set, and now and every hour sweeps."""
    up_since = world.now()

    def work() -> None:
        for minute in count():
            try:
                reconcile(world, up_since)
            except Exception:
                _log.exception("reconciliation failed; it is tried again")
            if minute % SWEEP_EVERY == 0:
                sweep(world)
            if stop.wait(EVERY.total_seconds()):
                return

    thread = threading.Thread(target=work, name="reconcile", daemon=True)
    thread.start()
    return thread
