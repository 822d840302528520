"""Forget the answers to platforms' requests that nobody sends again any more.

An answer is kept so that a request repeated after a lost connection does nothing twice. Whoever repeats it after a month does not
repeat it: he asks anew, and is judged anew. The binding itself stays in the register, and its line in the journal.
"""

from datetime import timedelta

from sqlalchemy import delete, select

from app.services.world import World
from models.tables import IdempotentAnswer

KEPT = timedelta(days=30)  # at least; told to platforms in the OpenAPI document
_AT_ONCE = 500  # rows in one transaction: whoever binds meanwhile waits for no more


def prune_answers(world: World) -> int:
    """Returns how many were forgotten."""
    forgotten = 0
    edge = world.now() - KEPT
    oldest = select(IdempotentAnswer.id).where(IdempotentAnswer.at < edge).order_by(IdempotentAnswer.at).limit(_AT_ONCE)
    while True:
        with world.reading() as session:  # nearly always there is nothing to do, and the one writer is not asked for it
            ids = session.scalars(oldest).all()
        if not ids:
            return forgotten
        with world.writing() as session:
            gone = delete(IdempotentAnswer).where(IdempotentAnswer.id.in_(ids))
            forgotten += session.execute(gone.execution_options(synchronize_session=False)).rowcount
            session.commit()
