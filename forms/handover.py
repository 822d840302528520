"""The form of the handover desk."""

from collections.abc import Container, Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from forms.base import OfficeForm
from forms.issuance import stripped
from models.rulebook.vocabulary import IdentityKind


def handover_form(positions: Sequence[int], kinds: Sequence[tuple[IdentityKind, Any]], enveloped: Container[int]) -> OfficeForm:
    """Who collects, and for each made item `take_n`, `token_n`, and where it has an envelope `envelope_n`; n is its position."""
    fields: dict[str, Any] = {
        "name": StringField(_("领取人姓名"), [InputRequired(_("请填写领取人姓名。")), Length(max=60)], filters=[stripped]),
        "id_kind": SelectField(
            _("证件类型"),
            choices=[SelectChoice(kind.value, word) for kind, word in kinds],
            default=IdentityKind.resident_card.value,
        ),
        "id_number": StringField(_("证件号码"), [InputRequired(_("请填写证件号码。")), Length(max=40)], filters=[stripped]),
        "ground": StringField(_("代领依据"), [Length(max=200)], filters=[stripped]),
    }
    for n in positions:
        fields[f"take_{n}"] = BooleanField(_("发放"), default=True)
        fields[f"token_{n}"] = StringField(_("第 %(n)s 份的介质号", n=n), [Length(max=40)], filters=[stripped])
        if n in enveloped:
            fields[f"envelope_{n}"] = StringField(_("第 %(n)s 份的信封号", n=n), [Length(max=20)], filters=[stripped])
    form: OfficeForm = type("HandoverForm", (OfficeForm,), fields)()
    return form
