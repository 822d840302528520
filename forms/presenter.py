"""Who stands at the counter: the same fields at every desk that takes papers in."""

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, StringField
from wtforms.validators import Length

from forms.choices import Either, Pick, stripped
from models.rulebook.vocabulary import IdentityKind

# Sealed by themselves, never part of what is kept as typed.
SEALED_FIELDS = frozenset({"presenter_id_number", "presenter_mobile"})


class PresenterFields:
    """Mixed into a form."""

    presenter_role = Either(_("身份"), ("agent", _("经办人")), ("proprietor", _("经营者本人")))
    presenter_name = StringField(_("姓名"), [Length(max=60)], filters=[stripped])
    presenter_id_kind = Pick(_("证件类型"), IdentityKind)
    presenter_id_number = StringField(_("证件号码"), [Length(max=40)], filters=[stripped])
    presenter_id_until = StringField(_("有效期至"), [Length(max=20)], filters=[stripped])
    presenter_id_long_term = BooleanField(_("长期"))
    presenter_mobile = StringField(_("手机"), [Length(max=20)], filters=[stripped])
