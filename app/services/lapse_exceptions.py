"""Nobody decided within three days, or nobody used within a day what was allowed: the request lapses. Found by reconciliation."""

from app.services.exception_at_hand import still_waiting
from app.services.road import advance_exception
from app.services.world import World
from models.rulebook.oversight import ExceptionAction
from models.tables import ExceptionRequest


def lapse_exception(world: World, exception_id: int) -> bool:
    """Whether it lapsed now; False where somebody was faster. Running it twice changes nothing."""
    at = world.now()
    with world.writing() as session:
        exception = session.get_one(ExceptionRequest, exception_id, with_for_update=True)
        if not still_waiting(exception) or exception.expires_at > at:
            return False
        advance_exception(session, at, None, exception, ExceptionAction.lapse)
        session.commit()
    return True
