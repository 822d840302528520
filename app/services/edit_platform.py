"""A relying platform is admitted, described, given a secret, and shut out or let in again: the administrator's work."""

import re
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.services.enrol_station import digest_of
from app.services.errors import Absent, Faulty
from app.services.given_reason import given_reason
from app.services.guard import allow
from app.services.post_webhook import webhook_fault
from app.services.road import claim, write_line
from app.services.world import World
from models.rulebook.permissions import Actor, Permission
from models.rulebook.vocabulary import PlatformState, Scope, Use
from models.tables import Platform, PlatformAccess

MOST_CALLS = 60_000  # a minute
_LONGEST = {"name_zh": 80, "name_en": 120, "telephone": 40, "registry_authority": 80, "webhook_url": 300}


@dataclass(frozen=True, slots=True)
class PlatformFacts:
    """What an administrator may say of a platform, and say otherwise later. `webhook_url` "": it reads the feed."""

    name_zh: str
    name_en: str
    telephone: str = ""
    registry_authority: str = ""
    renewal_keeps: bool = True
    replacement_keeps: bool = False
    one_of_several: bool = False
    wanted_use: Use | None = None
    scopes: frozenset[Scope] = frozenset(Scope)
    calls_a_minute: int = 600
    webhook_url: str = ""


@dataclass(frozen=True, slots=True)
class IssuedSecret:
    client_id: str
    secret: str  # shown once; only its digest is kept

    def __repr__(self) -> str:
        return f"IssuedSecret({self.client_id})"


def open_platform(world: World, actor: Actor, code: str, facts: PlatformFacts) -> int:
    """A new platform without a secret: it cannot sign in yet. Its code, which is its client id too, is for ever.

    Raises Faulty at `code` and as `edit_platform`.
    """
    allow(Permission.manage_platforms, actor)
    code = code.strip().lower()
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,23}", code):
        raise Faulty(fields={"code": "platform_code_form"})
    values = _checked(world, facts)
    with world.writing() as session:
        if session.scalar(select(Platform.id).where(Platform.code == code)) is not None:
            raise Faulty(fields={"code": "platform_code_taken"})
        platform = Platform(code=code, client_id=code, **values)
        session.add(platform)
        try:
            session.flush()
        except IntegrityError:  # somebody else was faster by a blink
            raise Faulty(fields={"code": "platform_code_taken"}) from None
        write_line(session, world.now(), actor, platform, "admit", after=platform.state, platform=code, **_told(values))
        session.commit()
        return platform.id


def edit_platform(world: World, actor: Actor, platform_id: int, version: int, facts: PlatformFacts, reason: str) -> None:
    """Names, policy, scopes, rate, address. Bindings that exist stay as they are; a scope taken away ends its access at once.

    Raises Absent, Stale; Faulty at the names, `calls_a_minute`, `webhook_url` and `reason`.
    """
    allow(Permission.manage_platforms, actor)
    values = _checked(world, facts)
    reason = given_reason(reason)
    with world.writing() as session:
        now = world.now()
        platform = _at_hand(session, platform_id)
        was = {name: getattr(platform, name) for name in values}
        changed = sorted(name for name, value in values.items() if was[name] != value)
        if "webhook_url" in changed:
            values["rests_until"] = None  # the new address has asked for nothing
        claim(session, platform, version, **values)
        if set(was["scopes"]) - set(values["scopes"]):
            _end_access(session, platform_id, now)
        write_line(
            session,
            now,
            actor,
            platform,
            "edit",
            platform=platform.code,
            changed=changed,
            was={name: _plain(was[name]) for name in changed},
            now={name: _plain(values[name]) for name in changed},
            reason=reason,
        )
        session.commit()


def issue_secret(world: World, actor: Actor, platform_id: int, version: int, reason: str) -> IssuedSecret:
    """A new secret in place of any earlier one. Access that was given on the old one ends at once.

    Raises Faulty at `reason`, Absent, Stale.
    """
    allow(Permission.manage_platforms, actor)
    reason = given_reason(reason)
    secret = secrets.token_urlsafe(32)
    with world.writing() as session:
        now = world.now()
        platform = _at_hand(session, platform_id)
        claim(session, platform, version, secret_digest=digest_of(secret))
        _end_access(session, platform_id, now)
        write_line(session, now, actor, platform, "issue_secret", platform=platform.code, reason=reason)
        session.commit()
        return IssuedSecret(platform.client_id, secret)


def switch_platform(world: World, actor: Actor, platform_id: int, version: int, state: PlatformState, reason: str) -> None:
    """Shut out, which ends its access at once, or let in again. What it is to be told waits meanwhile and is not lost.

    Raises Faulty at `reason`, Absent, Stale.
    """
    allow(Permission.manage_platforms, actor)
    reason = given_reason(reason)
    with world.writing() as session:
        now = world.now()
        platform = _at_hand(session, platform_id)
        before = platform.state
        claim(session, platform, version, state=state)
        _end_access(session, platform_id, now)
        act = "disable" if state is PlatformState.disabled else "enable"
        write_line(session, now, actor, platform, act, before=before, after=state, platform=platform.code, reason=reason)
        session.commit()


def _checked(world: World, facts: PlatformFacts) -> dict[str, object]:
    """The facts as columns. Raises Faulty."""
    values: dict[str, object] = asdict(facts)
    values |= {name: str(values[name]).strip() for name in _LONGEST}
    faults = {name: "required" for name in ("name_zh", "name_en") if not values[name]}
    faults |= {name: "too_long" for name, longest in _LONGEST.items() if len(str(values[name])) > longest}
    if not 1 <= facts.calls_a_minute <= MOST_CALLS:
        faults["calls_a_minute"] = "calls_range"
    fault = webhook_fault(str(values["webhook_url"]), world.webhook_networks) if values["webhook_url"] else None
    if fault is not None:
        faults.setdefault("webhook_url", fault)
    if faults:
        raise Faulty(fields=faults)
    return values | {"scopes": [scope.value for scope in Scope if scope in facts.scopes]}


def _at_hand(session: Session, platform_id: int) -> Platform:
    platform = session.get(Platform, platform_id)
    if platform is None:
        raise Absent()
    return platform


def _end_access(session: Session, platform_id: int, now: datetime) -> None:
    session.execute(
        update(PlatformAccess)
        .where(PlatformAccess.platform_id == platform_id, PlatformAccess.expires_at > now)
        .values(expires_at=now)
        .execution_options(synchronize_session=False)
    )


def _plain(value: object) -> object:
    return value.value if isinstance(value, Use) else value


def _told(values: dict[str, object]) -> dict[str, object]:
    return {name: _plain(value) for name, value in values.items()}
