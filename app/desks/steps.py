"""A step of a case at a desk: taken once, told in a sentence, and a second click is shown the first one's result."""

from collections.abc import Callable
from typing import Any

from flask import Response, flash, redirect, url_for
from flask_babel import gettext as _

from app.desks.door import actor, see, world
from app.desks.refusals import sentence
from app.services.errors import Faulty, OutOfTurn, Refusal, Stale
from app.services.withdraw_case import withdraw_case
from forms.base import OfficeForm
from forms.intake import ReasonForm
from models.tables import Case, db


def case_now(case_id: int) -> Case:
    """As the use case left it, which wrote through a session of its own."""
    db.session.rollback()
    return see(db.session.get(Case, case_id, populate_existing=True))


def back_to(desk: str, case_id: int) -> Any:
    """The case's page at a desk."""
    return redirect(url_for(f"{desk}.page", case_id=case_id), 303)


def take_step(desk: str, case_id: int, use_case: Callable[[int], object]) -> Any:
    """`use_case`: called with the version that the page saw."""
    form = OfficeForm()
    try:
        use_case(form.seen_version if form.validate() else 0)
    except Refusal as refusal:
        if refusal.status not in (409, 422):
            raise
        flash(sentence(refusal), "warning")
    return back_to(desk, case_id)


def withdraw(desk: str, case_id: int) -> Any:
    form = ReasonForm()
    if not form.validate():
        flash(_("撤回申请须写明原因。"), "error")
        return back_to(desk, case_id)
    return take_step(desk, case_id, lambda version: withdraw_case(world(), actor(), case_id, version, form.reason.data))


def file_sheet(
    desk: str,
    case_id: int,
    sheet: OfficeForm,
    draft_page: Callable[..., str],
    save: Callable[[], int],
    use_case: Callable[..., Any],
    told: Callable[[Any], str],
) -> Any:
    """Keep what was typed (`save` gives the version it has now), then take the step. What is wrong is shown on `draft_page`."""
    if not sheet.validate():
        return draft_page(case_now(case_id), sheet), 422
    try:
        done = use_case(world(), actor(), case_id, save())
    except (Stale, OutOfTurn) as late:
        flash(sentence(late), "warning")
    except Faulty as fault:
        return draft_page(case_now(case_id), faults=fault.fields, told=sentence(fault)), fault.status
    except Refusal as refusal:
        if refusal.status != 422:
            raise
        return draft_page(case_now(case_id), told=sentence(refusal)), refusal.status
    else:
        flash(told(done), "success")
    return back_to(desk, case_id)


def decide(desk: str, case_id: int, use_case: Callable[[], Any], told: Callable[[Any], str]) -> Response | Any:
    """A second person's decision; afterwards the desk's queue."""
    try:
        flash(told(use_case()), "success")
    except Refusal as refusal:
        late = isinstance(refusal, Stale | OutOfTurn)
        if not late and refusal.status != 422:
            raise
        flash(sentence(refusal), "warning" if late else "error")
        return back_to(desk, case_id)
    return redirect(url_for(f"{desk}.queue"), 303)
