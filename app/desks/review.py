"""The review desk: a second person looks at papers, scans and findings, and decides."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app.desks.door import actor, door, fresh, see, world
from app.desks.refusals import sentence
from app.services.approve_case import approve_case
from app.services.errors import Absent, OutOfTurn, Stale
from app.services.refuse_case import refuse_case
from app.services.seal_presenter import presenter_id, presenter_mobile
from app.services.send_back_case import send_back_case
from app.words.terms import term
from forms.base import OfficeForm
from forms.review import RefuseForm, SendBackForm
from models.rulebook.fees import fee_for
from models.rulebook.identity import mask_identity, mask_mobile
from models.rulebook.permissions import Permission
from models.rulebook.vocabulary import CaseAction, Use
from models.rulebook.workflow import CASE, open_actions
from models.tables import Case, db
from models.worklists.intake import history_of
from models.worklists.review import (
    capped_count,
    findings_of,
    latest_examination,
    review_queue,
    scans_of,
    states_open_to,
    worked_on_by,
)

desk = Blueprint("review", __name__, url_prefix="/review")


@desk.get("/")
@door(Permission.review_case)
def queue() -> str:
    who = actor()
    branch_id, cursors = who.branch_id or 0, (request.args.get("before", type=int), request.args.get("after", type=int))
    page = review_queue(db.session, branch_id, who.staff_id, *cursors)
    count = capped_count(db.session, branch_id, states_open_to(CaseAction.approve))
    return render_template("review/queue.html", page=page, count=count)


@desk.get("/<int:case_id>")
@door(Permission.review_case)
def page(case_id: int) -> str:
    return _page(_case(case_id))


@desk.post("/<int:case_id>/approve")
@door(Permission.review_case)
@fresh
def approve(case_id: int) -> Any:
    form = OfficeForm()
    form.validate()
    return _decide(case_id, lambda: approve_case(world(), actor(), case_id, form.seen_version), _told_approved)


@desk.post("/<int:case_id>/send-back")
@door(Permission.review_case)
def send_back(case_id: int) -> Any:
    case = _case(case_id)
    form = _send_back_form(case)
    if not form.validate():
        return _page(case, send_back=form), 422
    return _decide(
        case_id,
        lambda: send_back_case(world(), actor(), case_id, form.seen_version, form.reason.data, form.places.data or []),
        lambda _number: _("已退回受理台。"),
    )


@desk.post("/<int:case_id>/refuse")
@door(Permission.review_case)
@fresh
def refuse(case_id: int) -> Any:
    form = RefuseForm()
    if not form.validate():
        return _page(_case(case_id), refuse=form), 422
    return _decide(
        case_id,
        lambda: refuse_case(world(), actor(), case_id, form.seen_version, form.reason.data, form.advice.data),
        lambda done: _("不予受理告知单 %(number)s 已开出。", number=done.notice_number),
    )


def _told_approved(done: Any) -> str:
    if done.settled:
        return _("复核通过，免费，已转制证台。")
    return _("复核通过，应收 %(yuan)s 元，已转收费台。", yuan=f"{done.total_fen / 100:.2f}")


def _decide(case_id: int, use_case: Any, told: Any) -> Any:
    """A second click is shown the first one's result."""
    try:
        flash(told(use_case()), "success")
    except (Stale, OutOfTurn) as late:
        flash(sentence(late), "warning")
        return redirect(url_for("review.page", case_id=case_id), 303)
    return redirect(url_for("review.queue"), 303)


def _case(case_id: int) -> Case:
    case = see(db.session.get(Case, case_id))
    if case.applicant is None:  # a draft that never was examined has nothing for this desk
        raise Absent()
    return case


def _send_back_form(case: Case) -> SendBackForm:
    form = SendBackForm()
    form.places.offer(
        (f"{papers.position}:{document.kind.value}", f"{papers.position} · {term(document.kind)}")
        for papers in case.sets
        for document in papers.documents
    )
    return form


def _page(case: Case, **forms: OfficeForm) -> str:
    examination = latest_examination(db.session, case.id)
    applicant = case.applicant
    shown = {"send_back": _send_back_form(case), "refuse": RefuseForm()} | forms
    return render_template(
        "review/page.html",
        case=case,
        use_words=[term(Use(use)) for use in case.uses],
        examination=examination,
        findings=findings_of(examination),
        scans=scans_of(db.session, case.id),
        history=history_of(db.session, applicant, case.id) if applicant is not None else None,
        fee=fee_for(applicant.certificates_promised, case.certificates_asked) if applicant is not None else None,
        may={action.value for action in open_actions(CASE, case.state)},
        is_own=bool(worked_on_by(db.session, actor().staff_id, [case.id])),
        asked=next((name for name in ("send_back", "refuse") if name in forms), ""),
        id_mask=mask_identity(presenter_id(world().vault, case)),
        mobile_mask=mask_mobile(presenter_mobile(world().vault, case)),
        **shown,
    )
