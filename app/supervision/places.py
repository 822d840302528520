"""Branches and stations, for the administrator."""

from typing import Any, ClassVar

from flask import flash, redirect, render_template, url_for
from flask_admin import BaseView, expose
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload
from wtforms.fields.choices import SelectChoice

from app.desks import door
from app.desks.refusals import show_faults
from app.services.edit_branch import edit_branch, version_of
from app.services.enrol_station import disable_station, invite_station
from app.services.errors import Absent, Faulty
from app.services.open_branch import BranchFacts, open_branch
from forms.platforms import ReasonForm
from forms.supervision import BranchChangeForm, BranchForm, StationForm
from models.rulebook.permissions import Permission
from models.rulebook.vocabulary import StationState
from models.tables import Branch, Station, db
from models.worklists.access import reviews_due
from models.worklists.issuance import AWAKE


class PlacesDesk(BaseView):
    permission = Permission.manage_branches
    # Who gives a station credentials, or ends them, proves himself once more.
    doors: ClassVar[Any] = dict.fromkeys(
        ("invite", "invite_again", "disable"), door.Door((Permission.manage_branches,), fresh=True)
    )
    serves = ("index_view", "branch", "edit_branch", "invite", "invite_again", "disable")

    @expose("/")
    def index_view(self) -> Any:
        """Every station with when it was last heard of; those shut out come last."""
        stations = db.session.query(Station).options(joinedload(Station.branch)).order_by(Station.branch_id, Station.id).all()
        return self.render(
            "admin/places.html",
            branches=_branches(),
            stations=sorted(stations, key=lambda station: station.state is StationState.disabled),
            silent=_silent,
            to_review=reviews_due(db.session, door.world().today(), None),
        )

    @expose("/branch", methods=["GET", "POST"])
    def branch(self) -> Any:
        form = BranchForm()
        if form.validate_on_submit():
            try:
                open_branch(door.world(), door.actor(), _facts(form, form.code.data.strip().upper()))
                flash(_("网点已设立。"), "success")
                return redirect(url_for("places.index_view"), 303)
            except Faulty as fault:
                show_faults(form, fault)
        return render_template("admin/branch.html", form=form, admin_view=self), 422 if form.errors else 200

    @expose("/branch/<int:branch_id>", methods=["GET", "POST"])
    def edit_branch(self, branch_id: int) -> Any:
        branch = _branch(branch_id)
        form = BranchChangeForm(data=_filled(branch))
        if form.validate_on_submit():
            try:
                edit_branch(door.world(), door.actor(), branch_id, form.seen_version, _facts(form, branch.code))
                flash(_("已保存。"), "success")
                return redirect(url_for("places.index_view"), 303)
            except Faulty as fault:
                show_faults(form, fault)
        page = render_template("admin/branch_edit.html", form=form, branch=branch, admin_view=self)
        return page, 422 if form.errors else 200

    @expose("/station", methods=["GET", "POST"])
    def invite(self) -> Any:
        form = StationForm()
        form.branch_id.choices = [SelectChoice(str(branch.id), f"{branch.code} {branch.name_zh}") for branch in _branches()]
        if form.validate_on_submit():
            try:
                invitation = invite_station(door.world(), door.actor(), int(form.branch_id.data), form.name.data)
                return render_template("admin/invitation.html", invitation=invitation, admin_view=self)
            except Faulty as fault:
                show_faults(form, fault)
        return render_template("admin/station.html", form=form, admin_view=self), 422 if form.errors else 200

    @expose("/station/<int:station_id>/invite", methods=["GET", "POST"])
    def invite_again(self, station_id: int) -> Any:
        """A new code for a station that was set up anew; its present credentials end at once, and so does a code shown before."""
        station = _station(station_id)
        form = ReasonForm(data={"version": str(station.version)})
        if form.validate_on_submit():
            again = (station.branch_id, station.name, station.id, form.seen_version, form.reason.data)
            invitation = invite_station(door.world(), door.actor(), *again)
            return render_template("admin/invitation.html", invitation=invitation, admin_view=self)
        page = render_template("admin/station_again.html", form=form, station=station, admin_view=self)
        return page, 422 if form.errors else 200

    @expose("/station/<int:station_id>/disable", methods=["GET", "POST"])
    def disable(self, station_id: int) -> Any:
        station = _station(station_id)
        form = ReasonForm(data={"version": str(station.version)})
        if form.validate_on_submit():
            disable_station(door.world(), door.actor(), station.id, form.seen_version, form.reason.data)
            flash(_("工位 %(name)s 已停用。", name=station.name), "success")
            return redirect(url_for("places.index_view"), 303)
        page = render_template("admin/station_disable.html", form=form, station=station, admin_view=self)
        return page, 422 if form.errors else 200


def _branches() -> list[Branch]:
    return db.session.query(Branch).order_by(Branch.code).all()


def _station(station_id: int) -> Station:
    station = db.session.get(Station, station_id)
    if station is None:
        raise Absent()
    return station


def _silent(station: Station) -> bool:
    """Whether a station that should be heard of is not."""
    late = station.seen_at is None or door.world().now() - station.seen_at > AWAKE
    return station.state is StationState.enrolled and late


def _branch(branch_id: int) -> Branch:
    branch = db.session.get(Branch, branch_id)
    if branch is None:
        raise Absent()
    return branch


def _filled(branch: Branch) -> dict[str, Any]:
    typed = {name: getattr(branch, name) for name in ("name_zh", "name_en", "address", "telephone", "is_local_tax")}
    return {"version": str(version_of(branch)), **typed}


def _facts(form: BranchChangeForm, code: str) -> BranchFacts:
    return BranchFacts(
        code=code,
        name_zh=form.name_zh.data,
        name_en=form.name_en.data,
        address=form.address.data or "",
        telephone=form.telephone.data or "",
        is_local_tax=form.is_local_tax.data,
    )
