"""Period reports: asked for here, made in the background, fetched from the job's page."""

from datetime import date
from typing import Any

from flask import redirect, render_template, url_for
from flask_admin import BaseView, expose
from flask_babel import get_locale
from flask_babel import gettext as _

from app.desks import door
from app.desks.refusals import show_faults
from app.services.errors import Faulty
from app.services.period_report import PeriodOrder, ask_period_report
from forms.reports import PeriodForm
from models.rulebook.permissions import EVERY_BRANCH, Permission
from models.tables import Branch, db

OFFERED = 36  # months back, this one included


class ReportRoom(BaseView):
    permission = Permission.read_reports
    serves = ("index_view",)

    @expose("/", methods=["GET", "POST"])
    def index_view(self) -> Any:
        months = _months(door.world().today())
        form = PeriodForm(data={"first": months[1], "last": months[1]})
        everywhere = not door.actor().roles.isdisjoint(EVERY_BRANCH)
        _offer(form, months, everywhere)
        if form.validate_on_submit():
            first, last = form.months
            language = "en" if str(get_locale()).startswith("en") else "zh"
            order = PeriodOrder(first, last, form.branch_id, form.form.data, language)
            try:
                job_id = ask_period_report(door.world(), door.actor(), order)
                return redirect(url_for("jobs.page", job_id=job_id), 303)
            except Faulty as fault:
                show_faults(form, fault)
        page = render_template("admin/reports.html", form=form, everywhere=everywhere, admin_view=self)
        return page, 422 if form.errors else 200


def _months(today: date) -> list[str]:
    """ "2026-11", newest first."""
    count = today.year * 12 + today.month - 1
    return [f"{each // 12}-{each % 12 + 1:02d}" for each in range(count, count - OFFERED, -1)]


def _offer(form: PeriodForm, months: list[str], everywhere: bool) -> None:
    for field in (form.first, form.last):
        field.offer((month, month) for month in months)
    branches = db.session.query(Branch).order_by(Branch.code).all() if everywhere else []
    form.branch.offer(((str(branch.id), f"{branch.code} {branch.name_zh}") for branch in branches), blank=_("全部网点"))
