"""Several at once about what no single page does; two clicks and two people are in `tests/app/doubles`. Real threads."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.services.errors import Refusal
from app.services.publish_crl import publish_crl
from app.services.sign_in import sign_in
from app.services.world import World
from models.rulebook.vocabulary import CaseState
from models.tables import LoginFailure, RevocationList
from tests.builders.issuance import (
    make_items,
    plant_case,
    plant_scene,
    plant_stock,
    see_all,
)

ROUNDS = 200


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def world(request: pytest.FixtureRequest, world: World) -> World:
    """Either database: SQLite has one writer at a time, PostgreSQL many."""
    chosen: World = world if request.param == "sqlite" else request.getfixturevalue("postgresql_world")
    return chosen


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """All acts let go at the same moment; their results, or the Refusal that each met. Anything else is raised."""
    gate = threading.Barrier(len(acts))
    results: list[Any] = [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        gate.wait()
        try:
            results[place] = ("done", act())
        except Refusal as refusal:
            results[place] = ("refused", refusal)
        except BaseException as fault:
            results[place] = ("broken", fault)

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for outcome, result in results:
        if outcome == "broken":
            raise result
    return results


def done(results: list[Any]) -> list[Any]:
    return [result for outcome, result in results if outcome == "done"]


@pytest.mark.parametrize("publishers", [4])
def test_lists_published_at_once_have_growing_numbers_and_the_last_says_everything(
    world: World, app: Flask, publishers: int
) -> None:
    scene = plant_scene(world, app, tokens=0, envelopes=0)
    serials = plant_stock(world, tokens=ROUNDS, envelopes=ROUNDS)
    for turn in range(ROUNDS):
        case_id = plant_case(world, state=CaseState.awaiting_handover, number=f"HD01-20261123-{turn:04d}")
        make_items(world, case_id, scene.station.id, [serials[turn]], [f"HD01E{turn + 1:06d}"])
        assert all(done(at_once(*(lambda: publish_crl(world) for _ in range(publishers)))))
        newest = see_all(world, lambda s: s.scalars(select(RevocationList).order_by(RevocationList.number.desc())).first())
        assert newest.entries == turn + 1


def test_first_failures_from_one_address_at_once_are_all_counted(world: World) -> None:
    for turn in range(ROUNDS):
        guesses = [lambda at=f"10.0.{turn}.1": sign_in(world, "NOBODY", "wrong", "", at)] * 2
        assert done(at_once(*guesses)) == []
    assert see_all(world, lambda session: set(session.scalars(select(LoginFailure.count)))) == {2}
