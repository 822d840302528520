"""What clerks ask a supervisor for, how he decides, and how a refund is paid out."""

from flask_babel import lazy_gettext as _
from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from forms.base import OfficeForm
from forms.cashier import SettleForm
from forms.choices import Pick, stripped
from forms.money import YuanField
from models.rulebook.exceptions import LONGEST_REASON, Correctable

_NEEDED = _("请写明事由，主管据此决定。")


class AskForm(OfficeForm):
    """A waiver or an admission: nothing but a reason."""

    reason = TextAreaField(_("事由"), [DataRequired(_NEEDED), Length(max=LONGEST_REASON)], filters=[stripped])


class RefundForm(AskForm):
    amount = YuanField(
        _("退款金额（元）"), [DataRequired(_("请填写金额。"))], _("不是金额，请按 180.00 的样子填写。"), filters=[stripped]
    )


class CorrectionForm(AskForm):
    """The desk gives `field` its words. An empty `now` takes the value away."""

    field = Pick(_("更正哪一项"), Correctable, validators=[DataRequired(_("请选择。"))])
    now = StringField(_("更正为"), [Length(max=500)], filters=[stripped])

    @property
    def chosen_field(self) -> Correctable | None:
        return Correctable(self.field.data) if self.field.data else None


class DecisionForm(OfficeForm):
    reason = TextAreaField(
        _("决定理由"), [DataRequired(_("请写明理由，将记入流水。")), Length(max=LONGEST_REASON)], filters=[stripped]
    )


class PayForm(SettleForm):
    """How a refund is paid out; the words are those of taking money."""
