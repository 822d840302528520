"""The review desk: a second person looks at papers, scans and findings, and decides."""

from typing import Any

from flask import Blueprint, render_template, request
from flask_babel import gettext as _

from app.desks.door import actor, door, fresh, see, world
from app.desks.review_page import case_in_view, send_back_form
from app.desks.row_ids import row_id
from app.desks.steps import decide
from app.services.approve_case import approve_case
from app.services.errors import Absent
from app.services.refuse_case import refuse_case
from app.services.send_back_case import send_back_case
from forms.base import OfficeForm
from forms.review import RefuseForm
from models.rulebook.permissions import Permission
from models.rulebook.vocabulary import CaseAction
from models.tables import Case, db
from models.worklists.review import capped_count, review_queue, states_open_to

desk = Blueprint("review", __name__, url_prefix="/review")


@desk.get("/")
@door(Permission.review_case)
def queue() -> str:
    who = actor()
    branch_id, cursors = who.branch_id or 0, (request.args.get("before", type=row_id), request.args.get("after", type=row_id))
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
    return decide("review", case_id, lambda: approve_case(world(), actor(), case_id, form.seen_version), _told_approved)


@desk.post("/<int:case_id>/send-back")
@door(Permission.review_case)
def send_back(case_id: int) -> Any:
    case = _case(case_id)
    form = send_back_form(case)
    if not form.validate():
        return _page(case, send_back=form), 422
    return decide(
        "review",
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
    return decide(
        "review",
        case_id,
        lambda: refuse_case(world(), actor(), case_id, form.seen_version, form.reason.data, form.advice.data),
        lambda done: _("不予受理告知单 %(number)s 已开出。", number=done.notice_number),
    )


def _told_approved(done: Any) -> str:
    if not done.published:
        return _("复核通过，证书状态已变更。吊销列表暂时签不出来，程序会每分钟再试。")
    if done.carried_out:
        return _("复核通过，证书状态已变更并公布，回执可在案件页打印。")
    if done.settled:
        return _("复核通过，免费，已转制证台。")
    return _("复核通过，应收 %(yuan)s 元，已转收费台。", yuan=f"{done.total_fen / 100:.2f}")


def _case(case_id: int) -> Case:
    case = see(db.session.get(Case, case_id))
    if case.applicant is None:  # a draft that never was examined has nothing for this desk
        raise Absent()
    return case


def _page(case: Case, **forms: OfficeForm) -> str:
    shown = {"send_back": send_back_form(case), "refuse": RefuseForm()} | forms
    asked = next((name for name in ("send_back", "refuse") if name in forms), "")
    return render_template("review/page.html", asked=asked, **case_in_view(case), **shown)
