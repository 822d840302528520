"""The aftercare desk: find a certificate, see what can be done about it today, take the case in."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app.desks import steps
from app.desks.aftercare_page import answer_to_change, certificate_page, draft_page, filed_page, form_of_request
from app.desks.door import actor, door, see, world
from app.desks.intake_scans import attach_posted
from app.desks.refusals import sentence
from app.desks.row_ids import row_id
from app.desks.steps import case_now, file_sheet, take_step
from app.services.accept_aftercare import accept_aftercare
from app.services.amend_case import amend_case
from app.services.ask_grant import ask_grant
from app.services.correct_aftercare import correct_aftercare
from app.services.errors import Absent, Refusal
from app.services.open_aftercare import open_aftercare
from app.services.remove_scan import remove_scan
from app.services.reopen_case import reopen_case
from app.services.save_aftercare import save_aftercare
from app.words.terms import term
from forms.aftercare import AftercareForm, KindForm
from forms.base import OfficeForm
from models.rulebook.kinds import AFTERCARE_KINDS, FIRST_KINDS, KINDS
from models.rulebook.permissions import Permission
from models.rulebook.vocabulary import CaseKind, CaseState, Role
from models.rulebook.workflow import CASE_EDITABLE
from models.tables import Case, db
from models.worklists.aftercare import aftercare_list, certificate_called, find_certificates
from models.worklists.review import capped_count

desk = Blueprint("aftercare", __name__, url_prefix="/aftercare")

LISTS = (CaseState.draft, CaseState.returned, CaseState.correction)


@desk.get("/")
@door(Permission.work_at_aftercare)
def desk_page() -> Any:
    """What is typed or scanned leads to the one certificate that is meant, or to a list of those that fit."""
    text = request.args.get("q", "").strip()[:60]
    found = find_certificates(db.session, text)
    if len(found) == 1:
        return redirect(url_for("aftercare.certificate", serial=found[0].serial), 303)
    branch_id = actor().branch_id or 0
    counts = {state: capped_count(db.session, branch_id, [state], AFTERCARE_KINDS) for state in LISTS}
    wanted = request.args.get("state", "")
    state = CaseState(wanted) if wanted in LISTS else next((one for one in LISTS if counts[one]), LISTS[0])
    cursors = (request.args.get("before", type=row_id), request.args.get("after", type=row_id))
    page = aftercare_list(db.session, branch_id, state, *cursors)
    return render_template("aftercare/desk.html", text=text, found=found, page=page, state=state, counts=counts)


@desk.get("/certificates/<serial>")
@door(Permission.work_at_aftercare)
def certificate(serial: str) -> str:
    """Of any branch: its holder may come here."""
    found = certificate_called(db.session, serial)
    if found is None:
        raise Absent()
    return certificate_page(found)


@desk.post("/certificates/<serial>/open")
@door(Permission.work_at_aftercare)
def open_(serial: str) -> Any:
    form = KindForm()
    try:
        if not form.validate():
            raise Refusal("kind_not_open")
        opened = open_aftercare(world(), actor(), serial, CaseKind(form.kind.data))
    except Refusal as refusal:
        if refusal.status != 422:
            raise
        flash(sentence(refusal), "warning")
        return redirect(url_for("aftercare.certificate", serial=serial), 303)
    return redirect(url_for("aftercare.page", case_id=opened.id), 303)


@desk.get("/<int:case_id>")
@door(Permission.work_at_aftercare)
def page(case_id: int) -> Any:
    case = see(db.session.get(Case, case_id))
    if case.kind in FIRST_KINDS:
        return redirect(url_for("intake.page", case_id=case_id), 303)
    return draft_page(case) if case.state in CASE_EDITABLE else filed_page(case)


@desk.post("/<int:case_id>/save")
@door(Permission.work_at_aftercare)
def save(case_id: int) -> Any:
    """By htmx after every change: the verdict and whatever else changed with it. By F4: the page again."""
    form = form_of_request()
    if not form.validate():
        return draft_page(case_now(case_id), form), 422
    _save(case_id, form)
    if request.headers.get("HX-Request") == "true":
        return answer_to_change(case_now(case_id))
    flash(_("草稿已保存。"), "success")
    return redirect(url_for("aftercare.page", case_id=case_id), 303)


@desk.post("/<int:case_id>/accept")
@door(Permission.work_at_aftercare)
def accept(case_id: int) -> Any:
    return _file(case_id, accept_aftercare, _told_accepted)


@desk.post("/<int:case_id>/correction")
@door(Permission.work_at_aftercare)
def correct(case_id: int) -> Any:
    return _file(case_id, correct_aftercare, lambda done: _("补正告知单 %(number)s 已开出。", number=done.notice_number))


@desk.post("/<int:case_id>/reopen")
@door(Permission.work_at_aftercare)
def reopen(case_id: int) -> Any:
    return take_step("aftercare", case_id, lambda version: reopen_case(world(), actor(), case_id, version))


@desk.post("/<int:case_id>/amend")
@door(Permission.work_at_aftercare)
def amend(case_id: int) -> Any:
    return take_step("aftercare", case_id, lambda version: amend_case(world(), actor(), case_id, version))


@desk.post("/<int:case_id>/ask-grant")
@door(Permission.work_at_aftercare)
def ask(case_id: int) -> Any:
    return take_step("aftercare", case_id, lambda version: ask_grant(world(), actor(), case_id, version))


@desk.post("/<int:case_id>/withdraw")
@door(Permission.work_at_aftercare)
def withdraw(case_id: int) -> Any:
    return steps.withdraw("aftercare", case_id)


@desk.post("/<int:case_id>/scans")
@door(Permission.work_at_aftercare)
def attach(case_id: int) -> Any:
    return _scanned(case_id, attach_posted(case_id))


@desk.post("/<int:case_id>/scans/<int:scan_id>/remove")
@door(Permission.work_at_aftercare)
def remove(case_id: int, scan_id: int) -> Any:
    OfficeForm().validate()
    remove_scan(world(), actor(), case_id, scan_id)
    return _scanned(case_id, "")


def _told_accepted(done: Any) -> str:
    kind = _case_numbered(done.number).kind
    sent = {Role.supervisor: _("已转主管批准"), Role.reviewer: _("已转复核台"), None: _("已转交登记管理机关")}[KINDS[kind].agrees]
    return _("%(kind)s已受理，受理回执 %(number)s，%(sent)s。", kind=term(kind), number=done.notice_number, sent=sent)


def _scanned(case_id: int, fault: str) -> Any:
    """The papers with their scans, where htmx asked; otherwise the page."""
    if request.headers.get("HX-Request") == "true":
        return answer_to_change(case_now(case_id), fault, papers=True), 422 if fault else 200
    flash(fault or _("影像已更新。"), "error" if fault else "success")
    return redirect(url_for("aftercare.page", case_id=case_id), 303)


def _case_numbered(number: str) -> Case:
    return db.session.query(Case).filter_by(number=number).one()


def _save(case_id: int, form: AftercareForm) -> int:
    numbers = form.presenter_id_number.data or "", form.presenter_mobile.data or ""
    return save_aftercare(world(), actor(), case_id, form.seen_version, form.as_draft(), *numbers)


def _file(case_id: int, use_case: Any, told: Any) -> Any:
    form = form_of_request()
    return file_sheet("aftercare", case_id, form, draft_page, lambda: _save(case_id, form), use_case, told)
