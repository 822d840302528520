"""Telling platforms: signed, once each, in order, through a day of silence, and dead letters that are sent again."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.services import post_webhook as sender
from app.services.advance_event import advance_event
from app.services.deliver_events import CUT_OFF, LEASE, _claim, _record, deliver_next
from app.services.errors import Absent, Forbidden, OutOfTurn, Stale
from app.services.keep_told import tell_all
from app.services.office_key import ensure_office_key, published_keys, signing_key
from app.services.post_webhook import Answered
from app.services.tell_again import tell_again, tell_platform_again
from app.services.world import World
from models.rulebook.vocabulary import DeliveryAction, DeliveryState, PlatformState, Role
from models.tables import DeliveryAttempt, JournalLine, Platform, PlatformEvent
from tests.builders.people import actor_of
from tests.builders.platforms import deliveries, due_next, events_of, plant_binding, plant_event, plant_platform
from tests.builders.receiver import Receiver, receiving

WAITING, DELIVERED, DEAD = DeliveryState.waiting, DeliveryState.delivered, DeliveryState.dead


@pytest.fixture
def receiver(world: World) -> Iterator[Receiver]:
    ensure_office_key(world)
    keys = published_keys(world)
    with receiving(Receiver(keys, now=lambda: world.now().timestamp())) as made:
        yield made


@pytest.fixture
def platform(world: World, receiver: Receiver) -> Platform:
    return plant_platform(world, webhook_url=receiver.url)


def change(world: World, platform: Platform, **values: object) -> None:
    with world.writing() as session:
        session.execute(update(Platform).where(Platform.id == platform.id).values(**values))
        session.commit()


def test_what_is_told_is_signed_taken_and_written_down(world: World, receiver: Receiver, platform: Platform) -> None:
    told = [plant_event(world, platform, plant_binding(world, platform)) for _ in range(3)]
    assert tell_all(world) == 3
    assert receiver.refusals == []
    assert [event["id"] for event in receiver.taken] == [event.key for event in told]
    assert [json.loads(request.body) for request in receiver.requests] == [event.body for event in told]
    for event in events_of(world, platform):
        assert (event.delivery, event.tries, event.delivered_at) == (DELIVERED, 1, world.now())
        assert [(attempt.status, attempt.fault) for attempt in event.attempts] == [(204, "")]
        assert event.acknowledged_at is None, "taken is not obeyed"
    with world.reading() as session:
        lines = session.scalars(select(JournalLine).where(JournalLine.subject == "platform_event")).all()
    assert [(line.act, line.before, line.after) for line in lines] == [("deliver", "waiting", "delivered")] * 3
    assert tell_all(world) == 0
    assert len(receiver.requests) == 3


def test_a_platform_that_reads_the_feed_or_is_disabled_is_not_called(
    world: World, receiver: Receiver, platform: Platform
) -> None:
    feed = plant_platform(world, "tax_hall")
    plant_event(world, feed, plant_binding(world, feed))
    plant_event(world, platform, plant_binding(world, platform))
    change(world, platform, state=PlatformState.disabled)
    world.clock.move(days=10)
    assert tell_all(world) == 0
    assert deliveries(world, feed) + deliveries(world, platform) == [WAITING, WAITING]
    change(world, platform, state=PlatformState.active)
    assert tell_all(world) == 1, "what it was to be told has waited for it"


def test_a_platform_down_for_a_day_gets_everything_once_and_in_order(
    world: World, receiver: Receiver, platform: Platform
) -> None:
    bindings = [plant_binding(world, platform) for _ in range(4)]
    url, began = receiver.url, world.now()
    change(world, platform, webhook_url="http://127.0.0.1:9/office-events")
    planted = []
    while world.now() < began + timedelta(days=1):
        if len(planted) < 40:
            planted.append(plant_event(world, platform, bindings[len(planted) % 4]))
        assert tell_all(world) == 0
        world.clock.move(minutes=30)
    assert set(deliveries(world, platform)) == {WAITING}
    tried = [event.tries for event in events_of(world, platform)]
    assert max(tried) < 20
    assert tried[4:] == [0] * 36, "later ones of a binding have waited for the first"
    change(world, platform, webhook_url=url)
    world.clock.move(hours=6)
    while set(deliveries(world, platform)) != {DELIVERED}:
        assert tell_all(world) > 0, "back again, and everything goes out at once"
    assert sorted(receiver.numbers()) == list(range(1, 41))
    for binding in bindings:
        assert receiver.numbers(binding.key) == sorted(receiver.numbers(binding.key))
    assert (receiver.repeated, receiver.late, receiver.refusals) == (0, 0, [])
    assert [event.delivered_at for event in events_of(world, platform)] == [world.now()] * 40


def test_when_a_platform_is_back_nobody_waits_hours_for_the_next_try(
    world: World, receiver: Receiver, platform: Platform
) -> None:
    receiver.always = 503
    first = plant_event(world, platform, plant_binding(world, platform))
    for _ in range(9):
        assert tell_all(world) == 0
        world.clock.move(first_wait := (due_next(world, platform) or world.now()) - world.now())
    assert first_wait > timedelta(hours=2)
    plant_event(world, platform, plant_binding(world, platform))
    receiver.plan, receiver.always = [503], None  # the old one in vain once more; then the new one knocks
    assert tell_all(world) == 0
    assert tell_all(world) == 1
    assert [event.tries for event in events_of(world, platform)] == [10, 1]
    plant_event(world, platform, plant_binding(world, platform))
    receiver.plan = [502]
    tell_all(world)
    world.clock.move(minutes=1)
    tell_all(world)
    assert tell_all(world) + len(receiver.taken) >= 3
    assert deliveries(world, platform) == [DELIVERED] * 3
    assert events_of(world, platform)[0].key == first.key


def test_a_refused_event_holds_back_its_own_applicant_only(world: World, receiver: Receiver, platform: Platform) -> None:
    one, other = plant_binding(world, platform), plant_binding(world, platform)
    ended = plant_event(world, platform, one)
    with world.writing() as session:
        session.merge(one).until = world.now()
        session.commit()
    again = plant_binding(world, platform, one.certificate_id)  # the same applicant, bound anew
    plant_event(world, platform, again)
    plant_event(world, platform, other)
    receiver.plan = [400]
    assert tell_all(world) == 1
    assert deliveries(world, platform) == [WAITING, WAITING, DELIVERED]
    world.clock.move(minutes=1)
    assert tell_all(world) == 2
    assert receiver.numbers() == [3, ended.number, 2]


def test_it_waits_longer_each_time_and_is_given_up_after_three_days(world: World, receiver: Receiver, platform: Platform) -> None:
    receiver.always = 500
    plant_event(world, platform, plant_binding(world, platform))
    began, waits = world.now(), []
    while (due := due_next(world, platform)) is not None:
        waits.append(due - world.now())
        world.clock.move(waits[-1])
        tell_all(world)
    assert waits[:5] == [timedelta(minutes=minutes) for minutes in (0, 1, 2, 4, 8)]
    assert max(waits) == timedelta(hours=6)
    assert world.now() == began + timedelta(days=3)
    [event] = events_of(world, platform)
    assert event.delivery is DEAD
    assert event.tries == len(event.attempts) == len(waits)
    with world.reading() as session:
        line = session.scalars(select(JournalLine).where(JournalLine.subject == "platform_event")).one()
    assert (line.act, line.after, line.staff_id) == ("give_up", "dead", None)
    world.clock.move(days=30)
    assert tell_all(world) == 0


def dead_letters(world: World, receiver: Receiver, platform: Platform, bindings: int = 2) -> list[PlatformEvent]:
    """An event of each binding that died, and one behind each that waits for it."""
    receiver.always = 500
    made = [plant_binding(world, platform) for _ in range(bindings)]
    for binding in made:
        plant_event(world, platform, binding)
    for binding in made:
        plant_event(world, platform, binding)
    tell_all(world)
    world.clock.move(days=3)
    tell_all(world)
    receiver.always = None
    return list(events_of(world, platform))


def test_what_comes_after_a_dead_event_waits_and_never_dies_of_it(world: World, receiver: Receiver, platform: Platform) -> None:
    events = dead_letters(world, receiver, platform)
    assert [event.delivery for event in events] == [DEAD, DEAD, WAITING, WAITING]
    world.clock.move(days=30)
    assert tell_all(world) == 0
    assert deliveries(world, platform) == [DEAD, DEAD, WAITING, WAITING]
    supervisor = actor_of(world, Role.supervisor)
    tell_again(world, supervisor, events[1].id, events[1].version)
    assert tell_all(world) == 2
    assert deliveries(world, platform) == [DEAD, DELIVERED, WAITING, DELIVERED]
    with pytest.raises(OutOfTurn):
        tell_again(world, supervisor, events[1].id, events_of(world, platform)[1].version)
    with pytest.raises(OutOfTurn):
        tell_again(world, supervisor, events[2].id, events[2].version)


def test_an_event_read_from_the_feed_frees_what_waits_behind_it(world: World, receiver: Receiver, platform: Platform) -> None:
    events = dead_letters(world, receiver, platform, 1)
    with world.writing() as session:
        event = session.get_one(PlatformEvent, events[0].id)
        advance_event(session, world.now(), event.platform, event, DeliveryAction.deliver)
        session.commit()
    assert tell_all(world) == 1
    assert deliveries(world, platform) == [DELIVERED, DELIVERED]


def test_all_of_a_platform_are_sent_again_at_once(world: World, receiver: Receiver, platform: Platform) -> None:
    dead_letters(world, receiver, platform, 3)
    supervisor = actor_of(world, Role.supervisor, "CY01")
    assert tell_platform_again(world, supervisor, platform.id) == 3
    assert [event.tries for event in events_of(world, platform)] == [0] * 6
    assert tell_all(world) == 6
    assert tell_platform_again(world, supervisor, platform.id) == 0
    with world.reading() as session:
        lines = session.scalars(select(JournalLine).where(JournalLine.act == "send_again")).all()
    assert {line.staff_id for line in lines} == {supervisor.staff_id}
    assert len(lines) == 3


def test_an_event_sent_again_has_three_days_of_its_own(world: World, receiver: Receiver, platform: Platform) -> None:
    [event, _] = dead_letters(world, receiver, platform, 1)
    tell_again(world, actor_of(world, Role.supervisor), event.id, event.version)
    receiver.always = 500
    assert tell_all(world) == 0
    assert events_of(world, platform)[0].delivery is WAITING
    world.clock.move(days=3)
    tell_all(world)
    assert events_of(world, platform)[0].delivery is DEAD


def test_what_waits_for_its_next_try_is_tried_now_when_a_supervisor_says_so(
    world: World, receiver: Receiver, platform: Platform
) -> None:
    receiver.plan = ["drop"]
    plant_event(world, platform, plant_binding(world, platform))
    assert tell_all(world) == 0
    assert tell_platform_again(world, actor_of(world, Role.supervisor), platform.id) == 1
    assert tell_all(world) == 1


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.supervisor])
def test_only_a_supervisor_sends_again(world: World, receiver: Receiver, platform: Platform, role: Role) -> None:
    [event, _] = dead_letters(world, receiver, platform, 1)
    with pytest.raises(Forbidden):
        tell_again(world, actor_of(world, role), event.id, event.version)
    with pytest.raises(Forbidden):
        tell_platform_again(world, actor_of(world, role), platform.id)
    assert deliveries(world, platform) == [DEAD, WAITING]


def test_a_stale_page_and_a_strange_number_send_nothing_again(world: World, receiver: Receiver, platform: Platform) -> None:
    [event, _] = dead_letters(world, receiver, platform, 1)
    supervisor = actor_of(world, Role.supervisor)
    with pytest.raises(Stale):
        tell_again(world, supervisor, event.id, event.version - 1)
    with pytest.raises(Absent):
        tell_again(world, supervisor, 999_999, 1)
    with pytest.raises(Absent):
        tell_platform_again(world, supervisor, 999_999)


def test_an_event_in_hand_is_nobody_elses_until_its_lease_is_over(world: World, receiver: Receiver, platform: Platform) -> None:
    plant_event(world, platform, plant_binding(world, platform))
    errand = _claim(world, platform.id)
    assert errand is not None
    assert _claim(world, platform.id) is None
    world.clock.move(LEASE - timedelta(seconds=1))
    assert tell_all(world) == 0
    world.clock.move(seconds=1)
    assert tell_all(world) == 1
    [event] = events_of(world, platform)
    assert [(attempt.status, attempt.fault) for attempt in event.attempts] == [(None, CUT_OFF), (204, "")]
    _record(world, errand, Answered(500, "refused"))  # whoever was thought dead comes back late
    [event] = events_of(world, platform)
    assert event.delivery is DELIVERED
    assert [attempt.status for attempt in event.attempts] == [500, 204]


@pytest.mark.parametrize("late", [Answered(500, "refused"), Answered(204)])
def test_whoever_comes_late_leaves_the_event_to_who_has_it_now(
    world: World, receiver: Receiver, platform: Platform, late: Answered
) -> None:
    planted = plant_event(world, platform, plant_binding(world, platform))
    slow = _claim(world, platform.id)
    world.clock.move(LEASE)
    quick = _claim(world, platform.id)
    assert slow is not None
    assert quick is not None
    _record(world, slow, late)
    [event] = events_of(world, platform)
    assert (event.delivery, event.version, event.due_at) == (WAITING, quick.version, planted.due_at)
    _record(world, quick, Answered(204))
    assert deliveries(world, platform) == [DELIVERED]


def test_two_at_once_never_send_one_event_twice(postgresql_world: World) -> None:
    world = postgresql_world
    ensure_office_key(world)
    keys = published_keys(world)
    key = signing_key(world)
    with receiving(Receiver(keys, now=lambda: world.now().timestamp())) as receiver:
        platform = plant_platform(world, webhook_url=receiver.url)
        bindings = [plant_binding(world, platform) for _ in range(8)]
        for turn in range(64):
            plant_event(world, platform, bindings[turn % 8])

        def work(_: int) -> None:
            while {WAITING} & set(deliveries(world, platform)):
                deliver_next(world, platform.id, key)

        with ThreadPoolExecutor(4) as processes:
            list(processes.map(work, range(4)))
    assert (len(receiver.requests), receiver.repeated, receiver.late, receiver.refusals) == (64, 0, 0, [])
    assert sorted(receiver.numbers()) == list(range(1, 65))
    with world.reading() as session:
        assert len(session.scalars(select(DeliveryAttempt)).all()) == 64


@pytest.mark.parametrize("what", ["redirect", "flood", "drop", 199 + 1, 204, 404, 500])
def test_only_a_plain_yes_counts_and_nothing_is_followed(
    world: World, receiver: Receiver, platform: Platform, what: object
) -> None:
    receiver.plan = [what]
    plant_event(world, platform, plant_binding(world, platform))
    taken = tell_all(world)
    [event] = events_of(world, platform)
    assert len(receiver.requests) == 1
    [attempt] = event.attempts
    expected = {
        "redirect": (307, "redirect"),
        "flood": (200, ""),
        "drop": (None, "broken_off"),
        200: (200, ""),
        204: (204, ""),
        404: (404, "refused"),
        500: (500, "refused"),
    }[what]
    assert (attempt.status, attempt.fault) == expected
    assert taken == (1 if expected[1] == "" else 0)


@pytest.mark.parametrize("how", ["hang", "drip"])
def test_a_slow_platform_is_cut_off(
    world: World, receiver: Receiver, platform: Platform, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "TAKES", 0.4)
    receiver.plan = [how]
    plant_event(world, platform, plant_binding(world, platform))
    assert tell_all(world) == 0
    [event] = events_of(world, platform)
    assert [(attempt.status, attempt.fault) for attempt in event.attempts] == [(None, "timeout")]


def test_an_address_beyond_loopback_is_never_called_in_the_clear(world: World, platform: Platform) -> None:
    """Also where it came into the table by another way than the administrator's page."""
    change(world, platform, webhook_url="http://platform.example.cn/office-events")
    plant_event(world, platform, plant_binding(world, platform))
    assert tell_all(world) == 0
    [event] = events_of(world, platform)
    assert [(attempt.status, attempt.fault) for attempt in event.attempts] == [(None, "address")]


