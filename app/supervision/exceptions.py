"""Exceptions in supervision: what waits for a decision, each side by side with its papers, and what became of those before."""

from typing import Any, ClassVar

from flask import flash, redirect, render_template, url_for
from flask_admin import expose
from flask_babel import gettext as _

from app.desks import door
from app.desks.exceptions_page import asked_in_words, name_of, open_to, slip_of
from app.desks.refusals import sentence, show_faults
from app.desks.review_page import case_in_view
from app.services.decide_exception import grant_exception, refuse_exception
from app.services.errors import Faulty, OutOfTurn, Refusal, Stale
from app.services.seal_presenter import presenter_id
from app.services.suppose_admitted import suppose_admitted
from app.services.withdraw_exception import withdraw_exception
from app.supervision.lists import LookingList, applicant_link, case_link, leads, to_page
from app.words.exceptions import LEADS_TO, SLIPS
from forms.exceptions import DecisionForm
from forms.looking import DecisionQuestion
from models.rulebook.identity import mask_identity
from models.rulebook.oversight import ExceptionAction, ExceptionKind
from models.rulebook.permissions import Permission
from models.rulebook.workflow import CASE_EDITABLE
from models.tables import ExceptionRequest, db
from models.worklists import lists
from models.worklists.exceptions import askable, entries_of
from models.worklists.review import scans_of, worked_on_by

_STEPS = {
    "grant": (grant_exception, ExceptionAction.grant),
    "refuse": (refuse_exception, ExceptionAction.refuse),
    "withdraw": (withdraw_exception, ExceptionAction.withdraw),
}


def _applicant(exception: ExceptionRequest) -> Any:
    """Of a draft, whose applicant is in no book yet, by the name that was typed."""
    case = exception.case
    return applicant_link(case.applicant) if case.applicant is not None else name_of(case) or "—"


class ExceptionRoom(LookingList):
    listed, question = lists.DECISIONS, DecisionQuestion
    special: ClassVar[Any] = {
        "number": to_page("decisions.page", "exception_id"),
        "case": leads(lambda row: case_link(row.case)),
        "applicant": leads(_applicant),
    }
    serves = ("index_view", "page", "grant", "refuse", "withdraw")
    # Who decides proves himself once more.
    doors: ClassVar[Any] = {name: door.Door((Permission.decide_exception,), fresh=True) for name in _STEPS}

    @expose("/<int:exception_id>")
    def page(self, exception_id: int) -> Any:
        exception: ExceptionRequest = self.get_one(str(exception_id))
        slip = slip_of(exception)
        return render_template(
            "admin/exception.html",
            admin_view=self,
            slip=slip,
            slip_name=SLIPS.get(slip.kind, "") if slip is not None else "",
            may_decide=_may_decide(exception),
            may_withdraw=_may(exception, "withdraw"),
            is_own=_is_own(exception),
            now=door.world().now(),
            entries=entries_of(db.session, exception.case_id),
            left_fen=askable(db.session, exception.case).left_fen,
            **_papers(exception),
            **_told(exception),
        )

    @expose("/<int:exception_id>/grant", methods=["GET", "POST"])
    def grant(self, exception_id: int) -> Any:
        return self._decide(exception_id, "grant", _("已批准。"))

    @expose("/<int:exception_id>/refuse", methods=["GET", "POST"])
    def refuse(self, exception_id: int) -> Any:
        return self._decide(exception_id, "refuse", _("未批准，已告知提出人。"))

    @expose("/<int:exception_id>/withdraw", methods=["GET", "POST"])
    def withdraw(self, exception_id: int) -> Any:
        """Another's request, say of somebody who is away."""
        return self._decide(exception_id, "withdraw", _("申请已撤回。"))

    def _decide(self, exception_id: int, step: str, told: str) -> Any:
        exception: ExceptionRequest = self.get_one(str(exception_id))
        form = DecisionForm(data={"version": str(exception.version)})
        there = redirect(url_for("decisions.page", exception_id=exception_id), 303)
        if form.validate_on_submit():
            try:
                _STEPS[step][0](door.world(), door.actor(), exception_id, form.seen_version, form.reason.data)
                flash(told, "success")
                return there
            except Faulty as fault:
                show_faults(form, fault)
            except Refusal as refusal:
                if refusal.status not in (403, 409, 422):
                    raise
                flash(sentence(refusal), "warning" if isinstance(refusal, Stale | OutOfTurn) else "error")
                return there
        elif not form.errors and not _may(exception, step):
            return there
        page = render_template(
            "admin/exception_decide.html",
            admin_view=self,
            form=form,
            step=step,
            leads_to=LEADS_TO[exception.kind],
            **_told(exception),
        )
        return page, 422 if form.errors else 200


def _is_own(exception: ExceptionRequest) -> bool:
    me = door.actor().staff_id
    return exception.asked_by == me or bool(worked_on_by(db.session, me, [exception.case_id]))


def _may_decide(exception: ExceptionRequest) -> bool:
    may = door.Door((Permission.decide_exception,)).lets_in(door.actor())
    in_time = exception.expires_at > door.world().now()
    return may and in_time and ExceptionAction.refuse in open_to(exception) and not _is_own(exception)


def _may(exception: ExceptionRequest, step: str) -> bool:
    """Nobody decides about his own; what is open may be withdrawn by any supervisor of the branch."""
    if step == "withdraw":
        lets_in = door.Door((Permission.decide_exception,)).lets_in(door.actor())
        return lets_in and ExceptionAction.withdraw in open_to(exception)
    return _may_decide(exception) and _STEPS[step][1] in open_to(exception)


def _told(exception: ExceptionRequest) -> dict[str, Any]:
    return {
        "exception": exception,
        "case": exception.case,
        "name": name_of(exception.case),
        "lines": asked_in_words(exception),
        "open_now": open_to(exception),
    }


def _papers(exception: ExceptionRequest) -> dict[str, Any]:
    """The case as a second person looks at it: filed; or the draft of an applicant whom no rule covers."""
    case = exception.case
    nothing: dict[str, Any] = {"filed": False, "verdict": None, "scans": []}
    if case.destroyed_at is not None:
        return nothing
    if exception.kind is ExceptionKind.admission and case.state in CASE_EDITABLE:
        supposed = suppose_admitted(door.world(), door.actor(), case.id)
        scans = scans_of(db.session, case.id)
        return {
            "filed": False,
            "verdict": supposed.verdict,
            "scans": scans,
            "id_mask": mask_identity(presenter_id(door.world().vault, case)),
        }
    if case.applicant is None:
        return nothing
    return {"filed": True, **{name: value for name, value in case_in_view(case).items() if name not in {"case", "is_own"}}}
