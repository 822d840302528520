"""Find certificates that the authority has signed and the office does not know: say after a backup of the database was put back."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.services.road import write_line
from app.services.world import World
from card_issuance.authority import AuthorityFault, SignedLine
from models.tables import Certificate, Counter, StrayCertificate

_SERIES = "authority:signed"  # how far the authority's record has been read
_BATCH = 500


def find_strays(world: World) -> int:
    """List strays, which revokes them with the next list. Returns how many were found; reads on from the last time.

    A certificate's row is committed before the authority is asked to sign, so a signed serial without a row is a stray.
    """
    with world.reading() as session:
        after = session.scalar(select(Counter.value).where(Counter.series == _SERIES)) or 0
    try:
        lines = tuple(world.authority.signed(after))
    except AuthorityFault:
        return 0
    return sum(_list(world, lines[start : start + _BATCH]) for start in range(0, len(lines), _BATCH))


def _list(world: World, lines: tuple[SignedLine, ...]) -> int:
    serials = [line.serial for line in lines]
    with world.writing() as session:
        known = set(session.scalars(select(Certificate.serial).where(Certificate.serial.in_(serials))))
        known |= set(session.scalars(select(StrayCertificate.serial).where(StrayCertificate.serial.in_(serials))))
        strays = [line for line in lines if line.serial not in known]
        for line in strays:
            stray = StrayCertificate(serial=line.serial, transaction=line.transaction, signed_at=line.at, found_at=world.now())
            session.add(stray)
            write_line(session, world.now(), None, stray, "stray", serial=line.serial)
        _read_up_to(session, lines[-1].position)
        session.commit()
        return len(strays)


def _read_up_to(session: Session, position: int) -> None:
    counter = session.get(Counter, _SERIES)
    if counter is None:
        session.add(Counter(series=_SERIES, value=position))
    elif counter.value < position:
        counter.value = position
