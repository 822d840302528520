"""What the pages of exceptions show, at the clerk's desk and in supervision: what is asked for, in words, and on which papers."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app.desks.door import actor, world
from app.desks.refusals import sentence_of
from app.services.exception_content import Wanted, value_of
from app.services.give_notice import NoticeKind
from app.services.suppose_admitted import suppose_admitted
from app.words.exceptions import ASKED_FOR
from app.words.terms import term
from forms.exceptions import AskForm, CorrectionForm, RefundForm
from models.rulebook.exceptions import Correctable
from models.rulebook.oversight import ExceptionKind
from models.rulebook.oversight_workflow import EXCEPTION
from models.rulebook.workflow import open_actions
from models.tables import Case, ExceptionRequest, Notice, db
from models.worklists.exceptions import askable, exceptions_of
from models.worklists.review import notices_of

_FORMS: dict[ExceptionKind, type[AskForm]] = {ExceptionKind.refund: RefundForm, ExceptionKind.correction: CorrectionForm}
_SLIPS = {
    ExceptionKind.fee_waiver: NoticeKind.waiver,
    ExceptionKind.refund: NoticeKind.refund,
    ExceptionKind.correction: NoticeKind.record,
}


def ask_form(case: Case, kind: ExceptionKind, **given: Any) -> AskForm:
    """With its words and, where nothing was typed yet, with what is most often wanted."""
    form = _FORMS.get(kind, AskForm)(**given, data={"version": str(case.version)})
    if isinstance(form, CorrectionForm):
        form.field.offer(((field.value, term(field)) for field in Correctable), blank=_("请选择"))
    if isinstance(form, RefundForm) and "formdata" in given:
        form.amount.data = f"{askable(db.session, case).left_fen / 100:.2f}"
    return form


def wanted(form: AskForm) -> Wanted:
    match form:
        case RefundForm():
            return Wanted(amount_fen=form.amount.fen)
        case CorrectionForm():
            return Wanted(field=form.chosen_field, now=form.now.data or "")
        case _:
            return Wanted()


def ask_page(case: Case, kind: ExceptionKind, form: AskForm) -> Any:
    """Or back to the case, where this cannot be asked for now."""
    may, verdict = askable(db.session, case), None
    refusal = "exception_asked_already" if kind in may.waiting else ""
    if kind is ExceptionKind.admission:
        supposed = suppose_admitted(world(), actor(), case.id)
        verdict = supposed.verdict
        refusal = refusal or supposed.refusal
    elif kind not in may.kinds:
        refusal = "exception_not_open"
    if refusal and request.method == "GET":
        flash(sentence_of(refusal), "warning")
        return redirect(url_for("casefile.page", case_id=case.id), 303)
    return render_template(
        "exceptions/ask.html",
        case=case,
        kind=kind,
        form=form,
        explained=ASKED_FOR[kind],
        may=may,
        verdict=verdict,
        name=name_of(case),
        values=[(term(field), value_of(case, field)) for field in Correctable] if kind is ExceptionKind.correction else [],
        earlier=exceptions_of(db.session, case.id),
    )


def name_of(case: Case) -> str:
    return case.applicant.name if case.applicant is not None else str(case.draft.get("name") or "")


def asked_in_words(exception: ExceptionRequest) -> list[tuple[str, str]]:
    """What exactly is asked for."""
    content = exception.content
    if exception.case.destroyed_at is not None:
        return [(_("申请内容"), _("已到期销毁"))]
    match exception.kind:
        case ExceptionKind.correction:
            lines = [
                (_("更正哪一项"), term(Correctable(content["field"]))),
                (_("原记录"), content["was"]),
                (_("更正为"), content["now"]),
            ]
        case ExceptionKind.admission:
            lines = [(_("单位名称"), content["name"]), (_("信用代码"), content["credit_code"])]
        case ExceptionKind.refund:
            lines = [(_("退款金额（元）"), yuan(content["amount_fen"])), (_("收据号"), content["receipt"])]
        case _:
            lines = [(_("减免金额（元）"), yuan(content["amount_fen"]))]
    return lines


def yuan(fen: int) -> str:
    return f"{fen / 100:.2f}"


def slip_of(exception: ExceptionRequest) -> Notice | None:
    """The paper that came out of it: the one of its kind that names it."""
    kind = _SLIPS.get(exception.kind)
    slips = notices_of(db.session, exception.case_id) if kind is not None else ()
    return next((one for one in slips if one.kind == kind and one.content.get("exception_number") == exception.number), None)


def open_to(exception: ExceptionRequest) -> set[str]:
    """What the workflow table leaves open for it."""
    return {action.value for action in open_actions(EXCEPTION, exception.state)}
