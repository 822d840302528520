"""The aftercare desk's forms: a case about a certificate on one page, in the shape in which a draft keeps it. No rules here."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import Form, FormField, HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from forms.base import OfficeForm
from forms.choices import Either, Pick, stripped
from forms.intake import row_form
from forms.presenter import SEALED_FIELDS, PresenterFields
from models.rulebook.checklist import AFTERCARE_ROWS
from models.rulebook.kinds import AFTERCARE_KINDS
from models.rulebook.vocabulary import CaseKind, RevocationReason

_NOT_DRAFT = SEALED_FIELDS | {"csrf_token", "version", "shape"}
_YES_NO = (("yes", _("是")), ("no", _("否")))

PapersForm: type[Form] = type("PapersForm", (Form,), {name: FormField(row_form(row)) for name, row in AFTERCARE_ROWS.items()})


class AftercareForm(PresenterFields, OfficeForm):
    """Texts stay as typed; what they say is read by the use cases. A kind uses those of the fields that it asks about."""

    shape = HiddenField()

    token_serial = StringField(_("扫描介质号"), [Length(max=40)], filters=[stripped])
    damage_visible = Either(_("外观损坏"), *_YES_NO)
    damage_altered = Either(_("拆改"), *_YES_NO)
    damage_read_here = Either(_("本窗口能读出"), *_YES_NO)
    reason = Pick(_("注销原因"), [reason for reason in RevocationReason if reason is not RevocationReason.certificate_hold])
    new_name = StringField(_("新名称"), [Length(max=120)], filters=[stripped])
    new_credit_code = StringField(_("新信用代码"), [Length(max=40)], filters=[stripped])
    remark = StringField(_("备注"), [Length(max=500)], filters=[stripped])

    papers = FormField(PapersForm)

    def as_draft(self) -> dict[str, Any]:
        """What is kept of it."""
        return {field.name: field.data for field in self if field.name not in _NOT_DRAFT}


class KindForm(OfficeForm):
    kind = SelectField(
        _("业务类型"), choices=[SelectChoice(kind.value, kind.value) for kind in CaseKind if kind in AFTERCARE_KINDS]
    )
