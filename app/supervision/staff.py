"""Staff, in Flask-Admin's frame: the list, and pages whose every change goes through `services/edit_staff.py`."""

from typing import Any, ClassVar

from flask import flash, redirect, render_template, url_for
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from markupsafe import Markup
from sqlalchemy import or_
from sqlalchemy.orm import Query, joinedload, selectinload
from wtforms.fields.choices import SelectChoice

from app.desks import door
from app.desks.refusals import show_faults
from app.services.edit_staff import (
    BELOW_SUPERVISOR,
    StaffFacts,
    admit_staff,
    edit_staff,
    may_reach,
    reset_access,
    switch_staff,
)
from app.services.errors import Absent, Faulty
from app.supervision.base import ReadOnlyView, as_instant, as_related, as_state
from app.words.terms import term
from forms.platforms import ReasonForm
from forms.supervision import NewStaffForm, StaffForm
from models.rulebook.permissions import Permission
from models.rulebook.vocabulary import Role, StaffState
from models.tables import Branch, Staff, db


def _roles(view: Any, context: Any, model: Staff, name: str) -> str:
    return _("、").join(term(role) for role in Role if role in model.roles)


def _link(view: Any, context: Any, model: Staff, name: str) -> Any:
    if not may_reach(door.actor(), model):
        return model.number
    return Markup('<a href="{}">{}</a>').format(url_for("staff.edit", staff_id=model.id), model.number)


class StaffDesk(ReadOnlyView):
    permission = Permission.manage_staff
    serves = ("index_view", "new", "edit", "switch", "reset")
    # Who shuts somebody out or gives him new access proves himself once more.
    doors: ClassVar[Any] = {name: door.Door((Permission.manage_staff,), fresh=True) for name in ("switch", "reset")}
    state_column = "state"
    list_template = "admin/staff.html"
    column_list = ("number", "name", "role_rows", "branch", "state", "locked_until")
    column_labels: ClassVar[Any] = {
        "number": lazy_gettext("工号"),
        "name": lazy_gettext("姓名"),
        "role_rows": lazy_gettext("岗位"),
        "branch": lazy_gettext("网点"),
        "state": lazy_gettext("状态"),
        "locked_until": lazy_gettext("锁定至"),
    }
    column_formatters: ClassVar[Any] = {
        "number": _link,
        "role_rows": _roles,
        "branch": as_related("branch", "code"),
        "state": as_state,
        "locked_until": as_instant,
    }
    column_searchable_list = ("number", "name")
    column_default_sort = "number"

    def get_query(self) -> Query[Any]:
        return super().get_query().options(joinedload(Staff.branch), selectinload(Staff.role_rows))

    @expose("/new", methods=["GET", "POST"])
    def new(self) -> Any:
        form = _prepared(NewStaffForm())
        if form.validate_on_submit():
            try:
                access = admit_staff(door.world(), door.actor(), form.number.data, _facts(form))
                return render_template("admin/access.html", access=access, admin_view=self)
            except Faulty as fault:
                show_faults(form, fault)
        page = render_template("admin/staff_new.html", form=form, admin_view=self)
        return page, 422 if form.errors else 200

    @expose("/<int:staff_id>", methods=["GET", "POST"])
    def edit(self, staff_id: int) -> Any:
        staff = self._at_hand(staff_id)
        form = _prepared(StaffForm(data=_filled(staff)))
        if form.validate_on_submit():
            try:
                edit_staff(door.world(), door.actor(), staff_id, form.seen_version, _facts(form))
                flash(_("已保存。"), "success")
                return redirect(url_for("staff.index_view"), 303)
            except Faulty as fault:
                show_faults(form, fault)
        page = render_template("admin/staff_edit.html", form=form, staff=staff, admin_view=self)
        return page, 422 if form.errors else 200

    @expose("/<int:staff_id>/switch", methods=["GET", "POST"])
    def switch(self, staff_id: int) -> Any:
        staff = self._at_hand(staff_id)
        state = StaffState.disabled if staff.state is StaffState.active else StaffState.active
        form = ReasonForm(data={"version": str(staff.version)})
        if form.validate_on_submit():
            switch_staff(door.world(), door.actor(), staff_id, form.seen_version, state, form.reason.data)
            flash(_("%(number)s 现在%(state)s。", number=staff.number, state=term(state)), "success")
            return redirect(url_for("staff.index_view"), 303)
        page = render_template("admin/staff_switch.html", form=form, staff=staff, admin_view=self)
        return page, 422 if form.errors else 200

    @expose("/<int:staff_id>/reset", methods=["GET", "POST"])
    def reset(self, staff_id: int) -> Any:
        staff = self._at_hand(staff_id)
        form = ReasonForm(data={"version": str(staff.version)})
        if form.validate_on_submit():
            access = reset_access(door.world(), door.actor(), staff_id, form.seen_version, form.reason.data)
            return render_template("admin/access.html", access=access, admin_view=self)
        page = render_template("admin/staff_reset.html", form=form, staff=staff, admin_view=self)
        return page, 422 if form.errors else 200

    def _at_hand(self, staff_id: int) -> Staff:
        found = self.get_one(str(staff_id))
        if not may_reach(door.actor(), found):
            raise Absent()
        return found


def _prepared(form: Any) -> Any:
    """The choices that the actor has: a supervisor his branch and those below him, the administrator everything."""
    actor = door.actor()
    everything = Role.administrator in actor.roles
    branches = db.session.query(Branch).filter(or_(everything, Branch.id == actor.branch_id)).order_by(Branch.code)
    nobody = [SelectChoice("", _("不属于任何网点"))] if everything else []
    form.branch_id.choices = nobody + [SelectChoice(str(branch.id), f"{branch.code} {branch.name_zh}") for branch in branches]
    form.roles.choices = [SelectChoice(role.value, term(role)) for role in Role if everything or role in BELOW_SUPERVISOR]
    return form


def _filled(staff: Staff) -> dict[str, Any]:
    return {
        "version": str(staff.version),
        "name": staff.name,
        "branch_id": str(staff.branch_id or ""),
        "roles": [role.value for role in staff.roles],
    }


def _facts(form: StaffForm) -> StaffFacts:
    return StaffFacts(form.name.data, form.chosen_branch, form.chosen_roles)
