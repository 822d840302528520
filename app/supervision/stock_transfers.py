"""Transfers between branches: sent, received, and what was not in the box; both ends see them."""

from typing import Any, ClassVar

from flask import Response, flash, redirect, render_template, request, url_for
from flask_admin import expose
from flask_babel import gettext as _

from app.desks import door
from app.desks.refusals import show_faults
from app.desks.shell import Shell
from app.services.errors import Faulty
from app.services.print_stock_paper import print_transfer
from app.services.receive_transfer import receive_transfer, still_missing
from app.services.send_transfer import TransferOrder, branches_beside, send_transfer
from app.services.settle_transfer import settle_transfer
from app.supervision.lists import LookingList, to_page
from app.supervision.stock import offer_kinds
from app.supervision.stock_deliveries import paper_answer
from forms.looking import TransferQuestion
from forms.platforms import ReasonForm
from forms.stock import ArrivalForm, TransferForm
from models.rulebook.oversight import StockKind
from models.rulebook.permissions import Permission
from models.rulebook.serials import spans
from models.tables import Staff, Transfer, db
from models.worklists import lists
from models.worklists.movements import STILL_OPEN, TO_RECEIVE, TO_SETTLE

_CHANGES = door.Door((Permission.manage_stock,))


class TransferDesk(LookingList):
    listed, question = lists.TRANSFERS, TransferQuestion
    special: ClassVar[Any] = {"number": to_page("transfers.page", "transfer_id")}
    serves = ("index_view", "new", "page", "slip", "receive", "settle")
    doors: ClassVar[Any] = {
        "new": _CHANGES,
        "receive": _CHANGES,
        "settle": door.Door((Permission.manage_stock,), fresh=True),
    }
    list_template = "admin/stock_transfers.html"

    @expose("/new", methods=["GET", "POST"])
    def new(self) -> Any:
        form = TransferForm(kind=StockKind.token.value)
        offer_kinds(form)
        others = branches_beside(db.session, door.actor().branch_id)
        form.to_branch_id.offer(((str(one.id), f"{one.code} {Shell.bilingual(one)}") for one in others), blank=_("请选择"))
        if form.validate_on_submit():
            try:
                transfer_id = send_transfer(door.world(), door.actor(), _order(form))
                flash(_("已记为调出。请打印调拨单，随箱同行。"), "success")
                return redirect(url_for("transfers.page", transfer_id=transfer_id), 303)
            except Faulty as fault:
                show_faults(form, fault)
        return render_template("admin/stock_transfer_new.html", form=form, admin_view=self), 422 if form.errors else 200

    @expose("/<int:transfer_id>")
    def page(self, transfer_id: int) -> Any:
        return render_template("admin/stock_transfer.html", admin_view=self, **_seen(self.get_one(str(transfer_id))))

    @expose("/<int:transfer_id>.pdf")
    def slip(self, transfer_id: int) -> Response:
        return paper_answer(print_transfer(door.world(), door.actor(), transfer_id))

    @expose("/<int:transfer_id>/receive", methods=["GET", "POST"])
    def receive(self, transfer_id: int) -> Any:
        seen = _seen(self.get_one(str(transfer_id)))
        form = ArrivalForm(data={"version": str(seen["transfer"].version)})
        if form.validate_on_submit():
            try:
                receive_transfer(door.world(), door.actor(), transfer_id, form.seen_version, *_arrival(form))
                flash(_("已确认收到的号码。"), "success")
                return _back(transfer_id)
            except Faulty as fault:
                show_faults(form, fault)
        elif request.method == "GET" and not seen["to_receive"]:
            return _back(transfer_id)
        page = render_template("admin/stock_transfer_receive.html", form=form, admin_view=self, **seen)
        return page, 422 if form.errors else 200

    @expose("/<int:transfer_id>/settle", methods=["GET", "POST"])
    def settle(self, transfer_id: int) -> Any:
        seen = _seen(self.get_one(str(transfer_id)))
        form = ReasonForm(data={"version": str(seen["transfer"].version)})
        if form.validate_on_submit():
            settle_transfer(door.world(), door.actor(), transfer_id, form.seen_version, form.reason.data)
            flash(_("差额已结清，缺少的号码记为盘亏。"), "success")
            return _back(transfer_id)
        if request.method == "GET" and not seen["to_settle"]:
            return _back(transfer_id)
        page = render_template("admin/stock_transfer_settle.html", form=form, admin_view=self, **seen)
        return page, 422 if form.errors else 200


def _back(transfer_id: int) -> Any:
    return redirect(url_for("transfers.page", transfer_id=transfer_id), 303)


def _arrival(form: ArrivalForm) -> tuple[str | None, str]:
    return None if form.whole.data else form.serials.data, form.explanation.data or ""


def _order(form: TransferForm) -> TransferOrder:
    return TransferOrder(
        form.chosen_kind, int(form.to_branch_id.data), form.chosen_count, form.serials.data, form.mark.data or ""
    )


def _seen(transfer: Transfer) -> dict[str, Any]:
    own, missing = door.actor().branch_id, still_missing(transfer)
    return {
        "transfer": transfer,
        "sent": spans(transfer.serials),
        "arrived": spans(transfer.arrived),
        "missing": spans(missing),
        "missing_count": len(missing),
        "to_receive": transfer.state in STILL_OPEN and transfer.to_branch_id == own,
        "to_settle": transfer.state in TO_SETTLE and transfer.from_branch_id == own,
        "on_its_way": transfer.state in TO_RECEIVE,
        "receiver": db.session.get_one(Staff, transfer.received_by).called if transfer.received_by is not None else "",
    }
