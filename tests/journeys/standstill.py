"""The office's own command, made to stand still in the middle of a commit so that a test can kill it there:
`python -m tests.journeys.standstill SIGN serve …`.

The file SIGN, if it exists, says where: "before grant" is when the transaction that writes the journal's line `grant` is about
to be committed, "after grant" when the database has it; "before list" and "after list" likewise of a revocation list. Once there,
the file SIGN.reached appears, and nothing more happens in that thread.
"""

import sys
import threading
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.orm import Session
from sqlalchemy.orm.unitofwork import UOWTransaction

from app.cli import main
from models.tables import JournalLine, RevocationList

LIST = "list"
_WRITTEN = "written in this transaction"


def reached(sign: Path) -> Path:
    return sign.with_name(f"{sign.name}.reached")


def stand_still_at(sign: Path) -> None:
    """From here on, in this process."""

    @event.listens_for(Session, "after_flush")
    def note(session: Session, _: UOWTransaction) -> None:
        written = session.info.setdefault(_WRITTEN, set())
        written.update(each.act for each in session.new if isinstance(each, JournalLine))
        written.update(LIST for each in session.new if isinstance(each, RevocationList))

    @event.listens_for(Session, "before_commit")
    def before(session: Session) -> None:
        if not session.in_nested_transaction():  # a savepoint is released by the same name
            session.flush()
            look("before", session.info.get(_WRITTEN, set()))

    @event.listens_for(Session, "after_commit")
    def after(session: Session) -> None:
        if not session.in_nested_transaction():
            look("after", session.info.pop(_WRITTEN, set()))

    @event.listens_for(Session, "after_rollback")
    def forget(session: Session) -> None:
        session.info.pop(_WRITTEN, None)

    def look(when: str, written: set[str]) -> None:
        if not written or not sign.exists() or sign.read_text() not in {f"{when} {word}" for word in written}:
            return
        sign.rename(reached(sign))
        threading.Event().wait()


if __name__ == "__main__":
    stand_still_at(Path(sys.argv[1]))
    sys.exit(main(sys.argv[2:]))