def test_another_vault_key_tells_nothing_rather_than_unsigned(world: World, receiver: Receiver, platform: Platform) -> None:
    from app.services.vault import Unsealable, Vault

    plant_event(world, platform, plant_binding(world, platform))
    with pytest.raises(Unsealable):
        tell_all(replace(world, vault=Vault(bytes(32))))
    assert receiver.requests == []
    assert deliveries(world, platform) == [WAITING]


def rests(world: World, platform: Platform) -> timedelta | None:
    with world.reading() as session:
        until = session.get_one(Platform, platform.id).rests_until
        return until - world.now() if until is not None else None


@pytest.mark.parametrize("status", [429, 503])
def test_a_platform_that_asks_for_rest_is_left_alone_as_a_whole(
    world: World, receiver: Receiver, platform: Platform, status: int
) -> None:
    told = [plant_event(world, platform, plant_binding(world, platform)) for _ in range(3)]
    receiver.plan = [(status, {"Retry-After": "1800"})]
    assert tell_all(world) == 0
    assert (rests(world, platform), due_next(world, platform)) == (timedelta(minutes=30), world.now())
    told.append(plant_event(world, platform, plant_binding(world, platform)))  # what comes up meanwhile waits as well
    for _ in range(29):
        world.clock.move(minutes=1)
        assert tell_all(world) == 0
    assert len(receiver.requests) == 1
    world.clock.move(minutes=1)
    assert tell_all(world) == 4
    assert [event["id"] for event in receiver.taken] == [event.key for event in told]
    assert rests(world, platform) is None


