"""What platforms were told: in figures, as a list, one by one with every try, and what they did not take, to be sent again."""

from typing import Any, ClassVar

from flask import flash, redirect, render_template, url_for
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from markupsafe import Markup
from sqlalchemy.orm import Query, joinedload

from app.desks import door
from app.services.deliver_events import wire_body
from app.services.tell_again import tell_again, tell_platform_again
from app.supervision.base import as_instant, as_state
from app.supervision.by_platform import ByPlatformView, as_platform, name_of
from app.words.platforms import attempt_in_words
from app.words.terms import term
from forms.base import OfficeForm
from models.rulebook import workflow
from models.rulebook.permissions import Permission
from models.rulebook.vocabulary import DeliveryAction
from models.tables import Binding, Case, Platform, PlatformEvent, db
from models.worklists.telling import dead_letters, holding_back, tellings


def case_link(case: Case | None) -> Any:
    """Another branch's case by its number only."""
    if case is None:
        return "—"
    if not door.actor().sees_branch(case.branch_id):
        return case.number
    return Markup('<a href="{}">{}</a>').format(url_for("casefile.page", case_id=case.id), case.number)


def _number(view: Any, context: Any, model: PlatformEvent, name: str) -> Any:
    return Markup('<a href="{}">{}</a>').format(url_for("telling.page", event_id=model.id), model.number)


def _applicant(view: Any, context: Any, model: PlatformEvent, name: str) -> str:
    return model.binding.applicant.name if model.binding is not None else "—"


def _case(view: Any, context: Any, model: PlatformEvent, name: str) -> Any:
    return case_link(model.case)


class TellingDesk(ByPlatformView):
    serves = ("index_view", "page", "dead", "again", "all_again")
    doors: ClassVar[Any] = {
        "again": door.Door((Permission.tell_again,)),
        "all_again": door.Door((Permission.tell_again,)),
    }
    state_column = "delivery"
    list_template = "admin/telling.html"
    column_list = (
        "number",
        "platform",
        "kind",
        "applicant",
        "case",
        "at",
        "delivery",
        "tries",
        "delivered_at",
        "acknowledged_at",
    )
    column_labels: ClassVar[Any] = {
        "number": lazy_gettext("序号"),
        "platform": lazy_gettext("平台"),
        "kind": lazy_gettext("通知"),
        "applicant": lazy_gettext("申请单位"),
        "case": lazy_gettext("案件号"),
        "at": lazy_gettext("时间"),
        "delivery": lazy_gettext("状态"),
        "tries": lazy_gettext("次数"),
        "delivered_at": lazy_gettext("送达时间"),
        "acknowledged_at": lazy_gettext("平台确认时间"),
    }
    column_formatters: ClassVar[Any] = {
        "number": _number,
        "platform": as_platform,
        "kind": lambda view, context, model, name: term(model.kind),
        "applicant": _applicant,
        "case": _case,
        "at": as_instant,
        "delivery": as_state,
        "delivered_at": as_instant,
        "acknowledged_at": as_instant,
    }
    column_default_sort = ("id", True)

    def get_query(self) -> Query[Any]:
        whole = (
            joinedload(PlatformEvent.platform),
            joinedload(PlatformEvent.case),
            joinedload(PlatformEvent.binding).joinedload(Binding.applicant),
        )
        return super().get_query().options(*whole)

    def figures(self) -> Any:
        chosen = self.chosen_platform()
        return [one for one in tellings(db.session) if chosen is None or one.platform.id == chosen.id]

    name_of = staticmethod(name_of)
    attempt_in_words = staticmethod(attempt_in_words)
    case_link = staticmethod(case_link)

    @expose("/<int:event_id>")
    def page(self, event_id: int) -> Any:
        event: PlatformEvent = self.get_one(str(event_id))
        return render_template(
            "admin/told.html",
            admin_view=self,
            event=event,
            body=wire_body(event).decode(),
            before=holding_back(db.session, event),
            may_send_again=DeliveryAction.send_again in workflow.open_actions(workflow.DELIVERY, event.delivery),
        )

    @expose("/dead")
    def dead(self) -> Any:
        return render_template("admin/dead_letters.html", admin_view=self, groups=dead_letters(db.session))

    @expose("/<int:event_id>/again", methods=["POST"])
    def again(self, event_id: int) -> Any:
        event: PlatformEvent = self.get_one(str(event_id))
        tell_again(door.world(), door.actor(), event_id, OfficeForm().seen_version)
        flash(_("第 %(number)s 号通知重新发送。", number=event.number), "success")
        return redirect(url_for("telling.page", event_id=event_id), 303)

    @expose("/platform/<int:platform_id>/again", methods=["POST"])
    def all_again(self, platform_id: int) -> Any:
        count = tell_platform_again(door.world(), door.actor(), platform_id)
        platform = db.session.get_one(Platform, platform_id)
        flash(_("%(platform)s：%(count)s 条通知重新发送。", platform=name_of(platform), count=count), "success")
        return redirect(url_for("telling.index_view", platform=platform.code), 303)
