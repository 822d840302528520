"""Whoever guesses from one address waits, twice as long each time; others do not."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.services.errors import Refusal
from app.services.world import World
from models.tables import LoginFailure

ADDRESS_TRIES = 10  # from one address; then it waits, twice as long each time
ADDRESS_DELAY = timedelta(seconds=2)
ADDRESS_LONGEST = timedelta(minutes=15)
ADDRESS_FORGOTTEN = timedelta(hours=1)


class TooMany(Refusal):
    """Too many wrong tries from this address. `seconds`: how long it waits."""

    code = "too_many_tries"
    status = 429


def mind_the_delay(session: Session, address: str, now: datetime) -> None:
    """Raises TooMany while the address must wait."""
    row = session.scalar(select(LoginFailure).where(LoginFailure.address == address))
    if row is None or row.count < ADDRESS_TRIES or now - row.last_at >= ADDRESS_FORGOTTEN:
        return
    delay = min(ADDRESS_DELAY * 2 ** min(row.count - ADDRESS_TRIES, 20), ADDRESS_LONGEST)
    if now < row.last_at + delay:
        raise TooMany(seconds=int((row.last_at + delay - now).total_seconds()) + 1)


def count_failure(session: Session, address: str, now: datetime) -> None:
    """One wrong try more from this address."""
    known = select(LoginFailure).where(LoginFailure.address == address).with_for_update()
    row = session.scalar(known)
    if row is None:
        try:
            with session.begin_nested():
                session.add(LoginFailure(address=address, count=1, last_at=now))
            return
        except IntegrityError:  # two first failures at once: both count
            row = session.scalars(known).one()
    row.count = row.count + 1 if now - row.last_at < ADDRESS_FORGOTTEN else 1
    row.last_at = now


def forget_addresses(world: World) -> int:
    """From which nobody has guessed for so long that it counts no more: whoever came from there is nobody's business then. Returns
    how many."""
    old = LoginFailure.last_at < world.now() - ADDRESS_FORGOTTEN
    with world.reading() as session:
        if session.scalars(select(LoginFailure.id).where(old).limit(1)).first() is None:
            return 0
    with world.writing() as session:
        gone = session.execute(delete(LoginFailure).where(old).execution_options(synchronize_session=False)).rowcount
        session.commit()
        return gone
