"""The forms of the day: what was counted, what explains a difference, what goes into the drawer and out of it."""

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import RadioField, StringField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from forms.base import OfficeForm
from forms.choices import Pick, stripped
from forms.money import YuanField
from models.rulebook.day_sheet import DENOMINATIONS
from models.rulebook.oversight import StockKind

_NEEDED = _("请填写。")
_MOST_PIECES = 6  # digits


class PiecesField(StringField):
    """A number of pieces, nothing typed meaning none where `blank` says so."""

    def __init__(self, label: Any, blank: bool = False, **options: Any) -> None:
        super().__init__(label, [] if blank else [InputRequired(_("请填数目，没有就填 0。"))], filters=[stripped], **options)

    @property
    def pieces(self) -> int | None:
        """None for what is no number."""
        text = (self.data or "0").translate(str.maketrans("０１２３４５６７８９", "0123456789"))
        return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_PIECES else None

    def pre_validate(self, form: Any) -> None:
        if self.data and self.pieces is None:
            raise ValidationError(_("请填整数。"))


class CountForm(OfficeForm):
    """Pieces, and the cash note by note: `notes` by denomination in fen."""

    tokens = PiecesField(_("空白介质（只）"))
    envelopes = PiecesField(_("空白密码信封（封）"))
    note_10000 = PiecesField(_("100 元"), blank=True)
    note_5000 = PiecesField(_("50 元"), blank=True)
    note_2000 = PiecesField(_("20 元"), blank=True)
    note_1000 = PiecesField(_("10 元"), blank=True)
    note_500 = PiecesField(_("5 元"), blank=True)
    note_100 = PiecesField(_("1 元"), blank=True)
    note_50 = PiecesField(_("5 角"), blank=True)
    note_10 = PiecesField(_("1 角"), blank=True)
    other = YuanField(_("其他零钱（元）"), [], _("请填金额，如 0.35。"), filters=[stripped])
    remark = TextAreaField(_("备注"), [Length(max=200)], filters=[stripped])

    @property
    def note_fields(self) -> list[Any]:
        return [self[f"note_{each}"] for each in DENOMINATIONS]

    @property
    def notes(self) -> dict[int, int]:
        return {each: self[f"note_{each}"].pieces or 0 for each in DENOMINATIONS}


class DayCountForm(CountForm):
    """The desk offers the days that may be counted, as ISO dates."""

    day = RadioField(_("盘点到哪一天"), [InputRequired(_("请选择日期。"))], choices=[])

    @property
    def chosen_day(self) -> date:
        """One of those offered, as validated."""
        return date.fromisoformat(self.day.data)

    def offer_days(self, days: list[tuple[str, Any]]) -> None:
        self.day.choices = [SelectChoice(value, words) for value, words in days]


class ShiftForm(CountForm):
    """The desk offers the colleagues."""

    taker = Pick(_("接班人"), [], validators=[DataRequired(_("请选择接班人。"))])


class AgainForm(OfficeForm):
    reason = TextAreaField(_("重新盘点的原因"), [DataRequired(_NEEDED), Length(max=200)], filters=[stripped])


class DeclineForm(OfficeForm):
    reason = TextAreaField(_("不接或收回的原因"), [DataRequired(_NEEDED), Length(max=200)], filters=[stripped])


class CountersignForm(OfficeForm):
    """A field for every way in which the count can differ; the page shows those that are needed."""

    lacking_token = TextAreaField(_("少了哪些介质"), filters=[stripped])
    surplus_token = TextAreaField(_("多了哪些介质"), filters=[stripped])
    lacking_envelope = TextAreaField(_("少了哪些信封"), filters=[stripped])
    surplus_envelope = TextAreaField(_("多了哪些信封"), filters=[stripped])
    cash_reason = TextAreaField(_("现金差额的原因"), [Length(max=200)], filters=[stripped])
    reason = TextAreaField(_("说明"), [Length(max=200)], filters=[stripped])

    def serials(self, name: str) -> dict[StockKind, str]:
        """What was typed by kind. `name`: "lacking" or "surplus"."""
        return {kind: self[f"{name}_{kind.value}"].data or "" for kind in StockKind}


class DrawerForm(OfficeForm):
    amount = YuanField(_("金额（元）"), [DataRequired(_NEEDED)], _("请填金额，如 500 或 500.50。"), filters=[stripped])
    reason = StringField(_("事由"), [DataRequired(_NEEDED), Length(max=200)], filters=[stripped])


class BankForm(DrawerForm):
    reference = StringField(_("银行回单号"), [DataRequired(_NEEDED), Length(max=80)], filters=[stripped])
