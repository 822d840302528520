"""What one platform sees of the register of bindings: its own, in the order in which they were made."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from models.tables import Binding, Certificate

_WHOLE = (joinedload(Binding.certificate), joinedload(Binding.follows))


@dataclass(frozen=True, slots=True)
class Wanted:
    """None, or "": whichever."""

    live: bool | None = None
    certificate: str = ""  # serial


def own_binding(session: Session, platform_id: int, key: str) -> Binding | None:
    """None for another platform's as for one that does not exist."""
    return session.scalars(
        select(Binding).where(Binding.key == key, Binding.platform_id == platform_id).options(*_WHOLE)
    ).one_or_none()


def own_bindings(session: Session, platform_id: int, wanted: Wanted, after_id: int, limit: int) -> Sequence[Binding]:
    """At most `limit`, with higher ids than `after_id`."""
    query = select(Binding).where(Binding.platform_id == platform_id, Binding.id > after_id)
    if wanted.live is not None:
        query = query.where(Binding.until.is_(None) if wanted.live else Binding.until.is_not(None))
    if wanted.certificate:
        query = query.join(Certificate, Certificate.id == Binding.certificate_id).where(Certificate.serial == wanted.certificate)
    return session.scalars(query.order_by(Binding.id).limit(limit).options(*_WHOLE)).all()
