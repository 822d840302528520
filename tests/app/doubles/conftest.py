"""The stages: an office of its own for every scene, on either database."""

import os
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from app.config import Settings
from app.services import attach_scan
from app.services.scan_examiner import clean_pictures
from app.services.world import World
from tests.app.doubles.stage import Stage
from tests.conftest import app_for


@pytest.fixture(autouse=True)
def _pictures_cleaned_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The child that cleans a picture gives the same answer for the same bytes, and takes a quarter of a second for it: it is
    asked once. What races is what comes after."""
    monkeypatch.setattr(attach_scan, "clean_pictures", cache(clean_pictures))


@pytest.fixture
def tmp_path(tmp_path: Path) -> Iterator[Path]:
    """In memory where there is such a place: what survives a power cut is other tests' affair, and a commit costs ten times less."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(prefix="doubles-", dir=memory) as folder:
        yield Path(folder)


@pytest.fixture
def stage(world: World, settings: Settings) -> Stage:
    return Stage(world, app_for(settings, world))


@pytest.fixture
def postgresql_stage(postgresql_world: World, settings: Settings) -> Stage:
    return Stage(postgresql_world, app_for(settings, postgresql_world))
