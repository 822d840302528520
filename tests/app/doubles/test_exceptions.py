"""Two clicks, two people, about exceptions: one effect, and money moves once."""

from tests.app.doubles.scenes.exceptions import SCENES
from tests.app.doubles.stage import ROUNDS_AT_SUPERVISION, Scene, Stage, play, played


@played(SCENES, ROUNDS_AT_SUPERVISION)
def test_all_at_once_leave_what_one_leaves(stage: Stage, scene: Scene, rounds: int) -> None:
    play(stage, scene, rounds)
