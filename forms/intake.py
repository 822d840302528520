"""The intake desk's form: the whole application on one page, in the shape in which a draft keeps it. No rules here."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import BooleanField, FieldList, Form, FormField, HiddenField, StringField
from wtforms.validators import InputRequired, Length

from forms.base import MarkedForm, OfficeForm
from forms.choices import Either, Pick, Ticks, stripped
from forms.presenter import SEALED_FIELDS, PresenterFields
from models.rulebook.checklist import ROWS, Row
from models.rulebook.question import MOST_SETS
from models.rulebook.vocabulary import ApplicantKind, DocumentKind, Use

# Not part of the draft: the version, and the personal numbers, which are sealed by themselves.
_NOT_DRAFT = SEALED_FIELDS | {"csrf_token", "version", "shape"}


def row_form(row: Row) -> type[Form]:
    """The ticks of one row of a checklist."""
    ticks = {tick.value: BooleanField(false_values=(False, "false", "")) for tick in row.ticks}
    return type(f"{row.name}_row", (Form,), ticks)


class _SetBase(Form):
    reference = StringField(_("材料编号"), [Length(max=60)], filters=[stripped])
    seal_at_counter = BooleanField(_("公章带到窗口"))


SetForm: type[Form] = type("SetForm", (_SetBase,), {name: FormField(row_form(row)) for name, row in ROWS.items()})


class IntakeForm(PresenterFields, OfficeForm):
    """Texts stay as typed; what they say is read by the use cases."""

    shape = HiddenField()  # which rows the page shows: the answer to a change tells whether that still fits

    credit_code = StringField(_("统一社会信用代码"), [Length(max=40)], filters=[stripped])
    kind = Pick(_("单位类型"), ApplicantKind)
    name = StringField(_("单位名称"), [Length(max=120)], filters=[stripped])
    has_seal = Either(_("公章"), ("yes", _("有公章")), ("no", _("无公章")))
    named_after_proprietor = BooleanField(_("单位名称为个人姓名"))
    holds_code_bearing_licence = Either(_("多证合一执照"), ("yes", _("已领")), ("no", _("未领")))
    established_on = StringField(_("成立日期"), [Length(max=20)], filters=[stripped])
    legal_representative = StringField(_("法定代表人"), [Length(max=60)], filters=[stripped])
    address = StringField(_("地址"), [Length(max=200)], filters=[stripped])

    certificates = StringField(_("证书张数"), [Length(max=4)], filters=[stripped], default="1")
    uses = Ticks(_("用途"), Use)
    computer_code = StringField(_("计算机代码"), [Length(max=40)], filters=[stripped])
    tax_numbers_differ = BooleanField(_("国税、地税登记证号不一致"))
    remark = StringField(_("备注"), [Length(max=500)], filters=[stripped])

    sets = FieldList(FormField(SetForm), min_entries=1, max_entries=MOST_SETS)

    def as_draft(self) -> dict[str, Any]:
        """What is kept of it."""
        return {field.name: field.data for field in self if field.name not in _NOT_DRAFT}

    def lay_out(self, sets: int) -> None:
        """Have at least as many sets as there are certificates asked for."""
        while len(self.sets.entries) < min(sets, MOST_SETS):
            self.sets.append_entry()


class OpenForm(MarkedForm):
    credit_code = StringField(_("统一社会信用代码"), [Length(max=40)], filters=[stripped])


class ScanForm(OfficeForm):
    set = HiddenField(default="1")
    document = Pick(_("材料"), DocumentKind)
    file = FileField(_("影像文件"))


class ReasonForm(OfficeForm):
    reason = StringField(_("原因"), [InputRequired(_("请写明原因。")), Length(max=500)], filters=[stripped])
