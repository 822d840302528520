"""A platform proves itself by its secret and is given an access token for half an hour; with the token it is let in.

Of secret and token only SHA-256 digests are kept: both are random and long. A disabled platform's tokens are worth nothing from
that moment, and neither is a scope that was taken from it.
"""

import hashlib
import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import bindparam, delete, select

from app.services.address_delay import count_failure, mind_the_delay
from app.services.errors import Refusal
from app.services.road import write_line
from app.services.world import World
from models.rulebook.vocabulary import PlatformState, Scope
from models.tables import Platform, PlatformAccess

LIVES = timedelta(minutes=30)
_NOBODYS = "0" * 64  # compared with where there is no such platform, so that it takes as long
# Asked at every call of every platform, so built once, and without a session.
_HOLDER = (
    select(
        Platform.id,
        Platform.code,
        Platform.scopes,
        Platform.calls_a_minute,
        PlatformAccess.scopes.label("given"),
        PlatformAccess.expires_at,
    )
    .join(PlatformAccess, PlatformAccess.platform_id == Platform.id)
    .where(PlatformAccess.token_digest == bindparam("digest"), Platform.state == PlatformState.active)
)


class NotThisPlatform(Refusal):
    """Unknown, disabled, without a secret, or not this secret: one answer for all of them."""

    code = "client_unknown"
    status = 401


@dataclass(frozen=True, slots=True)
class Client:
    """Who wants a token: what there is to check his secret against. `platform_id` None: there is no such platform."""

    client_id: str
    platform_id: int | None
    scopes: frozenset[Scope]
    secret_digest: str = field(repr=False)

    def holds(self, secret: str) -> bool:
        """In the same time whether there is such a platform or not."""
        same = hmac.compare_digest(digest_of(secret), self.secret_digest)
        return same and self.platform_id is not None


@dataclass(frozen=True, slots=True)
class Caller:
    """The platform that a call comes from, and what its token is good for."""

    platform_id: int
    code: str
    scopes: frozenset[Scope]
    calls_a_minute: int


def digest_of(secret: str) -> str:
    """SHA-256, hex; whatever was sent as text has one."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def client_called(world: World, client_id: str) -> Client:
    with world.reading() as session:
        platform = session.scalar(select(Platform).where(Platform.client_id == client_id, Platform.state == PlatformState.active))
        if platform is None or platform.secret_digest is None:
            return Client(client_id, None, frozenset(), _NOBODYS)
        return Client(client_id, platform.id, _scopes(platform.scopes), platform.secret_digest)


def give_access(world: World, client: Client, scopes: Collection[Scope]) -> str:
    """A new access token for a client that proved itself, good for `scopes`.

    Raises NotThisPlatform where the platform was disabled, or its secret changed, since it was looked at.
    """
    with world.writing() as session:
        now, token = world.now(), secrets.token_urlsafe(32)
        platform = session.scalar(
            select(Platform)
            .where(
                Platform.id == client.platform_id,
                Platform.state == PlatformState.active,
                Platform.secret_digest == client.secret_digest,
            )
            .with_for_update()
        )
        if platform is None:
            raise NotThisPlatform()
        session.execute(delete(PlatformAccess).where(PlatformAccess.platform_id == platform.id, PlatformAccess.expires_at <= now))
        access = PlatformAccess(
            token_digest=digest_of(token),
            platform_id=platform.id,
            scopes=sorted(scope.value for scope in scopes),
            issued_at=now,
            expires_at=now + LIVES,
        )
        session.add(access)
        write_line(session, now, platform, platform, "sign_in", scopes=access.scopes)
        session.commit()
    return token


def recognise_platform(world: World, token: str) -> Caller | None:
    """The active platform that this token was given to; None for any token that is not good now."""
    with world.engine.connect() as connection:
        found = connection.execute(_HOLDER, {"digest": digest_of(token)}).one_or_none()
    if found is None or found.expires_at <= world.now():
        return None
    return Caller(found.id, found.code, _scopes(found.scopes) & _scopes(found.given), found.calls_a_minute)


def mind_wrong_secrets(world: World, address: str) -> None:
    """Raises TooMany while an address that guessed secrets must wait."""
    with world.reading() as session:
        mind_the_delay(session, _guesses(address), world.now())


def count_wrong_secret(world: World, address: str) -> None:
    with world.writing() as session:
        count_failure(session, _guesses(address), world.now())
        session.commit()


def _guesses(address: str) -> str:
    """Counted apart from the guesses of staff: a clerk's forgotten password does not keep a platform waiting."""
    return f"platform {address}"[:64]


def _scopes(stored: Collection[str]) -> frozenset[Scope]:
    """Of what is stored, what is a scope today."""
    return frozenset(scope for scope in Scope if scope.value in stored)
