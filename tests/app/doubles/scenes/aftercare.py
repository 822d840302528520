"""Every POST of the aftercare desk."""

from functools import partial
from typing import Any

from app.services.attach_scan import attach_scan
from app.services.correct_aftercare import correct_aftercare
from models.rulebook.vocabulary import CaseKind, DocumentKind
from models.tables import Case, Scan
from tests.app.doubles.stage import CLERKS, COUNTERS, Post, Scene, Stage
from tests.builders import aftercare
from tests.builders.cases import MOBILE, case_now, resident_number
from tests.builders.people import actor_of
from tests.builders.road import a_picture, only


def posted(case: Case, draft: dict[str, Any]) -> dict[str, str]:
    """A draft as a browser sends it: names with dashes, ticks only where they are set."""
    fields = {"version": str(case.version), "presenter_id_number": resident_number(), "presenter_mobile": MOBILE}
    for name, value in draft.items():
        if name == "papers":
            for row, ticks in value.items():
                fields |= {f"papers-{row}-{tick}": "y" for tick, on in ticks.items() if on}
        elif value:
            fields[name] = str(value)
    return fields


def opening(stage: Stage, kind: CaseKind) -> Post:
    held = aftercare.plant_held(stage.world, days=60)
    return Post(f"/aftercare/certificates/{held.serial}/open", {"kind": kind.value})


def two_kinds(stage: Stage) -> tuple[Post, ...]:
    held = aftercare.plant_held(stage.world, days=60)
    kinds = CaseKind.renewal, CaseKind.revocation
    return tuple(Post(f"/aftercare/certificates/{held.serial}/open", {"kind": kind.value}) for kind in kinds)


def draft(stage: Stage, step: str, kind: CaseKind = CaseKind.unlock, remark: str = "最后一刻", **changes: Any) -> Post:
    """With something typed that was not kept yet, unless `remark` is ""."""
    held = aftercare.plant_held(stage.world)
    case = aftercare.drafted(stage.world, held, kind, **changes)
    typed = aftercare.draft(held, kind, **changes) | {"remark": remark}
    return Post(f"/aftercare/{case.id}/{step}", posted(case, typed))


def corrected(stage: Stage) -> Post:
    missing = aftercare.papers(identity_document=None)
    case = aftercare.drafted(stage.world, aftercare.plant_held(stage.world), CaseKind.unlock, papers=missing)
    correct_aftercare(stage.world, actor_of(stage.world), case.id, case.version)
    return Post(f"/aftercare/{case.id}/reopen", {"version": case_now(stage.world, case.id).version})


def to_pay(stage: Stage, step: str, **more: str) -> Post:
    """Agreed to: what was ordered is taken back with it."""
    case = aftercare.agreed(stage.world, aftercare.plant_held(stage.world), CaseKind.replacement_damaged, damage_visible="yes")
    return Post(f"/aftercare/{case.id}/{step}", {"version": case.version, **more})


def granted(stage: Stage) -> Post:
    case = aftercare.agreed(stage.world, aftercare.plant_held(stage.world), CaseKind.unlock)
    return Post(f"/aftercare/{case.id}/ask-grant", {"version": case.version})


def picture(stage: Stage) -> Post:
    case = aftercare.drafted(stage.world, aftercare.plant_held(stage.world), CaseKind.unlock)
    form = {"set": "1", "document": DocumentKind.identity_document.value, "file": a_picture()}
    return Post(f"/aftercare/{case.id}/scans", form)


def scanned(stage: Stage) -> Post:
    case = aftercare.drafted(stage.world, aftercare.plant_held(stage.world), CaseKind.unlock)
    attach_scan(stage.world, actor_of(stage.world), case.id, 1, DocumentKind.identity_document, a_picture())
    return Post(f"/aftercare/{case.id}/scans/{only(stage.world, Scan, case_id=case.id).id}/remove")


no_identity = {"papers": aftercare.papers(identity_document=None)}
SCENES = (
    Scene("aftercare.open_", "unlock", partial(opening, kind=CaseKind.unlock), COUNTERS, important=True),
    Scene("aftercare.open_", "renewal", partial(opening, kind=CaseKind.renewal), COUNTERS),
    Scene("aftercare.open_", "renewal against revocation", two_kinds, COUNTERS, important=True),
    Scene("aftercare.open_", "a lost token", partial(opening, kind=CaseKind.replacement_lost), CLERKS),
    Scene("aftercare.save", "", partial(draft, step="save"), CLERKS),
    Scene("aftercare.accept", "as it was kept", partial(draft, step="accept", remark=""), CLERKS),
    Scene("aftercare.accept", "an amendment", partial(draft, step="accept", kind=CaseKind.amendment), CLERKS),
    Scene("aftercare.correct", "", partial(draft, step="correction", **no_identity), CLERKS),
    Scene("aftercare.reopen", "", corrected, CLERKS),
    Scene("aftercare.amend", "agreed already", partial(to_pay, step="amend"), CLERKS),
    Scene("aftercare.withdraw", "agreed already", partial(to_pay, step="withdraw", reason="不办了"), CLERKS, important=True),
    Scene("aftercare.ask", "", granted, CLERKS, important=True),
    Scene("aftercare.attach", "", picture, CLERKS),
    Scene("aftercare.remove", "", scanned, CLERKS),
)
