"""Branches and stations, for the administrator."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_admin import BaseView, expose
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload
from wtforms.fields.choices import SelectChoice

from app.desks import door
from app.desks.refusals import show_faults
from app.services.enrol_station import disable_station, invite_station
from app.services.errors import Absent, Faulty
from app.services.open_branch import BranchFacts, open_branch
from forms.base import OfficeForm
from forms.supervision import BranchForm, StationForm
from models.rulebook.permissions import Permission
from models.tables import Branch, Station, db


class PlacesDesk(BaseView):
    permission = Permission.manage_branches
    serves = ("index_view", "branch", "invite", "invite_again", "disable")

    @expose("/")
    def index_view(self) -> Any:
        stations = db.session.query(Station).options(joinedload(Station.branch)).order_by(Station.branch_id, Station.id)
        return self.render("admin/places.html", branches=_branches(), stations=stations.all())

    @expose("/branch", methods=["GET", "POST"])
    def branch(self) -> Any:
        form = BranchForm()
        if form.validate_on_submit():
            try:
                open_branch(door.world(), door.actor(), _facts(form))
                flash(_("网点已设立。"), "success")
                return redirect(url_for("places.index_view"), 303)
            except Faulty as fault:
                show_faults(form, fault)
        return render_template("admin/branch.html", form=form, admin_view=self), 422 if form.errors else 200

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

    @expose("/station/<int:station_id>/invite", methods=["POST"])
    def invite_again(self, station_id: int) -> Any:
        """A new code for a station that was set up anew; its present credentials end at once, and so does a code shown before."""
        station, seen = _station(station_id), OfficeForm().seen_version
        invitation = invite_station(door.world(), door.actor(), station.branch_id, station.name, station.id, seen)
        return render_template("admin/invitation.html", invitation=invitation, admin_view=self)

    @expose("/station/<int:station_id>/disable", methods=["POST"])
    def disable(self, station_id: int) -> Any:
        station = _station(station_id)
        disable_station(door.world(), door.actor(), station.id, OfficeForm().seen_version)
        flash(_("工位 %(name)s 已停用。", name=station.name), "success")
        return redirect(url_for("places.index_view"), 303)


def _branches() -> list[Branch]:
    return db.session.query(Branch).order_by(Branch.code).all()


def _station(station_id: int) -> Station:
    station = db.session.get(Station, station_id)
    if station is None:
        raise Absent()
    return station


def _facts(form: BranchForm) -> BranchFacts:
    return BranchFacts(
        code=form.code.data.strip().upper(),
        name_zh=form.name_zh.data,
        name_en=form.name_en.data,
        address=form.address.data or "",
        telephone=form.telephone.data or "",
        is_local_tax=form.is_local_tax.data,
    )
