"""The pages of the intake desk, put together: a draft to type in, or a case that has left the desk."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import render_template, request
from flask_babel import gettext as _

from app.desks.door import actor, world
from app.desks.intake_sheet import Failed, furnish, lay_out
from app.desks.refusals import sentence_of
from app.services.examine_case import examine_case
from app.services.save_draft import SavedDraft
from app.services.seal_presenter import presenter_id, presenter_mobile
from app.words.exceptions import SLIPS
from forms.base import OfficeForm
from forms.intake import IntakeForm, ReasonForm
from models.rulebook import credit_code
from models.rulebook.findings import Level
from models.rulebook.identity import mask_identity, mask_mobile
from models.rulebook.workflow import CASE, CASE_RETURNED, open_actions
from models.tables import Case, JournalLine, db
from models.worklists.intake import history_of
from models.worklists.review import findings_of, latest_examination, latest_return, notices_of, scans_of


def form_of_request() -> IntakeForm:
    return IntakeForm(request.form)


def form_of_draft(case: Case) -> IntakeForm:
    return IntakeForm(None, data={**case.draft, "version": str(case.version)})


def draft_page(case: Case, form: IntakeForm | None = None, faults: Mapping[str, str] | None = None, told: str = "") -> str:
    """`form`: what could not be kept, shown again; else the draft. `faults`: field → code, `told`: why the step was refused."""
    view = sheet_of(case, form)
    for field, code in (faults or {}).items():
        if field in view["form"]:
            view["form"][field].errors = [*view["form"][field].errors, sentence_of(code)]
    return render_template("intake/draft.html", case=case, told=told, withdrawal=ReasonForm(None), **view)


def answer_to_change(case: Case, saved: SavedDraft, shape: str) -> str:
    """What a kept change brings about: always the verdict; the checklist and the applicant's fields only if they differ now."""
    view = sheet_of(case)
    return render_template(
        "intake/answer.html", case=case, recognised=saved.recognised, reshaped=view["sheet"].shape != shape, **view
    )


def sheet_of(case: Case, form: IntakeForm | None = None) -> dict[str, Any]:
    """Everything that the draft page and its parts show."""
    verdict = examine_case(world(), actor(), case.id)
    form = form if form is not None else form_of_draft(case)
    furnish(form, verdict.reading.certificates)
    visit = last_visit(case)
    sheet = lay_out(form, verdict, scans_of(db.session, case.id), visit.failed, visit.codes)
    form.shape.data = sheet.shape
    return {
        "form": form,
        "verdict": verdict,
        "sheet": sheet,
        "code": _code_verdict(str(case.draft.get("credit_code") or "")),
        "history": history_of(db.session, case.applicant, case.id) if case.applicant is not None else None,
        "id_mask": mask_identity(presenter_id(world().vault, case)),
        "mobile_mask": mask_mobile(presenter_mobile(world().vault, case)),
        "id_fault": sentence_of(verdict.reading.faults.get("presenter_id_number", "required")),
        "missing": missing_fields(form, verdict.reading.faults),
        "returned": visit.returned,
    }


def _code_verdict(typed: str) -> dict[str, Any]:
    """For the line under the code: what is wrong with it, or the kind that it suggests."""
    read = credit_code.read(typed)
    if isinstance(read, credit_code.CreditCode):
        return {"fault": "", "suggested": read.suggested_kind, "is_unified": read.is_unified, "typed": True}
    return {"fault": sentence_of(read.value), "suggested": None, "is_unified": False, "typed": bool(typed)}


def missing_fields(form: OfficeForm, faults: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """What is not filled in: id of the field, its name, and what is wrong if it is not merely empty."""
    return [
        (form[name].id, str(form[name].label.text), "" if code == "required" else sentence_of(code))
        for name, code in faults.items()
        if name in form
    ]


@dataclass(frozen=True)
class LastVisit:
    """What was wrong before: `failed` None where nothing was, `returned` the reviewer's line if his was the last word."""

    failed: Failed | None = None
    codes: tuple[str, ...] = ()
    returned: JournalLine | None = None


def last_visit(case: Case) -> LastVisit:
    """What was found at the examination before this one, or what the second person sent the case back for."""
    returned = latest_return(db.session, case.id)
    examination = latest_examination(db.session, case.id)
    if returned is not None and (examination is None or returned.at >= examination.at):
        places = [place.split(":", 1) for place in returned.detail["places"]]
        failed = frozenset((int(position), kind) for position, kind in places)
        return LastVisit(failed or None, returned=returned)
    refusing = [finding for finding in findings_of(examination) if finding["level"] == Level.refuse]
    if not refusing:
        return LastVisit()
    failed = frozenset((finding["set"] or 0, finding["document"]) for finding in refusing)
    return LastVisit(failed, tuple(finding["code"] for finding in refusing))


def filed_page(case: Case) -> str:
    """A case that has left the desk: what it waits for, its papers, and the ways back."""
    papers = {"acceptance": _("受理回执"), "correction": _("补正告知单"), "refusal": _("不予受理告知单"), **SLIPS}
    examination = latest_examination(db.session, case.id)
    return render_template(
        "intake/filed.html",
        case=case,
        may={action.value for action in open_actions(CASE, case.state)},
        notices=notices_of(db.session, case.id),
        paper_names=papers,
        findings=findings_of(examination),
        returned=latest_return(db.session, case.id) if case.state in CASE_RETURNED else None,
        id_mask=mask_identity(presenter_id(world().vault, case)),
        mobile_mask=mask_mobile(presenter_mobile(world().vault, case)),
        withdrawal=ReasonForm(None),
    )
