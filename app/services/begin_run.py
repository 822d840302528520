"""Begin a ceremony run: one item, one station, one token by its exact serial. The intent is written before anything happens."""

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.services.errors import Absent, Faulty, OutOfTurn
from app.services.guard import allow
from app.services.road import advance_case, advance_item, write_line
from app.services.stock import move_token
from app.services.world import World
from models.rulebook import workflow
from models.rulebook.permissions import Actor, Permission, Subject
from models.rulebook.vocabulary import (
    CaseAction,
    ItemAction,
    KeyProfile,
    RunState,
    StationState,
    TokenAction,
    TokenState,
)
from models.tables import CaseItem, Run, Station, Token

STATION_AWAKE = timedelta(seconds=15)  # a station not seen for longer is not offered


@dataclass(frozen=True)
class Begun:
    run_id: int
    key: str


def begin_run(world: World, actor: Actor, item_id: int, version: int, station_id: int, token_serial: str) -> Begun:
    """Queue a run for the station. `version`: of the item, as the page saw it.

    Raises Faulty naming the field: `token_serial` (token_unknown, token_not_in_stock) or `station_id` (station_unknown,
    station_away); OutOfTurn or Stale where the item is not waiting any more.
    """
    with world.writing() as session:
        now = world.now()
        item = session.get(CaseItem, item_id)
        if item is None:
            raise Absent()
        case = item.case
        allow(Permission.issue_token, actor, Subject(case.branch_id, case.opened_by))
        if workflow.ITEM.get((item.state, ItemAction.begin)) is None:
            raise OutOfTurn(state=item.state.value, action=ItemAction.begin.value)
        if workflow.CASE.get((case.state, CaseAction.begin_issuance)):
            advance_case(session, now, actor, case, CaseAction.begin_issuance)
        elif workflow.CASE.get((case.state, CaseAction.finish_issuance)) is None:
            raise OutOfTurn(state=case.state.value, action=CaseAction.begin_issuance.value)
        station = _station(session, world, case.branch_id, station_id)
        token = _token(session, case.branch_id, token_serial)
        advance_item(session, now, actor, item, ItemAction.begin, version=version)
        # The epoch of the officer PIN is recorded here, before any station uses it.
        move_token(session, now, actor, token, TokenAction.begin, case, officer_epoch=token.officer_epoch + 1)
        run = Run(
            key=secrets.token_hex(16),
            item_id=item.id,
            attempt=1 + (session.scalar(select(func.max(Run.attempt)).where(Run.item_id == item.id)) or 0),
            station_id=station.id,
            token_id=token.id,
            state=RunState.queued,
            state_since=now,
            profile=KeyProfile(case.key_profile),
            input_digest=input_digest(item, token),
            created_by=actor.staff_id,
            created_at=now,
        )
        session.add(run)
        write_line(
            session,
            now,
            actor,
            run,
            "begin",
            after=RunState.queued,
            case_id=case.id,
            branch_id=case.branch_id,
            item=item.position,
            attempt=run.attempt,
            token=token.serial,
            station=station.name,
            input_digest=run.input_digest,
        )
        session.commit()
        return Begun(run.id, run.key)


def input_digest(item: CaseItem, token: Token) -> str:
    """SHA-256 of what the run is about: whom the certificate names, for which item, on which token, with which key."""
    case = item.case
    applicant = case.applicant
    if applicant is None:
        raise Absent()
    intent = {
        "applicant": applicant.name,
        "credit_code": applicant.credit_code,
        "case": case.number,
        "item": item.position,
        "token": token.serial,
        "epoch": token.officer_epoch,
        "profile": case.key_profile,
    }
    return hashlib.sha256(json.dumps(intent, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _station(session: Session, world: World, branch_id: int, station_id: int) -> Station:
    station = session.get(Station, station_id)
    if station is None or station.branch_id != branch_id or station.state is not StationState.enrolled:
        raise Faulty(fields={"station_id": "station_unknown"})
    if station.seen_at is None or world.now() - station.seen_at > STATION_AWAKE:
        raise Faulty(fields={"station_id": "station_away"}, station=station.name)
    return station


def _token(session: Session, branch_id: int, typed: str) -> Token:
    """The token by its exact serial: never the first one that looks alike."""
    token = session.scalar(select(Token).where(Token.serial == typed.strip()))
    if token is None or token.branch_id != branch_id:
        raise Faulty(fields={"token_serial": "token_unknown"})
    if token.state is not TokenState.in_stock:
        raise Faulty(fields={"token_serial": "token_not_in_stock"}, state=token.state.value)
    return token
