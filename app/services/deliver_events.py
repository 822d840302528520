"""Carry out of the house what platforms are to be told: claim, try, write down what came of it.

Safe to kill at any point and to run in several processes at once. An event is claimed by a conditional UPDATE together with its
attempt; an attempt without an end holds the event until its lease is over. So every event reaches its webhook at least once,
never twice at the same time, and its key tells repetitions apart. Events of one applicant at one platform go out in order: the
later ones wait while an earlier one waits, and also while it is dead, until a supervisor sends it again or the platform reads it
from the feed. Nothing is skipped, so nothing is lost. A platform that is away and says how long is left alone as long, as a whole.
"""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from app.services.advance_event import advance_event
from app.services.errors import Stale
from app.services.office_key import SigningKey
from app.services.post_webhook import AWAY, Answered, post_webhook
from app.services.sign_webhook import sign_post
from app.services.world import World
from models.rulebook import delivery, workflow
from models.rulebook.vocabulary import DeliveryAction, PlatformState
from models.tables import Binding, DeliveryAttempt, Platform, PlatformEvent

LEASE = timedelta(minutes=1)  # far longer than a try takes; an older attempt without an end was cut off
CUT_OFF = "cut_off"
_EARLIER, _OWN, _ITS = aliased(PlatformEvent), aliased(Binding), aliased(Binding)


@dataclass(frozen=True, slots=True)
class Errand:
    """An event that is ours to deliver, and the attempt that says so."""

    event_id: int
    version: int
    attempt_id: int
    key: str
    url: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Told:
    event_id: int
    answered: Answered


def wire_body(event: PlatformEvent) -> bytes:
    """The event as it goes over the wire: the same bytes in every repetition."""
    return json.dumps(event.body, ensure_ascii=False, separators=(",", ":")).encode()


def due_platforms(world: World) -> list[int]:
    """Ids of the platforms that are to be told something now."""
    with world.reading() as session:
        now = world.now()
        return list(
            session.scalars(
                select(Platform.id)
                .where(_told_by_webhook(now), exists(_due(now).where(PlatformEvent.platform_id == Platform.id)))
                .order_by(Platform.id)
            )
        )


def deliver_next(world: World, platform_id: int, key: SigningKey) -> Told | None:
    """Deliver the first event that is due to a platform and in nobody else's hands. None: there is none."""
    errand = _claim_first(world, platform_id)
    if errand is None:
        return None
    answered = post_webhook(sign_post(key, errand.url, errand.body, world.now(), errand.key), world.webhook_networks)
    _record(world, errand, answered)
    return Told(errand.event_id, answered)


def _told_by_webhook(now: datetime) -> ColumnElement[bool]:
    """Active, with an address, and not resting because it asked to."""
    rested = or_(Platform.rests_until.is_(None), Platform.rests_until <= now)
    return and_(Platform.state == PlatformState.active, Platform.webhook_url != "", rested)


def _due(now: datetime) -> Select[tuple[int]]:
    """Ids of events whose time has come, that nobody is delivering, and that no earlier one of the same applicant holds back."""
    in_hand = exists().where(
        DeliveryAttempt.event_id == PlatformEvent.id,
        DeliveryAttempt.status.is_(None),
        DeliveryAttempt.fault == "",
        DeliveryAttempt.at > now - LEASE,
    )
    held_back = exists().where(
        _OWN.id == PlatformEvent.binding_id,
        _ITS.applicant_id == _OWN.applicant_id,
        _ITS.platform_id == _OWN.platform_id,
        _EARLIER.binding_id == _ITS.id,
        _EARLIER.number < PlatformEvent.number,
        _EARLIER.delivery.in_(workflow.DELIVERY_OPEN),
    )
    return select(PlatformEvent.id).where(
        PlatformEvent.delivery.in_(workflow.DELIVERY_WAITING), PlatformEvent.due_at <= now, ~in_hand, ~held_back
    )


def _claim_first(world: World, platform_id: int) -> Errand | None:
    while True:
        try:
            return _claim(world, platform_id)
        except Stale:  # another process took that one: perhaps there is another
            continue


