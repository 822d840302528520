"""The key that signs what platforms are told gives way to a new one; and the private half of one that has signed for the last time
is erased."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.services.errors import Refusal, Stale
from app.services.given_reason import given_reason
from app.services.guard import allow
from app.services.office_key import all_keys, life_of, make_key
from app.services.road import write_line
from app.services.world import World
from models.rulebook.permissions import Actor, Permission
from models.rulebook.signing_keys import ANNOUNCED, KeyStanding, may_erase, standing
from models.tables import OfficeKey


def renew_office_key(world: World, actor: Actor, newest_id: int, reason: str, *, at_once: bool = False) -> str:
    """Make a new key and return its name. It is published now and signs in some hours, when nobody keeps a set without it.

    `at_once`: the present keys may be in wrong hands. They are withdrawn, erased, and the new one signs from now on.
    `newest_id`: of the newest key when the page was read. Raises Stale where another was made since; Refusal "key_announced" where
    one waits for its time already; Faulty at `reason`.
    """
    allow(Permission.manage_platforms, actor)
    reason = given_reason(reason)
    with world.writing() as session:
        now = world.now()
        keys = all_keys(session)
        if not keys or keys[-1].id != newest_id:
            raise Stale()
        if at_once:
            for key in keys:
                _withdraw(session, now, actor, key, reason)
        elif any(standing(life_of(key), [life_of(one) for one in keys], now) is KeyStanding.announced for key in keys):
            raise Refusal("key_announced")
        made = make_key(world, len(keys) + 1, now, now if at_once else now + ANNOUNCED)
        session.add(made)
        try:
            session.flush()
        except IntegrityError:  # another administrator was faster by a blink
            raise Stale() from None
        write_line(session, now, actor, made, "renew", key=made.name, signs_from=made.signs_from.isoformat(), reason=reason)
        session.commit()
        return made.name


def erase_spent_keys(world: World) -> int:
    """Of keys that sign no more. Their public halves stay. Returns how many were erased."""
    with world.reading() as session:
        if not _spent(session, world.now()):
            return 0
    with world.writing() as session:
        now, erased = world.now(), 0
        for key in _spent(session, now):
            if _erase(session, key):
                write_line(session, now, None, key, "erase", key=key.name)
                erased += 1
        session.commit()
        return erased


def _spent(session: Session, at: datetime) -> list[OfficeKey]:
    keys = all_keys(session)
    lives = [life_of(key) for key in keys]
    return [key for key, life in zip(keys, lives, strict=True) if may_erase(life, lives, at)]


def _withdraw(session: Session, at: datetime, actor: Actor, key: OfficeKey, reason: str) -> None:
    """Once: what was withdrawn before stays as it was."""
    if key.withdrawn_at is None:
        key.withdrawn_at, key.private_sealed = at, None
        write_line(session, at, actor, key, "withdraw", key=key.name, reason=reason)


def _erase(session: Session, key: OfficeKey) -> bool:
    outcome = session.execute(
        update(OfficeKey)
        .where(OfficeKey.id == key.id, OfficeKey.private_sealed.is_not(None))
        .values(private_sealed=None)
        .execution_options(synchronize_session=False)
    )
    return outcome.rowcount == 1
