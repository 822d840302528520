"""Keep what the clerk has typed, as typed. Every change has its line, which names the fields and never their values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.services.case_at_hand import application_at_hand, must_be_open
from app.services.examine_case import known_applicant
from app.services.read_draft import NO, YES
from app.services.road import advance_case
from app.services.seal_presenter import sealed_presenter
from app.services.world import World
from models.rulebook.checklist import Tick
from models.rulebook.permissions import Actor
from models.rulebook.vocabulary import CaseAction
from models.tables import Applicant, Case

# What must never be found in a draft: these are sealed.
SEALED = ("presenter_id_number", "presenter_mobile")


@dataclass(frozen=True, slots=True)
class SavedDraft:
    version: int
    recognised: bool  # the applicant's facts were filled in from the record just now


def save_draft(
    world: World,
    actor: Actor,
    case_id: int,
    version: int,
    draft: Mapping[str, Any],
    id_number: str = "",
    mobile: str = "",
) -> SavedDraft:
    """Keep the draft; nothing happens if nothing was changed. An empty personal number keeps the one that is there.

    When the credit code becomes that of an applicant of record, the facts on record are filled in where nothing was typed.
    """
    draft = {field: value for field, value in draft.items() if field not in SEALED}
    with world.writing() as session:
        case = application_at_hand(session, actor, case_id)
        must_be_open(case, CaseAction.save, version)
        draft, applicant, recognised = _recognise(session, case, draft)
        if case.draft.get("has_seal") and draft.get("has_seal") != case.draft["has_seal"]:
            draft = {**draft, "sets": [_without_marks(papers) for papers in draft.get("sets") or []]}
        sealed = sealed_presenter(world.vault, case, id_number.strip(), mobile.strip())
        fields = [
            *changed_fields(case.draft, draft),
            *(column.removesuffix("_sealed") for column in sealed if "digest" not in column),
        ]
        if fields:
            changes = {"draft": draft, "applicant_id": applicant.id if applicant else None, **sealed}
            advance_case(session, world.now(), actor, case, CaseAction.save, version=version, changes=changes, fields=fields)
            session.commit()
        return SavedDraft(case.version, recognised)


def _recognise(session: Session, case: Case, draft: dict[str, Any]) -> tuple[dict[str, Any], Applicant | None, bool]:
    applicant = known_applicant(session, str(draft.get("credit_code") or ""))
    if applicant is None or applicant.id == case.applicant_id:
        return draft, applicant, False
    record = facts_on_record(applicant)
    return {**draft, **{field: value for field, value in record.items() if not draft.get(field)}}, applicant, True


def facts_on_record(applicant: Applicant) -> dict[str, Any]:
    """An applicant's facts, in the shape of a draft."""
    return {
        "credit_code": applicant.credit_code,
        "kind": applicant.kind.value,
        "name": applicant.name,
        "has_seal": YES if applicant.has_seal else NO,
        "named_after_proprietor": applicant.named_after_proprietor,
        "holds_code_bearing_licence": YES if applicant.holds_code_bearing_licence else NO,
        "established_on": applicant.established_on.isoformat() if applicant.established_on else "",
        "legal_representative": applicant.legal_representative,
        "address": applicant.address,
    }


def _without_marks(papers: Mapping[str, Any]) -> dict[str, Any]:
    """With a seal the mark is a seal, without one a signature: what was ticked as the one is not the other."""
    return {
        name: {**ticks, Tick.mark.value: False} if isinstance(ticks, dict) and Tick.mark in ticks else ticks
        for name, ticks in papers.items()
    }


def changed_fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Names of the fields that differ; of the sets, which set."""
    names = [field for field in after if field != "sets" and (before.get(field) or "") != (after[field] or "")]
    old, new = list(before.get("sets") or []), list(after.get("sets") or [])
    for at in range(max(len(old), len(new))):
        if (old[at] if at < len(old) else None) != (new[at] if at < len(new) else None):
            names.append(f"set {at + 1}")
    return names
