"""The forms of the supervision pages: staff, branches, stations."""

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from forms.base import OfficeForm
from forms.choices import stripped
from models.rulebook.vocabulary import Role

_NEEDED = _("请填写。")


class StaffForm(OfficeForm):
    """`branch_id` choices are set by the desk: (id or "", name). `roles` likewise."""

    name = StringField(_("姓名"), [InputRequired(_NEEDED), Length(max=40)])
    branch_id = SelectField(_("网点"), coerce=str)
    roles = SelectMultipleField(_("岗位"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput())

    @property
    def chosen_branch(self) -> int | None:
        return int(self.branch_id.data) if self.branch_id.data else None

    @property
    def chosen_roles(self) -> frozenset[Role]:
        return frozenset(Role(role) for role in self.roles.data or ())


class StaffChangeForm(StaffForm):
    """Whether a reason is needed, the service says."""

    reason = TextAreaField(_("原因"), [Length(max=200)], filters=[stripped])


class NewStaffForm(StaffForm):
    number = StringField(_("工号"), [InputRequired(_NEEDED), Length(max=16)])


class BranchChangeForm(OfficeForm):
    name_zh = StringField(_("中文名称"), [InputRequired(_NEEDED), Length(max=80)])
    name_en = StringField(_("英文名称"), [InputRequired(_NEEDED), Length(max=80)])
    address = StringField(_("地址"), [Length(max=200)])
    telephone = StringField(_("电话"), [Length(max=40)])
    is_local_tax = BooleanField(_("地税网点"))


class BranchForm(BranchChangeForm):
    code = StringField(_("网点代码"), [InputRequired(_NEEDED), Length(max=8)])


class StationForm(OfficeForm):
    name = StringField(_("工位名称"), [InputRequired(_NEEDED), Length(max=40)])
    branch_id = SelectField(_("网点"), coerce=str)
