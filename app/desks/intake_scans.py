"""Scans of a case: attached and taken off at the intake desk. The casefile serves them, wherever the case may be read."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app.desks.door import actor, door, see, world
from app.desks.intake import desk
from app.desks.intake_page import sheet_of
from app.desks.refusals import sentence_of
from app.services.attach_scan import attach_scan
from app.services.errors import Faulty
from app.services.remove_scan import remove_scan
from forms.base import OfficeForm
from forms.intake import ScanForm
from models.rulebook.permissions import Permission
from models.rulebook.vocabulary import DocumentKind
from models.tables import Case, db


@desk.post("/<int:case_id>/scans")
@door(Permission.work_at_intake)
def attach(case_id: int) -> Any:
    return _after(case_id, attach_posted(case_id))


@desk.post("/<int:case_id>/scans/<int:scan_id>/remove")
@door(Permission.work_at_intake)
def remove(case_id: int, scan_id: int) -> Any:
    OfficeForm().validate()
    remove_scan(world(), actor(), case_id, scan_id)
    return _after(case_id, "")


def attach_posted(case_id: int) -> str:
    """Attach the posted file; what is wrong with it, or nothing. For every desk that takes papers in."""
    form = ScanForm()
    given = form.file.data if form.validate() and form.document.data and str(form.set.data).isdigit() else None
    try:
        if not given:
            raise Faulty(fields={"file": "scan_empty"})
        attach_scan(world(), actor(), case_id, int(form.set.data), DocumentKind(form.document.data), given.read())
    except Faulty as refusal:
        return sentence_of(refusal.fields["file"])
    return ""


def _after(case_id: int, fault: str) -> Any:
    """The checklist with its scans, where htmx asked; otherwise the page."""
    if request.headers.get("HX-Request") != "true":
        flash(fault or _("影像已更新。"), "error" if fault else "success")
        return redirect(url_for("intake.page", case_id=case_id), 303)
    db.session.rollback()
    case = see(db.session.get(Case, case_id, populate_existing=True))
    return render_template("intake/scanned.html", case=case, fault=fault, **sheet_of(case)), 422 if fault else 200
