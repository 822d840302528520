"""The bindings desk's forms: what to do at a platform for an applicant, and what the registry authority answered."""

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from forms.base import OfficeForm
from forms.choices import Either, stripped
from models.rulebook.kinds import PLATFORM_KINDS
from models.rulebook.vocabulary import CaseKind, RelayAnswer


class OpenForm(OfficeForm):
    """`serial`: of the certificate that is to be bound, where the kind lets it be chosen."""

    platform = IntegerField(_("平台"), [InputRequired()])
    kind = SelectField(
        _("业务类型"), choices=[SelectChoice(kind.value, kind.value) for kind in CaseKind if kind in PLATFORM_KINDS]
    )
    serial = StringField(_("改绑到"), [Length(max=60)], filters=[stripped])
    back = HiddenField()  # "applicant": the page to return to where it cannot be opened


class AnswerForm(OfficeForm):
    answer = Either(
        _("答复"), *((answer.value, answer.value) for answer in RelayAnswer), validators=[InputRequired(_("请选择答复。"))]
    )
    note = TextAreaField(_("答复内容"), [Length(max=400)], filters=[stripped])
