"""Staff, in Flask-Admin's frame: the list, and pages whose every change goes through `services/edit_staff.py`."""

from typing import Any, ClassVar

from flask import flash, redirect, render_template, url_for
from flask_admin import expose
from flask_babel import gettext as _
from sqlalchemy import or_
from sqlalchemy.orm import joinedload
from wtforms.fields.choices import SelectChoice

from app.desks import door
from app.desks.refusals import show_faults
from app.services.agree_to_reset import agree_to_reset, agreed_already
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
from app.supervision.lists import LookingList, leads, linked
from app.words.terms import term
from forms.looking import StaffQuestion
from forms.platforms import ReasonForm
from forms.supervision import NewStaffForm, StaffChangeForm, StaffForm
from models.rulebook.permissions import Permission
from models.rulebook.vocabulary import Role, StaffState
from models.tables import Branch, Staff, db
from models.worklists import lists
from models.worklists.access import resets_to_agree


def _number(staff: Staff) -> Any:
    """Leads to his page, for whoever may change it."""
    reached = may_reach(door.actor(), staff)
    return linked(url_for("staff.edit", staff_id=staff.id), staff.number) if reached else staff.number


def _name(staff: Staff) -> Any:
    """Leads to all he did, for whoever may read it."""
    reads = door.Door((Permission.supervise,)).lets_in(door.actor())
    return linked(url_for("journal.index_view", person=staff.number), staff.name) if reads else staff.name


class StaffDesk(LookingList):
    listed, question = lists.STAFF, StaffQuestion
    special: ClassVar[Any] = {"number": leads(_number), "name": leads(_name)}
    permission = Permission.manage_staff
    serves = ("index_view", "new", "edit", "switch", "reset", "resets", "agree")
    # Who lets somebody in or out, or changes what he may do, proves himself once more.
    doors: ClassVar[Any] = {
        name: door.Door((Permission.manage_staff,), fresh=True) for name in ("new", "edit", "switch", "reset", "agree")
    }
    list_template = "admin/staff.html"

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
        form = _prepared(StaffChangeForm(data=_filled(staff)))
        if form.validate_on_submit():
            try:
                edit_staff(door.world(), door.actor(), staff_id, form.seen_version, _facts(form), form.reason.data or "")
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

    @expose("/resets")
    def resets(self) -> Any:
        """Supervisors whose access somebody gave anew, until another supervisor has agreed."""
        actor = door.actor()
        found = db.session.scalars(resets_to_agree(actor.staff_id, actor.branch_id).options(joinedload(Staff.resetter))).all()
        return render_template("admin/staff_resets.html", found=found, agrees=Role.supervisor in actor.roles, admin_view=self)

    @expose("/<int:reset_of>/agree", methods=["GET", "POST"])
    def agree(self, reset_of: int) -> Any:
        actor = door.actor()
        staff = db.session.get(Staff, reset_of)
        mine = resets_to_agree(actor.staff_id, actor.branch_id).where(Staff.id == reset_of)
        if staff is None or Role.supervisor not in actor.roles:
            raise Absent()
        if not agreed_already(actor, staff) and db.session.scalar(mine) is None:
            raise Absent()
        form = ReasonForm(data={"version": str(staff.version)})
        if form.validate_on_submit():
            agreed = agree_to_reset(door.world(), actor, reset_of, form.seen_version, form.reason.data)
            flash(_("%(number)s 的登录重设已确认。", number=agreed), "success")
            return redirect(url_for("staff.resets"), 303)
        page = render_template("admin/staff_agree.html", form=form, staff=staff, admin_view=self)
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
