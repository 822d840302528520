"""The intake desk: open a case, keep its draft, accept it, tell what is missing, take it up again."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app.desks import steps
from app.desks.door import actor, door, see, world
from app.desks.intake_page import answer_to_change, draft_page, filed_page, form_of_request
from app.desks.refusals import SENTENCES
from app.desks.row_ids import row_id
from app.desks.steps import case_now, file_sheet, take_step
from app.services.accept_case import accept_case
from app.services.amend_case import amend_case
from app.services.open_case import open_case
from app.services.reopen_case import reopen_case
from app.services.request_correction import request_correction
from app.services.save_draft import SavedDraft, save_draft
from app.services.turn_away_case import turn_away_case
from app.words import counter
from forms.intake import IntakeForm, OpenForm
from models.rulebook.kinds import FIRST_KINDS
from models.rulebook.permissions import Permission
from models.rulebook.vocabulary import CaseState
from models.rulebook.workflow import CASE_EDITABLE
from models.tables import Case, db
from models.worklists.intake import intake_list
from models.worklists.review import capped_count

desk = Blueprint("intake", __name__, url_prefix="/intake")
SENTENCES.update(counter.SENTENCES)

LISTS = (CaseState.draft, CaseState.returned, CaseState.correction)


@desk.get("/")
@door(Permission.work_at_intake)
def desk_page() -> str:
    branch_id = actor().branch_id or 0
    counts = {state: capped_count(db.session, branch_id, [state], FIRST_KINDS) for state in LISTS}
    wanted = request.args.get("state", "")
    state = CaseState(wanted) if wanted in LISTS else next((one for one in LISTS if counts[one]), LISTS[0])
    page = intake_list(
        db.session, branch_id, state, request.args.get("before", type=row_id), request.args.get("after", type=row_id)
    )
    return render_template("intake/desk.html", page=page, state=state, counts=counts, form=OpenForm())


@desk.post("/open")
@door(Permission.work_at_intake)
def open_() -> Any:
    form = OpenForm()
    typed = (form.credit_code.data, form.mark.data or "") if form.validate() else ()
    return redirect(url_for("intake.page", case_id=open_case(world(), actor(), *typed).id), 303)


@desk.get("/<int:case_id>")
@door(Permission.work_at_intake)
def page(case_id: int) -> Any:
    case = see(db.session.get(Case, case_id))
    if case.kind not in FIRST_KINDS:
        return redirect(url_for("aftercare.page", case_id=case_id), 303)
    return draft_page(case) if case.state in CASE_EDITABLE else filed_page(case)


@desk.post("/<int:case_id>/save")
@door(Permission.work_at_intake)
def save(case_id: int) -> Any:
    """By htmx after every change: the verdict and whatever else changed with it. By F4: the page again."""
    form = form_of_request()
    if not form.validate():
        return draft_page(case_now(case_id), form), 422
    saved = _save(case_id, form)
    if request.headers.get("HX-Request") == "true":
        return answer_to_change(case_now(case_id), saved, form.shape.data)
    flash(_("草稿已保存。"), "success")
    return redirect(url_for("intake.page", case_id=case_id), 303)


@desk.post("/<int:case_id>/accept")
@door(Permission.work_at_intake)
def accept(case_id: int) -> Any:
    return _file(case_id, accept_case, lambda done: _("已受理，受理回执 %(number)s。", number=done.notice_number))


@desk.post("/<int:case_id>/correction")
@door(Permission.work_at_intake)
def correct(case_id: int) -> Any:
    return _file(case_id, request_correction, lambda done: _("补正告知单 %(number)s 已开出。", number=done.notice_number))


@desk.post("/<int:case_id>/turn-away")
@door(Permission.work_at_intake)
def turn_away(case_id: int) -> Any:
    return _file(case_id, turn_away_case, lambda done: _("不予受理告知单 %(number)s 已开出。", number=done.notice_number))


@desk.post("/<int:case_id>/reopen")
@door(Permission.work_at_intake)
def reopen(case_id: int) -> Any:
    return take_step("intake", case_id, lambda version: reopen_case(world(), actor(), case_id, version))


@desk.post("/<int:case_id>/amend")
@door(Permission.work_at_intake)
def amend(case_id: int) -> Any:
    return take_step("intake", case_id, lambda version: amend_case(world(), actor(), case_id, version))


@desk.post("/<int:case_id>/withdraw")
@door(Permission.work_at_intake)
def withdraw(case_id: int) -> Any:
    return steps.withdraw("intake", case_id)


def _save(case_id: int, form: IntakeForm) -> SavedDraft:
    return save_draft(
        world(),
        actor(),
        case_id,
        form.seen_version,
        form.as_draft(),
        form.presenter_id_number.data,
        form.presenter_mobile.data,
    )


def _file(case_id: int, use_case: Any, told: Any) -> Any:
    form = form_of_request()
    return file_sheet("intake", case_id, form, draft_page, lambda: _save(case_id, form).version, use_case, told)


from app.desks import intake_scans  # noqa: E402, F401  its routes belong to this desk
