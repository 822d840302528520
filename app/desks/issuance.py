"""The issuance desk: its queue, one case with its ceremony runs, the branch's stations live."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.desks.door import actor, door, see, world
from app.desks.refusals import sentence, show_faults
from app.desks.row_ids import row_id
from app.services.begin_runs import RunOrder, begin_runs
from app.services.cancel_run import cancel_run
from app.services.confirm_envelope import confirm_envelope
from app.services.errors import Absent, Faulty, OutOfTurn, Stale
from app.services.give_up_item import give_up_item
from app.services.resume_run import resume_run
from app.services.run_grant import is_touched
from app.services.spoil_envelope import spoil_envelope
from app.services.subject_of import subject_of
from app.words.ceremony import CANCEL, WORK, fault_words, step_word
from app.words.faults import PRINTERS, SLOTS
from forms.base import OfficeForm
from forms.issuance import ConfirmForm, ReasonForm, begin_form
from models.rulebook import workflow
from models.rulebook.kinds import KINDS
from models.rulebook.permissions import Permission
from models.rulebook.vocabulary import ItemAction, RunAction, RunState
from models.tables import Case, CaseItem, Run, db
from models.worklists.issuance import issuance_queue, items_of, stations_of, stock_of, work_of

desk = Blueprint("issuance", __name__, url_prefix="/issuance")

_BUTTONS = {RunAction.resume, RunAction.spoil_envelope, RunAction.cancel}  # the others need more than a click


@desk.get("/")
@door(Permission.issue_token)
def queue() -> str:
    branch_id = actor().branch_id or 0
    page = issuance_queue(db.session, branch_id, request.args.get("before", type=row_id), request.args.get("after", type=row_id))
    return render_template("issuance/queue.html", page=page, stock=stock_of(db.session, branch_id), **_panel(branch_id))


@desk.get("/stations")
@door(Permission.issue_token)
def stations() -> str:
    """The panel of stations alone, for the page that watches it."""
    return render_template("issuance/stations.html", **_panel(actor().branch_id or 0))


@desk.get("/<int:case_id>")
@door(Permission.issue_token)
def page(case_id: int) -> str:
    return _page(_case(case_id))


@desk.post("/<int:case_id>/begin")
@door(Permission.issue_token)
def begin(case_id: int) -> Any:
    case = _case(case_id)
    form = _begin_form(case)
    orders = [_order(form, item) for item in _ordered(case) if form[f"take_{item.position}"].data]
    try:
        if any(f"take_{item.position}" in request.form for item in case.items if item not in _ordered(case)):
            raise Stale()  # a first click has begun it since the page was read
        begin_runs(world(), actor(), case_id, orders)
    except Faulty as fault:
        show_faults(form, fault)
        return _page(case, begin=form, fault="" if fault.fields else sentence(fault)), 422
    except (Stale, OutOfTurn) as late:
        flash(sentence(late), "warning")
    return _back(case_id)


@desk.get("/runs/<int:run_id>")
@door(Permission.issue_token)
def run(run_id: int) -> str:
    """One run as it stands, for the page that watches it."""
    found = _run(run_id)
    return render_template("issuance/run.html", **_run_view(found), alone=_alone(found.item.case))


@desk.post("/runs/<int:run_id>/confirm")
@door(Permission.issue_token)
def confirm(run_id: int) -> Any:
    found = _run(run_id)
    form = ConfirmForm()

    def act() -> None:
        confirm_envelope(world(), actor(), run_id, form.seen_version, form.control_number.data or "")
        flash(WORK[found.kind].confirmed, "success")

    return _do(found, form, act)


@desk.post("/runs/<int:run_id>/resume")
@door(Permission.issue_token)
def resume(run_id: int) -> Any:
    found, form = _run(run_id), OfficeForm()
    return _do(found, form, lambda: resume_run(world(), actor(), run_id, form.seen_version))


@desk.post("/runs/<int:run_id>/spoil")
@door(Permission.issue_token)
def spoil(run_id: int) -> Any:
    found, form = _run(run_id), ReasonForm()

    def act() -> None:
        spoil_envelope(world(), actor(), run_id, form.seen_version, form.reason.data or "")
        flash(_("这个信封号已作废，工位会设新密码并打印新信封。"), "success")

    return _do(found, form, act)


@desk.post("/runs/<int:run_id>/cancel")
@door(Permission.issue_token)
def cancel(run_id: int) -> Any:
    found, form = _run(run_id), ReasonForm()
    words = CANCEL[workflow.after_cancel(found.kind, is_touched(found))]

    def act() -> None:
        cancel_run(world(), actor(), run_id, form.seen_version, form.reason.data or "")
        flash(words.done, "success")

    return _do(found, form, act)


@desk.post("/items/<int:item_id>/give-up")
@door(Permission.issue_token)
def give_up(item_id: int) -> Any:
    item, form = db.session.get(CaseItem, item_id), ReasonForm()
    if item is None:
        raise Absent()
    case = _case(item.case_id)
    if not form.validate():
        return _page(case, gives_up=(item_id, form)), 422
    try:
        give_up_item(world(), actor(), item_id, form.seen_version, form.reason.data or "")
    except (Stale, OutOfTurn) as late:
        flash(sentence(late), "warning")
    return _back(case.id)


def _do(found: Run, form: OfficeForm, act: Callable[[], None]) -> Any:
    """Act on a run. What was wrongly typed is shown again; whoever is second is shown what the first one did."""
    case = found.item.case
    try:
        if not form.validate():
            raise Faulty()
        act()
    except Faulty as fault:
        show_faults(form, fault)
        return _page(case, tried=(found.id, form, request.endpoint.rsplit(".")[-1] if request.endpoint else "")), 422
    except (Stale, OutOfTurn) as late:
        flash(sentence(late), "warning")
    return _back(case.id)


def _page(
    case: Case,
    begin: OfficeForm | None = None,
    tried: tuple[int, OfficeForm, str] | None = None,
    gives_up: tuple[int, OfficeForm] | None = None,
    fault: str = "",
) -> str:
    views = items_of(db.session, case)
    return render_template(
        "issuance/case.html",
        case=case,
        views=views,
        ordered=_ordered(case),
        begin=begin or _begin_form(case),
        tried=tried,
        gives_up=gives_up,
        fault=fault,
        alone=_alone(case),
        run_view=_run_view,
        stock=stock_of(db.session, case.branch_id),
        work=(work := work_of(db.session, case, world().now())),
        words=WORK[work.kind],
        subject=subject_of(case),
        keeps_expiry=KINDS[case.kind].keeps_expiry,
        done=case.state in workflow.CASE_ISSUED,
        **_panel(case.branch_id),
    )


def _panel(branch_id: int) -> dict[str, Any]:
    views = stations_of(db.session, branch_id, world().now())
    current_app.extensions["pace"].watch(view.station.id for view in views)
    return {"stations": views, "slot_words": SLOTS, "printer_words": PRINTERS}


def _run_view(found: Run) -> dict[str, Any]:
    """A run and what may be done with it."""
    touched = is_touched(found)
    ways = workflow.ways_out(found.kind, found.state, found.fault, touched)
    if found.state in workflow.RUN_FINAL and workflow.ITEM.get((found.item.state, ItemAction.undo)) is None:
        ways = frozenset()
    notes = [step["note"] for step in found.steps if "note" in step and step["state"] == found.state.value]
    return {
        "run": found,
        "ways": {way.value for way in ways & _BUTTONS},
        "cancel": CANCEL[workflow.after_cancel(found.kind, touched)],
        "steps": [step_word(found.kind, step) for step in _steps(found)],
        "at": _step_of(found),
        "now": step_word(found.kind, found.state),
        "words": fault_words(found.kind, found.fault) if found.fault is not None else None,
        "awaits_pin": found.state in workflow.RUN_ASKS_PIN,
        "pin_page": _pin_page(found),
        "enveloped": found.kind in workflow.RUN_SETS_PIN,
        "underway": found.state in workflow.RUN_UNDERWAY,
        "waits": found.state in workflow.RUN_WAITING,
        "to_confirm": found.state in workflow.RUN_TO_CONFIRM,
        "stopped": found.state in workflow.RUN_STOPPED,
        "made": found.state in workflow.RUN_MADE,
        "watched": found.state in workflow.RUN_UNDERWAY or (found.fault is not None and RunAction.resume in ways),
        "note": notes[-1] if notes else "",
    }


def _steps(found: Run) -> tuple[RunState, ...]:
    return (*workflow.RUN_STEPS_OF[found.kind], RunState.confirmed)


def _step_of(found: Run) -> int:
    """Where in its steps the run is, or stopped; -1: not begun."""
    state = found.stopped_at_step if found.state in workflow.RUN_STOPPED else found.state
    steps = _steps(found)
    return steps.index(state) if state in steps else -1


def _pin_page(found: Run) -> str:
    """Where the holder types his PIN: at the station, on its own loopback page; never here."""
    page: str = found.station.report.get("page", "")
    return f"{page.rstrip('/')}/pin/{found.token.serial}/give" if page else ""


def _alone(case: Case) -> bool:
    """Whether one number or one PIN is all that the page waits for: then it may take focus and key."""
    asks = workflow.RUN_TO_CONFIRM | workflow.RUN_ASKS_PIN
    waiting = [item for item in items_of(db.session, case) if item.run is not None and item.run.state in asks]
    return len(waiting) == 1 and not _ordered(case)


def _ordered(case: Case) -> list[CaseItem]:
    return [item for item in case.items if workflow.ITEM.get((item.state, ItemAction.begin))]


def _begin_form(case: Case) -> OfficeForm:
    ordered = _ordered(case)
    choices = [
        (str(view.station.id), view.station.name) for view in stations_of(db.session, case.branch_id, world().now()) if view.awake
    ]
    return begin_form(
        [item.position for item in ordered], choices, **{f"seen_{item.position}": str(item.version) for item in ordered}
    )


def _order(form: OfficeForm, item: CaseItem) -> RunOrder:
    n = item.position
    seen, station = form[f"seen_{n}"].data or "", form[f"station_{n}"].data or ""
    return RunOrder(
        item.id,
        int(seen) if seen.isdecimal() and seen.isascii() else 0,
        form[f"token_{n}"].data or "",
        int(station) if station.isdecimal() and station.isascii() else None,
    )


def _case(case_id: int) -> Case:
    case = see(db.session.get(Case, case_id))
    if case.applicant is None:  # a draft that never was examined has nothing for this desk
        raise Absent()
    return case


def _run(run_id: int) -> Run:
    found = db.session.get(Run, run_id)
    if found is None:
        raise Absent()
    see(found.item.case)
    return found


def _back(case_id: int) -> Response:
    return redirect(url_for("issuance.page", case_id=case_id), 303)