def test_no_platform_rests_longer_than_six_hours_at_a_time(world: World, receiver: Receiver, platform: Platform) -> None:
    plant_event(world, platform, plant_binding(world, platform))
    receiver.plan = [(503, {"Retry-After": str(90 * 86_400)})]
    tell_all(world)
    assert rests(world, platform) == timedelta(hours=6)
    assert due_next(world, platform) == world.now() + timedelta(hours=6)


def test_who_answers_one_event_so_speaks_for_that_event_alone(world: World, receiver: Receiver, platform: Platform) -> None:
    first, _ = (plant_event(world, platform, plant_binding(world, platform)) for _ in range(2))
    receiver.plan = [(500, {"Retry-After": "1800"})]
    assert tell_all(world) == 1, "the other event is taken at once"
    assert rests(world, platform) is None
    waiting = next(event for event in events_of(world, platform) if event.key == first.key)
    assert waiting.due_at == world.now() + timedelta(minutes=30)


def test_another_platform_does_not_rest_with_it(world: World, receiver: Receiver, platform: Platform) -> None:
    other = plant_platform(world, "tax_hall", webhook_url=receiver.url)
    receiver.plan = [(503, {"Retry-After": "1800"})]
    for one in (platform, other):
        plant_event(world, one, plant_binding(world, one))
    assert tell_all(world) == 1
    assert (deliveries(world, platform), deliveries(world, other)) == ([WAITING], [DELIVERED])


