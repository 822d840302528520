"""The forms of the stock pages: deliveries, transfers, what leaves the drawer and what is found again."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from forms.base import MarkedForm, OfficeForm
from forms.choices import Either, Pick, stripped
from models.rulebook.oversight import MovementKind, StockKind

_NEEDED = _("请填写。")
_CHOOSE = _("请选择。")
_ROOM = 4_000  # characters of typed serials


def whole_number(text: str | None) -> int:
    """-1 for what is none: out of range everywhere."""
    typed = (text or "").strip()
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else -1


def _kind() -> Any:
    return Either(_("品种"), validators=[DataRequired(_CHOOSE)])


class DeliveryForm(OfficeForm):
    """The desk gives `kind` its words."""

    kind = _kind()
    note_number = StringField(_("送货单号"), [DataRequired(_NEEDED), Length(max=40)], filters=[stripped])
    supplier = StringField(_("供应商"), [DataRequired(_NEEDED), Length(max=80)], filters=[stripped])
    first = StringField(_("首号"), [DataRequired(_NEEDED), Length(max=60)], filters=[stripped])
    last = StringField(_("末号"), [DataRequired(_NEEDED), Length(max=60)], filters=[stripped])
    counted = StringField(_("实点数量"), [DataRequired(_NEEDED), Length(max=12)], filters=[stripped])
    lacking = StringField(_("缺号"), [Length(max=_ROOM)], filters=[stripped])
    remark = StringField(_("备注"), [Length(max=200)], filters=[stripped])

    @property
    def chosen_kind(self) -> StockKind:
        return StockKind(self.kind.data)


class TransferForm(MarkedForm):
    """The desk gives `kind` and `to_branch_id` their choices."""

    kind = _kind()
    to_branch_id = Pick(_("调往"), (), validators=[DataRequired(_CHOOSE)])
    count = StringField(_("数目"), [Length(max=12)], filters=[stripped])
    serials = TextAreaField(_("号码段"), [Length(max=_ROOM)], filters=[stripped])

    @property
    def chosen_kind(self) -> StockKind:
        return StockKind(self.kind.data)

    @property
    def chosen_count(self) -> int:
        return whole_number(self.count.data) if self.count.data else 0


class ArrivalForm(OfficeForm):
    whole = BooleanField(_("已逐件核对，全部收到"))
    serials = TextAreaField(_("收到的号码"), [Length(max=_ROOM)], filters=[stripped])
    explanation = TextAreaField(_("缺少的情况"), [Length(max=200)], filters=[stripped])


class WriteOffForm(OfficeForm):
    """The desk gives `kind` and `way` their words."""

    kind = _kind()
    way = Either(_("去向"), validators=[DataRequired(_CHOOSE)])
    serials = TextAreaField(_("号码段"), [DataRequired(_NEEDED), Length(max=_ROOM)], filters=[stripped])
    reason = TextAreaField(_("原因"), [DataRequired(_NEEDED), Length(max=200)], filters=[stripped])

    @property
    def chosen_kind(self) -> StockKind:
        return StockKind(self.kind.data)

    @property
    def chosen_way(self) -> MovementKind:
        return MovementKind(self.way.data)


class FoundForm(OfficeForm):
    """The desk gives `kind` its words."""

    kind = _kind()
    serials = TextAreaField(_("号码段"), [DataRequired(_NEEDED), Length(max=_ROOM)], filters=[stripped])
    reason = TextAreaField(_("原因"), [DataRequired(_NEEDED), Length(max=200)], filters=[stripped])

    @property
    def chosen_kind(self) -> StockKind:
        return StockKind(self.kind.data)


class LowWaterForm(OfficeForm):
    """`version`: the sum of both marks' versions."""

    token = StringField(_("介质"), [DataRequired(_NEEDED), Length(max=12)], filters=[stripped])
    envelope = StringField(_("密码信封"), [DataRequired(_NEEDED), Length(max=12)], filters=[stripped])

    @property
    def chosen_marks(self) -> dict[StockKind, int]:
        return {kind: whole_number(self[kind.value].data) for kind in StockKind}


class ImportForm(MarkedForm):
    file = FileField(_("到货清单"))


class TakeOverForm(OfficeForm):
    only_good = BooleanField(_("只导入没有问题的行，其余不导入"))
    reason = TextAreaField(_("原因"), [Length(max=200)], filters=[stripped])
