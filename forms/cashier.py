"""The fee desk's form."""

from flask_babel import lazy_gettext as _
from wtforms import RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from forms.base import OfficeForm
from forms.choices import stripped
from models.rulebook.vocabulary import PaymentMethod


class SettleForm(OfficeForm):
    method = RadioField(
        _("付款方式"),
        choices=[
            SelectChoice(PaymentMethod.cash.value, _("现金")),
            SelectChoice(PaymentMethod.card.value, _("刷卡")),
            SelectChoice(PaymentMethod.transfer.value, _("转账")),
        ],
        validators=[InputRequired(_("请选择付款方式。"))],
    )
    reference = StringField(_("凭证号"), [Length(max=80)], filters=[stripped])
