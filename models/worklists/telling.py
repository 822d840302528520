"""How platforms are being told: per platform in figures, one event with what holds it back, and the dead ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from models.rulebook.service_times import of_share
from models.rulebook.vocabulary import CaseState, DeliveryState
from models.rulebook.workflow import DELIVERY_DEAD, DELIVERY_OPEN
from models.tables import Binding, Case, DeliveryAttempt, Platform, PlatformEvent

LATELY = 200  # deliveries that the times are taken from
SHOWN = 25  # dead events of a platform on one page


@dataclass(frozen=True)
class Telling:
    """One platform's figures."""

    platform: Platform
    waiting: int
    dead: int
    oldest_at: datetime | None  # of what waits or is dead
    unacknowledged: int  # cases that wait for the platform's word
    delivered: int  # of the last LATELY events
    usually: timedelta | None  # from the act to the delivery: of half of them
    slowest: timedelta | None  # of nineteen in twenty
    last_attempt: DeliveryAttempt | None


@dataclass(frozen=True)
class DeadLetters:
    platform: Platform
    events: Sequence[PlatformEvent]  # the first SHOWN, oldest first
    count: int
    behind: int  # that wait because of them


def tellings(session: Session) -> Sequence[Telling]:
    """Every platform's, by code."""
    return [_telling(session, platform) for platform in session.scalars(select(Platform).order_by(Platform.code))]


def holding_back(session: Session, event: PlatformEvent) -> PlatformEvent | None:
    """The first earlier event of the same applicant at this platform that was not taken."""
    if event.binding is None:
        return None
    return session.scalars(
        select(PlatformEvent)
        .join(Binding, PlatformEvent.binding_id == Binding.id)
        .where(
            PlatformEvent.platform_id == event.platform_id,
            Binding.applicant_id == event.binding.applicant_id,
            PlatformEvent.number < event.number,
            PlatformEvent.delivery.in_(DELIVERY_OPEN),
        )
        .order_by(PlatformEvent.number)
        .limit(1)
    ).first()


def dead_events() -> Select[tuple[PlatformEvent]]:
    """What was given up for now, over all platforms."""
    everywhere = PlatformEvent.platform_id.in_(
        select(Platform.id).correlate(None)
    )  # so that the index by platform and state serves
    return select(PlatformEvent).where(everywhere, PlatformEvent.delivery.in_(DELIVERY_DEAD))


def dead_letters(session: Session) -> Sequence[DeadLetters]:
    """Platforms with dead events, by code."""
    platforms = session.scalars(
        select(Platform)
        .where(dead_events().where(PlatformEvent.platform_id == Platform.id).correlate(Platform).exists())
        .order_by(Platform.code)
    )
    return [_dead_letters(session, platform) for platform in platforms]


def _dead_letters(session: Session, platform: Platform) -> DeadLetters:
    dead = dead_events().where(PlatformEvent.platform_id == platform.id)
    whole = (
        joinedload(PlatformEvent.binding).joinedload(Binding.applicant),
        joinedload(PlatformEvent.binding).joinedload(Binding.certificate),
        selectinload(PlatformEvent.attempts),
    )
    events = session.scalars(dead.options(*whole).order_by(PlatformEvent.id).limit(SHOWN)).all()
    blocked = (
        select(Binding.applicant_id, func.min(PlatformEvent.number).label("first"))
        .join(PlatformEvent, PlatformEvent.binding_id == Binding.id)
        .where(PlatformEvent.platform_id == platform.id, PlatformEvent.delivery.in_(DELIVERY_DEAD))
        .group_by(Binding.applicant_id)
        .subquery()
    )
    behind = session.scalar(
        select(func.count())
        .select_from(PlatformEvent)
        .join(Binding, PlatformEvent.binding_id == Binding.id)
        .join(blocked, blocked.c.applicant_id == Binding.applicant_id)
        .where(
            PlatformEvent.platform_id == platform.id,
            PlatformEvent.delivery == DeliveryState.waiting,
            PlatformEvent.number > blocked.c.first,
        )
    )
    count = session.scalar(select(func.count()).select_from(dead.subquery()))
    return DeadLetters(platform, events, count or 0, behind or 0)


def _telling(session: Session, platform: Platform) -> Telling:
    of_it = PlatformEvent.platform_id == platform.id
    still_open = session.execute(
        select(PlatformEvent.delivery, func.count(), func.min(PlatformEvent.at))
        .where(of_it, PlatformEvent.delivery.in_(DELIVERY_OPEN))
        .group_by(PlatformEvent.delivery)
    ).all()
    counts = {state: count for state, count, _ in still_open}
    lately = session.execute(
        select(PlatformEvent.at, PlatformEvent.delivered_at).where(of_it).order_by(PlatformEvent.number.desc()).limit(LATELY)
    )
    took = [delivered - told for told, delivered in lately if delivered is not None]
    last = session.scalars(
        select(DeliveryAttempt)
        .join(PlatformEvent, DeliveryAttempt.event_id == PlatformEvent.id)
        .where(of_it)
        .order_by(DeliveryAttempt.id.desc())
        .limit(1)
    ).first()
    asked = select(func.count()).where(Case.platform_id == platform.id, Case.state == CaseState.awaiting_acknowledgement)
    return Telling(
        platform=platform,
        waiting=counts.get(DeliveryState.waiting, 0),
        dead=counts.get(DeliveryState.dead, 0),
        oldest_at=min((oldest for _, _, oldest in still_open), default=None),
        unacknowledged=session.scalar(asked) or 0,
        delivered=len(took),
        usually=of_share(took, 0.5),
        slowest=of_share(took, 0.95),
        last_attempt=last,
    )
