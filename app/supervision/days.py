"""The day close, for supervisors: counts that wait, closed days, and what goes into the drawer or to the bank."""

from typing import Any, ClassVar

from flask import Response, flash, redirect, render_template, url_for
from flask_admin import expose
from flask_babel import gettext as _

from app.desks import door
from app.desks.day_page import in_view
from app.desks.refusals import sentence, show_faults
from app.services.close_day import close_day
from app.services.day_sheet import cash_in_drawer
from app.services.errors import Faulty, OutOfTurn, Stale
from app.services.explain_difference import Explanation
from app.services.keep_drawer import bank, put_in
from app.services.print_day import print_day
from app.supervision.lists import LookingList, to_page
from forms.day import BankForm, CountersignForm, DrawerForm
from forms.looking import DayQuestion
from models.rulebook.permissions import Permission
from models.tables import DayClose, db
from models.worklists import lists
from models.worklists.day import last_drawer_entry, open_days, standing_count


class DayDesk(LookingList):
    listed, question = lists.DAYS, DayQuestion
    special: ClassVar[Any] = {"number": to_page("days.sheet", "day_id")}
    serves = ("index_view", "sheet", "paper", "countersign", "put_in", "bank")
    # Closing a day is for ever, and money leaves the house: whoever does it proves himself once more.
    doors: ClassVar[Any] = {
        "countersign": door.Door((Permission.close_day,), fresh=True),
        **dict.fromkeys(("put_in", "bank"), door.Door((Permission.keep_drawer,), fresh=True)),
    }
    list_template = "admin/days.html"

    def waiting(self) -> dict[str, Any]:
        """What the own branch has to close; nothing for whoever belongs to none."""
        branch_id = door.actor().branch_id
        if branch_id is None:
            return {"open_days": [], "standing": None}
        today = door.world().today()
        return {"open_days": open_days(db.session, branch_id, today), "standing": standing_count(db.session, branch_id)}

    @expose("/<int:day_id>")
    def sheet(self, day_id: int) -> str:
        return render_template("admin/day.html", admin_view=self, **in_view(self.get_one(str(day_id))))

    @expose("/<int:day_id>/sheet.pdf")
    def paper(self, day_id: int) -> Response:
        self.get_one(str(day_id))
        paper = print_day(door.world(), door.actor(), day_id, Permission.supervise)
        answer = Response(paper.pdf, mimetype="application/pdf")
        answer.headers["Content-Disposition"] = f'inline; filename="{paper.file_name}"'
        return answer

    @expose("/<int:day_id>/countersign", methods=["GET", "POST"])
    def countersign(self, day_id: int) -> Any:
        counted: DayClose = self.get_one(str(day_id))
        form = CountersignForm(data={"version": str(counted.version)})
        if form.validate_on_submit():
            try:
                number = close_day(door.world(), door.actor(), day_id, form.seen_version, _explanation(form))
                flash(_("已日结：%(number)s。之后的业务都记在下一天。", number=number), "success")
                return redirect(url_for("days.sheet", day_id=day_id), 303)
            except Faulty as fault:
                show_faults(form, fault)
            except (Stale, OutOfTurn) as late:
                flash(sentence(late), "warning")
                return redirect(url_for("days.sheet", day_id=day_id), 303)
        page = render_template("admin/day_countersign.html", form=form, admin_view=self, **in_view(counted))
        return page, 422 if form.errors else 200

    @expose("/float", methods=["GET", "POST"])
    def put_in(self) -> Any:
        form = DrawerForm(data={"version": str(_seen())})
        return self._drawer(
            form,
            "admin/drawer_float.html",
            lambda: put_in(door.world(), door.actor(), form.seen_version, form.amount.fen or 0, form.reason.data or ""),
        )

    @expose("/bank", methods=["GET", "POST"])
    def bank(self) -> Any:
        form = BankForm(data={"version": str(_seen())})
        given = lambda: (form.seen_version, form.amount.fen or 0, form.reference.data or "", form.reason.data or "")  # noqa: E731
        in_drawer = cash_in_drawer(db.session, door.actor().branch_id or 0)
        return self._drawer(
            form, "admin/drawer_bank.html", lambda: bank(door.world(), door.actor(), *given()), in_drawer=in_drawer
        )

    def _drawer(self, form: Any, template: str, use_case: Any, **shown: Any) -> Any:
        if form.validate_on_submit():
            try:
                flash(_("已入账，编号 %(number)s。", number=use_case()), "success")
                return redirect(url_for("days.index_view"), 303)
            except Faulty as fault:
                show_faults(form, fault)
            except Stale as late:
                flash(sentence(late), "warning")
                return redirect(url_for("days.index_view"), 303)
        return render_template(template, form=form, admin_view=self, **shown), 422 if form.errors else 200


def _seen() -> int:
    """The last entry of the drawer that this page knows of."""
    return last_drawer_entry(db.session, door.actor().branch_id or 0)


def _explanation(form: CountersignForm) -> Explanation:
    return Explanation(
        lacking=form.serials("lacking"),
        surplus=form.serials("surplus"),
        cash_reason=form.cash_reason.data or "",
        reason=form.reason.data or "",
    )
