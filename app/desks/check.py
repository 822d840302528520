"""The check desk: a token in the station or a number typed; what is wrong with it, and what to do next, in plain words."""

from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app.desks.door import actor, door, see, world
from app.desks.refusals import show_faults
from app.desks.row_ids import row_id
from app.desks.shell import Shell
from app.services.check_certificate import CheckRequest, check_certificate
from app.services.errors import Faulty
from app.services.print_check import print_check
from forms.check import CheckForm
from models.rulebook.kinds import AFTERCARE_KINDS, PLATFORM_KINDS
from models.rulebook.permissions import Permission
from models.rulebook.vocabulary import CaseKind, CertificateStatus
from models.tables import Certificate, CertificateCheck, Staff, db
from models.worklists.bindings import platforms
from models.worklists.check import LiveSlot, check_called, checks_of, live_slots

desk = Blueprint("check", __name__, url_prefix="/check")


@desk.get("/")
@door(Permission.work_at_aftercare)
def desk_page() -> str:
    form = _form()
    form.serial.data = request.args.get("serial", "").strip()[:60]
    return _desk(form)


@desk.post("/")
@door(Permission.work_at_aftercare)
def check() -> Any:
    form = _form()
    if not form.validate():
        return _desk(form), 422
    asks_platform = form.asks_platform.data or form.platform_id is not None
    complaints = (form.asks_tax.data, asks_platform, form.name_not_shown.data, form.mark.data or "", form.platform_id)
    try:
        number = check_certificate(world(), actor(), CheckRequest(form.serial.data or "", form.slot.data or "", *complaints))
    except Faulty as fault:
        show_faults(form, fault)
        return _desk(form), fault.status
    return redirect(url_for("check.page", number=number), 303)


@desk.get("/<number>")
@door(Permission.work_at_aftercare)
def page(number: str) -> str:
    """As it was found then: what changed since is seen by checking again."""
    found = see(check_called(db.session, number))
    known = found.facts["certificate"]
    return render_template(
        "check/page.html",
        check=found,
        kept=found.facts,
        known=known,
        status=CertificateStatus(known["status"]) if known else None,
        told=[_in_words(one) for one in found.facts["told"]],
        applicant_id=_applicant_of(found),
        clerk=db.session.get_one(Staff, found.by).called,
    )


@desk.get("/<number>.pdf")
@door(Permission.work_at_aftercare)
def report(number: str) -> Response:
    paper = print_check(world(), actor(), number)
    answer = Response(paper.pdf, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{paper.file_name}"'
    return answer


def _applicant_of(check: CertificateCheck) -> int | None:
    certificate = db.session.get(Certificate, check.certificate_id) if check.certificate_id is not None else None
    return certificate.applicant_id if certificate is not None else None


def _form() -> CheckForm:
    form = CheckForm()
    form.offer_slots([(slot.key, _name_of(slot)) for slot in _slots()])
    active = platforms(db.session, active_only=True)
    form.platform.offer(((str(one.id), Shell.bilingual(one)) for one in active), blank=_("没有说明"))
    return form


def _slots() -> list[LiveSlot]:
    return live_slots(db.session, actor().branch_id or 0, world().now())


def _name_of(slot: LiveSlot) -> str:
    what = slot.serial if slot.serial and slot.readable else _("读不出的介质")
    return f"{slot.station} · {what}"


def _desk(form: CheckForm) -> str:
    cursors = (request.args.get("before", type=row_id), request.args.get("after", type=row_id))
    return render_template("check/desk.html", form=form, page=checks_of(db.session, actor().branch_id or 0, *cursors))


def _in_words(told: dict[str, Any]) -> dict[str, Any]:
    """A finding, and the kind of case that helps, if that is opened from a certificate or at a platform."""
    kind = CaseKind(told["helps"]) if told["helps"] else None
    return told | {
        "kind": kind,
        "opens": kind if kind in AFTERCARE_KINDS else None,
        "opens_there": kind if kind in PLATFORM_KINDS else None,
    }
