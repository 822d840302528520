"""Every POST of the retention room: holds set and lifted, lists proposed, approved, dropped and taken up again. And the reports."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from app.services.approve_destruction import approve_destruction
from app.services.jobs import cancel_job
from app.services.set_hold import HoldOrder, set_hold
from models.rulebook.vocabulary import Role
from models.tables import DestructionList, Job, LegalHold
from tests.app.doubles.stage import SUPERVISORS, Post, Scene, Stage
from tests.builders.people import actor_of
from tests.builders.retention import approved, list_now, long_closed, proposed
from tests.builders.road import only

ROOM = "/admin/retention"
REASON = "照来函办理"


def holding(scope: str) -> Callable[[Stage], Post]:
    def build(stage: Stage) -> Post:
        case = long_closed(stage.world)
        form = {"version": "0", "scope": scope, "authority": "样例人民法院", "reference": "样例字第 1 号", "reason": REASON}
        return Post(f"{ROOM}/case/{case.id}/hold", form)

    return build


def lifting(stage: Stage) -> Post:
    case = long_closed(stage.world)
    order = HoldOrder("样例人民法院", "样例字第 1 号", REASON)
    hold = only(stage.world, LegalHold, id=set_hold(stage.world, actor_of(stage.world, Role.supervisor), case.id, order))
    return Post(f"{ROOM}/holds/{hold.id}/lift", {"version": str(hold.version), "reason": REASON})


def proposing(stage: Stage) -> Post:
    cases = [long_closed(stage.world) for _ in range(2)]
    return Post(f"{ROOM}/propose", {"version": "0", "reason": REASON, "cases": [str(case.id) for case in cases]})


def overlapping(stage: Stage) -> tuple[Post, ...]:
    """Two lists with one case in common: the first has it."""
    first, common, second = (long_closed(stage.world).id for _ in range(3))
    forms = ([first, common], [common, second])
    return tuple(Post(f"{ROOM}/propose", {"version": "0", "reason": REASON, "cases": [str(i) for i in ids]}) for ids in forms)


def of_another_branch(stage: Stage) -> DestructionList:
    return proposed(stage.world, long_closed(stage.world, "CY01"), by=actor_of(stage.world, Role.supervisor, "CY01"))


def deciding(step: str, approvals: int = 0) -> Callable[[Stage], Post]:
    def build(stage: Stage) -> Post:
        listed = of_another_branch(stage)
        for branch in ("DS01",)[:approvals]:
            approve_destruction(stage.world, actor_of(stage.world, Role.supervisor, branch), listed.id, listed.version, REASON)
        form: dict[str, Any] = {"version": str(list_now(stage.world, listed.id).version), "reason": REASON}
        return Post(f"{ROOM}/lists/{listed.id}/{step}", form)

    return build


def resuming(stage: Stage) -> Post:
    listed = approved(stage.world, long_closed(stage.world))
    with stage.world.reading() as session:
        job = session.scalars(select(Job)).one()
    cancel_job(stage.world, actor_of(stage.world, Role.supervisor, "DS01"), job.id, job.version)
    return Post(f"{ROOM}/lists/{listed.id}/resume", {"version": str(listed.version), "reason": REASON})


def checking(stage: Stage) -> Post:
    return Post(f"{ROOM}/verify", {"version": "0"})


def reporting(stage: Stage) -> Post:
    return Post("/admin/reports/", {"version": "0", "first": "2026-10", "last": "2026-11", "form": "pdf"})


SCENES = (
    Scene("retention.hold", "a case", holding("case"), SUPERVISORS, important=True),
    Scene("retention.hold", "an applicant", holding("applicant"), SUPERVISORS),
    Scene("retention.lift", "", lifting, SUPERVISORS),
    Scene("retention.propose", "", proposing, SUPERVISORS, important=True),
    Scene("retention.propose", "one case in common", overlapping, SUPERVISORS),
    Scene("retention.approve", "first", deciding("approve"), SUPERVISORS),
    Scene("retention.approve", "second", deciding("approve", 1), SUPERVISORS, important=True),
    Scene("retention.drop", "", deciding("drop", 1), SUPERVISORS),
    Scene("retention.resume", "", resuming, SUPERVISORS),
    Scene("retention.check", "", checking, SUPERVISORS[:1]),
    Scene("reports.index_view", "", reporting, SUPERVISORS[:1], important=True),
)
