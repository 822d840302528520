"""The bindings desk: which certificate opens which platform, what to do about it, and what still waits for somebody's answer."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app.desks.aftercare_page import answer_form, filed_page
from app.desks.bindings_page import DELIVERIES, may_open, places_of
from app.desks.door import actor, door, see, world
from app.desks.refusals import sentence, sentence_of, show_faults
from app.desks.row_ids import row_id
from app.desks.shell import said
from app.services.answer_relay import answer_relay
from app.services.errors import Absent, Faulty, OutOfTurn, Refusal, Stale
from app.services.open_platform_case import open_platform_case
from app.words.terms import term
from forms.bindings import OpenForm
from models.rulebook.binding_words import COUNTER_WORDS
from models.rulebook.bindings import CounterCode
from models.rulebook.kinds import PLATFORM_KINDS
from models.rulebook.permissions import Permission
from models.rulebook.vocabulary import CaseAction, CaseKind, CaseState, RelayAnswer, Use
from models.tables import Applicant, Case, db
from models.worklists.bindings import platforms, register, waiting_cases
from models.worklists.bindings_desk import cases_at_platforms, certificates_in_use, find_applicants, waiting_for
from models.worklists.review import capped_count

desk = Blueprint("bindings", __name__, url_prefix="/bindings")

LISTS = (
    CaseState.awaiting_acknowledgement,
    CaseState.awaiting_answer,
    CaseState.returned,
    CaseState.draft,
    CaseState.correction,
)
# By then somebody should ask the platform, or the authority, what is the matter.
LONG = {CaseState.awaiting_acknowledgement: timedelta(days=1), CaseState.awaiting_answer: timedelta(days=5)}


@desk.get("/")
@door(Permission.work_at_bindings)
def desk_page() -> Any:
    """What is typed or scanned leads to the one applicant that is meant, or to a list of those that fit."""
    text = request.args.get("q", "").strip()[:60]
    found = find_applicants(db.session, text)
    if len(found) == 1:
        return redirect(url_for("bindings.applicant", applicant_id=found[0].id), 303)
    branch_id = actor().branch_id or 0
    counts = {state: capped_count(db.session, branch_id, [state], PLATFORM_KINDS) for state in LISTS}
    wanted = request.args.get("state", "")
    state = CaseState(wanted) if wanted in LISTS else next((one for one in LISTS if counts[one]), LISTS[0])
    page = waiting_cases(db.session, branch_id, state, *_cursors())
    return render_template(
        "bindings/desk.html",
        text=text,
        found=found,
        page=page,
        state=state,
        counts=counts,
        waiting=waiting_for(db.session, page.rows),
        deliveries=DELIVERIES,
        long_ago=world().now() - LONG[state] if state in LONG else None,
    )


@desk.get("/register")
@door(Permission.work_at_bindings)
def register_page() -> str:
    """The whole register: what is bound where, since when, until when, by whom, why."""
    known = {one.code: one for one in platforms(db.session)}
    platform, every = known.get(request.args.get("platform", "")), request.args.get("every") == "1"
    page = register(db.session, platform_id=platform.id if platform else None, live_only=not every, **_named_cursors())
    return render_template("bindings/register.html", page=page, platforms=known.values(), platform=platform, every=every)


@desk.get("/applicants/<int:applicant_id>")
@door(Permission.work_at_bindings)
def applicant(applicant_id: int) -> str:
    """Of any branch: an applicant's bindings are the city's."""
    found = _applicant(applicant_id)
    cases = cases_at_platforms(db.session, applicant_id)
    return render_template(
        "bindings/applicant.html",
        applicant=found,
        places=places_of(applicant_id, cases),
        cases=cases,
        certificates=certificates_in_use(db.session, applicant_id),
        use_word=lambda use: term(Use(use)),
        may_open=may_open(),
        sees=actor().sees_branch,
        now=world().now(),
    )


@desk.post("/applicants/<int:applicant_id>/open")
@door(Permission.work_at_bindings)
def open_(applicant_id: int) -> Any:
    """Back to where the button was, with the reason, if such a case cannot be opened."""
    form = OpenForm()
    back = url_for("applicants.page" if form.back.data == "applicant" else "bindings.applicant", applicant_id=applicant_id)
    try:
        if not form.validate():
            raise Refusal("kind_not_open")
        given = CaseKind(form.kind.data), form.platform.data, applicant_id, form.serial.data
        opened = open_platform_case(world(), actor(), *given)
    except Refusal as refusal:
        if refusal.status != 422:
            raise
        flash(_why(refusal), "warning")
        return redirect(back, 303)
    return redirect(url_for("aftercare.page", case_id=opened.id), 303)


@desk.post("/<int:case_id>/answer")
@door(Permission.work_at_bindings)
def answer(case_id: int) -> Any:
    """What the registry authority said, as the clerk heard it."""
    case, form = see(db.session.get(Case, case_id)), answer_form()
    if case.kind not in PLATFORM_KINDS:
        raise OutOfTurn(state=case.state.value, action=CaseAction.answer.value)
    try:
        if not form.validate():
            return filed_page(case, form), 422
        done = answer_relay(world(), actor(), case_id, form.seen_version, RelayAnswer(form.answer.data), form.note.data or "")
    except Faulty as fault:
        show_faults(form, fault)
        return filed_page(case, form), fault.status
    except (Stale, OutOfTurn) as late:
        flash(sentence(late), "warning")
    else:
        flash(_("答复已记下，转办单 %(number)s 办结。", number=done.number), "success")
    return redirect(url_for("aftercare.page", case_id=case_id), 303)


def _why(refusal: Refusal) -> str:
    """The rulebook's own sentence, where it has one."""
    if refusal.facts.get("why") in set(CounterCode):
        return said(COUNTER_WORDS[CounterCode(refusal.facts["why"])])
    if isinstance(refusal, Faulty) and refusal.fields.get("serial") == "required":
        return _("请先选定一张证书。")
    if isinstance(refusal, Faulty):
        return sentence_of(*refusal.fields.values())
    if refusal.code == "case_is_open":
        return sentence_of("case_is_open_there", **refusal.facts)
    return sentence(refusal)


def _applicant(applicant_id: int) -> Applicant:
    found = db.session.get(Applicant, applicant_id)
    if found is None:
        raise Absent()
    return found


def _cursors() -> tuple[int | None, int | None]:
    return request.args.get("before", type=row_id), request.args.get("after", type=row_id)


def _named_cursors() -> dict[str, int | None]:
    before, after = _cursors()
    return {"before": before, "after": after}
