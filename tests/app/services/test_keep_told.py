"""The loop that tells platforms: soon, each by itself, and no longer than it is wanted."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from app.services import keep_told as room
from app.services.keep_told import keep_told
from app.services.office_key import ensure_office_key, published_keys
from app.services.world import World
from models.rulebook.vocabulary import DeliveryState
from tests.builders.platforms import deliveries, plant_binding, plant_event, plant_platform
from tests.builders.receiver import Receiver, receiving

PATIENCE = 30.0


@contextmanager
def loop(world: World) -> Iterator[None]:
    stop = threading.Event()
    thread = keep_told(world, stop)
    try:
        yield
    finally:
        stop.set()
        thread.join(PATIENCE)
        assert not thread.is_alive()


def wait_for(what: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.fixture
def keys(world: World) -> dict[str, object]:
    ensure_office_key(world)
    return published_keys(world)


def test_a_slow_platform_keeps_nobody_else_waiting(
    world: World, keys: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "EVERY", 0.02)
    now = world.now().timestamp()
    with receiving(Receiver(keys, now=lambda: now, always="hang")) as slow, receiving(Receiver(keys, now=lambda: now)) as quick:
        first = plant_platform(world, "first", webhook_url=slow.url)
        second = plant_platform(world, "second", webhook_url=quick.url)
        plant_event(world, first, plant_binding(world, first))
        with loop(world):
            wait_for(lambda: bool(slow.requests))
            plant_event(world, second, plant_binding(world, second))
            wait_for(lambda: deliveries(world, second) == [DeliveryState.delivered])
            assert deliveries(world, first) == [DeliveryState.waiting]
            assert len(slow.requests) == 1


def test_a_platform_that_is_away_is_left_alone_for_a_while(
    world: World, keys: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "EVERY", 0.02)
    with receiving(Receiver(keys, now=lambda: world.now().timestamp(), always=503)) as receiver:
        platform = plant_platform(world, webhook_url=receiver.url)
        for _ in range(5):
            plant_event(world, platform, plant_binding(world, platform))
        with loop(world):
            wait_for(lambda: bool(receiver.requests))
            time.sleep(0.5)
        assert len(receiver.requests) == 1, "one knock says it for all"


def test_the_loop_outlives_a_fault_and_ends_when_it_is_told_to(
    world: World, keys: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "EVERY", 0.02)
    look, failed = room.due_platforms, threading.Event()

    def once_broken(world: World) -> list[int]:
        if not failed.is_set():
            failed.set()
            raise OSError("the disk is full")
        return look(world)

    monkeypatch.setattr(room, "due_platforms", once_broken)
    with receiving(Receiver(keys, now=lambda: world.now().timestamp())) as receiver:
        platform = plant_platform(world, webhook_url=receiver.url)
        plant_event(world, platform, plant_binding(world, platform))
        with loop(world):
            wait_for(lambda: deliveries(world, platform) == [DeliveryState.delivered])
        assert failed.is_set()
