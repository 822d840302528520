"""The editions that are kept, and the one that a case is judged by."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.rulebook import editions as rulebook
from models.rulebook.editions import Edition
from models.tables import Case
from models.tables import Edition as KeptEdition


def editions(session: Session) -> tuple[Edition, ...]:
    """All of them, the earliest first; what the program ships with where none is kept yet."""
    kept = session.scalars(select(KeptEdition).order_by(KeptEdition.effective_from, KeptEdition.code))
    return tuple(rulebook.read(edition.content) for edition in kept) or rulebook.SHIPPED


def edition_on(session: Session, day: date) -> Edition:
    """The one in force on a day. Raises NoEdition for a day before the first."""
    return rulebook.edition_on(editions(session), day)


def edition_of(session: Session, case: Case) -> Edition:
    """The one that the case was judged by. Raises NoEdition for a new application: that follows the manual."""
    return rulebook.edition_called(editions(session), case.edition)
