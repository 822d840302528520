"""The demonstration's two relying platforms: one is told by webhook and is the reference platform, the other reads the feed."""

from sqlalchemy import select

from app.services.enrol_station import digest_of
from app.services.road import write_line
from app.services.world import World
from models.rulebook.vocabulary import Scope, Use
from models.tables import Platform

DEMO_PLATFORM_SECRET = "yizhengtong-platform-demo"  # noqa: S105 - published on purpose; production refuses to start with it
_PLATFORMS = (
    {
        "code": "inspection",
        "name_zh": "样例社会组织业务平台",
        "name_en": "Sample Social Organisations Platform",
        "telephone": "010-00000021",
        "registry_authority": "样例社会组织登记管理机关",
        "one_of_several": True,
        "wanted_use": Use.annual_inspection,
        "webhook_url": "http://127.0.0.1:8602/office-events",
    },
    {
        "code": "tax_hall",
        "name_zh": "样例网上税务大厅",
        "name_en": "Sample Online Tax Hall",
        "telephone": "010-00000022",
        "registry_authority": "样例主管税务机关",
        "wanted_use": Use.tax,
    },
)


def plant_platforms(world: World) -> bool:
    """Add the two where there is no platform at all. Returns whether they were added."""
    with world.writing() as session:
        if session.scalar(select(Platform.id).limit(1)) is not None:
            return False
        for facts in _PLATFORMS:
            platform = Platform(
                **facts,
                client_id=facts["code"],
                secret_digest=digest_of(DEMO_PLATFORM_SECRET),
                scopes=[scope.value for scope in Scope],
            )
            session.add(platform)
            write_line(session, world.now(), None, platform, "plant_demonstration_platform", platform=facts["code"])
        session.commit()
    return True
