"""The casefile: one page with everything about a case, and every act that is open on it now."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request, url_for
from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from app.desks.aftercare_page import about, days_left
from app.desks.bindings_page import at_platform
from app.desks.door import actor, door, see, world
from app.desks.refusals import show_faults
from app.desks.row_ids import row_id
from app.services.errors import Absent, Faulty
from app.services.open_scan import open_scan
from app.services.print_handover_receipt import print_handover_receipt
from app.services.print_notice import PrintedPaper, print_notice
from app.services.print_receipt import print_receipt
from app.services.reveal_identity import RevealedIdentity, reveal_identity
from app.services.seal_presenter import presenter_id, presenter_mobile
from app.words.exceptions import SLIPS
from app.words.journal import act_in_words, change_in_words, details_in_words
from forms.issuance import ReasonForm
from models.rulebook import workflow
from models.rulebook.identity import mask_identity, mask_mobile
from models.rulebook.kinds import FIRST_KINDS, PLATFORM_KINDS
from models.rulebook.permissions import Permission, Subject, denial
from models.rulebook.vocabulary import CaseAction
from models.tables import Case, Certificate, db
from models.worklists.aftercare import subject_of
from models.worklists.casefile import case_file
from models.worklists.exceptions import askable, exceptions_of
from models.worklists.grants import given_grants

desk = Blueprint("casefile", __name__, url_prefix="/cases")

# Which desk does an act, behind which permission; several acts of one desk are one link.
_DESKS: dict[CaseAction, tuple[Permission, str, LazyString, str]] = {
    CaseAction.save: (Permission.work_at_intake, "intake.page", _("到受理台继续填写"), "inbox"),
    CaseAction.reopen: (Permission.work_at_intake, "intake.page", _("到受理台再次办理"), "inbox"),
    CaseAction.amend: (Permission.work_at_intake, "intake.page", _("到受理台修改"), "pencil-square"),
    CaseAction.grant: (Permission.grant_exception, "grants.page", _("到批准台批准"), "shield-check"),
    CaseAction.approve: (Permission.review_case, "review.page", _("到复核台复核"), "clipboard-check"),
    CaseAction.settle: (Permission.take_payment, "cashier.page", _("到收费台收费"), "cash-coin"),
    CaseAction.begin_issuance: (Permission.issue_token, "issuance.page", _("到制证台制证"), "usb-drive"),
    CaseAction.finish_issuance: (Permission.issue_token, "issuance.page", _("到制证台继续"), "usb-drive"),
    CaseAction.answer: (Permission.work_at_bindings, "aftercare.page", _("到绑定台记下答复"), "chat-left-text"),
    CaseAction.close: (Permission.hand_over_token, "handover.page", _("到发放台发放"), "box-seam"),
}
# What the intake desk does for an application, the aftercare desk does for a case about a certificate, and the bindings desk for
# one about a platform; both on one sheet.
_AFTERCARE = {
    CaseAction.save: _("到证书服务台继续填写"),
    CaseAction.reopen: _("到证书服务台再次办理"),
    CaseAction.amend: _("到证书服务台修改"),
}
_BINDINGS = {
    CaseAction.save: _("到绑定台继续填写"),
    CaseAction.reopen: _("到绑定台再次办理"),
    CaseAction.amend: _("到绑定台修改"),
}
_NOTICES = {
    "acceptance": _("受理回执"),
    "correction": _("一次性补正告知单"),
    "refusal": _("不予受理告知单"),
    "status": _("证书状态变更回执"),
    "binding": _("平台绑定办理单"),
    "relay": _("账号重置转办单"),
    **SLIPS,
}


@dataclass(frozen=True)
class OpenAct:
    label: LazyString
    url: str
    icon: str


@desk.get("/<int:case_id>")
@door(Permission.read_case)
def page(case_id: int) -> str:
    return _page(_case(case_id), ReasonForm())


@desk.post("/<int:case_id>/identity")
@door(Permission.read_identity)
def identity(case_id: int) -> Any:
    """The presenter's numbers in clear: on this answer only, for a reason, with its line in the journal."""
    case, form = _case(case_id), ReasonForm()
    try:
        if not form.validate():
            return _page(case, form), 422
        return _page(case, ReasonForm(formdata=None), reveal_identity(world(), actor(), case_id, form.reason.data or ""))
    except Faulty as fault:
        show_faults(form, fault)
        return _page(case, form), 422


