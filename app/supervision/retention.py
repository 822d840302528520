"""Retention: whose time is over, legal holds, destruction lists with two approvals, and the traces of what was destroyed."""

from typing import Any, ClassVar

from flask import Response, flash, redirect, render_template, request, url_for
from flask_admin import BaseView, expose
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.desks import door
from app.desks.refusals import show_faults
from app.desks.row_ids import row_id
from app.services.approve_destruction import approve_destruction, drop_destruction, job_under_way, resume_destruction
from app.services.errors import Absent, Faulty
from app.services.lift_hold import lift_hold
from app.services.print_destruction import print_destruction
from app.services.propose_destruction import MOST_CASES, propose_destruction
from app.services.set_hold import HoldOrder, set_hold
from app.services.verify_traces import ask_check, verified
from app.words.retention import CLOCK, CLOCK_TONE, TRACE_FAULTS
from forms.retention import APPLICANT, HoldForm, ProposalForm, RemarkForm
from models.rulebook.oversight import DestructionAction, HoldState
from models.rulebook.oversight_workflow import DESTRUCTION
from models.rulebook.permissions import EVERY_BRANCH, Permission
from models.rulebook.workflow import open_actions
from models.tables import Case, DestructionList, DestructionTrace, LegalHold, db
from models.worklists import retention as worklist

PAGE = 50
CHECKS = 50  # of the traces: the newest are listed
_LIFTS = door.Door((Permission.hold_records,), fresh=True)
_DECIDE: dict[str, Any] = {"approve": approve_destruction, "drop": drop_destruction, "resume": resume_destruction}
_APPROVES = door.Door((Permission.approve_destruction,), fresh=True)


