"""The stock of blank tokens and PIN envelopes at a glance, by serial ranges; what leaves the drawer otherwise than by a ceremony."""

from collections.abc import Callable
from typing import Any, ClassVar

from flask import flash, redirect, render_template, request, url_for
from flask_admin import BaseView, expose
from flask_babel import gettext as _

from app.desks import door
from app.desks.refusals import show_faults
from app.services.errors import Absent, Faulty
from app.services.find_stock import find_stock
from app.services.set_low_water import set_low_water
from app.services.write_off_stock import WAYS, write_off_stock
from app.words.terms import term
from forms.stock import FoundForm, LowWaterForm, WriteOffForm
from models.rulebook.oversight import StockKind
from models.rulebook.permissions import EVERY_BRANCH, Permission
from models.tables import Branch, db
from models.worklists.stock import Shelf, shelves

_CHANGES = door.Door((Permission.manage_stock,))
_PROVEN = door.Door((Permission.manage_stock,), fresh=True)


class StockDesk(BaseView):
    permission = Permission.supervise
    serves = ("index_view", "write_off", "find", "low_water")
    doors: ClassVar[Any] = {"write_off": _PROVEN, "find": _PROVEN, "low_water": _CHANGES}

    @expose("/")
    def index_view(self) -> Any:
        """One branch's; of whoever sees every branch, first a table of all."""
        branch = _branch_asked()
        if branch is None:
            every = db.session.query(Branch).order_by(Branch.code).all()
            return self.render("admin/stock_branches.html", rows=[(one, shelves(db.session, one.id, False)) for one in every])
        shown = shelves(db.session, branch.id)
        return self.render("admin/stock.html", branch=branch, shelves=shown, is_own=branch.id == door.actor().branch_id)

    @expose("/write-off", methods=["GET", "POST"])
    def write_off(self) -> Any:
        form = WriteOffForm(kind=StockKind.token.value)
        offer_kinds(form)
        form.way.offer((way.value, term(way)) for way in WAYS)
        if form.validate_on_submit():
            done = _served(form, lambda: write_off_stock(*_who(), form.chosen_kind, form.chosen_way, *_typed(form)))
            if done is not None:
                flash(_("%(count)s 件已记为%(way)s。", count=done, way=term(form.chosen_way)), "success")
                return redirect(url_for("stock.index_view"), 303)
        return self._form_page("admin/stock_write_off.html", form)

    @expose("/found", methods=["GET", "POST"])
    def find(self) -> Any:
        form = FoundForm(kind=StockKind.token.value)
        offer_kinds(form)
        if form.validate_on_submit():
            done = _served(form, lambda: find_stock(*_who(), form.chosen_kind, *_typed(form)))
            if done is not None:
                flash(_("%(count)s 件已找回入库。", count=done), "success")
                return redirect(url_for("stock.index_view"), 303)
        return self._form_page("admin/stock_found.html", form)

    @expose("/low-water", methods=["GET", "POST"])
    def low_water(self) -> Any:
        form = LowWaterForm(data=_marks(shelves(db.session, door.actor().branch_id or 0, False)))
        if form.validate_on_submit():
            done = _served(form, lambda: set_low_water(*_who(), form.seen_version, form.chosen_marks) or True)
            if done is not None:
                flash(_("已保存。"), "success")
                return redirect(url_for("stock.index_view"), 303)
        return self._form_page("admin/stock_low_water.html", form)

    def _form_page(self, template: str, form: Any) -> Any:
        return render_template(template, form=form, admin_view=self), 422 if form.errors else 200


def offer_kinds(form: Any) -> None:
    form.kind.offer((kind.value, term(kind)) for kind in StockKind)


def _served(form: Any, use_case: Callable[[], Any]) -> Any:
    """What the use case gave; None where it refused, with its sentences at the fields."""
    try:
        return use_case()
    except Faulty as fault:
        show_faults(form, fault)
        return None


def _who() -> tuple[Any, Any]:
    return door.world(), door.actor()


def _typed(form: Any) -> tuple[str, str]:
    return form.serials.data, form.reason.data


def _branch_asked() -> Branch | None:
    """The actor's own; or the one that is asked for, of whoever sees every branch. Raises Absent for another one."""
    actor, asked = door.actor(), request.args.get("branch", "")
    found = db.session.query(Branch).filter_by(code=asked).one_or_none() if asked else None
    if asked and (found is None or not actor.sees_branch(found.id)):
        raise Absent()
    if found is None and actor.roles.isdisjoint(EVERY_BRANCH):
        found = db.session.get(Branch, actor.branch_id) if actor.branch_id is not None else None
        if found is None:
            raise Absent()
    return found


def _marks(shown: Any) -> dict[str, str]:
    kept: list[Shelf] = list(shown)
    marks = {shelf.kind.value: str(shelf.mark or 0) for shelf in kept}
    return {**marks, "version": str(sum(shelf.version for shelf in kept))}
