"""The public page's questions: what somebody knows before he comes. Asked by GET, so a link to an answer can be passed on."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, Form, FormField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from forms.choices import Either, Pick, Ticks, stripped
from forms.intake import SetForm
from models.rulebook.vocabulary import ApplicantKind, Use


class PrecheckForm(Form):
    """Nothing personal: no name, no number. One set of papers is ticked off and stands for all."""

    kind = Pick(_("单位类型"), ApplicantKind)
    has_seal = Either(_("公章"), ("yes", _("有公章")), ("no", _("无公章")))
    named_after_proprietor = BooleanField(_("单位名称为个人姓名"))
    presenter_role = Either(_("谁来办理"), ("agent", _("经办人")), ("proprietor", _("经营者本人")), default="agent")
    holds_code_bearing_licence = Either(_("多证合一执照"), ("yes", _("已领")), ("no", _("未领")), default="yes")
    issued_before = Either(_("以前办过一证通"), ("no", _("没办过")), ("yes", _("办过")), default="no")
    certificates = StringField(_("证书张数"), [Length(max=4)], filters=[stripped], default="1")
    uses = Ticks(_("用途"), choices=[])
    at_local_tax_branch = BooleanField(_("到地税网点办理"))
    established_before = BooleanField(_("2016年8月8日前成立"))
    computer_code_known = BooleanField(_("知道计算机代码"))
    tax_numbers_differ = BooleanField(_("国税、地税登记证号不一致"))
    id_is_valid = BooleanField(_("在有效期内"))
    papers = FormField(SetForm)

    def word(self, term: Callable[[StrEnum], Any]) -> None:
        """Give the members of closed lists their words."""
        self.kind.choices = [SelectChoice("", _("请选择")), *(SelectChoice(kind.value, term(kind)) for kind in ApplicantKind)]
        self.uses.choices = [SelectChoice(use.value, term(use)) for use in Use]

    def settle(self) -> None:
        """Put back to its default what no page of ours could have sent."""
        self.validate()
        for field in (self.kind, self.has_seal, self.presenter_role, self.holds_code_bearing_licence, self.issued_before):
            if field.errors:
                field.data, field.errors = field.default or "", []
        self.uses.data = [use for use in self.uses.data or () if use in tuple(Use)]
        self.uses.errors = []
