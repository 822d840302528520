"""The acts that matter most, on the database with many writers: all at once leave what one leaves."""

import pytest

from tests.app.doubles.scenes import SCENES
from tests.app.doubles.stage import Scene, Stage, play, played

pytestmark = pytest.mark.postgresql


@played(SCENES, important=True)
def test_all_at_once_leave_what_one_leaves(postgresql_stage: Stage, scene: Scene) -> None:
    play(postgresql_stage, scene)