class RetentionRoom(BaseView):
    permission = Permission.read_retention
    serves = (
        "index_view",
        "case",
        "hold",
        "holds",
        "lift",
        "propose",
        "lists",
        "listed",
        "approve",
        "drop",
        "resume",
        "record",
        "traces",
        "verify",
        "verified",
        "check",
    )
    doors: ClassVar[Any] = {
        "hold": _LIFTS,
        "lift": _LIFTS,
        "propose": door.Door((Permission.propose_destruction,), fresh=True),
        "approve": _APPROVES,
        "drop": _APPROVES,
        "resume": _APPROVES,
    }

    @expose("/")
    def index_view(self) -> Any:
        """What is due; or the case that was asked for by its number."""
        number = request.args.get("number", "").strip().upper()
        if number:
            case = db.session.scalars(select(Case).where(Case.number == number)).one_or_none()
            if case is not None and door.actor().sees_branch(case.branch_id):
                return redirect(url_for("retention.case", case_id=case.id), 303)
            flash(_("没有这个案件号，或不属于本网点。"), "warning")
        page = worklist.due_page(db.session, _branch_id(), _today(), request.args.get("after", ""))
        return self._page("due", page=page, number=number)

    @expose("/case/<int:case_id>")
    def case(self, case_id: int) -> Any:
        case = _case(case_id)
        row = worklist.timed(db.session, [case.id], _today())[0]
        holds = db.session.scalars(worklist.holds_on(case).order_by(LegalHold.id.desc())).all()
        trace = db.session.scalars(select(DestructionTrace).where(DestructionTrace.case_id == case.id)).one_or_none()
        return self._page("case", row=row, case=case, holds=holds, trace=trace, branch_id=_branch_id())

    @expose("/case/<int:case_id>/hold", methods=["GET", "POST"])
    def hold(self, case_id: int) -> Any:
        case, form = _case(case_id), HoldForm()
        if case.destroyed_at is not None:
            raise Absent("record_destroyed")
        if form.validate_on_submit():
            order = HoldOrder(form.authority.data, form.reference.data, form.reason.data, form.scope.data == APPLICANT)
            try:
                set_hold(door.world(), door.actor(), case_id, order)
                flash(_("已保全。解除以前，有关资料不会销毁。"), "success")
                return redirect(url_for("retention.case", case_id=case_id), 303)
            except Faulty as fault:
                show_faults(form, fault)
        return self._page("hold", form=form, case=case)

    @expose("/holds")
    def holds(self) -> Any:
        state = _chosen(HoldState)
        query = worklist.holds_seen(_branch_id())
        if state is not None:
            query = query.where(LegalHold.state == state)
        rows, after = _leaf(query.options(joinedload(LegalHold.case), joinedload(LegalHold.applicant)), LegalHold.id)
        return self._page("holds", rows=rows, after=after, states=HoldState, state=state)

    @expose("/holds/<int:hold_id>/lift", methods=["GET", "POST"])
    def lift(self, hold_id: int) -> Any:
        hold = door.see(db.session.get(LegalHold, hold_id))
        form = RemarkForm(data={"version": str(hold.version)})
        if form.validate_on_submit():
            lift_hold(door.world(), door.actor(), hold_id, form.seen_version, form.reason.data)
            flash(_("保全已解除，保存期从停下的地方接着走。"), "success")
            return redirect(url_for("retention.holds"), 303)
        return self._page("lift", form=form, hold=hold)

    @expose("/propose", methods=["GET", "POST"])
    def propose(self) -> Any:
        form = ProposalForm()
        if form.validate_on_submit():
            try:
                made = propose_destruction(door.world(), door.actor(), form.cases.data or [], form.reason.data)
                flash(_("清单 %(number)s 已提请，共 %(count)s 件。", number=made.number, count=made.cases), "success")
                return redirect(url_for("retention.listed", list_id=made.id), 303)
            except Faulty as fault:
                show_faults(form, fault)
        page = worklist.due_page(db.session, door.actor().branch_id, _today(), size=MOST_CASES)
        ticked = set(form.cases.data or []) if form.is_submitted() else {row.case.id for row in page.rows}
        return self._page("propose", form=form, page=page, ticked=ticked)

    @expose("/lists")
    def lists(self) -> Any:
        query = _lists_seen()
        rows, after = _leaf(
            query.options(joinedload(DestructionList.branch), joinedload(DestructionList.proposer)), DestructionList.id
        )
        return self._page("lists", rows=rows, after=after)

    @expose("/lists/<int:list_id>")
    def listed(self, list_id: int) -> Any:
        found = _list(list_id)
        actions = open_actions(DESTRUCTION, found.state) if _may(Permission.approve_destruction) else frozenset()
        own = door.actor().staff_id in {found.proposed_by, found.first_by}
        return self._page(
            "listed",
            list=found,
            rows=worklist.timed(db.session, found.case_ids, _today()),
            traces=_traces(found),
            may_approve=DestructionAction.approve in actions and not own,
            own=own,
            may_drop=DestructionAction.drop in actions,
            may_resume=DestructionAction.carry_out in actions and job_under_way(db.session, list_id) is None,
            sees_cases=door.actor().sees_branch(found.branch_id),
        )

    @expose("/lists/<int:list_id>/approve", methods=["GET", "POST"])
    def approve(self, list_id: int) -> Any:
        return self._decide("approve", _list(list_id))

    @expose("/lists/<int:list_id>/drop", methods=["GET", "POST"])
    def drop(self, list_id: int) -> Any:
        return self._decide("drop", _list(list_id))

    @expose("/lists/<int:list_id>/resume", methods=["GET", "POST"])
    def resume(self, list_id: int) -> Any:
        return self._decide("resume", _list(list_id))

    @expose("/lists/<int:list_id>/record.pdf")
    def record(self, list_id: int) -> Any:
        paper = print_destruction(door.world(), door.actor(), list_id)
        answer = Response(paper.pdf, mimetype="application/pdf")
        answer.headers["Content-Disposition"] = f'inline; filename="{paper.file_name}"'
        return answer

    @expose("/traces")
    def traces(self) -> Any:
        query = worklist.traces_seen(_branch_id()).options(joinedload(DestructionTrace.destruction))
        rows, after = _leaf(query, DestructionTrace.id)
        return self._page("traces", rows=rows, after=after)

    @expose("/verify")
    def verify(self) -> Any:
        """What the last check found, and the earlier ones."""
        return self._verified(None)

    @expose("/verify/<int:check_id>")
    def verified(self, check_id: int) -> Any:
        return self._verified(check_id)

    @expose("/verify", methods=["POST"])
    def check(self) -> Any:
        return redirect(url_for("jobs.page", job_id=ask_check(door.world(), door.actor())), 303)

    def _verified(self, check_id: int | None) -> Any:
        done = worklist.checks_done(db.session, CHECKS)
        shown = next((job for job in done if check_id in (None, job.id)), None)
        if shown is None and check_id is not None:
            raise Absent()
        found = verified(shown.answer) if shown is not None else None
        checks = [(job, verified(job.answer)) for job in done]
        return self._page("verify", found=found, shown=shown, checks=checks, everywhere=_branch_id() is None)

    def _decide(self, step: str, found: DestructionList) -> Any:
        form = RemarkForm(data={"version": str(found.version)})
        if form.validate_on_submit():
            job_id = _DECIDE[step](door.world(), door.actor(), found.id, form.seen_version, form.reason.data)
            if job_id is not None:
                return redirect(url_for("jobs.page", job_id=job_id), 303)
            flash(_("已批准，还须第二位主管批准。") if step == "approve" else _("清单已放弃，其中案件可以再次提请。"), "success")
            return redirect(url_for("retention.lists"), 303)
        rows = worklist.timed(db.session, found.case_ids, _today())
        return self._page(step, form=form, list=found, rows=rows)

    def _page(self, template: str, **values: Any) -> Any:
        """The template of this page; 422 where its form has faults."""
        shown = render_template(
            f"admin/retention_{template}.html",
            admin_view=self,
            clock_word=CLOCK,
            clock_tone=CLOCK_TONE,
            trace_faults=TRACE_FAULTS,
            **values,
        )
        form = values.get("form")
        return shown, 422 if form is not None and form.errors else 200


