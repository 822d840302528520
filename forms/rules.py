"""The forms of the rules' pages: what every kind asks for on one sheet, its fee, and the limits. What makes sense is the rulebook's."""

import re
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, Form, FormField, StringField, TextAreaField, ValidationError
from wtforms.validators import DataRequired, Length

from forms.base import OfficeForm
from forms.choices import Pick, stripped
from forms.money import YuanField
from models.rulebook.editions import LONGEST_CODE, MOST_COPIES, MOST_DAYS, MOST_FEN, MOST_MINUTES, P1, Paper
from models.rulebook.vocabulary import CaseKind

_NEEDED = _("请填写。")
_NO_AMOUNT = _("请填以元计的金额，最多两位小数。")
_DAY = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})")
KINDS = tuple(P1.requirements)  # those that an edition speaks of
FEE_KINDS = tuple(P1.fees_fen)  # those with a fee of their own: every other costs the medium
TICKED = {
    Paper.licence: ("duplicate", "original", "photocopy", "marked"),
    Paper.identity_document: ("original", "photocopy", "marked"),
}


class DayField(StringField):
    """A calendar date as 2027-01-01 or 20270101; `day` is what it means."""

    @property
    def day(self) -> date | None:
        found = _DAY.fullmatch((self.data or "").strip())
        try:
            return date(int(found[1]), int(found[2]), int(found[3])) if found else None
        except ValueError:
            return None

    def pre_validate(self, form: Form) -> None:
        if self.data and self.day is None:
            raise ValidationError(_("不是日期，请按 20270101 的样子填写。"))


class WholeField(StringField):
    """A whole number within bounds; `number` is what it means."""

    def __init__(self, label: Any, least: int, most: int, **options: Any) -> None:
        super().__init__(label, [DataRequired(_NEEDED)], filters=[stripped], **options)
        self.least, self.most = least, most

    @property
    def number(self) -> int:
        """Outside the bounds for what is no number."""
        text = self.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1

    def pre_validate(self, form: Form) -> None:
        if self.data and not self.least <= self.number <= self.most:
            raise ValidationError(_("请填 %(least)s 至 %(most)s 的整数。", least=self.least, most=self.most))


def _fee(label: Any) -> Any:
    return YuanField(label, [DataRequired(_NEEDED), Length(max=12)], _NO_AMOUNT, filters=[stripped])


def _not_too_much(form: Form, field: Any) -> None:
    if field.fen is not None and field.fen > MOST_FEN:
        raise ValidationError(_("最多 %(yuan)s 元。", yuan=MOST_FEN // 100))


def _kind_form(kind: CaseKind) -> type[Form]:
    """The form of one kind: its papers as a clerk would list them. An empty choice: not asked for."""
    fields: dict[str, Any] = {
        "application_form": Pick(_("申请表份数"), ()),
        "application_form_marked": BooleanField(_("申请表须盖章（签字）")),
        "token": Pick(_("介质"), ()),
        "statement_of_loss": Pick(_("遗失声明"), ()),
    }
    for paper, aspects in TICKED.items():
        fields |= {f"{paper.value}_{aspect}": BooleanField(aspect) for aspect in aspects}
    if kind in FEE_KINDS:
        fields |= {"fee": _fee(_("费用（元）")), "validate_fee": _not_too_much}
    return type(f"{kind.value}_form", (Form,), fields)


class _Named(OfficeForm):
    code = StringField(_("版本代码"), [DataRequired(_NEEDED), Length(max=LONGEST_CODE)], filters=[stripped])
    effective_from = DayField(_("从哪天起执行"), [DataRequired(_NEEDED)], filters=[stripped])


class BeginForm(_Named):
    """`based_on`: the desk offers the editions there are."""

    based_on = Pick(_("以哪一版为底稿"), (), validators=[DataRequired(_NEEDED)])


class EditionForm(_Named):
    """Everything that an edition says, on one sheet."""

    medium = _fee(_("新介质费用（元）"))
    renewal_opens_days = WholeField(_("到期前多少天起可以更新"), 1, MOST_DAYS)
    warranty_days = WholeField(_("介质保修天数"), 0, MOST_DAYS)
    grant_minutes = WholeField(_("解锁授权有效分钟数"), 1, MOST_MINUTES)

    def validate_medium(self, field: Any) -> None:
        _not_too_much(self, field)

    def of(self, kind: CaseKind) -> Any:
        """The fields of one kind."""
        return self[kind.value].form


for _one in KINDS:
    setattr(EditionForm, _one.value, FormField(_kind_form(_one)))

COPIES = tuple(str(number) for number in range(1, MOST_COPIES + 1))


class StepForm(OfficeForm):
    reason = TextAreaField(_("原因"), [DataRequired(_NEEDED), Length(max=200)], filters=[stripped])
