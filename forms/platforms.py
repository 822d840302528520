"""The forms of the administrator's platform pages."""

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from forms.base import OfficeForm
from forms.choices import Pick, Ticks, stripped
from models.rulebook.vocabulary import Scope, Use

_NEEDED = _("请填写。")


class PlatformForm(OfficeForm):
    """The desk gives `wanted_use` and `scopes` their words."""

    name_zh = StringField(_("中文名称"), [DataRequired(_NEEDED), Length(max=80)], filters=[stripped])
    name_en = StringField(_("英文名称"), [DataRequired(_NEEDED), Length(max=120)], filters=[stripped])
    telephone = StringField(_("咨询电话"), [Length(max=40)], filters=[stripped])
    registry_authority = StringField(_("登记管理机关"), [Length(max=80)], filters=[stripped])
    renewal_keeps = BooleanField(_("更新、变更后绑定随证书转到新证书"))
    replacement_keeps = BooleanField(_("补办后绑定随证书转到新证书"))
    one_of_several = BooleanField(_("一家单位只绑一张，有了多张须重新选定"))
    wanted_use = Pick(_("证书须有的用途"), Use)
    scopes = Ticks(_("可以调用"), Scope)
    calls_a_minute = StringField(_("每分钟最多调用次数"), [DataRequired(_NEEDED)], filters=[stripped])
    webhook_url = StringField(_("通知地址"), [Length(max=300)], filters=[stripped])

    @property
    def chosen_use(self) -> Use | None:
        return Use(self.wanted_use.data) if self.wanted_use.data else None

    @property
    def chosen_calls(self) -> int:
        """0 for what is no number: out of range either way."""
        text = self.calls_a_minute.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0

    @property
    def chosen_scopes(self) -> frozenset[Scope]:
        return frozenset(Scope(scope) for scope in self.scopes.data or ())


class PlatformChangeForm(PlatformForm):
    reason = TextAreaField(_("原因"), [DataRequired(_NEEDED), Length(max=200)], filters=[stripped])


class NewPlatformForm(PlatformForm):
    code = StringField(_("平台代码"), [DataRequired(_NEEDED), Length(max=24)], filters=[stripped])


class ReasonForm(OfficeForm):
    reason = TextAreaField(_("原因"), [DataRequired(_NEEDED), Length(max=200)], filters=[stripped])
