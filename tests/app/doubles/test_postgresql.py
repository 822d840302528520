"""The acts that matter most, on the database with many writers: all at once leave what one leaves."""

import pytest

from tests.app.doubles.scenes import SCENES
from tests.app.doubles.stage import ROUNDS_ON_POSTGRESQL, Scene, Stage, play

pytestmark = pytest.mark.postgresql


@pytest.mark.parametrize("scene", [scene for scene in SCENES if scene.important], ids=str)
def test_all_at_once_leave_what_one_leaves(postgresql_stage: Stage, scene: Scene) -> None:
    play(postgresql_stage, scene, ROUNDS_ON_POSTGRESQL)
