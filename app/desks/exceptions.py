"""The clerk's side of exceptions: what he asks a supervisor for, what became of it, and money that is to be paid back."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app.desks.door import actor, door, fresh, see, world
from app.desks.exceptions_page import ask_form, ask_page, asked_in_words, name_of, open_to, slip_of, wanted
from app.desks.refusals import sentence, show_faults
from app.desks.row_ids import row_id
from app.services.ask_exception import ask_exception
from app.services.errors import Absent, Faulty, Forbidden, OutOfTurn, Refusal, Stale
from app.services.pay_refund import pay_refund
from app.services.withdraw_exception import withdraw_exception
from app.words.exceptions import SLIPS
from forms.base import OfficeForm
from forms.exceptions import PayForm
from models.rulebook.oversight import ExceptionAction, ExceptionKind
from models.rulebook.permissions import Permission
from models.rulebook.vocabulary import PaymentMethod
from models.tables import Case, ExceptionRequest, db
from models.worklists.counts import capped
from models.worklists.exceptions import decided_exceptions, exceptions_granted, open_exceptions, receipt_of_case

desk = Blueprint("exceptions", __name__, url_prefix="/exceptions")


@desk.get("/")
@door(Permission.ask_exception)
def desk_page() -> str:
    branch_id = actor().branch_id or 0
    cursors = request.args.get("before", type=row_id), request.args.get("after", type=row_id)
    return render_template(
        "exceptions/desk.html",
        page=open_exceptions(db.session, branch_id, *cursors),
        granted=capped(db.session, exceptions_granted(branch_id)),
        decided=decided_exceptions(db.session, branch_id),
        now=world().now(),
    )


@desk.get("/cases/<int:case_id>/<exception_kind>")
@door(Permission.ask_exception)
def asking(case_id: int, exception_kind: str) -> Any:
    case, kind = see(db.session.get(Case, case_id)), _kind(exception_kind)
    return ask_page(case, kind, ask_form(case, kind, formdata=None))


@desk.post("/cases/<int:case_id>/<exception_kind>")
@door(Permission.ask_exception)
def ask(case_id: int, exception_kind: str) -> Any:
    case, kind = see(db.session.get(Case, case_id)), _kind(exception_kind)
    form = ask_form(case, kind)
    if not form.validate():
        return ask_page(case, kind, form), 422
    try:
        done = ask_exception(world(), actor(), case_id, form.seen_version, kind, form.reason.data, wanted(form))
    except Faulty as fault:
        show_faults(form, fault)
        return ask_page(case, kind, form), 422
    except Refusal as refusal:
        if refusal.status not in (409, 422):
            raise
        flash(sentence(refusal), "warning")
        return redirect(url_for("casefile.page", case_id=case_id), 303)
    flash(_("已提出，编号 %(number)s，等主管决定。", number=done.number), "success")
    return redirect(url_for("exceptions.page", exception_id=done.id), 303)


@desk.get("/<int:exception_id>")
@door(Permission.ask_exception)
def page(exception_id: int) -> str:
    exception = _exception(exception_id)
    slip = slip_of(exception)
    return render_template(
        "exceptions/page.html",
        exception=exception,
        open_now=open_to(exception),
        is_over=exception.expires_at <= world().now(),
        is_granter=exception.decided_by == actor().staff_id,
        is_asker=exception.asked_by == actor().staff_id,
        slip=slip,
        slip_name=SLIPS.get(slip.kind, "") if slip is not None else "",
        lines=asked_in_words(exception),
        name=name_of(exception.case),
    )


@desk.post("/<int:exception_id>/withdraw")
@door(Permission.ask_exception)
def withdraw(exception_id: int) -> Any:
    form = OfficeForm()
    version = form.seen_version if form.validate() else 0
    try:
        return _done(exception_id, lambda: withdraw_exception(world(), actor(), exception_id, version), _("申请已撤回。"))
    except Forbidden as not_his:
        flash(sentence(not_his), "error")
        return redirect(url_for("exceptions.page", exception_id=exception_id), 303)


@desk.get("/<int:exception_id>/pay")
@door(Permission.take_payment)
@fresh
def paying(exception_id: int) -> Any:
    exception = _exception(exception_id)
    if exception.kind is not ExceptionKind.refund or ExceptionAction.use not in open_to(exception):
        return redirect(url_for("exceptions.page", exception_id=exception_id), 303)
    return _pay_page(exception, PayForm(None))


@desk.post("/<int:exception_id>/pay")
@door(Permission.take_payment)
@fresh
def pay(exception_id: int) -> Any:
    exception, form = _exception(exception_id), PayForm()
    if not form.validate():
        return _pay_page(exception, form), 422
    given = form.seen_version, PaymentMethod(form.method.data), form.reference.data
    try:
        return _done(exception_id, lambda: pay_refund(world(), actor(), exception_id, *given), _("已付出，请打印退款单签字。"))
    except Faulty as fault:
        show_faults(form, fault)
        return _pay_page(exception, form), 422


def _done(exception_id: int, use_case: Any, told: str) -> Any:
    """Once; a second click is shown what the first one did."""
    try:
        use_case()
        flash(told, "success")
    except (Stale, OutOfTurn) as late:
        flash(sentence(late), "warning")
    except Refusal as refusal:
        if isinstance(refusal, Faulty) or refusal.status != 422:
            raise
        flash(sentence(refusal), "error")
    return redirect(url_for("exceptions.page", exception_id=exception_id), 303)


def _exception(exception_id: int) -> ExceptionRequest:
    return see(db.session.get(ExceptionRequest, exception_id))


def _kind(word: str) -> ExceptionKind:
    try:
        return ExceptionKind(word)
    except ValueError:
        raise Absent() from None


def _pay_page(exception: ExceptionRequest, form: PayForm) -> str:
    return render_template(
        "exceptions/pay.html",
        exception=exception,
        form=form,
        lines=asked_in_words(exception),
        open_now=open_to(exception),
        receipt=receipt_of_case(db.session, exception.case_id),
    )
