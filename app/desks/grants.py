"""The supervisor's desk: exceptions that wait for his leave, each with its papers, and what became of those he gave."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app.desks.door import actor, door, fresh, see, world
from app.desks.review_page import case_in_view, send_back_form
from app.desks.row_ids import row_id
from app.desks.steps import decide
from app.services.edition_at_hand import edition_of
from app.services.errors import OutOfTurn
from app.services.grant_case import grant_case
from app.services.refuse_case import refuse_case
from app.services.send_back_case import send_back_case
from forms.base import OfficeForm
from forms.grants import GrantForm
from forms.review import RefuseForm
from models.rulebook.kinds import FIRST_KINDS
from models.rulebook.permissions import Permission
from models.rulebook.vocabulary import CaseAction, CaseKind
from models.rulebook.workflow import CASE, CASE_FINAL, open_actions
from models.tables import Case, db
from models.worklists.grants import given_grants, grants_queue
from models.worklists.review import capped_count, states_open_to

desk = Blueprint("grants", __name__, url_prefix="/grants")
BY = Permission.grant_exception


@desk.get("/")
@door(Permission.grant_exception)
def queue() -> str:
    who = actor()
    branch_id, cursors = who.branch_id or 0, (request.args.get("before", type=row_id), request.args.get("after", type=row_id))
    return render_template(
        "grants/queue.html",
        page=grants_queue(db.session, branch_id, who.staff_id, *cursors),
        count=capped_count(db.session, branch_id, states_open_to(CaseAction.grant)),
        given=given_grants(db.session, branch_id),
        now=world().now(),
    )


@desk.get("/<int:case_id>")
@door(Permission.grant_exception)
def page(case_id: int) -> Any:
    case = _case(case_id)
    if case.kind in FIRST_KINDS:
        return redirect(url_for("casefile.page", case_id=case_id), 303)
    return _page(case)


@desk.post("/<int:case_id>/grant")
@door(Permission.grant_exception)
@fresh
def grant(case_id: int) -> Any:
    case, form = _case(case_id), GrantForm()
    if not form.validate():
        return _page(case, form=form), 422
    return decide(
        "grants", case_id, lambda: grant_case(world(), actor(), case_id, form.seen_version, form.reason.data), _told_granted
    )


@desk.post("/<int:case_id>/send-back")
@door(Permission.grant_exception)
def send_back(case_id: int) -> Any:
    case = _case(case_id)
    form = send_back_form(case)
    if not form.validate():
        return _page(case, send_back=form), 422
    given = form.seen_version, form.reason.data, form.places.data or []
    return decide(
        "grants", case_id, lambda: send_back_case(world(), actor(), case_id, *given, by=BY), lambda _number: _("已退回经办人。")
    )


@desk.post("/<int:case_id>/refuse")
@door(Permission.grant_exception)
@fresh
def refuse(case_id: int) -> Any:
    case, form = _case(case_id), RefuseForm()
    if not form.validate():
        return _page(case, refuse=form), 422
    given = form.seen_version, form.reason.data, form.advice.data
    return decide(
        "grants",
        case_id,
        lambda: refuse_case(world(), actor(), case_id, *given, by=BY),
        lambda done: _("不予受理告知单 %(number)s 已开出。", number=done.notice_number),
    )


def _told_granted(done: Any) -> str:
    if CaseAction.acknowledge in open_actions(CASE, done.state):
        return _("已批准，绑定已解除并通知平台，等待平台确认。")
    if done.state in CASE_FINAL:
        return _("已批准，已办结。")
    if not done.published:
        return _("已批准。吊销列表暂时签不出来，程序会每分钟再试。")
    if not done.settled:
        return _("已批准，应收 %(yuan)s 元，已转收费台。", yuan=f"{done.total_fen / 100:.2f}")
    return _("已批准，已转制证台。")


def _case(case_id: int) -> Case:
    return see(db.session.get(Case, case_id))


def _page(case: Case, **forms: OfficeForm) -> str:
    if case.kind in FIRST_KINDS:
        raise OutOfTurn(state=case.state.value, action=CaseAction.grant.value)
    shown = {"send_back": send_back_form(case), "refuse": RefuseForm(), "form": GrantForm()} | forms
    return render_template(
        "grants/page.html",
        minutes=edition_of(db.session, case).grant_minutes if case.kind is CaseKind.unlock else 0,
        grants=given_grants(db.session, case.branch_id, case.id),
        now=world().now(),
        asked=next((name for name in ("send_back", "refuse") if name in forms), ""),
        **case_in_view(case),
        **shown,
    )
