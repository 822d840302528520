"""The rules of the kinds that the manuals do not fix: editions, the price list, and drafts on their way to a second supervisor."""

from typing import Any, ClassVar

from flask import flash, redirect, render_template, request, url_for
from flask_admin import BaseView, expose
from flask_babel import gettext as _

from app.desks import door
from app.desks.refusals import sentence, sentence_of, show_faults
from app.desks.row_ids import row_id
from app.services.advance_draft import draft_at_hand, edition_in
from app.services.draft_edition import begin_edition, write_edition
from app.services.errors import Absent, Faulty, OutOfTurn, Refusal, Stale
from app.services.preview_edition import ask_preview
from app.supervision.rules_page import DraftPage, edition_view, look_at, preview_view
from app.supervision.rules_sheet import edition_on_sheet, faults_told, filled, makes_sense, show_sheet_faults
from app.supervision.rules_steps import STEPS
from forms.base import OfficeForm
from forms.rules import FEE_KINDS, KINDS, BeginForm, StepForm
from models.rulebook import fees
from models.rulebook.permissions import Permission
from models.rulebook.vocabulary import CaseKind
from models.tables import EditionDraft, db
from models.worklists.rules import ended_drafts, open_drafts, published

WRITES = door.Door((Permission.write_rules,))
STEPS_DOOR = door.Door((Permission.write_rules,), fresh=True)


