import pytest
from flask import Flask

from app.services.world import World
from tests.builders.aftercare import Held, plant_held
from tests.builders.platform_calls import Caller, plant_caller


@pytest.fixture
def inspection(app: Flask, world: World) -> Caller:
    """A platform with every scope, signed in."""
    return plant_caller(app, world)


@pytest.fixture
def other(app: Flask, world: World) -> Caller:
    return plant_caller(app, world, "tax_hall", wanted_use=None, one_of_several=False)


@pytest.fixture
def held(world: World) -> Held:
    return plant_held(world)
