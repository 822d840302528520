"""A reset at the counter on its way to the platform and back: through a day of silence, and through power cuts at every commit."""

from collections.abc import Callable, Iterator

import pytest

from app.services.acknowledge_events import acknowledge_events, take_from_feed
from app.services.deliver_events import LEASE
from app.services.errors import OutOfTurn
from app.services.grant_case import grant_case
from app.services.keep_told import tell_all
from app.services.office_key import ensure_office_key, published_keys
from app.services.world import World
from models.rulebook.vocabulary import CaseKind, CaseState, DeliveryState, Role
from models.tables import Case, Platform
from tests.builders.aftercare import plant_held
from tests.builders.bindings import accepted_at, agreed_at, plant_bound
from tests.builders.cases import case_now
from tests.builders.people import actor_of
from tests.builders.platforms import deliveries, events_of, plant_platform
from tests.builders.receiver import Receiver, receiving
from tests.invariants import violations
from tests.journeys.test_commit_kills import PowerCut, power_cut_at

WAITING, DELIVERED = DeliveryState.waiting, DeliveryState.delivered


@pytest.fixture
def receiver(world: World) -> Iterator[Receiver]:
    ensure_office_key(world)
    keys = published_keys(world)
    with receiving(Receiver(keys, now=lambda: world.now().timestamp())) as made:
        yield made


@pytest.fixture
def platform(world: World, receiver: Receiver) -> Platform:
    return plant_platform(world, webhook_url=receiver.url)


def test_a_reset_is_done_when_the_platform_says_so_however_long_it_was_away(
    world: World, receiver: Receiver, platform: Platform
) -> None:
    held = plant_held(world)
    bound = plant_bound(world, platform, held)
    receiver.always = "drop"
    case = agreed_at(world, platform, held, CaseKind.binding_reset)
    for _ in range(24):
        assert tell_all(world) == 0
        assert case_now(world, case.id).state is CaseState.awaiting_acknowledgement
        world.clock.move(hours=1)
    again = plant_bound(world, platform, held, "u-2")  # at his next login; the platform's own call gets through
    receiver.always = None
    world.clock.move(hours=6)
    while WAITING in deliveries(world, platform):
        assert tell_all(world)
    told = [(event["type"], event["binding"]["id"], event["binding"]["end"]) for event in receiver.taken]
    assert told == [
        ("binding.made", bound.key, None),
        ("binding.ended", bound.key, "reset"),
        ("binding.made", again.key, None),
    ]
    assert case_now(world, case.id).state is CaseState.awaiting_acknowledgement, "taken is not obeyed"
    acknowledge_events(world, platform.id, [event["id"] for event in receiver.taken])
    assert case_now(world, case.id).state is CaseState.closed
    assert (receiver.repeated, receiver.late, receiver.refusals) == (0, 0, [])


def test_a_platform_that_acknowledges_before_it_answers_is_understood(
    world: World, receiver: Receiver, platform: Platform
) -> None:
    held = plant_held(world)
    plant_bound(world, platform, held)
    case = agreed_at(world, platform, held, CaseKind.binding_reset)
    receiver.before_answer = lambda event: acknowledge_events(world, platform.id, [event["id"]])
    assert tell_all(world) == 2
    assert case_now(world, case.id).state is CaseState.closed
    for event in events_of(world, platform):
        assert (event.delivery, event.tries) == (DELIVERED, 1)
        assert [attempt.status for attempt in event.attempts] == [204]
    assert len(receiver.requests) == 2


def test_what_was_read_from_the_feed_is_not_sent_any_more(world: World, receiver: Receiver, platform: Platform) -> None:
    held = plant_held(world)
    plant_bound(world, platform, held)
    case = agreed_at(world, platform, held, CaseKind.binding_reset)
    assert take_from_feed(world, platform.id, 1) == 1
    assert tell_all(world) == 1
    assert receiver.numbers() == [2]
    assert case_now(world, case.id).state is CaseState.awaiting_acknowledgement


def cut(act: Callable[[], object], commit: int, when: str) -> bool:
    """Whether the power failed at that commit of the act."""
    try:
        with power_cut_at(commit, when):
            act()
    except PowerCut:
        return True
    return False


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_power_cut_at_any_commit_of_grant_telling_and_word_leaves_nothing_half_done(
    world: World, receiver: Receiver, platform: Platform, when: str
) -> None:
    for step in ("grant", "tell", "acknowledge"):
        for commit in range(1, 20):
            held = plant_held(world)
            plant_bound(world, platform, held)
            tell_all(world)
            case = accepted_at(world, platform, held, CaseKind.binding_reset)
            failed = _travel(world, receiver, platform, case, step, commit, when)
            _assert_ended(world, receiver, platform, case)
            if not failed:
                assert commit > 1, f"{step} commits nothing"
                break


def _travel(world: World, receiver: Receiver, platform: Platform, case: Case, step: str, commit: int, when: str) -> bool:
    """Granted, told, acknowledged; the power fails in one of the three, and whoever was at it does it again."""
    failed = False

    def grant() -> None:
        grant_case(world, actor_of(world, Role.supervisor), case.id, case_now(world, case.id).version, "证件核对无误")

    def tell() -> None:
        tell_all(world)

    def acknowledge() -> None:
        acknowledge_events(world, platform.id, [event["id"] for event in receiver.taken])

    for name, act in (("grant", grant), ("tell", tell), ("acknowledge", acknowledge)):
        if name == step and cut(act, commit, when):
            failed = True
            with world.reading() as session:
                assert violations(session) == []
            world.clock.move(LEASE)
            try:
                act()
            except OutOfTurn:
                assert (name, when) == ("grant", "after"), "the first one had its effect"
        elif name != step:
            act()
    return failed


def _assert_ended(world: World, receiver: Receiver, platform: Platform, case: Case) -> None:
    assert case_now(world, case.id).state is CaseState.closed
    events = events_of(world, platform)
    assert [event.number for event in events] == list(range(1, len(events) + 1)), "no number is missing"
    assert [event.key for event in events] == [taken["id"] for taken in receiver.taken], "nothing lost, nothing twice, in order"
    assert {event.delivery for event in events} == {DELIVERED}
    assert [event.case_id for event in events].count(case.id) == 1
    with world.reading() as session:
        assert violations(session) == []