def _claim(world: World, platform_id: int) -> Errand | None:
    """One transaction: the event is ours, and the attempt is written down before it is made. Raises Stale."""
    with world.writing() as session:
        now = world.now()
        # The version comes from the very statement that found the event free; one read later could be another claim's.
        due = _due(now).add_columns(PlatformEvent.version).join(PlatformEvent.platform)
        mine = due.where(PlatformEvent.platform_id == platform_id, _told_by_webhook(now)).order_by(PlatformEvent.number)
        found = session.execute(mine.limit(1)).first()
        if found is None:
            return None
        event_id, seen = found
        outcome = session.execute(
            update(PlatformEvent)
            .where(PlatformEvent.id == event_id, PlatformEvent.version == seen)
            .values(version=seen + 1, tries=PlatformEvent.tries + 1)
            .execution_options(synchronize_session=False)
        )
        if outcome.rowcount != 1:
            raise Stale()
        _close_cut_off(session, event_id)
        attempt = DeliveryAttempt(event_id=event_id, at=now)
        session.add(attempt)
        event = session.get_one(PlatformEvent, event_id)
        errand = Errand(event_id, event.version, 0, event.key, event.platform.webhook_url, wire_body(event))
        session.commit()
        return replace(errand, attempt_id=attempt.id)


def _record(world: World, errand: Errand, answered: Answered) -> None:
    """What came of the attempt; and, in the same transaction, what that means for the event if it is still ours."""
    try:
        with world.writing() as session:
            now = world.now()
            _close(session, errand, answered)
            event = session.get_one(PlatformEvent, errand.event_id)
            _let_rest(session, now, event.platform, answered)
            if event.version == errand.version and event.delivery in workflow.DELIVERY_WAITING:
                _settle(session, now, event, answered)
            session.commit()
    except Stale:  # read from the feed in this very moment: that counts; of the attempt only its end is written
        with world.writing() as session:
            _close(session, errand, answered)
            session.commit()


def _close(session: Session, errand: Errand, answered: Answered) -> None:
    session.execute(
        update(DeliveryAttempt)
        .where(DeliveryAttempt.id == errand.attempt_id)
        .values(status=answered.status, fault=answered.fault)
        .execution_options(synchronize_session=False)
    )


def _let_rest(session: Session, now: datetime, platform: Platform, answered: Answered) -> None:
    """A platform that is away and says how long speaks for everything that it is to be told; one that takes something is back."""
    until = now + delivery.rest_granted(answered.rest) if answered.is_away and answered.rest else None
    if until is None and not (answered.took and platform.rests_until is not None):
        return
    session.execute(
        update(Platform).where(Platform.id == platform.id).values(rests_until=until).execution_options(synchronize_session=False)
    )


def _settle(session: Session, now: datetime, event: PlatformEvent, answered: Answered) -> None:
    if answered.took:
        advance_event(session, now, None, event, DeliveryAction.deliver)
        _wake(session, now, event)
        return
    again = delivery.next_try(_first_try(session, event), now, event.tries, answered.rest)
    if again is None:
        advance_event(session, now, None, event, DeliveryAction.give_up, tries=event.tries)
        return
    outcome = session.execute(
        update(PlatformEvent)
        .where(PlatformEvent.id == event.id, PlatformEvent.version == event.version)
        .values(version=event.version + 1, due_at=again)
        .execution_options(synchronize_session=False)
    )
    if outcome.rowcount != 1:
        raise Stale()


def _first_try(session: Session, event: PlatformEvent) -> datetime:
    """Of this round: sent again by a supervisor, an event begins anew."""
    tried = select(DeliveryAttempt.at).where(DeliveryAttempt.event_id == event.id).order_by(DeliveryAttempt.id.desc())
    return session.scalars(tried.offset(event.tries - 1).limit(1)).one()


def _wake(session: Session, now: datetime, event: PlatformEvent) -> None:
    """A platform that was away has taken an event: what else it did not take meanwhile is sent now, not hours later.

    What it answered and refused keeps its own time.
    """
    before = session.scalars(
        select(DeliveryAttempt).where(DeliveryAttempt.event_id == event.id).order_by(DeliveryAttempt.id.desc()).offset(1).limit(1)
    ).first()
    if before is None or not Answered(before.status).is_away:
        return
    refused = exists().where(
        DeliveryAttempt.event_id == PlatformEvent.id,
        DeliveryAttempt.status.is_not(None),
        DeliveryAttempt.status.not_in(AWAY),
        DeliveryAttempt.at > now - delivery.LONGEST_WAIT,
    )
    session.execute(
        update(PlatformEvent)
        .where(
            PlatformEvent.platform_id == event.platform_id,
            PlatformEvent.delivery.in_(workflow.DELIVERY_WAITING),
            PlatformEvent.due_at > now,
            ~refused,
        )
        .values(due_at=now)
        .execution_options(synchronize_session=False)
    )


def _close_cut_off(session: Session, event_id: int) -> None:
    """Whoever made an earlier attempt did not live to write its end."""
    session.execute(
        update(DeliveryAttempt)
        .where(DeliveryAttempt.event_id == event_id, DeliveryAttempt.status.is_(None), DeliveryAttempt.fault == "")
        .values(fault=CUT_OFF)
        .execution_options(synchronize_session=False)
    )
