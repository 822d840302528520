"""What is kept for a while and then forgotten: answers to platforms, addresses of those who guessed; and the brooms side by side."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.services import reconcile
from app.services.address_delay import ADDRESS_FORGOTTEN, count_failure, forget_addresses
from app.services.bind_certificate import BindOrder, bind_certificate
from app.services.end_binding import end_by_platform
from app.services.prune_answers import KEPT, prune_answers
from app.services.world import World
from models.rulebook.bindings import BindingCode
from models.tables import IdempotentAnswer, LoginFailure
from tests.builders.aftercare import plant_held
from tests.builders.bindings import bindings_at
from tests.builders.platforms import plant_platform


def test_a_request_repeated_within_a_month_is_the_same_and_later_a_new_one(world: World) -> None:
    platform, held = plant_platform(world), plant_held(world)
    order = BindOrder(held.serial, "u-1", "a1b2c3d4")
    first = bind_certificate(world, platform.id, order)
    end_by_platform(world, platform.id, first.key, "")
    world.clock.move(seconds=KEPT.total_seconds())
    assert prune_answers(world) == 0
    again = bind_certificate(world, platform.id, order)
    assert (again.replayed, again.key) == (True, first.key)
    world.clock.move(seconds=1)
    assert (prune_answers(world), prune_answers(world)) == (1, 0)
    anew = bind_certificate(world, platform.id, order)
    assert (anew.replayed, anew.outcome, anew.key != first.key) == (False, BindingCode.may_bind, True)
    assert [binding.key for binding in bindings_at(world, platform)] == [first.key, anew.key], "the register forgets nothing"


def test_many_old_answers_go_and_every_young_one_stays(world: World) -> None:
    platform, now = plant_platform(world), world.now()
    with world.writing() as session:
        session.add_all(
            IdempotentAnswer(
                platform_id=platform.id,
                key=f"k-{which}",
                request_digest="0" * 64,
                status=201,
                answer={},
                at=now - KEPT + timedelta(seconds=which - 1200),
            )
            for which in range(1203)
        )
        session.commit()
    assert prune_answers(world) == 1200
    with world.reading() as session:
        assert session.scalars(select(IdempotentAnswer.key).order_by(IdempotentAnswer.id)).all() == ["k-1200", "k-1201", "k-1202"]


def test_an_address_is_forgotten_once_its_guesses_count_no_more(world: World) -> None:
    def guess(address: str) -> None:
        with world.writing() as session:
            count_failure(session, address, world.now())
            session.commit()

    guess("192.0.2.1")
    world.clock.move(seconds=ADDRESS_FORGOTTEN.total_seconds())
    guess("platform 192.0.2.2")
    assert forget_addresses(world) == 0
    world.clock.move(seconds=1)
    assert (forget_addresses(world), forget_addresses(world)) == (1, 0)
    with world.reading() as session:
        assert session.scalars(select(LoginFailure.address)).all() == ["platform 192.0.2.2"]


def test_a_broom_that_breaks_keeps_no_other_from_sweeping(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    swept = []

    def broken(_: World) -> int:
        raise OSError("no such folder")

    monkeypatch.setattr(reconcile, "SWEEPS", (broken, lambda swept_world: swept.append(swept_world)))
    reconcile.sweep(world)
    assert swept == [world]
    assert "broken failed; it is tried again" in caplog.text
