"""Every POST of the intake desk."""

from functools import partial
from typing import Any

from app.services.attach_scan import attach_scan
from app.services.reopen_case import reopen_case
from models.rulebook.vocabulary import DocumentKind, Role
from models.tables import Case, Scan
from tests.app.doubles.stage import CLERKS, COUNTERS, Post, Scene, Stage
from tests.builders import cases
from tests.builders.people import actor_of
from tests.builders.road import a_picture, only


def posted(case: Case, **changes: object) -> dict[str, object]:
    """What the browser sends of a draft."""
    fields: dict[str, object] = {"version": str(case.version)}
    for name, value in (case.draft | changes).items():
        if name != "sets" and value not in (False, ""):
            fields[name] = value if value is not True else "y"
    for place, papers in enumerate(case.draft.get("sets", [])):
        fields[f"sets-{place}-reference"] = papers["reference"]
        for row, ticks in papers.items():
            if isinstance(ticks, dict):
                fields |= {f"sets-{place}-{row}-{tick}": "y" for tick, ticked in ticks.items() if ticked}
    return fields


def opening(stage: Stage) -> Post:
    return Post("/intake/open", {"credit_code": cases.unified_code(), "mark": "a1b2"})


def draft(stage: Stage, step: str = "save", changed: bool = True, **changes: Any) -> Post:
    """A draft with something typed that was not kept yet, and the button pressed."""
    case = cases.drafted(stage.world, **changes)
    return Post(f"/intake/{case.id}/{step}", posted(case, **({"remark": "最后一刻"} if changed else {})))


def to_correct(stage: Stage) -> Post:
    return draft(stage, "correction", sets=[cases.papers(code_bearing_licence={"mark": False})])


def not_covered(stage: Stage) -> Post:
    return draft(stage, "turn-away", has_seal="no")


def noticed(stage: Stage) -> Post:
    case = cases.noticed(stage.world)
    return Post(f"/intake/{case.id}/reopen", {"version": case.version})


def approved(stage: Stage, step: str, **more: str) -> Post:
    """To be paid: taking it back takes back what was ordered and promised, too."""
    case = cases.awaiting_payment(stage.world)
    return Post(f"/intake/{case.id}/{step}", {"version": case.version, **more})


def picture(stage: Stage) -> Post:
    case = cases.drafted(stage.world)
    return Post(f"/intake/{case.id}/scans", {"set": "1", "document": DocumentKind.application_form.value, "file": a_picture()})


def scanned(stage: Stage) -> Post:
    case = cases.noticed(stage.world)
    reopen_case(stage.world, clerk := actor_of(stage.world, Role.clerk), case.id, case.version)
    attach_scan(stage.world, clerk, case.id, 1, DocumentKind.application_form, a_picture())
    return Post(f"/intake/{case.id}/scans/{only(stage.world, Scan, case_id=case.id).id}/remove")


def same_set(stage: Stage) -> tuple[Post, ...]:
    """Two counters, two applicants, one set of supporting documents."""
    posts = []
    for number, branch in zip(COUNTERS, ("HD01", "CY01"), strict=True):
        case = cases.drafted(stage.world, branch, sets=[cases.papers("样例 7")])
        stage.sign_in(number)
        stage.send(
            number, Post(f"/intake/{case.id}/save", posted(case))
        )  # kept as a page keeps it: there is nothing to keep later
        posts.append(Post(f"/intake/{case.id}/accept", posted(cases.case_now(stage.world, case.id))))
    return tuple(posts)


SCENES = (
    Scene("intake.accept", "one set in two cases", same_set, COUNTERS, important=True),
    Scene("intake.open_", "", opening, CLERKS[:1], important=True),
    Scene("intake.save", "", draft, CLERKS),
    Scene("intake.accept", "as it was kept", partial(draft, step="accept", changed=False), CLERKS, important=True),
    Scene("intake.accept", "with something typed last", partial(draft, step="accept"), CLERKS),
    Scene("intake.correct", "", to_correct, CLERKS),
    Scene("intake.turn_away", "", not_covered, CLERKS),
    Scene("intake.reopen", "", noticed, CLERKS),
    Scene("intake.amend", "approved already", partial(approved, step="amend"), CLERKS),
    Scene("intake.withdraw", "approved already", partial(approved, step="withdraw", reason="不办了"), CLERKS, important=True),
    Scene("intake.attach", "", picture, CLERKS),
    Scene("intake.remove", "", scanned, CLERKS),
)
