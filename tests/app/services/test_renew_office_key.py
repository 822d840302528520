"""The office's key is renewed: announced first, signed with later, the old one kept for whoever checks late; or withdrawn at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from app.services.errors import Faulty, Forbidden, Refusal, Stale
from app.services.keep_told import tell_all
from app.services.office_key import ensure_office_key, published_keys, signing_key
from app.services.renew_office_key import erase_spent_keys, renew_office_key
from app.services.world import World
from models.rulebook.permissions import Actor
from models.rulebook.signing_keys import ANNOUNCED, ERASED_AFTER, LISTED_AFTER
from models.rulebook.vocabulary import Role
from models.tables import JournalLine, OfficeKey, Platform
from tests.builders.people import actor_of
from tests.builders.platforms import plant_binding, plant_event, plant_platform
from tests.builders.receiver import Receiver, receiving

REASON = "每年例行更换"


@pytest.fixture
def administrator(world: World) -> Actor:
    ensure_office_key(world)
    return actor_of(world, Role.administrator)


@pytest.fixture
def receiver(world: World, administrator: Actor) -> Iterator[Receiver]:
    """Keeps the set that it has read once, until a test gives it a newer one."""
    with receiving(Receiver(published_keys(world), now=lambda: world.now().timestamp())) as made:
        yield made


def newest(world: World) -> int:
    with world.reading() as session:
        return session.scalars(select(OfficeKey.id).order_by(OfficeKey.id.desc()).limit(1)).one()


def listed(world: World) -> list[str]:
    return [key["kid"] for key in published_keys(world)["keys"]]


def erased(world: World) -> list[str]:
    with world.reading() as session:
        return [key.name for key in session.scalars(select(OfficeKey).where(OfficeKey.private_sealed.is_(None)))]


def journal(world: World) -> list[tuple[str, int | None, dict[str, str]]]:
    with world.reading() as session:
        lines = session.scalars(select(JournalLine).where(JournalLine.subject == "office_key").order_by(JournalLine.id))
        return [(line.act, line.staff_id, line.detail) for line in lines]


def tell_one(world: World, platform: Platform) -> None:
    plant_event(world, platform, plant_binding(world, platform))
    assert tell_all(world) == 1


def test_a_new_key_is_announced_before_it_signs_and_the_old_one_outlives_it_in_the_set(
    world: World, administrator: Actor
) -> None:
    assert renew_office_key(world, administrator, newest(world), REASON) == "office-2"
    assert (listed(world), signing_key(world).name) == (["office-2", "office-1"], "office-1")
    world.clock.move(seconds=ANNOUNCED.total_seconds() - 1)
    assert signing_key(world).name == "office-1"
    world.clock.move(seconds=1)
    assert (listed(world), signing_key(world).name) == (["office-2", "office-1"], "office-2")
    world.clock.move(seconds=LISTED_AFTER.total_seconds())
    assert listed(world) == ["office-2"]
    [_, (act, by, detail)] = journal(world)
    assert (act, by, detail["key"], detail["reason"]) == ("renew", administrator.staff_id, "office-2", REASON)


def test_a_platform_that_keeps_the_set_for_its_hour_believes_every_notice(
    world: World, administrator: Actor, receiver: Receiver
) -> None:
    platform = plant_platform(world, webhook_url=receiver.url)
    renew_office_key(world, administrator, newest(world), REASON)
    for hour in range(8):
        tell_one(world, platform)
        if hour % 2:  # what it has is two hours old by now, twice as old as the office says
            receiver.keys = published_keys(world)
        world.clock.move(hours=1)
    assert receiver.refusals == []
    names = [request.headers["signature-input"].partition('keyid="')[2][:8] for request in receiver.requests]
    assert names == ["office-1"] * 4 + ["office-2"] * 4


def test_a_heap_of_notices_goes_over_to_the_new_key_in_the_middle(world: World, administrator: Actor, receiver: Receiver) -> None:
    platform = plant_platform(world, webhook_url=receiver.url)
    renew_office_key(world, administrator, newest(world), REASON)
    receiver.keys = published_keys(world)
    for _ in range(4):
        plant_event(world, platform, plant_binding(world, platform))
    receiver.before_answer = lambda event: world.clock.move(hours=2)
    assert tell_all(world) == 4
    assert [request.headers["signature-input"].count("office-2") for request in receiver.requests] == [0, 0, 1, 1]


def test_keys_in_wrong_hands_are_worth_nothing_from_this_moment(world: World, administrator: Actor, receiver: Receiver) -> None:
    platform = plant_platform(world, webhook_url=receiver.url)
    renew_office_key(world, administrator, newest(world), REASON)  # the one announced is as suspect as the one that signs
    assert renew_office_key(world, administrator, newest(world), "备份磁盘遗失", at_once=True) == "office-3"
    assert (listed(world), signing_key(world).name, erased(world)) == (["office-3"], "office-3", ["office-1", "office-2"])
    receiver.keys = published_keys(world)
    tell_one(world, platform)
    acts = [(act, detail["key"], detail.get("reason")) for act, _, detail in journal(world)[2:]]
    lost = "备份磁盘遗失"
    assert acts == [("withdraw", "office-1", lost), ("withdraw", "office-2", lost), ("renew", "office-3", lost)]
    renew_office_key(world, administrator, newest(world), "又一次", at_once=True)
    assert [act for act, _, _ in journal(world)[5:]] == ["withdraw", "renew"], "what was withdrawn is not withdrawn twice"


def test_the_private_half_is_erased_once_it_has_signed_for_the_last_time(world: World, administrator: Actor) -> None:
    renew_office_key(world, administrator, newest(world), REASON)
    world.clock.move(seconds=(ANNOUNCED + ERASED_AFTER).total_seconds() - 1)
    assert erase_spent_keys(world) == 0
    world.clock.move(seconds=1)
    assert (erase_spent_keys(world), erase_spent_keys(world), erased(world)) == (1, 0, ["office-1"])
    assert journal(world)[-1] == ("erase", None, {"key": "office-1"})
    assert listed(world) == ["office-2", "office-1"], "what it signed can be checked still"
    world.clock.move(days=-1)
    assert signing_key(world).name == "office-2", "with the clock set back, too, whoever can sign does"


def test_one_key_waits_for_its_time_and_no_second(world: World, administrator: Actor) -> None:
    seen = newest(world)
    renew_office_key(world, administrator, seen, REASON)
    for at_once in (False, True):
        with pytest.raises(Stale):
            renew_office_key(world, administrator, seen, REASON, at_once=at_once)
    with pytest.raises(Refusal, match="key_announced"):
        renew_office_key(world, administrator, newest(world), REASON)
    world.clock.move(seconds=ANNOUNCED.total_seconds())
    assert renew_office_key(world, administrator, newest(world), REASON) == "office-3"
    assert len(journal(world)) == 3


def test_it_takes_an_administrator_and_a_reason(world: World, administrator: Actor) -> None:
    for role in set(Role) - {Role.administrator}:
        with pytest.raises(Forbidden):
            renew_office_key(world, actor_of(world, role), newest(world), REASON)
    for reason in ("", "  ", "长" * 201):
        with pytest.raises(Faulty) as fault:
            renew_office_key(world, administrator, newest(world), reason)
        assert fault.value.fields == {"reason": "required"}
    assert listed(world) == ["office-1"]


def test_two_administrators_at_once_make_one_key(postgresql_world: World) -> None:
    world = postgresql_world
    ensure_office_key(world)
    administrator = actor_of(world, Role.administrator)
    seen = newest(world)

    def renew(at_once: bool) -> str:
        try:
            return renew_office_key(world, administrator, seen, REASON, at_once=at_once)
        except Stale:
            return "stale"

    with ThreadPoolExecutor(4) as pool:
        done = sorted(pool.map(renew, (False, True, False, True)))
    assert done == ["office-2", "stale", "stale", "stale"]
    assert len([act for act, _, _ in journal(world) if act == "renew"]) == 1


def test_a_key_sealed_elsewhere_is_replaced_at_once(world: World, administrator: Actor) -> None:
    """After the vault's key was lost no key opens any more: the office is not mute for ever."""
    with world.writing() as session:
        session.scalars(select(OfficeKey)).one().private_sealed = b"\x01" + bytes(60)
        session.commit()
    renew_office_key(world, administrator, newest(world), "保险柜密钥已换", at_once=True)
    assert signing_key(world).name == "office-2"
