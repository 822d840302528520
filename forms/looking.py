"""What the lists of supervision can be asked, and the forms that keep such a question or take its answer out of the office.

The desk gives the choices their words and their members; `chosen` is what `models/worklists/lists` is asked.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Length
from wtforms.widgets import DateInput

from forms.base import MarkedForm, OfficeForm, SelectChoice
from forms.choices import Either, Pick, stripped
from models.rulebook.vocabulary import CaseKind, CaseState, EnvelopeState, PaymentMethod, TokenState

_NEEDED = _("请填写。")
_TOO_LONG = _("最多 %(max)d 个字。")


def _printable(text: str | None) -> str:
    """What a number or a name can be written in: a database takes no other characters, or finds nothing by them."""
    return "".join(character for character in stripped(text) if character.isprintable())


def _text(label: object, longest: int = 40) -> StringField:
    return StringField(label, [Length(max=longest, message=_TOO_LONG)], filters=[_printable])


class DayField(StringField):
    """A day, ISO 8601, or nothing."""

    widget = DateInput()

    def pre_validate(self, form: object) -> None:
        if not self.data:
            return
        try:
            date.fromisoformat(self.data)
        except ValueError:
            raise ValidationError(_("日期写成 2026-01-31 的样子。")) from None
        if not "2000" <= self.data[:4] < "2100":
            raise ValidationError(_("没有这么久远的记录。"))


class Chosen(Pick):
    """Nothing chosen is everything; what was never offered is told at the field."""

    def pre_validate(self, form: object) -> None:
        if self.data and self.data not in {choice.value for choice in self.choices}:
            raise ValidationError(_("没有这一项，请重新选择。"))


class ActField(SelectField):
    """Acts under headings of what they are about."""

    def offer(self, groups: Mapping[str, Iterable[tuple[str, str]]]) -> None:
        self.choices = {heading: [SelectChoice(*choice) for choice in choices] for heading, choices in groups.items()}

    def pre_validate(self, form: object) -> None:
        if self.data and self.data not in {choice.value for choices in self.choices.values() for choice in choices}:
            raise ValidationError(_("没有这一项，请重新选择。"))


class Question(FlaskForm):
    """Asked by GET: it changes nothing, so it bears no token."""

    branch = Chosen(_("网点"), ())

    class Meta:
        csrf = False

    def chosen(self) -> dict[str, str]:
        """The filters that were filled in, by name."""
        return {field.name: field.data for field in self if field.data}

    def offer_branches(self, choices: Iterable[tuple[str, str]]) -> None:
        self.branch.offer(choices, blank=_("全部"))


class _InTime(Question):
    def validate_until(self, field: DayField) -> None:
        if field.data and self.since.data and not self.since.errors and field.data < self.since.data:
            raise ValidationError(_("止日早于起日。"))


class CaseQuestion(_InTime):
    number = _text(_("案件号"), 24)
    applicant = _text(_("申请单位或信用代码"), 120)
    kind = Chosen(_("业务类型"), CaseKind)
    state = Chosen(_("状态"), CaseState)
    opener = _text(_("受理人工号"), 16)
    since = DayField(_("受理日自"))
    until = DayField(_("受理日至"))


class _InRange(Question):
    def validate_last(self, field: StringField) -> None:
        if field.data and self.first.data and field.data < self.first.data and not self.first.data.startswith(field.data):
            raise ValidationError(_("止号小于起号。"))


class TokenQuestion(_InRange):
    first = _text(_("介质号自"))
    last = _text(_("介质号至"))
    state = Chosen(_("状态"), TokenState)


class EnvelopeQuestion(_InRange):
    first = _text(_("信封号自"))
    last = _text(_("信封号至"))
    state = Chosen(_("状态"), EnvelopeState)
    token = _text(_("介质号"))


class ReceiptQuestion(_InTime):
    number = _text(_("收据号"), 32)
    case = _text(_("案件号"), 24)
    method = Chosen(_("收款方式"), PaymentMethod)
    cashier = _text(_("收款人工号"), 16)
    since = DayField(_("业务日自"))
    until = DayField(_("业务日至"))


class JournalQuestion(_InTime):
    person = _text(_("经手人工号"), 16)
    applicant = _text(_("申请单位或信用代码"), 120)
    token = _text(_("介质号"))
    case = _text(_("案件号"), 24)
    act = ActField(_("动作"), choices={})
    since = DayField(_("日期自"))
    until = DayField(_("日期至"))


class ViewForm(OfficeForm):
    """A name for a question."""

    name = StringField(_("视图名称"), [DataRequired(_NEEDED), Length(max=40, message=_TOO_LONG)], filters=[stripped])


class ExportForm(MarkedForm):
    format = Either(_("文件格式"), ("xlsx", "XLSX"), ("csv", "CSV"), validators=[InputRequired(_NEEDED)], default="xlsx")
    reason = TextAreaField(_("原因"), [Length(max=200, message=_TOO_LONG)], filters=[stripped])
