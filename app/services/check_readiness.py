"""May this database and this authority be used in earnest?"""

from enum import StrEnum

from sqlalchemy import select

from app.services.demonstration_platforms import DEMO_PLATFORM_SECRET
from app.services.enrol_station import digest_of
from app.services.plant_demonstration import PLANTED
from app.services.world import World
from models.rulebook.vocabulary import PlatformState, StaffState
from models.tables import JournalLine, Platform, Staff


class Hindrance(StrEnum):
    demonstration_data = "demonstration_data"
    demo_password = "demo_password"  # noqa: S105
    demo_platform_secret = "demo_platform_secret"  # noqa: S105
    twin_authority = "twin_authority"


def hindrances(world: World) -> frozenset[Hindrance]:
    """What keeps this world from being a production office; empty if nothing does."""
    found = set()
    with world.reading() as session:
        if session.scalar(select(JournalLine.id).where(JournalLine.act == PLANTED).limit(1)) is not None:
            found.add(Hindrance.demonstration_data)
        weak = select(Staff.id).where(Staff.password_is_demo, Staff.state == StaffState.active)
        if session.scalar(weak.limit(1)) is not None:
            found.add(Hindrance.demo_password)
        known = select(Platform.id).where(
            Platform.secret_digest == digest_of(DEMO_PLATFORM_SECRET), Platform.state == PlatformState.active
        )
        if session.scalar(known.limit(1)) is not None:
            found.add(Hindrance.demo_platform_secret)
    if world.authority.is_twin:
        found.add(Hindrance.twin_authority)
    return frozenset(found)