def _branch_id() -> int | None:
    """Whose records are shown: the own branch's; None for who sees all."""
    actor = door.actor()
    return None if not actor.roles.isdisjoint(EVERY_BRANCH) else actor.branch_id


def _today() -> Any:
    return door.world().today()


def _may(permission: Permission) -> bool:
    return door.Door((permission,)).lets_in(door.actor())


def _case(case_id: int) -> Case:
    return door.see(db.session.get(Case, case_id))


def _lists_seen() -> Any:
    approver = door.actor().staff_id if _may(Permission.approve_destruction) else None
    return worklist.lists_seen(_branch_id(), approver)


def _list(list_id: int) -> DestructionList:
    """Of another branch, only to who may approve it and as long as there is something to approve, or he did."""
    query = _lists_seen().where(DestructionList.id == list_id)
    found = db.session.scalars(query).one_or_none()
    if found is None:
        raise Absent()
    return found


def _traces(found: DestructionList) -> dict[int, DestructionTrace]:
    rows = db.session.scalars(select(DestructionTrace).where(DestructionTrace.list_id == found.id))
    return {trace.case_id: trace for trace in rows}


def _chosen(states: Any) -> Any:
    asked = request.args.get("state", "")
    if not asked:
        return None
    try:
        return states(asked)
    except ValueError:
        raise Absent() from None


def _leaf(query: Any, key: Any) -> tuple[list[Any], int | None]:
    """A page of rows, newest first, and the cursor of the next one."""
    after = request.args.get("after", type=row_id)
    if after is not None:
        query = query.where(key < after)
    rows = list(db.session.scalars(query.order_by(key.desc()).limit(PAGE + 1)))
    return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None
