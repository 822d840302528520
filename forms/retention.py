"""The forms of retention: legal holds, and what is proposed for destruction."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from forms.base import OfficeForm
from forms.choices import Either, stripped

_NEEDED = _("请填写。")
CASE, APPLICANT = "case", "applicant"


class HoldForm(OfficeForm):
    scope = Either(
        _("保全范围"),
        (CASE, _("只这一个案件")),
        (APPLICANT, _("这家单位的全部案件，各网点都在内")),
        default=CASE,
    )
    authority = StringField(_("要求保全的机关"), [DataRequired(_NEEDED), Length(max=80)], filters=[stripped])
    reference = StringField(_("来函文号"), [DataRequired(_NEEDED), Length(max=80)], filters=[stripped])
    reason = TextAreaField(_("原因"), [DataRequired(_NEEDED), Length(max=200)], filters=[stripped])


class RemarkForm(OfficeForm):
    reason = TextAreaField(_("原因"), [DataRequired(_NEEDED), Length(max=200)], filters=[stripped])


def _number(text: Any) -> int:
    """0, which no case has, for what is no number."""
    return int(text) if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 12 else 0


class ProposalForm(RemarkForm):
    """Which of them may be proposed, the service says."""

    cases = SelectMultipleField(_("案件"), coerce=_number, validate_choice=False)
