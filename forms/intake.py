"""The intake desk's form: the whole application on one page, in the shape in which a draft keeps it. No rules here."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import (
    BooleanField,
    FieldList,
    FileField,
    Form,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from forms.base import OfficeForm
from models.rulebook.checklist import ROWS
from models.rulebook.question import MOST_SETS
from models.rulebook.vocabulary import ApplicantKind, DocumentKind, IdentityKind, Use

YES_NO = [("yes", _("有")), ("no", _("无"))]
HELD_OR_NOT = [("yes", _("已领")), ("no", _("未领"))]
STANDS_HERE = [("agent", _("经办人")), ("proprietor", _("经营者本人"))]
# Not part of the draft: the version, and the personal numbers, which are sealed by themselves.
_NOT_DRAFT = frozenset({"csrf_token", "version", "shape", "presenter_id_number", "presenter_mobile"})


def stripped(text: str | None) -> str:
    return (text or "").strip()


def words(enumeration: type, blank: str | None = "") -> list[tuple[str, Any]]:
    """Choices of a closed list; the desk puts the words in (`choices` are set by value there)."""
    return ([("", blank)] if blank is not None else []) + [(member.value, member.value) for member in enumeration]


def _row_form(name: str) -> type[Form]:
    ticks = {tick.value: BooleanField(false_values=(False, "false", "")) for tick in ROWS[name].ticks}
    return type(f"{name}_row", (Form,), ticks)


class _SetBase(Form):
    reference = StringField(_("材料编号"), [Length(max=60)], filters=[stripped])
    seal_at_counter = BooleanField(_("公章带到窗口"))


SetForm: type[Form] = type("SetForm", (_SetBase,), {name: FormField(_row_form(name)) for name in ROWS})


class IntakeForm(OfficeForm):
    """Texts stay as typed; what they say is read by the use cases."""

    shape = HiddenField()  # which rows the page shows: the answer to a change tells whether that still fits

    credit_code = StringField(_("统一社会信用代码"), [Length(max=40)], filters=[stripped])
    kind = SelectField(_("单位类型"), choices=words(ApplicantKind), validators=[Optional()])
    name = StringField(_("单位名称"), [Length(max=120)], filters=[stripped])
    has_seal = RadioField(_("公章"), choices=YES_NO, validators=[Optional()])
    named_after_proprietor = BooleanField(_("单位名称为个人姓名"))
    holds_code_bearing_licence = RadioField(_("多证合一执照"), choices=HELD_OR_NOT, validators=[Optional()])
    established_on = StringField(_("成立日期"), [Length(max=20)], filters=[stripped])
    legal_representative = StringField(_("法定代表人"), [Length(max=60)], filters=[stripped])
    address = StringField(_("地址"), [Length(max=200)], filters=[stripped])

    presenter_role = RadioField(_("到场人"), choices=STANDS_HERE, validators=[Optional()])
    presenter_name = StringField(_("姓名"), [Length(max=60)], filters=[stripped])
    presenter_id_kind = SelectField(_("证件类型"), choices=words(IdentityKind), validators=[Optional()])
    presenter_id_number = StringField(_("证件号码"), [Length(max=40)], filters=[stripped])
    presenter_id_until = StringField(_("有效期至"), [Length(max=20)], filters=[stripped])
    presenter_id_long_term = BooleanField(_("长期"))
    presenter_mobile = StringField(_("手机"), [Length(max=20)], filters=[stripped])

    certificates = StringField(_("证书张数"), [Length(max=4)], filters=[stripped], default="1")
    uses = SelectMultipleField(
        _("用途"),
        choices=words(Use, None),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validators=[Optional()],
    )
    computer_code = StringField(_("计算机代码"), [Length(max=40)], filters=[stripped])
    tax_numbers_differ = BooleanField(_("国税、地税登记证号不一致"))
    remark = TextAreaField(_("备注"), [Length(max=500)], filters=[stripped])

    sets = FieldList(FormField(SetForm), min_entries=1, max_entries=MOST_SETS)

    def as_draft(self) -> dict[str, Any]:
        """What is kept of it."""
        return {field.name: field.data for field in self if field.name not in _NOT_DRAFT}

    def lay_out(self, sets: int) -> None:
        """Have at least as many sets as there are certificates asked for."""
        while len(self.sets.entries) < min(sets, MOST_SETS):
            self.sets.append_entry()


class OpenForm(OfficeForm):
    credit_code = StringField(_("统一社会信用代码"), [Length(max=40)], filters=[stripped])


class ScanForm(OfficeForm):
    set = HiddenField(default="1")
    document = SelectField(_("材料"), choices=words(DocumentKind, None))
    file = FileField(_("影像文件"))


class ReasonForm(OfficeForm):
    reason = StringField(_("原因"), [Length(max=500)], filters=[stripped])
