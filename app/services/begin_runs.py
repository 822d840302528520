"""Begin ceremony runs: each one item, one token by its exact serial, one station. The intent is written before anything happens.

An issue takes a blank token of the branch's stock; the other kinds take the holder's own token, which his case names.
"""

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.services.case_at_hand import case_at_hand
from app.services.choose_token import choose_token, old_certificate
from app.services.errors import Absent, Faulty, OutOfTurn, Stale
from app.services.road import advance_case, advance_item, write_line
from app.services.run_grant import use_grant
from app.services.stock import move_token
from app.services.subject_of import subject_of
from app.services.world import World
from models.rulebook import workflow
from models.rulebook.permissions import Actor, Permission
from models.rulebook.vocabulary import (
    CaseAction,
    ItemAction,
    KeyProfile,
    RunKind,
    RunState,
    StationState,
    TokenAction,
)
from models.tables import Case, CaseItem, Run, Station, Token

STATION_AWAKE = timedelta(seconds=15)  # a station not seen for longer is not offered


@dataclass(frozen=True)
class RunOrder:
    """`item_version`: as the page saw it. `station_id` None: the one awake station of the branch that holds this very token."""

    item_id: int
    item_version: int
    token_serial: str
    station_id: int | None = None


@dataclass(frozen=True)
class Begun:
    run_id: int
    key: str


def begin_runs(world: World, actor: Actor, case_id: int, orders: Sequence[RunOrder]) -> tuple[Begun, ...]:
    """Queue the runs, all or none. An unlock uses up its case's grant in the same transaction.

    Raises Faulty naming for the item at position n `token_n` (required, token_twice, and what `choose_token` finds) or
    `station_n` (station_unknown, station_away, token_in_no_slot), Faulty("grant_needed"), Faulty("certificate_lapsed");
    OutOfTurn or Stale where an item waits no more.
    """
    with world.writing() as session:
        now = world.now()
        case = case_at_hand(session, actor, Permission.issue_token, case_id)
        if not orders:
            raise Faulty("nothing_chosen")
        if workflow.CASE.get((case.state, CaseAction.begin_issuance)):
            advance_case(session, now, actor, case, CaseAction.begin_issuance)
        elif workflow.CASE.get((case.state, CaseAction.finish_issuance)) is None:
            raise OutOfTurn(state=case.state.value, action=CaseAction.begin_issuance.value)
        chosen = _choose(session, now, case, orders)
        begun = [_begin(session, now, actor, case, *each) for each in chosen]
        session.commit()
        return tuple(Begun(run.id, run.key) for run in begun)


def input_digest(session: Session, item: CaseItem, token: Token) -> str:
    """SHA-256 of what the run is about: what is done, whom the certificate names, for which item, on which token, and for a
    holder's token with which key it must hold."""
    case = item.case
    subject, old = subject_of(case), old_certificate(session, case)
    intent = {
        "work": item.work.value,
        "applicant": subject.name,
        "credit_code": subject.credit_code,
        "case": case.number,
        "item": item.position,
        "token": token.serial,
        "epoch": token.officer_epoch,
        "profile": case.key_profile,
        "certificate": old.serial if old is not None else None,
        "key": old.public_key_digest if old is not None else None,
    }
    return hashlib.sha256(json.dumps(intent, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def is_awake(station: Station, now: datetime) -> bool:
    """Whether work may be given to a station: enrolled, and heard of just now."""
    seen = station.seen_at is not None and now - station.seen_at <= STATION_AWAKE
    return seen and station.state is StationState.enrolled


def _choose(
    session: Session, now: datetime, case: Case, orders: Sequence[RunOrder]
) -> list[tuple[CaseItem, int, Token, Station]]:
    """What the orders name, every fault at once."""
    fields: dict[str, str] = {}
    chosen = []
    stations = session.scalars(select(Station).where(Station.branch_id == case.branch_id)).all()
    for order in sorted(orders, key=lambda order: order.item_id):
        item = session.get(CaseItem, order.item_id)
        if item is None or item.case_id != case.id:
            raise Absent()
        if item.version != order.item_version:
            raise Stale()  # a second click is shown the first one's run, not that its token is taken
        token = choose_token(session, now, case, item.work, order.token_serial)
        if isinstance(token, str):
            fields[f"token_{item.position}"] = token
            continue
        if any(token is other for _, _, other, _ in chosen):
            fields[f"token_{item.position}"] = "token_twice"
            continue
        station = _station(stations, now, order.station_id, token)
        if isinstance(station, str):
            fields[f"station_{item.position}"] = station
            continue
        chosen.append((item, order.item_version, token, station))
    if fields:
        raise Faulty(fields=fields)
    return chosen


def _station(stations: Sequence[Station], now: datetime, station_id: int | None, token: Token) -> Station | str:
    if station_id is None:
        holding = [station for station in stations if is_awake(station, now) and _holds(station, token.serial)]
        return holding[0] if len(holding) == 1 else "token_in_no_slot"
    named = [station for station in stations if station.id == station_id and station.state is StationState.enrolled]
    if not named:
        return "station_unknown"
    return named[0] if is_awake(named[0], now) else "station_away"


def _holds(station: Station, serial: str) -> bool:
    return any(slot["serial"] == serial for slot in station.report.get("slots", []))


def _begin(
    session: Session, now: datetime, actor: Actor, case: Case, item: CaseItem, version: int, token: Token, station: Station
) -> Run:
    advance_item(session, now, actor, item, ItemAction.begin, version=version)
    if item.work is RunKind.issue:
        # The epoch of the officer PIN is recorded here, before any station uses it.
        move_token(session, now, actor, token, TokenAction.begin, case, officer_epoch=token.officer_epoch + 1)
    else:
        move_token(session, now, actor, token, TokenAction.take_in, case)
    run = Run(
        key=secrets.token_hex(16),
        kind=item.work,
        item_id=item.id,
        attempt=1 + (session.scalar(select(func.max(Run.attempt)).where(Run.item_id == item.id)) or 0),
        station_id=station.id,
        token_id=token.id,
        state=RunState.queued,
        state_since=now,
        profile=KeyProfile(case.key_profile),
        input_digest=input_digest(session, item, token),
        created_by=actor.staff_id,
        created_at=now,
    )
    session.add(run)
    session.flush()
    if run.kind is RunKind.unlock:
        use_grant(session, now, actor, case, run)
    _write_begin(session, now, actor, case, run)
    return run


def _write_begin(session: Session, now: datetime, actor: Actor, case: Case, run: Run) -> None:
    write_line(
        session,
        now,
        actor,
        run,
        "begin",
        after=RunState.queued,
        case_id=case.id,
        branch_id=case.branch_id,
        input_digest=run.input_digest,
        item=run.item.position,
        attempt=run.attempt,
        token=run.token.serial,
        station=run.station.name,
    )
