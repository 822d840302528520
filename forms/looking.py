"""What the lists of supervision can be asked, and the forms that keep such a question or take its answer out of the office.

The desk gives the choices their words and their members; `chosen` is what `models/worklists/lists` is asked.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Length
from wtforms.widgets import DateInput

from forms.base import MarkedForm, OfficeForm, SelectChoice
from forms.choices import Either, Pick, stripped
from models.rulebook.oversight import (
    BindingState,
    DayState,
    ExceptionKind,
    ExceptionState,
    GrantUse,
    JobKind,
    JobState,
    MoneyKind,
    MovementKind,
    ShiftState,
    StockKind,
    TransferState,
    Waits,
)
from models.rulebook.vocabulary import (
    ApplicantKind,
    BindingEnd,
    CaseKind,
    CaseState,
    CertificateStatus,
    DeliveryState,
    EnvelopeState,
    EventKind,
    PaymentMethod,
    RevocationReason,
    Role,
    StaffState,
    TokenState,
)

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

    class Meta:
        csrf = False

    def chosen(self) -> dict[str, str]:
        """The filters that were filled in, by name."""
        return {field.name: field.data for field in self if field.data}


class _AtBranch(Question):
    branch = Chosen(_("网点"), ())


def _from(first: str) -> Any:
    """The last day is not before the first."""

    def check(form: Any, field: DayField) -> None:
        if field.data and form[first].data and not form[first].errors and field.data < form[first].data:
            raise ValidationError(_("止日早于起日。"))

    return check


class CaseQuestion(_AtBranch):
    number = _text(_("案件号"), 24)
    applicant = _text(_("申请单位或信用代码"), 120)
    kind = Chosen(_("业务类型"), CaseKind)
    state = Chosen(_("状态"), CaseState)
    platform = Chosen(_("平台"), ())
    opener = _text(_("受理人工号"), 16)
    since = DayField(_("受理日自"))
    until = DayField(_("受理日至"))
    lain_since = DayField(_("到现状态日自"))
    lain_until = DayField(_("到现状态日至"))
    validate_until = _from("since")
    validate_lain_until = _from("lain_since")


class CertificateQuestion(_AtBranch):
    serial = _text(_("证书序列号"))
    applicant = _text(_("申请单位或信用代码"), 120)
    token = _text(_("介质号"))
    case = _text(_("案件号"), 24)
    state = Chosen(_("状态"), CertificateStatus)
    ends_since = DayField(_("到期日自"))
    ends_until = DayField(_("到期日至"))
    reason = Chosen(_("吊销原因"), RevocationReason)
    revoked_since = DayField(_("吊销日自"))
    revoked_until = DayField(_("吊销日至"))
    validate_ends_until = _from("ends_since")
    validate_revoked_until = _from("revoked_since")


class DirectoryQuestion(Question):
    applicant = _text(_("申请单位或信用代码"), 120)
    kind = Chosen(_("单位类型"), ApplicantKind)


class _InRange(_AtBranch):
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


class DeliveryQuestion(_AtBranch):
    number = _text(_("入库单号"), 32)
    note = _text(_("送货单号"))
    supplier = _text(_("供应商"), 80)
    serial = _text(_("含号码"))
    kind = Chosen(_("品种"), StockKind)
    since = DayField(_("入库日自"))
    until = DayField(_("入库日至"))
    validate_until = _from("since")


class TransferQuestion(_AtBranch):
    number = _text(_("调拨单号"), 32)
    kind = Chosen(_("品种"), StockKind)
    state = Chosen(_("状态"), TransferState)
    waits = Chosen(_("待办"), Waits)
    since = DayField(_("发出日自"))
    until = DayField(_("发出日至"))
    validate_until = _from("since")


class MovementQuestion(_AtBranch):
    serial = _text(_("号码"))
    kind = Chosen(_("品种"), StockKind)
    what = Chosen(_("变动"), MovementKind)
    since = DayField(_("业务日自"))
    until = DayField(_("业务日至"))
    validate_until = _from("since")


class ReceiptQuestion(_AtBranch):
    number = _text(_("收据号"), 32)
    case = _text(_("案件号"), 24)
    method = Chosen(_("收款方式"), PaymentMethod)
    cashier = _text(_("收款人工号"), 16)
    since = DayField(_("业务日自"))
    until = DayField(_("业务日至"))
    validate_until = _from("since")


class EntryQuestion(_AtBranch):
    number = _text(_("编号"), 32)
    kind = Chosen(_("类别"), MoneyKind)
    case = _text(_("案件号"), 24)
    method = Chosen(_("付款方式"), PaymentMethod)
    cashier = _text(_("经手人工号"), 16)
    since = DayField(_("业务日自"))
    until = DayField(_("业务日至"))
    validate_until = _from("since")


class DecisionQuestion(_AtBranch):
    number = _text(_("编号"), 32)
    kind = Chosen(_("事项"), ExceptionKind)
    state = Chosen(_("状态"), ExceptionState)
    case = _text(_("案件号"), 24)
    asker = _text(_("提出人工号"), 16)
    decider = _text(_("主管工号"), 16)
    since = DayField(_("提出日自"))
    until = DayField(_("提出日至"))
    validate_until = _from("since")


class LeaveQuestion(_AtBranch):
    case = _text(_("案件号"), 24)
    granter = _text(_("主管工号"), 16)
    use = Chosen(_("使用情况"), GrantUse)
    since = DayField(_("批准日自"))
    until = DayField(_("批准日至"))
    validate_until = _from("since")


class RegisterQuestion(Question):
    platform = Chosen(_("平台"), ())
    applicant = _text(_("申请单位或信用代码"), 120)
    certificate = _text(_("证书序列号"))
    state = Chosen(_("状态"), BindingState)
    end = Chosen(_("结束原因"), BindingEnd)
    since = DayField(_("绑定日自"))
    until = DayField(_("绑定日至"))
    validate_until = _from("since")


class TellingQuestion(Question):
    platform = Chosen(_("平台"), ())
    kind = Chosen(_("通知"), EventKind)
    state = Chosen(_("状态"), DeliveryState)
    applicant = _text(_("申请单位或信用代码"), 120)
    case = _text(_("案件号"), 24)
    since = DayField(_("日期自"))
    until = DayField(_("日期至"))
    validate_until = _from("since")


class StaffQuestion(_AtBranch):
    number = _text(_("工号"), 16)
    name = _text(_("姓名"))
    role = Chosen(_("岗位"), Role)
    state = Chosen(_("状态"), StaffState)


class DayQuestion(_AtBranch):
    state = Chosen(_("状态"), DayState)
    person = _text(_("盘点人或主管工号"), 16)
    since = DayField(_("业务日自"))
    until = DayField(_("业务日至"))
    validate_until = _from("since")


class ShiftQuestion(_AtBranch):
    state = Chosen(_("状态"), ShiftState)
    person = _text(_("交班人或接班人工号"), 16)
    since = DayField(_("业务日自"))
    until = DayField(_("业务日至"))
    validate_until = _from("since")


class TaskQuestion(_AtBranch):
    kind = Chosen(_("任务"), JobKind)
    state = Chosen(_("状态"), JobState)
    asker = _text(_("提出人工号"), 16)
    since = DayField(_("日期自"))
    until = DayField(_("日期至"))
    validate_until = _from("since")


class JournalQuestion(_AtBranch):
    person = _text(_("经手人工号"), 16)
    applicant = _text(_("申请单位或信用代码"), 120)
    token = _text(_("介质号"))
    case = _text(_("案件号"), 24)
    act = ActField(_("动作"), choices={})
    since = DayField(_("日期自"))
    until = DayField(_("日期至"))
    validate_until = _from("since")


class ViewForm(OfficeForm):
    """A name for a question."""

    name = StringField(_("视图名称"), [DataRequired(_NEEDED), Length(max=40, message=_TOO_LONG)], filters=[stripped])


class ExportForm(MarkedForm):
    format = Either(_("文件格式"), ("xlsx", "XLSX"), ("csv", "CSV"), validators=[InputRequired(_NEEDED)], default="xlsx")
    reason = TextAreaField(_("原因"), [Length(max=200, message=_TOO_LONG)], filters=[stripped])