@pytest.mark.parametrize("one_by_one", [True, False])
def test_whoever_sends_again_ends_the_rest(world: World, receiver: Receiver, platform: Platform, one_by_one: bool) -> None:
    dead = dead_letters(world, receiver, platform)[0]
    receiver.plan, receiver.always = [(503, {"Retry-After": "7200"})], None
    new = plant_event(world, platform, plant_binding(world, platform))
    assert (tell_all(world), rests(world, platform)) == (0, timedelta(hours=2))
    supervisor = actor_of(world, Role.supervisor)
    if one_by_one:
        tell_again(world, supervisor, dead.id, dead.version)
    else:
        tell_platform_again(world, supervisor, platform.id)
    assert rests(world, platform) is None
    tell_all(world)
    assert dead.key in [event["id"] for event in receiver.taken]
    assert (new.key in [event["id"] for event in receiver.taken]) is not one_by_one


def test_a_platform_with_nothing_but_a_rest_is_hastened_too(world: World, receiver: Receiver, platform: Platform) -> None:
    change(world, platform, rests_until=world.now() + timedelta(hours=1))
    plant_event(world, platform, plant_binding(world, platform))
    assert tell_all(world) == 0
    assert tell_platform_again(world, actor_of(world, Role.supervisor), platform.id) == 0
    assert tell_all(world) == 1
    with world.reading() as session:
        assert session.scalars(select(JournalLine).where(JournalLine.act == "hasten")).one().detail == {"count": 0}
