"""Every POST about the lists of supervision: a question kept under a name, a list that leaves the office."""

from app.services.save_view import save_view
from models.rulebook.vocabulary import Role
from tests.app.doubles.stage import SUPERVISORS, Post, Scene, Stage
from tests.builders.cases import drafted
from tests.builders.people import actor_of


def keeping(stage: Stage) -> Post:
    return Post("/admin/looking/cases/save?state=draft", {"name": "未受理的"})


def keeping_anew(stage: Stage) -> Post:
    save_view(stage.world, actor_of(stage.world, Role.supervisor), "cases", "未受理的", {"state": "closed"})
    return keeping(stage)


def forgetting(stage: Stage) -> Post:
    for name in ("未受理的", "别的"):
        save_view(stage.world, actor_of(stage.world, Role.supervisor), "cases", name, {"state": "draft"})
    return Post("/admin/looking/cases/forget", {"name": "未受理的"})


def exporting(stage: Stage) -> Post:
    drafted(stage.world)
    return Post("/admin/looking/cases/export?state=draft", {"format": "csv", "reason": "", "mark": "a1b2c3d4"})


SCENES = (
    Scene("looking.save", "", keeping, SUPERVISORS[:1]),
    Scene("looking.save", "a name used before", keeping_anew, SUPERVISORS[:1]),
    Scene("looking.forget", "", forgetting, SUPERVISORS[:1]),
    Scene("looking.export", "", exporting, SUPERVISORS[:1], important=True),
)
