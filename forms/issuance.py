"""The forms of the issuance desk."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from forms.base import OfficeForm


def stripped(text: str | None) -> str:
    return (text or "").strip()


class ConfirmForm(OfficeForm):
    """The envelope's control number, or the serial of a token that kept its PIN."""

    control_number = StringField(_("核对号码"), [InputRequired(_("请扫描或填写号码。")), Length(max=40)], filters=[stripped])


class ReasonForm(OfficeForm):
    reason = StringField(_("原因"), [InputRequired(_("请写明原因。")), Length(max=200)], filters=[stripped])


def begin_form(positions: Sequence[int], stations: Sequence[tuple[str, Any]], **given: Any) -> OfficeForm:
    """A row of fields per ordered item: `take_n`, `token_n`, `station_n`; `seen_n` is the item's version. n is its position."""
    fields: dict[str, Any] = {}
    for n in positions:
        fields[f"take_{n}"] = BooleanField(_("制作"), default=True)
        fields[f"token_{n}"] = StringField(_("第 %(n)s 份的介质号", n=n), [Length(max=40)], filters=[stripped])
        fields[f"station_{n}"] = SelectField(
            _("第 %(n)s 份的工位", n=n),
            choices=[SelectChoice("", _("介质所在的工位")), *(SelectChoice(*station) for station in stations)],
            default="",
            validate_choice=False,
        )
        fields[f"seen_{n}"] = StringField(filters=[stripped])
    kind = type("BeginForm", (OfficeForm,), fields)
    form: OfficeForm = kind(**given)
    return form
