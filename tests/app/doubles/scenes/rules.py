"""Every POST about editions of the rules, and about background work."""

from functools import partial
from typing import Any

from models.rulebook.editions import P1
from models.rulebook.vocabulary import Role
from models.tables import EditionDraft
from tests.app.doubles.stage import CLERKS, SUPERVISORS, Post, Scene, Stage
from tests.builders import rules
from tests.builders.jobs import plant_job
from tests.builders.people import actor_of, number_of

WRITER = SUPERVISORS[:1]
SECONDS = (SUPERVISORS[1], number_of(Role.supervisor, "CY01"))  # who may publish what the first one wrote


def cancelling(stage: Stage) -> Post:
    job = plant_job(stage.world, actor_of(stage.world, Role.clerk))
    return Post(f"/jobs/{job.id}/cancel", {"version": str(job.version)})


def beginning(stage: Stage) -> Post:
    return Post("/admin/rules/new", {"code": "P2-2027", "effective_from": "20270101", "based_on": P1.code})


def on(draft: EditionDraft, step: str, **form: Any) -> Post:
    return Post(f"/admin/rules/draft/{draft.id}/{step}", {"version": str(draft.version), **form})


def stepping(stage: Stage, make: Any, step: str, **form: Any) -> Post:
    return on(make(stage.world), step, **form)


def writing(stage: Stage) -> Post:
    """The whole sheet, with a few papers only."""
    sheet = {
        "code": "P2-2027",
        "effective_from": "20270101",
        "medium": "95.00",
        "renewal_opens_days": "60",
        "warranty_days": "365",
        "grant_minutes": "15",
    }
    for kind in P1.requirements:
        sheet[f"{kind.value}-identity_document_original"] = "y"
        if kind in P1.fees_fen:
            sheet[f"{kind.value}-fee"] = "0.00"
    for kind in ("renewal", "amendment", "replacement_damaged", "unlock"):
        sheet[f"{kind}-token"] = "asked"
    return on(rules.written(stage.world), "edit", **sheet)


def two_for_one_day(stage: Stage) -> tuple[Post, ...]:
    """Two editions that begin on the same day, each published by another second supervisor at the same moment."""
    drafts = [rules.proposed(stage.world, rules.edition(code, medium_fen=90_00)) for code in ("P2-2027", "P3-2027")]
    first, second = (on(draft, "publish", reason="核对无误") for draft in drafts)
    return first, second


SCENES = (
    Scene("jobs.cancel", "", cancelling, CLERKS[:1]),
    Scene("rules.new", "", beginning, SUPERVISORS, important=True),
    Scene("rules.edit", "", writing, WRITER),
    Scene("rules.ask", "", partial(stepping, make=rules.written, step="preview"), WRITER, important=True),
    Scene("rules.propose", "", partial(stepping, make=rules.previewed, step="propose", reason="涨价"), WRITER),
    Scene("rules.take_back", "", partial(stepping, make=rules.proposed, step="take-back", reason="改日期"), SECONDS),
    Scene("rules.drop", "", partial(stepping, make=rules.proposed, step="drop", reason="不用了"), SECONDS),
    Scene(
        "rules.publish", "", partial(stepping, make=rules.proposed, step="publish", reason="核对无误"), SECONDS, important=True
    ),
    Scene("rules.publish", "two for one day", two_for_one_day, SECONDS, important=True),
)
