"""The supervisor's decisions on exceptions."""

from flask_babel import lazy_gettext as _
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from forms.base import OfficeForm
from forms.choices import stripped


class GrantForm(OfficeForm):
    reason = TextAreaField(_("批准理由"), [DataRequired(_("请写明理由，将记入流水。")), Length(max=200)], filters=[stripped])
