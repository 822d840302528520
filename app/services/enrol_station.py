"""A station is invited by a one-time code, enrols with it, and may be shut out. Of code and secret only digests are kept."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import bindparam, select

from app.services.errors import Absent, Faulty, Forbidden
from app.services.given_reason import given_reason
from app.services.guard import allow
from app.services.road import claim, write_line
from app.services.world import World
from models.rulebook.permissions import Actor, Permission
from models.rulebook.vocabulary import StationState
from models.tables import Branch, Station

CODE_LIVES = timedelta(minutes=30)
# Read aloud and typed by hand: no 0/O, 1/I/L.
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"

# Asked at every request of every station, so built once, and without a session.
_HOLDER = select(Station.id).where(Station.secret_digest == bindparam("digest"), Station.state == StationState.enrolled)


@dataclass(frozen=True)
class Invitation:
    station_id: int
    code: str  # shown once, "XXXX-XXXX-XXXX"


@dataclass(frozen=True)
class Enrolled:
    station_id: int
    name: str
    branch: str  # its code
    secret: str


def digest_of(secret: str) -> str:
    """SHA-256, hex. Codes and secrets are random, so a plain digest cannot be guessed from."""
    return hashlib.sha256(secret.encode()).hexdigest()


def invite_station(
    world: World,
    actor: Actor,
    branch_id: int,
    name: str,
    station_id: int | None = None,
    version: int | None = None,
    reason: str = "",
) -> Invitation:
    """A code for a new station, or for one that must enrol again (its present secret ends at once).

    `version`: of the station that the page saw (default: what was just read). `reason`: why again. Raises Faulty at `name` (required, and
    station_name_taken: a branch knows its stations by their names), Stale where another code was given meanwhile, Absent.
    """
    allow(Permission.manage_branches, actor)
    name = name.strip()
    if not name or len(name) > 40:
        raise Faulty(fields={"name": "required"})
    code = "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))
    with world.writing() as session:
        now = world.now()
        # Its row is held: of two who give a station of this branch the same name at once, the second finds the first.
        if session.get(Branch, branch_id, with_for_update={"key_share": True}) is None:
            raise Absent()
        if station_id is None:
            if session.scalar(select(Station.id).where(Station.branch_id == branch_id, Station.name == name)) is not None:
                raise Faulty(fields={"name": "station_name_taken"})
            station = Station(name=name, branch_id=branch_id, state=StationState.awaiting_enrolment)
            session.add(station)
            session.flush()
        else:
            station = session.get(Station, station_id)
            if station is None or station.branch_id != branch_id:
                raise Absent()
        before, told = station.state, {"name": name} | ({"reason": reason.strip()} if reason.strip() else {})
        claim(
            session,
            station,
            station.version if version is None else version,
            name=name,
            state=StationState.awaiting_enrolment,
            enrol_digest=digest_of(code),
            enrol_until=now + CODE_LIVES,
            secret_digest=None,
        )
        write_line(session, now, actor, station, "invite", before=before, after=station.state, branch_id=branch_id, **told)
        session.commit()
        return Invitation(station.id, code)


def enrol_station(world: World, code: str, program_version: str) -> Enrolled:
    """Raises Forbidden: code_unknown (also a used one), code_expired."""
    with world.writing() as session:
        now = world.now()
        invited = select(Station).where(Station.enrol_digest == digest_of(code.strip().upper()))
        station = session.scalar(invited.with_for_update())  # sent twice at once, the second finds the code used
        if station is None or station.state is not StationState.awaiting_enrolment:
            raise Forbidden("code_unknown")
        if station.enrol_until is None or now > station.enrol_until:
            raise Forbidden("code_expired")
        secret = secrets.token_urlsafe(32)
        before = station.state
        claim(
            session,
            station,
            station.version,
            state=StationState.enrolled,
            enrol_digest=None,
            enrol_until=None,
            secret_digest=digest_of(secret),
        )
        write_line(
            session,
            now,
            station,
            station,
            "enrol",
            before=before,
            after=station.state,
            name=station.name,
            program=program_version[:40],
        )
        session.commit()
        return Enrolled(station.id, station.name, station.branch.code, secret)


def disable_station(world: World, actor: Actor, station_id: int, version: int, reason: str) -> None:
    """Shut a station out: its secret is worth nothing from now on. Raises Faulty at `reason`, Absent, Stale."""
    allow(Permission.manage_branches, actor)
    given = given_reason(reason)
    with world.writing() as session:
        station = session.get(Station, station_id)
        if station is None:
            raise Absent()
        before = station.state
        claim(session, station, version, state=StationState.disabled, secret_digest=None, enrol_digest=None)
        write_line(
            session,
            world.now(),
            actor,
            station,
            "disable",
            before=before,
            after=station.state,
            branch_id=station.branch_id,
            name=station.name,
            reason=given,
        )
        session.commit()


def recognise_station(world: World, secret: str) -> int | None:
    """The id of the enrolled station that holds this secret."""
    with world.engine.connect() as connection:
        return connection.scalar(_HOLDER, {"digest": digest_of(secret)})
