"""The keys that sign what platforms are told, for the administrator: how each stands, and renewing them."""

from typing import Any, ClassVar

from flask import flash, redirect, render_template, url_for
from flask_admin import BaseView, expose
from flask_babel import gettext as _

from app.desks import door
from app.services.office_key import KeyTold, keys_told
from app.services.renew_office_key import renew_office_key
from app.words.platforms import KEY_STANDINGS
from forms.platforms import ReasonForm
from models.rulebook.permissions import Permission
from models.rulebook.signing_keys import ANNOUNCED, LISTED_AFTER, KeyStanding


class SigningKeyDesk(BaseView):
    permission = Permission.manage_platforms
    serves = ("index_view", "renew", "withdraw")
    # Whoever changes what the office's word is known by proves himself once more.
    doors: ClassVar[Any] = {name: door.Door((Permission.manage_platforms,), fresh=True) for name in ("renew", "withdraw")}

    @expose("/")
    def index_view(self) -> Any:
        keys = keys_told(door.world())
        return self.render(
            "admin/signing_keys.html",
            keys=keys,
            standings=KEY_STANDINGS,
            announced=_of(keys, KeyStanding.announced),
            address=f"{door.world().public_url}{url_for('platform_api.keys')}",
        )

    @expose("/renew", methods=["GET", "POST"])
    def renew(self) -> Any:
        return self._asked("admin/signing_key_renew.html", at_once=False)

    @expose("/withdraw", methods=["GET", "POST"])
    def withdraw(self) -> Any:
        return self._asked("admin/signing_key_withdraw.html", at_once=True)

    def _asked(self, template: str, *, at_once: bool) -> Any:
        keys = keys_told(door.world())
        form = ReasonForm(data={"version": str(keys[0].id if keys else 0)})
        if form.validate_on_submit():
            name = renew_office_key(door.world(), door.actor(), form.seen_version, form.reason.data, at_once=at_once)
            if at_once:  # otherwise the page itself says what follows
                flash(_("新密钥 %(name)s 已经在签名。", name=name), "success")
            return redirect(url_for("signing_keys.index_view"), 303)
        page = render_template(
            template,
            form=form,
            admin_view=self,
            signing=_of(keys, KeyStanding.signing),
            hours=int(ANNOUNCED.total_seconds() // 3600),
            days=LISTED_AFTER.days,
        )
        return page, 422 if form.errors else 200


def _of(keys: list[KeyTold], standing: KeyStanding) -> KeyTold | None:
    return next((key for key in keys if key.standing is standing), None)
