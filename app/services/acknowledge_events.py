"""A platform says that it obeyed, or that it has read so far. A case that waited for its word is closed in the same transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from app.services.advance_event import advance_event
from app.services.platform_at_hand import platform_at_hand
from app.services.road import advance_case, write_line
from app.services.world import World
from models.rulebook.vocabulary import CaseAction, DeliveryAction
from models.rulebook.workflow import CASE, DELIVERY, open_actions
from models.tables import Case, Platform, PlatformEvent

MOST = 500  # in one call


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """Keys of events: acknowledged by this call, acknowledged before, and not among this platform's."""

    acknowledged: tuple[str, ...]
    already: tuple[str, ...]
    unknown: tuple[str, ...]


def acknowledge_events(world: World, platform_id: int, keys: Sequence[str] = (), *, up_to: int | None = None) -> Acknowledged:
    """By their keys (as many as the door lets in), or all up to a number (MOST of them in one call: the answer names them).

    Said twice, the second changes nothing. Raises Absent or Forbidden for the platform; Stale where a delivery was under way in the
    same moment.
    """
    with world.writing() as session:
        at, platform = world.now(), platform_at_hand(session, platform_id)
        events = _meant(session, platform, keys, up_to)
        fresh = [event for event in events if _acknowledge(session, at, platform, event)]
        for case_id in sorted({event.case_id for event in fresh if event.case_id is not None}):
            _close(session, at, platform, session.get_one(Case, case_id, with_for_update=True))
        session.commit()
    new, there = {event.key for event in fresh}, [event.key for event in events]
    return Acknowledged(
        tuple(key for key in there if key in new),
        tuple(key for key in there if key not in new),
        tuple(key for key in dict.fromkeys(keys) if key not in there),
    )


def take_from_feed(world: World, platform_id: int, up_to: int) -> int:
    """The platform asks for what comes after this number, so it has what came before: delivered, not acknowledged. How many were
    (MOST in one call; the next one takes the rest)."""
    with world.reading() as session:  # nearly always there is nothing to write, and the one writer is not asked for it
        if session.scalars(_read(platform_at_hand(session, platform_id), up_to)).first() is None:
            return 0
    with world.writing() as session:
        at, platform = world.now(), platform_at_hand(session, platform_id)
        events = session.scalars(_read(platform, up_to).with_for_update(of=PlatformEvent)).all()
        for event in events:
            advance_event(session, at, platform, event, DeliveryAction.deliver)
        session.commit()
        return len(events)


_UNDELIVERED = [state for state, action in DELIVERY if action is DeliveryAction.deliver]


def _of(platform: Platform) -> Select[PlatformEvent]:
    return select(PlatformEvent).where(PlatformEvent.platform_id == platform.id).order_by(PlatformEvent.number)


def _read(platform: Platform, up_to: int) -> Select[PlatformEvent]:
    return _of(platform).where(PlatformEvent.number <= up_to, PlatformEvent.delivery.in_(_UNDELIVERED)).limit(MOST)


def _meant(session: Session, platform: Platform, keys: Sequence[str], up_to: int | None) -> Sequence[PlatformEvent]:
    named = list(session.scalars(_of(platform).where(PlatformEvent.key.in_(set(keys)))))
    if up_to is None:
        return named
    unsaid = _of(platform).where(PlatformEvent.number <= up_to, PlatformEvent.acknowledged_at.is_(None)).limit(MOST)
    return [*named, *(event for event in session.scalars(unsaid) if event not in named)]


def _acknowledge(session: Session, at: datetime, platform: Platform, event: PlatformEvent) -> bool:
    """Once, by a conditional UPDATE; whether it was this time. What was acknowledged was also delivered."""
    outcome = session.execute(
        update(PlatformEvent)
        .where(PlatformEvent.id == event.id, PlatformEvent.acknowledged_at.is_(None))
        .values(acknowledged_at=at)
        .execution_options(synchronize_session=False)
    )
    if outcome.rowcount != 1:
        return False
    session.refresh(event)
    if DeliveryAction.deliver in open_actions(DELIVERY, event.delivery):
        advance_event(session, at, platform, event, DeliveryAction.deliver)
    case = event.case
    branch = {"branch_id": case.branch_id} if case is not None else {}
    write_line(session, at, platform, event, "acknowledge", case_id=event.case_id, number=event.number, **branch)
    return True


def _close(session: Session, at: datetime, platform: Platform, case: Case) -> None:
    """The case is done when the platform has obeyed in everything that it was told of it."""
    waits = session.scalar(
        select(PlatformEvent.id).where(PlatformEvent.case_id == case.id, PlatformEvent.acknowledged_at.is_(None)).limit(1)
    )
    if waits is None and CaseAction.acknowledge in open_actions(CASE, case.state):
        advance_case(session, at, platform, case, CaseAction.acknowledge, changes={"closed_at": at}, platform=platform.code)
