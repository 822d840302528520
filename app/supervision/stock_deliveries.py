"""Deliveries: the list, one taken in by hand, its paper; and a file of them, looked at before it is taken over."""

from typing import Any, ClassVar

from flask import Response, flash, redirect, render_template, request, url_for
from flask_admin import expose
from flask_babel import gettext as _

from app.desks import door
from app.desks.refusals import sentence, sentence_of, show_faults
from app.desks.shell import Shell
from app.services.errors import Faulty, Refusal
from app.services.preview_import import ask_preview
from app.services.print_stock_paper import print_delivery
from app.services.receive_delivery import DeliveryFacts, receive_delivery
from app.services.take_over_import import ask_take_over, drop_import, import_at_work, resume_import, stop_import
from app.supervision.lists import LookingList, to_page
from app.supervision.stock import offer_kinds
from forms.base import OfficeForm
from forms.looking import DeliveryQuestion
from forms.platforms import ReasonForm
from forms.stock import DeliveryForm, ImportForm, TakeOverForm, whole_number
from models.rulebook.oversight import ImportAction, StockKind
from models.rulebook.oversight_workflow import IMPORT
from models.rulebook.permissions import Permission
from models.rulebook.serials import read_range, spans
from models.rulebook.workflow import open_actions
from models.tables import Delivery, Staff, StockImport, db
from models.worklists import lists
from models.worklists.stock import open_imports

# How such a file looks, in the reader's language; both are read.
_SAMPLES = {
    "zh-CN": "种类,送货单号,供应商,首号,末号,实点数量\n"
    "介质,SH-2026-118,样例介质厂,HD01-T00041,HD01-T00080,40\n"
    "密码信封,SH-2026-118,样例印刷厂,HD01-E000081,HD01-E000200,120",
    "en": "kind,note,supplier,first,last,counted\n"
    "token,SH-2026-118,Sample Maker,HD01-T00041,HD01-T00080,40\n"
    "envelope,SH-2026-118,Sample Printer,HD01-E000081,HD01-E000200,120",
}
_CHANGES = door.Door((Permission.manage_stock,))


