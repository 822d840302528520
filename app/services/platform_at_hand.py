"""The platform that asks: known by its access token, and not switched off meanwhile."""

from sqlalchemy.orm import Session

from app.services.errors import Absent, Forbidden
from models.rulebook.vocabulary import PlatformState
from models.tables import Platform


def platform_at_hand(session: Session, platform_id: int) -> Platform:
    """Raises Absent for none such, Forbidden "platform_disabled"."""
    platform = session.get(Platform, platform_id)
    if platform is None:
        raise Absent()
    if platform.state is not PlatformState.active:
        raise Forbidden("platform_disabled")
    return platform