class RulesDesk(BaseView):
    permission = Permission.read_rules
    serves = (
        "index_view",
        "edition",
        "prices",
        "draft",
        "preview",
        "new",
        "edit",
        "ask",
        "propose",
        "take_back",
        "drop",
        "publish",
    )
    doors: ClassVar[Any] = {
        **dict.fromkeys(("new", "edit", "ask"), WRITES),
        **dict.fromkeys(("propose", "take_back", "drop"), STEPS_DOOR),
        "publish": door.Door((Permission.publish_rules,), fresh=True),
    }

    @expose("/")
    def index_view(self) -> Any:
        today, kept = door.world().today(), published(db.session)
        return self.render(
            "admin/rules.html",
            today=today,
            kept=list(reversed(kept)),
            drafts=open_drafts(db.session),
            ended=ended_drafts(db.session),
            day_of=lambda draft: edition_in(draft).effective_from,
            may_write=WRITES.lets_in(door.actor()),
        )

    @expose("/edition/<code>")
    def edition(self, code: str) -> Any:
        shown = next((one for one in published(db.session) if one.edition.code == code), None)
        if shown is None:
            raise Absent()
        today = door.world().today()
        return self.render("admin/rules_edition.html", shown=shown, view=edition_view(shown.edition), today=today)

    @expose("/prices")
    def prices(self) -> Any:
        """What everything costs, edition beside edition, and what the manual fixes for new certificates."""
        kept = published(db.session)
        manual = {"first": fees.FIRST_FEN, "further": fees.FURTHER_FEN}
        kinds = [kind for kind in CaseKind if kind in KINDS]
        return self.render("admin/rules_prices.html", kept=kept, kinds=kinds, manual=manual, today=door.world().today())

    @expose("/draft/<int:draft_id>")
    def draft(self, draft_id: int) -> Any:
        return _draft_page(_draft(draft_id), self)

    @expose("/draft/<int:draft_id>/preview")
    def preview(self, draft_id: int) -> Any:
        page = look_at(db.session, door.actor(), _draft(draft_id))
        asked, number = request.args.get("only", ""), max(1, request.args.get("page", 1, type=row_id))
        shown = preview_view(page, asked, number) if page.preview_done else None
        return render_template("admin/rules_preview.html", admin_view=self, page=page, shown=shown)

    @expose("/new", methods=["GET", "POST"])
    def new(self) -> Any:
        form, kept = BeginForm(), published(db.session)
        form.based_on.offer((one.edition.code, one.edition.code) for one in reversed(kept))
        if form.validate_on_submit():
            try:
                given = form.code.data, form.effective_from.day, form.based_on.data
                draft_id = begin_edition(door.world(), door.actor(), *given)
                flash(_("草稿已建好，内容与底稿相同。请改好后保存。"), "success")
                return redirect(url_for("rules.edit", draft_id=draft_id), 303)
            except Faulty as fault:
                show_faults(form, fault)
        return render_template("admin/rules_new.html", form=form, admin_view=self), 422 if form.errors else 200

    @expose("/draft/<int:draft_id>/edit", methods=["GET", "POST"])
    def edit(self, draft_id: int) -> Any:
        draft = _draft(draft_id)
        page = look_at(db.session, door.actor(), draft)
        if request.method == "GET" and not page.may_write:
            return redirect(url_for("rules.draft", draft_id=draft_id), 303)
        form = filled(edition_in(draft), draft.version)
        if form.is_submitted() and all([form.validate(), makes_sense(form)]):
            try:
                write_edition(door.world(), door.actor(), draft_id, form.seen_version, edition_on_sheet(form))
                flash(_("已保存。"), "success")
                return redirect(url_for("rules.draft", draft_id=draft_id), 303)
            except Faulty as fault:
                show_sheet_faults(form, fault)
        sheet = {"kinds": KINDS, "fee_kinds": FEE_KINDS, "told": faults_told(form)}
        shown = render_template("admin/rules_edit.html", form=form, draft=draft, page=page, admin_view=self, **sheet)
        return shown, 422 if form.errors else 200

    @expose("/draft/<int:draft_id>/preview", methods=["POST"])
    def ask(self, draft_id: int) -> Any:
        """To the page of the work, which leads back to what came out."""
        try:
            job_id = ask_preview(door.world(), door.actor(), draft_id, OfficeForm().seen_version)
        except Refusal as refusal:
            if refusal.status not in (409, 422):
                raise
            flash(sentence(refusal), "warning")
            return redirect(url_for("rules.draft", draft_id=draft_id), 303)
        return redirect(url_for("jobs.page", job_id=job_id), 303)

    @expose("/draft/<int:draft_id>/propose", methods=["GET", "POST"])
    def propose(self, draft_id: int) -> Any:
        return self._step(draft_id, "propose")

    @expose("/draft/<int:draft_id>/take-back", methods=["GET", "POST"])
    def take_back(self, draft_id: int) -> Any:
        return self._step(draft_id, "take_back")

    @expose("/draft/<int:draft_id>/drop", methods=["GET", "POST"])
    def drop(self, draft_id: int) -> Any:
        return self._step(draft_id, "drop")

    @expose("/draft/<int:draft_id>/publish", methods=["GET", "POST"])
    def publish(self, draft_id: int) -> Any:
        return self._step(draft_id, "publish")

    def _step(self, draft_id: int, name: str) -> Any:
        """A page of its own with what the step does, and the reason; then the step, once."""
        draft, step, told = _draft(draft_id), STEPS[name], ""
        form = StepForm(data={"version": str(draft.version)})
        if form.validate_on_submit():
            try:
                step.act(door.world(), door.actor(), draft_id, form.seen_version, form.reason.data)
                flash(str(step.done), "success")
                return redirect(url_for("rules.draft", draft_id=draft_id), 303)
            except (Stale, OutOfTurn):
                flash(_("草稿刚刚有人处理过，这是最新情况。"), "warning")
                return redirect(url_for("rules.draft", draft_id=draft_id), 303)
            except Refusal as refusal:
                if refusal.status != 422:
                    raise
                codes = refusal.fields.values() if isinstance(refusal, Faulty) else [refusal.code]
                told = " ".join(sentence_of(code) for code in codes)
        elif request.method == "GET" and (why := look_at(db.session, door.actor(), draft).why_not(name)):
            flash(why, "warning")
            return redirect(url_for("rules.draft", draft_id=draft_id), 303)
        page: DraftPage = look_at(db.session, door.actor(), _draft(draft_id))
        shown = render_template("admin/rules_step.html", form=form, page=page, step=step, told=told, admin_view=self)
        return shown, 422 if form.errors or told else 200


def _draft(draft_id: int) -> EditionDraft:
    return draft_at_hand(db.session, draft_id)


def _draft_page(draft: EditionDraft, view: BaseView) -> str:
    page = look_at(db.session, door.actor(), draft)
    return render_template("admin/rules_draft.html", admin_view=view, page=page, view=edition_view(page.edition))