class DeliveryDesk(LookingList):
    listed, question = lists.DELIVERIES, DeliveryQuestion
    special: ClassVar[Any] = {"number": to_page("deliveries.page", "delivery_id")}
    serves = ("index_view", "new", "page", "slip", "give_file", "imported", "take_over", "resume", "stop", "drop")
    doors: ClassVar[Any] = {
        "new": _CHANGES,
        "give_file": _CHANGES,
        "imported": _CHANGES,
        **dict.fromkeys(("take_over", "resume", "drop"), door.Door((Permission.manage_stock,), fresh=True)),
        "stop": _CHANGES,
    }
    list_template = "admin/stock_deliveries.html"

    def files_left(self) -> Any:
        """Files of deliveries that somebody has still to decide about, or to go on with."""
        return open_imports(db.session, door.actor().branch_id) if _CHANGES.lets_in(door.actor()) else ()

    @expose("/new", methods=["GET", "POST"])
    def new(self) -> Any:
        form = DeliveryForm(kind=StockKind.token.value)
        offer_kinds(form)
        if form.validate_on_submit():
            try:
                delivery_id = receive_delivery(door.world(), door.actor(), _facts(form))
                flash(_("已入库，请打印入库单随送货单存档。"), "success")
                return redirect(url_for("deliveries.page", delivery_id=delivery_id), 303)
            except Faulty as fault:
                show_faults(form, fault)
        return render_template("admin/stock_delivery_new.html", form=form, admin_view=self), 422 if form.errors else 200

    @expose("/<int:delivery_id>")
    def page(self, delivery_id: int) -> Any:
        delivery: Delivery = self.get_one(str(delivery_id))
        lacking = set(delivery.lacking)
        inside = [one for one in read_range(delivery.first_serial, delivery.last_serial) if one not in lacking]
        return render_template(
            "admin/stock_delivery.html",
            admin_view=self,
            delivery=delivery,
            inside=spans(inside),
            lacking=spans(lacking),
            receiver=db.session.get_one(Staff, delivery.by).called,
        )

    @expose("/<int:delivery_id>.pdf")
    def slip(self, delivery_id: int) -> Response:
        return paper_answer(print_delivery(door.world(), door.actor(), delivery_id))

    @expose("/file", methods=["GET", "POST"])
    def give_file(self) -> Any:
        form = ImportForm()
        if form.validate_on_submit():
            given = form.file.data
            try:
                content, name = (given.read(), given.filename) if given else (b"", "")
                job_id = ask_preview(door.world(), door.actor(), name, content, form.mark.data or "")
                return redirect(url_for("jobs.page", job_id=job_id), 303)
            except Faulty as fault:
                show_faults(form, fault)
        sample = _SAMPLES[Shell.html_language()]
        page = render_template("admin/stock_file.html", form=form, admin_view=self, sample=sample)
        return page, 422 if form.errors else 200

    @expose("/file/<int:import_id>")
    def imported(self, import_id: int) -> Any:
        return self._import_page(import_id, TakeOverForm())

    @expose("/file/<int:import_id>/take-over", methods=["POST"])
    def take_over(self, import_id: int) -> Any:
        form = TakeOverForm()
        if form.validate_on_submit():
            try:
                chosen = (form.only_good.data, form.reason.data or "")
                job_id = ask_take_over(door.world(), door.actor(), import_id, form.seen_version, *chosen)
                return redirect(url_for("jobs.page", job_id=job_id), 303)
            except Faulty as fault:
                show_faults(form, fault)
        return self._import_page(import_id, form)

    @expose("/file/<int:import_id>/resume", methods=["POST"])
    def resume(self, import_id: int) -> Any:
        try:
            job_id = resume_import(door.world(), door.actor(), import_id, OfficeForm().seen_version)
        except Refusal as refusal:
            return self._told(import_id, refusal)
        return redirect(url_for("jobs.page", job_id=job_id), 303)

    @expose("/file/<int:import_id>/stop", methods=["POST"])
    def stop(self, import_id: int) -> Any:
        try:
            stop_import(door.world(), door.actor(), import_id, OfficeForm().seen_version)
            flash(_("已停止，什么也没有入库。"), "success")
        except Refusal as refusal:
            return self._told(import_id, refusal)
        return redirect(url_for("deliveries.imported", import_id=import_id), 303)

    def _told(self, import_id: int, refusal: Refusal) -> Any:
        """Back to the page, which shows how it stands now."""
        if refusal.status not in (409, 422):
            raise refusal
        flash(sentence(refusal), "warning")
        return redirect(url_for("deliveries.imported", import_id=import_id), 303)

    @expose("/file/<int:import_id>/drop", methods=["GET", "POST"])
    def drop(self, import_id: int) -> Any:
        read = door.see(db.session.get(StockImport, import_id))
        form = ReasonForm(data={"version": str(read.version)})
        if form.validate_on_submit():
            drop_import(door.world(), door.actor(), import_id, form.seen_version, form.reason.data)
            flash(_("已放弃，一行也没有导入。"), "success")
            return redirect(url_for("deliveries.imported", import_id=import_id), 303)
        page = render_template("admin/stock_import_drop.html", form=form, read=read, admin_view=self)
        return page, 422 if form.errors else 200

    def _import_page(self, import_id: int, form: TakeOverForm) -> Any:
        read = door.see(db.session.get(StockImport, import_id))
        form.version.data = form.version.data if request.method == "POST" else str(read.version)
        page = render_template(
            "admin/stock_import.html",
            admin_view=self,
            read=read,
            form=form,
            may=open_actions(IMPORT, read.state),
            actions=ImportAction,
            job=import_at_work(db.session, read.id),
            deliveries=db.session.query(Delivery).filter_by(import_id=read.id).order_by(Delivery.id).all(),
            said=lambda fault: sentence_of(fault["code"], **fault["facts"]),
        )
        return page, 422 if form.errors else 200


def paper_answer(paper: Any) -> Response:
    answer = Response(paper.pdf, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{paper.file_name}"'
    return answer


def _facts(form: DeliveryForm) -> DeliveryFacts:
    texts = ("note_number", "supplier", "first", "last", "lacking", "remark")
    return DeliveryFacts(
        kind=form.chosen_kind,
        counted=whole_number(form.counted.data),
        **{name: form[name].data for name in texts},
    )
