"""Platforms, bindings and what platforms are to be told, by rows alone; and the rules that must hold of the telling."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload, selectinload

from app.services.world import World
from models.rulebook.vocabulary import DeliveryState, EventKind, Scope, Use
from models.tables import Binding, Certificate, Platform, PlatformEvent
from tests.builders.aftercare import plant_held


def plant_platform(world: World, code: str = "inspection", **columns: Any) -> Platform:
    """A platform that wants annual-inspection certificates; without `webhook_url` it reads the feed."""
    given: dict[str, Any] = {
        "name_zh": f"样例平台 {code}",
        "name_en": f"Sample Platform {code}",
        "one_of_several": True,
        "wanted_use": Use.annual_inspection,
        "client_id": code,
        "scopes": [scope.value for scope in Scope],
    }
    with world.writing() as session:
        platform = Platform(code=code, **given | columns)
        session.add(platform)
        session.commit()
        return platform


def plant_binding(world: World, platform: Platform, certificate_id: int = 0, **columns: Any) -> Binding:
    """A live binding, of a certificate newly in its holder's hands unless one is given."""
    certificate_id = certificate_id or plant_held(world).certificate_id
    with world.writing() as session:
        certificate = session.get_one(Certificate, certificate_id)
        given: dict[str, Any] = {
            "key": secrets.token_hex(16),
            "platform_id": platform.id,
            "applicant_id": certificate.applicant_id,
            "certificate_id": certificate.id,
            "account_reference": f"account-{secrets.token_hex(4)}",
            "since": world.now(),
        }
        binding = Binding(**given | columns)
        session.add(binding)
        session.commit()
        return binding


def plant_event(
    world: World, platform: Platform, binding: Binding | None = None, kind: EventKind = EventKind.binding_made, **columns: Any
) -> PlatformEvent:
    """The platform's next event, to be told now."""
    with world.writing() as session:
        number = session.scalar(
            update(Platform)
            .where(Platform.id == platform.id)
            .values(events_told=Platform.events_told + 1)
            .returning(Platform.events_told)
        )
        assert number is not None
        key, now = secrets.token_hex(16), world.now()
        event = PlatformEvent(
            key=key,
            platform_id=platform.id,
            number=number,
            kind=kind,
            binding_id=binding.id if binding else None,
            body={
                "id": key,
                "number": number,
                "type": kind.value,
                "at": now.isoformat(),
                "platform": platform.code,
                "binding": {"id": binding.key, "account_reference": binding.account_reference} if binding else None,
                "reason_zh": "样例原因",
                "reason_en": "Sample reason",
            },
            at=now,
            due_at=now,
            **columns,
        )
        session.add(event)
        session.commit()
        return event


def events_of(world: World, platform: Platform) -> Sequence[PlatformEvent]:
    """All that a platform is told, in order, with attempts and binding."""
    with world.reading() as session:
        return session.scalars(
            select(PlatformEvent)
            .where(PlatformEvent.platform_id == platform.id)
            .options(selectinload(PlatformEvent.attempts), joinedload(PlatformEvent.binding), joinedload(PlatformEvent.platform))
            .order_by(PlatformEvent.number)
        ).all()


def deliveries(world: World, platform: Platform) -> list[DeliveryState]:
    return [event.delivery for event in events_of(world, platform)]


def due_next(world: World, platform: Platform) -> datetime | None:
    """When the next event is tried."""
    with world.reading() as session:
        return session.scalar(
            select(PlatformEvent.due_at)
            .where(PlatformEvent.platform_id == platform.id, PlatformEvent.delivery == DeliveryState.waiting)
            .order_by(PlatformEvent.due_at)
            .limit(1)
        )
