"""Processes that tell a platform are killed at every point, and two work at once: nothing lost, nothing twice, nothing overtakes."""

import os
import signal
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest

from app.services.deliver_events import CUT_OFF, LEASE
from app.services.office_key import ensure_office_key, published_keys
from app.services.world import World
from models.rulebook.vocabulary import DeliveryState
from models.tables import Platform, PlatformEvent
from tests.builders.platforms import deliveries, events_of, plant_binding, plant_event, plant_platform
from tests.builders.receiver import Receiver, receiving
from tests.journeys.teller import POINTS, Tellers

pytestmark = pytest.mark.kill

BINDINGS, EVENTS = 3, 18


@pytest.fixture
def receiver(world: World) -> Iterator[Receiver]:
    ensure_office_key(world)
    keys = published_keys(world)
    with receiving(Receiver(keys, now=lambda: world.now().timestamp())) as made:
        yield made


@pytest.fixture
def tellers(world: World) -> Iterator[Tellers]:
    with Tellers(world.engine.url.render_as_string(hide_password=False)) as made:
        yield made


def something_to_tell(world: World, receiver: Receiver, events: int = EVENTS, bindings: int = BINDINGS) -> Platform:
    platform = plant_platform(world, webhook_url=receiver.url)
    made = [plant_binding(world, platform) for _ in range(bindings)]
    for turn in range(events):
        plant_event(world, platform, made[turn % bindings])
    return platform


def assert_told(world: World, receiver: Receiver, platform: Platform) -> list[PlatformEvent]:
    """Every event had its effect once, in order within its binding, and the books say so."""
    events = list(events_of(world, platform))
    assert {event.delivery for event in events} == {DeliveryState.delivered}
    assert Counter(taken["id"] for taken in receiver.taken) == Counter(event.key for event in events)
    for binding in {event.binding.key for event in events if event.binding}:
        assert receiver.numbers(binding) == sorted(receiver.numbers(binding))
    assert (receiver.late, receiver.refusals) == (0, [])
    assert set(receiver.at_once.values()) == {1}, "nobody sends what another is sending"
    for event in events:
        assert all(attempt.status is not None or attempt.fault for attempt in event.attempts), "no attempt is left open"
        assert event.tries == len(event.attempts)
    return events


def test_killed_at_every_point_of_every_delivery(world: World, receiver: Receiver, tellers: Tellers) -> None:
    platform = something_to_tell(world, receiver)
    kills = Counter[str]()
    while DeliveryState.waiting in deliveries(world, platform):
        point = POINTS[kills.total() % len(POINTS)]
        [end] = tellers.tell(world.now(), (point, 1 + kills.total() % 2))
        if end == -signal.SIGKILL:
            kills[point] += 1
        else:
            assert end == 0
        world.clock.move(LEASE)
        assert kills.total() < 200
    events = assert_told(world, receiver, platform)
    cut_off = sum(attempt.fault == CUT_OFF for event in events for attempt in event.attempts)
    assert cut_off == sum(kills[point] for point in ("after the claim", "before sending", "after sending", "before the record"))
    assert receiver.repeated == kills["after sending"] + kills["before the record"], "sent again only where nobody could know"
    assert set(kills) == set(POINTS)
    assert len(receiver.requests) == EVENTS + receiver.repeated
    print(f"{kills.total()} kills at {len(kills)} points, {receiver.repeated} repeated, each known by its id")


def test_killed_while_the_platform_is_at_it(world: World, receiver: Receiver, tellers: Tellers) -> None:
    """The platform has acted, and its answer finds nobody."""
    platform = something_to_tell(world, receiver, 6, 2)
    killed: list[str] = []

    def strike(event: dict[str, str]) -> None:
        if event["id"] not in killed:
            killed.append(event["id"])
            os.kill(tellers.pids[0], signal.SIGKILL)

    receiver.before_answer = strike
    while DeliveryState.waiting in deliveries(world, platform):
        tellers.tell(world.now())
        world.clock.move(LEASE)
    assert len(killed) == receiver.repeated == 6
    assert_told(world, receiver, platform)


def test_two_processes_at_once_and_one_of_them_is_killed(world: World, receiver: Receiver, tellers: Tellers) -> None:
    platform = something_to_tell(world, receiver, 36, 6)
    kills = 0
    for turn in range(60):
        ends = tellers.tell(world.now(), (POINTS[turn % len(POINTS)], 2), ("", 0), ("", 0))
        kills += ends[0] == -signal.SIGKILL
        assert ends[1:] == [0, 0]
        world.clock.move(LEASE)
        if set(deliveries(world, platform)) == {DeliveryState.delivered}:
            break
    assert_told(world, receiver, platform)
    assert receiver.repeated <= kills


def test_four_processes_at_once_send_each_event_once(world: World, receiver: Receiver, tellers: Tellers) -> None:
    platform = something_to_tell(world, receiver, 36, 6)
    while DeliveryState.waiting in deliveries(world, platform):
        assert tellers.tell(world.now(), *[("", 0)] * 4) == [0] * 4
        world.clock.move(timedelta(seconds=1))
    assert_told(world, receiver, platform)
    assert len(receiver.requests) == 36
