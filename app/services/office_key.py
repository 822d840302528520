"""The office's own signing keys: made here, kept sealed; their public halves are published for whoever checks its signatures."""

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.services.road import write_line
from app.services.world import World
from models.rulebook.signing_keys import PUBLISHED, KeyLife, KeyStanding, listed_until, signing, signs_until, standing
from models.tables import OfficeKey

FIRST = 1


@dataclass(frozen=True)
class SigningKey:
    name: str  # the key id of its signatures
    private: Ed25519PrivateKey

    def __repr__(self) -> str:
        return f"SigningKey({self.name})"


@dataclass(frozen=True, slots=True)
class KeyTold:
    """A key as the administrator reads of it. `thumbprint`: by which he and a platform's people know that they mean the same key."""

    id: int
    name: str
    standing: KeyStanding
    thumbprint: str
    made_at: datetime
    signs_from: datetime
    signs_until: datetime | None
    listed_until: datetime | None


def ensure_office_key(world: World) -> None:
    """Make the first key if there is none. Two processes that start together agree on one."""
    with world.reading() as session:
        if session.scalar(select(OfficeKey.id).limit(1)) is not None:
            return
    with world.writing() as session:
        if session.scalar(select(OfficeKey.id).limit(1)) is not None:
            return
        now = world.now()
        key = make_key(world, FIRST, now, now)
        session.add(key)
        try:
            session.flush()
        except IntegrityError:
            return  # the other process was faster, and its key is as good
        write_line(session, now, None, key, "make", key=key.name)
        session.commit()


def make_key(world: World, number: int, at: datetime, signs_from: datetime) -> OfficeKey:
    """A new key, its private half sealed. Its name comes from its number, so of two that are made at once one is refused."""
    made, name = Ed25519PrivateKey.generate(), f"office-{number}"
    return OfficeKey(
        name=name,
        private_sealed=world.vault.seal_bytes(made.private_bytes_raw(), place_of(name)),
        public=made.public_key().public_bytes_raw(),
        made_at=at,
        signs_from=signs_from,
    )


def signing_key(world: World) -> SigningKey:
    """The key whose turn it is. Raises Unsealable where the vault's key is not the one it was sealed with."""
    ensure_office_key(world)
    with world.reading() as session:
        keys = all_keys(session)
        life = signing([life_of(key) for key in keys], world.now())
        sealed = next((key.private_sealed for key in keys if life is not None and key.name == life.name), None)
    if life is None or sealed is None:
        raise LookupError("no key of the office can sign")
    return SigningKey(life.name, Ed25519PrivateKey.from_private_bytes(world.vault.open_bytes(sealed, place_of(life.name))))


def published_keys(world: World) -> dict[str, Any]:
    """The public halves as a JSON Web Key Set (RFC 7517, RFC 8037), the newest first."""
    with world.reading() as session:
        keys, now = all_keys(session), world.now()
    lives = [life_of(key) for key in keys]
    shown = [key for key, life in zip(keys, lives, strict=True) if standing(life, lives, now) in PUBLISHED]
    return {"keys": [_published(key) for key in reversed(shown)]}


def keys_told(world: World) -> list[KeyTold]:
    """All that ever were, the newest first."""
    with world.reading() as session:
        keys, now = all_keys(session), world.now()
    lives = [life_of(key) for key in keys]
    told = [
        KeyTold(
            id=key.id,
            name=key.name,
            standing=standing(life, lives, now),
            thumbprint=_thumbprint(key),
            made_at=key.made_at,
            signs_from=key.signs_from,
            signs_until=signs_until(life, lives),
            listed_until=listed_until(life, lives),
        )
        for key, life in zip(keys, lives, strict=True)
    ]
    return told[::-1]


def all_keys(session: Session) -> Sequence[OfficeKey]:
    """In the order in which they were made."""
    return session.scalars(select(OfficeKey).order_by(OfficeKey.id)).all()


def life_of(key: OfficeKey) -> KeyLife:
    return KeyLife(key.name, key.signs_from, key.withdrawn_at, key.private_sealed is None)


def _published(key: OfficeKey) -> dict[str, str]:
    return {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": key.name, "x": _in_base64(key.public)}


def _thumbprint(key: OfficeKey) -> str:
    """RFC 7638 with SHA-256, of the members that RFC 8037 names."""
    members = {"crv": "Ed25519", "kty": "OKP", "x": _in_base64(key.public)}
    return _in_base64(hashlib.sha256(json.dumps(members, separators=(",", ":")).encode()).digest())


def _in_base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def place_of(name: str) -> str:
    return f"office_key.private:{name}"
