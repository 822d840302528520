"""Relying platforms, for the administrator: every change goes through `services/edit_platform.py`."""

from typing import Any, ClassVar

from flask import flash, redirect, render_template, url_for
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from markupsafe import Markup
from sqlalchemy import ColumnElement, true

from app.desks import door
from app.desks.refusals import show_faults
from app.desks.shell import Shell
from app.services.edit_platform import PlatformFacts, edit_platform, issue_secret, open_platform, switch_platform
from app.services.errors import Faulty
from app.supervision.base import ReadOnlyView, as_state
from app.words.terms import term
from forms.platforms import NewPlatformForm, PlatformChangeForm, PlatformForm, ReasonForm
from models.rulebook.permissions import Permission
from models.rulebook.vocabulary import PlatformState, Scope, Use
from models.tables import Platform

_TYPED = ("name_zh", "name_en", "telephone", "registry_authority", "webhook_url")
_TICKED = ("renewal_keeps", "replacement_keeps", "one_of_several")


def _link(view: Any, context: Any, model: Platform, name: str) -> Any:
    return Markup('<a href="{}">{}</a>').format(url_for("platforms.edit", platform_id=model.id), model.code)


def _name(view: Any, context: Any, model: Platform, name: str) -> str:
    return Shell.bilingual(model)


def _way(view: Any, context: Any, model: Platform, name: str) -> str:
    return model.webhook_url or _("平台自取")


def _secret(view: Any, context: Any, model: Platform, name: str) -> str:
    return _("已发") if model.secret_digest else _("未发")


class PlatformDesk(ReadOnlyView):
    permission = Permission.manage_platforms
    serves = ("index_view", "new", "edit", "secret", "switch")
    # Who says what a platform may do and where it is told, takes its secret or shuts it out proves himself once more.
    doors: ClassVar[Any] = dict.fromkeys(
        ("new", "edit", "secret", "switch"), door.Door((Permission.manage_platforms,), fresh=True)
    )
    state_column = "state"
    list_template = "admin/platforms.html"
    column_list = ("code", "name_zh", "wanted_use", "webhook_url", "calls_a_minute", "secret_digest", "state")
    column_labels: ClassVar[Any] = {
        "code": lazy_gettext("平台代码"),
        "name_zh": lazy_gettext("名称"),
        "wanted_use": lazy_gettext("证书须有的用途"),
        "webhook_url": lazy_gettext("通知方式"),
        "calls_a_minute": lazy_gettext("每分钟最多调用次数"),
        "secret_digest": lazy_gettext("平台密钥"),
        "state": lazy_gettext("状态"),
    }
    column_formatters: ClassVar[Any] = {
        "code": _link,
        "name_zh": _name,
        "wanted_use": lambda view, context, model, name: term(model.wanted_use),
        "webhook_url": _way,
        "secret_digest": _secret,
        "state": as_state,
    }
    column_default_sort = "code"
    name_of = staticmethod(Shell.bilingual)

    def _in_branch(self) -> ColumnElement[bool]:
        return true()

    def _sees(self, found: Any) -> bool:
        return True

    @expose("/new", methods=["GET", "POST"])
    def new(self) -> Any:
        form = _prepared(NewPlatformForm(data=_BLANK))
        if form.validate_on_submit():
            try:
                platform_id = open_platform(door.world(), door.actor(), form.code.data, _facts(form))
                flash(_("平台已登记。还没有密钥，请发给平台的技术人员。"), "success")
                return redirect(url_for("platforms.edit", platform_id=platform_id), 303)
            except Faulty as fault:
                show_faults(form, fault)
        page = render_template("admin/platform_new.html", form=form, admin_view=self)
        return page, 422 if form.errors else 200

    @expose("/<int:platform_id>", methods=["GET", "POST"])
    def edit(self, platform_id: int) -> Any:
        platform: Platform = self.get_one(str(platform_id))
        form = _prepared(PlatformChangeForm(data=_filled(platform)))
        if form.validate_on_submit():
            try:
                edit_platform(door.world(), door.actor(), platform_id, form.seen_version, _facts(form), form.reason.data)
                flash(_("已保存。"), "success")
                return redirect(url_for("platforms.edit", platform_id=platform_id), 303)
            except Faulty as fault:
                show_faults(form, fault)
        page = render_template("admin/platform_edit.html", form=form, platform=platform, admin_view=self)
        return page, 422 if form.errors else 200

    @expose("/<int:platform_id>/secret", methods=["GET", "POST"])
    def secret(self, platform_id: int) -> Any:
        platform: Platform = self.get_one(str(platform_id))
        form = ReasonForm(data={"version": str(platform.version)})
        if form.validate_on_submit():
            issued = issue_secret(door.world(), door.actor(), platform_id, form.seen_version, form.reason.data)
            return render_template("admin/platform_secret.html", issued=issued, platform=platform, admin_view=self)
        page = render_template("admin/platform_secret_new.html", form=form, platform=platform, admin_view=self)
        return page, 422 if form.errors else 200

    @expose("/<int:platform_id>/switch", methods=["GET", "POST"])
    def switch(self, platform_id: int) -> Any:
        platform: Platform = self.get_one(str(platform_id))
        state = PlatformState.disabled if platform.state is PlatformState.active else PlatformState.active
        form = ReasonForm(data={"version": str(platform.version)})
        if form.validate_on_submit():
            switch_platform(door.world(), door.actor(), platform_id, form.seen_version, state, form.reason.data)
            flash(_("平台 %(code)s 现在%(state)s。", code=platform.code, state=term(state)), "success")
            return redirect(url_for("platforms.edit", platform_id=platform_id), 303)
        page = render_template("admin/platform_switch.html", form=form, platform=platform, admin_view=self)
        return page, 422 if form.errors else 200


_BLANK = {"renewal_keeps": True, "scopes": [scope.value for scope in Scope], "calls_a_minute": "600"}


def _prepared(form: Any) -> Any:
    form.wanted_use.offer(((use.value, term(use)) for use in Use), blank=_("不限"))
    form.scopes.offer((scope.value, term(scope)) for scope in Scope)
    return form


def _filled(platform: Platform) -> dict[str, Any]:
    return {name: getattr(platform, name) for name in (*_TYPED, *_TICKED)} | {
        "version": str(platform.version),
        "wanted_use": platform.wanted_use.value if platform.wanted_use else "",
        "scopes": platform.scopes,
        "calls_a_minute": str(platform.calls_a_minute),
    }


def _facts(form: PlatformForm) -> PlatformFacts:
    return PlatformFacts(
        **{name: form[name].data for name in (*_TYPED, *_TICKED)},
        wanted_use=form.chosen_use,
        scopes=form.chosen_scopes,
        calls_a_minute=form.chosen_calls,
    )
