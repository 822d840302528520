"""Questions that are kept under a name, and lists that leave the office as files."""

from typing import Any, ClassVar

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_admin import BaseView, expose
from flask_babel import gettext as _

from app.desks import door
from app.desks.refusals import show_faults
from app.services.errors import Absent, Faulty
from app.services.export_list import MOST_ROWS, WITHOUT_REASON, ExportOrder, ask_export
from app.services.save_view import forget_view, save_view
from app.supervision.lists import LookingList
from app.words.looking import TITLES, wording
from forms.looking import ExportForm, ViewForm
from models.rulebook.permissions import Permission
from models.tables import db
from models.worklists.looking import Unclear
from models.worklists.saved_views import saved_views


class LookingRoom(BaseView):
    permission = Permission.supervise
    serves = ("index_view", "save", "forget", "export")
    # What leaves the office is asked for by somebody who has just proven who he is.
    doors: ClassVar[Any] = {"export": door.Door((Permission.export_lists,), fresh=True)}

    @expose("/")
    def index_view(self) -> Any:
        views = saved_views(db.session, door.actor().staff_id)
        shown = [(view, self._in_words(view)) for view in views if view.room in _lists()]
        return render_template("admin/views.html", admin_view=self, views=shown, titles=TITLES)

    @expose("/<room>/save", methods=["GET", "POST"])
    def save(self, room: str) -> Any:
        """The question is in the address, its name is typed."""
        view, question = self._question(room)
        form = ViewForm()
        if form.validate_on_submit():
            try:
                save_view(door.world(), door.actor(), room, form.name.data, question.chosen())
                flash(_("视图“%(name)s”已保存。", name=form.name.data), "success")
                return redirect(url_for(f"{room}.index_view", **question.chosen()), 303)
            except Faulty as fault:
                show_faults(form, fault)
        page = render_template(
            "admin/view_save.html", admin_view=view, form=form, room=room, chosen=question.chosen(), words=view.in_words(question)
        )
        return page, 422 if form.errors else 200

    @expose("/<room>/forget", methods=["POST"])
    def forget(self, room: str) -> Any:
        _list_of(room)
        name = request.form.get("name", "")[:40]
        forget_view(door.world(), door.actor(), room, name)
        flash(_("视图“%(name)s”已删去。", name=name), "success")
        return redirect(url_for("looking.index_view"), 303)

    @expose("/<room>/export", methods=["GET", "POST"])
    def export(self, room: str) -> Any:
        view, question = self._question(room)
        form, words = ExportForm(), view.in_words(question)
        if form.validate_on_submit():
            order = ExportOrder(
                room=room,
                filters=question.chosen(),
                format=form.format.data,
                reason=form.reason.data or "",
                asked=tuple(words),
                wording=wording(view.listed),
                page=form.mark.data or "",
            )
            try:
                return redirect(url_for("jobs.page", job_id=ask_export(door.world(), door.actor(), order)), 303)
            except Faulty as fault:
                show_faults(form, fault)
        page = render_template(
            "admin/export.html",
            admin_view=view,
            form=form,
            room=room,
            chosen=question.chosen(),
            words=words,
            rows=view.how_many(question, MOST_ROWS),
            most=MOST_ROWS,
            without_reason=WITHOUT_REASON,
        )
        return page, 422 if form.errors else 200

    def _question(self, room: str) -> tuple[LookingList, Any]:
        """The list and what the address asks of it. Raises Faulty for a question that the list itself would not answer."""
        view = _list_of(room)
        question = view.asked()
        if not question.validate():
            raise Faulty()
        try:
            view.how_many(question, 1)
        except Unclear as unclear:
            raise Faulty(unclear.code) from None
        return view, question

    def _in_words(self, view: Any) -> list[tuple[str, str]]:
        """A kept question as its list reads it now."""
        found = _list_of(view.room)
        return found.in_words(found.asked(view.filters))


def _lists() -> dict[str, LookingList]:
    """Those that whoever asks may open, by room."""
    views = (view for view in current_app.extensions["supervision"] if isinstance(view, LookingList))
    return {view.listed.room: view for view in views if door.Door((view.permission,)).lets_in(door.actor())}


def _list_of(room: str) -> LookingList:
    """Raises Absent for a list that is none of ours, or not for whoever asks."""
    found = _lists().get(room)
    if found is None:
        raise Absent()
    return found
