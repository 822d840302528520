"""The counters' part of the day: what lies in the drawer is counted, and handed from one clerk to the next."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from app.desks.day_page import count_form, counted_in, in_view, offered_shift, shift_form
from app.desks.door import actor, door, see, world
from app.desks.refusals import sentence, show_faults
from app.services.count_again import count_again
from app.services.count_day import count_day
from app.services.errors import Faulty, OutOfTurn, Stale
from app.services.offer_shift import ShiftDiffers, offer_shift
from app.services.print_day import print_day, print_shift
from app.services.print_notice import PrintedPaper
from app.services.take_shift import decline_shift, take_shift
from forms.base import OfficeForm
from forms.day import AgainForm, DeclineForm
from models.rulebook.permissions import Permission
from models.tables import DayClose, ShiftHandover, db
from models.worklists.day import latest_days, latest_handovers, offers_of, open_days, standing_count

desk = Blueprint("shift", __name__, url_prefix="/shift")


@desk.get("/")
@door(Permission.count_stock)
def page() -> str:
    branch_id = actor().branch_id or 0
    return render_template(
        "day/desk.html",
        open_days=open_days(db.session, branch_id, world().today()),
        standing=standing_count(db.session, branch_id),
        days=latest_days(db.session, branch_id, 8),
        offers=offers_of(db.session, actor().staff_id),
        handovers=latest_handovers(db.session, branch_id, 8),
    )


@desk.route("/count", methods=["GET", "POST"])
@door(Permission.count_stock)
def count() -> Any:
    form = count_form()
    if form.validate_on_submit():
        try:
            made = count_day(world(), actor(), form.chosen_day, counted_in(form))
            return redirect(url_for("shift.day", day_id=made), 303)
        except Faulty as fault:
            show_faults(form, fault)
        except Stale as late:
            flash(sentence(late), "warning")
            return redirect(url_for("shift.page"), 303)
    return render_template("day/count.html", form=form), 422 if form.errors else 200


@desk.get("/days/<int:day_id>")
@door(Permission.count_stock)
def day(day_id: int) -> str:
    return render_template("day/day.html", **in_view(_day(day_id)))


@desk.get("/days/<int:day_id>/sheet.pdf")
@door(Permission.count_stock)
def day_paper(day_id: int) -> Response:
    return _shown(print_day(world(), actor(), _day(day_id).id, Permission.count_stock))


@desk.route("/days/<int:day_id>/again", methods=["GET", "POST"])
@door(Permission.count_stock)
def again(day_id: int) -> Any:
    counted = _day(day_id)
    form = AgainForm(data={"version": str(counted.version)})
    if form.validate_on_submit():
        try:
            count_again(world(), actor(), day_id, form.seen_version, form.reason.data or "")
            return redirect(url_for("shift.count"), 303)
        except (Stale, OutOfTurn) as late:
            flash(sentence(late), "warning")
            return redirect(url_for("shift.day", day_id=day_id), 303)
    return render_template("day/again.html", form=form, counted=counted), 422 if form.errors else 200


@desk.route("/hand-over", methods=["GET", "POST"])
@door(Permission.hand_over_shift)
def offer() -> Any:
    form, differs = shift_form(), None
    if form.validate_on_submit():
        try:
            made = offer_shift(world(), actor(), int(form.taker.data), counted_in(form))
            return redirect(url_for("shift.handover", shift_id=made), 303)
        except Faulty as fault:
            show_faults(form, fault)
            differs = fault.sheet if isinstance(fault, ShiftDiffers) else None
        except Stale as late:
            flash(sentence(late), "warning")
            return redirect(url_for("shift.page"), 303)
    return render_template("day/offer.html", form=form, differs=differs), 422 if form.errors else 200


@desk.get("/handovers/<int:shift_id>")
@door(Permission.count_stock)
def handover(shift_id: int) -> str:
    return render_template("day/handover.html", **offered_shift(_shift(shift_id)))


@desk.get("/handovers/<int:shift_id>/sheet.pdf")
@door(Permission.count_stock)
def shift_paper(shift_id: int) -> Response:
    return _shown(print_shift(world(), actor(), _shift(shift_id).id))


@desk.post("/handovers/<int:shift_id>/accept")
@door(Permission.hand_over_shift)
def accept(shift_id: int) -> Any:
    _shift(shift_id)
    form = OfficeForm()
    try:
        number = take_shift(world(), actor(), shift_id, form.seen_version if form.validate() else 0)
        flash(_("已接班，交接单 %(number)s。", number=number), "success")
    except (Stale, OutOfTurn) as late:
        flash(sentence(late), "warning")
    return redirect(url_for("shift.handover", shift_id=shift_id), 303)


@desk.route("/handovers/<int:shift_id>/decline", methods=["GET", "POST"])
@door(Permission.hand_over_shift)
def decline(shift_id: int) -> Any:
    offered = _shift(shift_id)
    form = DeclineForm(data={"version": str(offered.version)})
    if form.validate_on_submit():
        try:
            decline_shift(world(), actor(), shift_id, form.seen_version, form.reason.data or "")
        except (Stale, OutOfTurn) as late:
            flash(sentence(late), "warning")
        return redirect(url_for("shift.handover", shift_id=shift_id), 303)
    return render_template("day/decline.html", form=form, offered=offered), 422 if form.errors else 200


def _day(day_id: int) -> DayClose:
    return see(db.session.get(DayClose, day_id))


def _shift(shift_id: int) -> ShiftHandover:
    return see(db.session.get(ShiftHandover, shift_id))


def _shown(paper: PrintedPaper) -> Response:
    answer = Response(paper.pdf, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{paper.file_name}"'
    return answer
