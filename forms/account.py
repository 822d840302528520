"""The forms of the door and of one's own account."""

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from forms.base import OfficeForm


def _stripped(text: str | None) -> str:
    return (text or "").strip()


class SignInForm(OfficeForm):
    number = StringField(_("工号"), [InputRequired(_("请填写工号。")), Length(max=16)], filters=[_stripped])
    password = PasswordField(_("密码"), [InputRequired(_("请填写密码。")), Length(max=256)])
    code = StringField(_("动态码"), [Length(max=12)], filters=[_stripped])


class PasswordForm(OfficeForm):
    old = PasswordField(_("原密码"), [InputRequired(_("请填写原密码。")), Length(max=256)])
    new = PasswordField(_("新密码"), [InputRequired(_("请填写新密码。")), Length(max=256)])
    repeated = PasswordField(_("再输一次新密码"), [EqualTo("new", _("两次输入的新密码不一致。"))])


class SecondFactorForm(OfficeForm):
    offer = HiddenField()
    code = StringField(_("动态码"), [InputRequired(_("请填写手机上的 6 位数字。")), Length(max=12)], filters=[_stripped])
