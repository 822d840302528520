"""The revocation list as it was last published."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.tables import RevocationList


def newest_list(session: Session) -> RevocationList | None:
    """None before the first publication."""
    return session.scalar(select(RevocationList).order_by(RevocationList.number.desc()).limit(1))