@desk.get("/notices/<int:notice_id>.pdf")
@door(Permission.read_case)
def notice(notice_id: int) -> Response:
    return _paper(print_notice(world(), actor(), notice_id))


@desk.get("/receipts/<int:receipt_id>.pdf")
@door(Permission.read_case)
def fee_receipt(receipt_id: int) -> Response:
    return _paper(print_receipt(world(), actor(), receipt_id))


@desk.get("/handovers/<int:handover_id>.pdf")
@door(Permission.read_case)
def handover_receipt(handover_id: int) -> Response:
    return _paper(print_handover_receipt(world(), actor(), handover_id))


@desk.get("/scans/<int:scan_id>")
@door(Permission.read_case)
def scan(scan_id: int) -> Response:
    opened = open_scan(world(), actor(), scan_id)
    return Response(opened.picture, mimetype=opened.media_type)


@desk.get("/certificates/<int:certificate_id>.cer")
@door(Permission.read_case)
def certificate(certificate_id: int) -> Response:
    found = db.session.get(Certificate, certificate_id)
    if found is None or found.der is None:
        raise Absent()
    see(found.item.case)
    answer = Response(found.der, mimetype="application/pkix-cert")
    answer.headers["Content-Disposition"] = f'attachment; filename="{found.serial}.cer"'
    return answer


def _page(case: Case, form: ReasonForm, revealed: RevealedIdentity | None = None) -> str:
    vault, certificate = world().vault, subject_of(db.session, case)
    return render_template(
        "casefile/page.html",
        file=case_file(db.session, case, request.args.get("before", type=row_id)),
        case=case,
        name=case.applicant.name if case.applicant is not None else str(case.draft.get("name") or ""),
        credit_code=case.applicant.credit_code if case.applicant is not None else str(case.draft.get("credit_code") or ""),
        presenter_masked=mask_identity(presenter_id(vault, case)),
        mobile_masked=mask_mobile(presenter_mobile(vault, case)),
        revealed=revealed,
        form=form,
        open_acts=open_acts(case),
        certificate=certificate,
        days_left=days_left(certificate) if certificate is not None else 0,
        about=about(case),
        at_platform=at_platform(case),
        grants=given_grants(db.session, case.branch_id, case.id),
        now=world().now(),
        exceptions=exceptions_of(db.session, case.id),
        askable=askable(db.session, case),
        notice_words=_NOTICES,
        act_in_words=act_in_words,
        change_in_words=change_in_words,
        details_in_words=details_in_words,
    )


def open_acts(case: Case) -> list[OpenAct]:
    """What the workflow table opens and the permissions page allows, each desk once."""
    subject = Subject(case.branch_id, case.opened_by)
    open_now = workflow.open_actions(workflow.CASE, case.state)
    at_bindings = case.kind in PLATFORM_KINDS
    care = Permission.work_at_bindings if at_bindings else Permission.work_at_aftercare
    acts: dict[str, OpenAct] = {}
    for action, (permission, endpoint, label, icon) in _DESKS.items():
        if case.kind not in FIRST_KINDS and endpoint == "intake.page":
            permission, endpoint, label = care, "aftercare.page", (_BINDINGS if at_bindings else _AFTERCARE)[action]
        allowed = action in open_now and denial(permission, actor(), subject) is None
        if allowed and endpoint in current_app.view_functions:
            acts.setdefault(endpoint, OpenAct(label, url_for(endpoint, case_id=case.id), icon))
    if case.kind not in FIRST_KINDS and case.state not in workflow.CASE_FINAL and denial(care, actor(), subject) is None:
        there, label = url_for("aftercare.page", case_id=case.id), _("到绑定台查看") if at_bindings else _("到证书服务台查看")
        acts.setdefault("aftercare.page", OpenAct(label, there, "link-45deg" if at_bindings else "tools"))
    return list(acts.values())


def _paper(paper: PrintedPaper) -> Response:
    answer = Response(paper.pdf, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{paper.file_name}"'
    return answer


def _case(case_id: int) -> Case:
    return see(db.session.get(Case, case_id))
