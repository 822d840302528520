"""The office's own signing key: made once, kept sealed; its public half is published for whoever checks its signatures."""

import base64
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.services.road import write_line
from app.services.world import World
from models.tables import OfficeKey

FIRST = "office-1"


@dataclass(frozen=True)
class SigningKey:
    name: str  # the key id of its signatures
    private: Ed25519PrivateKey

    def __repr__(self) -> str:
        return f"SigningKey({self.name})"


def ensure_office_key(world: World) -> None:
    """Make the first key if there is none. Two processes that start together agree on one."""
    with world.reading() as session:
        if session.scalar(select(OfficeKey.id).limit(1)) is not None:
            return
    made = Ed25519PrivateKey.generate()
    with world.writing() as session:
        if session.scalar(select(OfficeKey.id).limit(1)) is not None:
            return
        key = OfficeKey(
            name=FIRST,
            private_sealed=world.vault.seal_bytes(made.private_bytes_raw(), place_of(FIRST)),
            public=made.public_key().public_bytes_raw(),
            made_at=world.now(),
        )
        session.add(key)
        try:
            session.flush()
        except IntegrityError:
            return  # the other process was faster, and its key is as good
        write_line(session, world.now(), None, key, "make", name=FIRST)
        session.commit()


def signing_key(world: World) -> SigningKey:
    """The newest key. Raises Unsealable where the vault's key is not the one it was sealed with."""
    ensure_office_key(world)
    with world.reading() as session:
        key = session.scalars(select(OfficeKey).order_by(OfficeKey.id.desc()).limit(1)).one()
        private = world.vault.open_bytes(key.private_sealed, place_of(key.name))
        return SigningKey(key.name, Ed25519PrivateKey.from_private_bytes(private))


def published_keys(session: Session) -> dict[str, Any]:
    """Every key's public half as a JSON Web Key Set (RFC 7517, RFC 8037), the newest first."""
    keys = session.scalars(select(OfficeKey).order_by(OfficeKey.id.desc()))
    return {"keys": [_published(key) for key in keys]}


def _published(key: OfficeKey) -> dict[str, str]:
    public = base64.urlsafe_b64encode(key.public).rstrip(b"=").decode()
    return {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": key.name, "x": public}


def place_of(name: str) -> str:
    return f"office_key.private:{name}"
