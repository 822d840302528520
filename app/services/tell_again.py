"""A supervisor sends a platform once more what it did not take."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.services.advance_event import advance_event
from app.services.errors import Absent
from app.services.guard import allow
from app.services.road import write_line
from app.services.world import World
from models.rulebook import workflow
from models.rulebook.permissions import Actor, Permission
from models.rulebook.vocabulary import DeliveryAction
from models.tables import Platform, PlatformEvent


def tell_again(world: World, actor: Actor, event_id: int, version: int) -> None:
    """One dead event goes out anew, with three days of its own. Raises Absent, OutOfTurn where it is not dead, Stale."""
    allow(Permission.tell_again, actor)
    with world.writing() as session:
        event = session.get(PlatformEvent, event_id)
        if event is None:
            raise Absent()
        _send_again(session, world, actor, event, version)
        _end_rest(session, event.platform_id)
        session.commit()


def tell_platform_again(world: World, actor: Actor, platform_id: int) -> int:
    """All of a platform's dead events go out anew, and what waits for its next try is tried now. Returns how many there are."""
    allow(Permission.tell_again, actor)
    with world.writing() as session:
        platform = session.get(Platform, platform_id)
        if platform is None:
            raise Absent()
        now = world.now()
        dead = select(PlatformEvent).where(
            PlatformEvent.platform_id == platform_id, PlatformEvent.delivery.in_(workflow.DELIVERY_DEAD)
        )
        again = 0
        for event in session.scalars(dead.order_by(PlatformEvent.number)).all():
            _send_again(session, world, actor, event, event.version)
            again += 1
        hastened = session.execute(
            update(PlatformEvent)
            .where(
                PlatformEvent.platform_id == platform_id,
                PlatformEvent.delivery.in_(workflow.DELIVERY_WAITING),
                PlatformEvent.due_at > now,
            )
            .values(due_at=now)
            .execution_options(synchronize_session=False)
        ).rowcount
        rested = _end_rest(session, platform_id)
        if hastened or rested:
            write_line(session, now, actor, platform, "hasten", count=hastened)
        session.commit()
        return again + hastened


def _end_rest(session: Session, platform_id: int) -> bool:
    """Whoever sends again has spoken with the platform: that it asked to be left alone counts no longer. Whether it did ask."""
    outcome = session.execute(
        update(Platform)
        .where(Platform.id == platform_id, Platform.rests_until.is_not(None))
        .values(rests_until=None)
        .execution_options(synchronize_session=False)
    )
    return outcome.rowcount == 1


def _send_again(session: Session, world: World, actor: Actor, event: PlatformEvent, version: int) -> None:
    now = world.now()
    advance_event(session, now, actor, event, DeliveryAction.send_again, version=version, changes={"due_at": now, "tries": 0})
