"""The review desk's decisions."""

from flask_babel import lazy_gettext as _
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from forms.base import OfficeForm
from forms.choices import Ticks, stripped


class SendBackForm(OfficeForm):
    reason = TextAreaField(
        _("退回原因"), [DataRequired(_("请写明原因，受理人员据此更正。")), Length(max=500)], filters=[stripped]
    )
    places = Ticks(_("涉及的材料"))  # the desk offers the case's papers


class RefuseForm(OfficeForm):
    reason = TextAreaField(
        _("不予受理原因"), [DataRequired(_("请写明原因，将印在告知单上。")), Length(max=500)], filters=[stripped]
    )
    advice = TextAreaField(_("正确的办理方式"), [Length(max=500)], filters=[stripped])
