import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app.services.vault import Vault
from app.services.world import World
from card_issuance.authority import Authority
from tests.app.test_every_door import settings_in
from tests.builders.aftercare import Held, plant_held
from tests.builders.platform_calls import Caller, plant_caller
from tests.conftest import VAULT_KEY, SetClock, app_for, engine_of


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


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory, template_database: Path, authority: Authority) -> Iterator[Caller]:
    """A platform for a whole file's refusals: they change nothing, so they need no office of their own."""
    folder = tmp_path_factory.mktemp("refusals")
    shutil.copyfile(template_database, folder / "office.db")
    engine = engine_of(f"sqlite:///{folder / 'office.db'}")
    world = World(SetClock(), engine, Vault(VAULT_KEY), authority, folder, "http://127.0.0.1:8600")
    yield plant_caller(app_for(settings_in(folder), world), world)
    engine.dispose()
