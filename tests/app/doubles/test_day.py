"""Two clicks, two people, about the day's count and the drawer: one effect."""

from tests.app.doubles.scenes.day import SCENES
from tests.app.doubles.stage import Scene, Stage, play, played


@played(SCENES)
def test_all_at_once_leave_what_one_leaves(stage: Stage, scene: Scene, rounds: int) -> None:
    play(stage, scene, rounds)
