"""What platforms were told: in figures, as a list, one by one with every try, and what they did not take, to be sent again."""

from datetime import datetime
from typing import Any, ClassVar

from flask import flash, redirect, render_template, url_for
from flask_admin import expose
from flask_babel import gettext as _

from app.desks import door
from app.desks.shell import Shell
from app.services.deliver_events import wire_body
from app.services.tell_again import tell_again, tell_platform_again
from app.supervision.lists import LookingList, case_link, leads, to_page
from app.words.platforms import attempt_in_words
from forms.base import OfficeForm
from forms.looking import TellingQuestion
from models.rulebook import workflow
from models.rulebook.permissions import Permission
from models.rulebook.vocabulary import DeliveryAction
from models.tables import Platform, PlatformEvent, db
from models.worklists import lists
from models.worklists.telling import dead_letters, holding_back, tellings


class TellingDesk(LookingList):
    permission = Permission.watch_platforms
    listed, question = lists.TELLING, TellingQuestion
    special: ClassVar[Any] = {
        "number": to_page("telling.page", "event_id"),
        "case": leads(lambda event: case_link(event.case)),
    }
    serves = ("index_view", "page", "dead", "again", "all_again")
    doors: ClassVar[Any] = {
        "again": door.Door((Permission.tell_again,)),
        "all_again": door.Door((Permission.tell_again,)),
    }
    list_template = "admin/telling.html"

    def figures(self, code: str = "") -> Any:
        """Of one platform, or of all."""
        return [one for one in tellings(db.session) if code in ("", one.platform.code)]

    name_of = staticmethod(Shell.bilingual)
    attempt_in_words = staticmethod(attempt_in_words)
    case_link = staticmethod(case_link)

    @staticmethod
    def rests_until(platform: Platform) -> datetime | None:
        """While it is left alone because it asked to be."""
        until = platform.rests_until
        return until if until is not None and until > door.world().now() else None

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
        flash(_("%(platform)s：%(count)s 条通知重新发送。", platform=Shell.bilingual(platform), count=count), "success")
        return redirect(url_for("telling.index_view", platform=platform.code), 303)
