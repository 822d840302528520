"""The form of an access review: a decision about each member of staff, and what there is to be said about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from forms.base import OfficeForm
from forms.choices import stripped
from models.rulebook.access_review import Decision
from models.rulebook.vocabulary import Role


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody to decide about."""

    staff_id: int
    version: int
    number: str
    roles: frozenset[Role]


class ReviewForm(OfficeForm):
    """`version`: the id of the last review that the page knew of. Use `review_form`."""

    remark = TextAreaField(_("说明"), [Length(max=200)], filters=[stripped])
    asked: Mapping[int, Asked] = {}

    def decision_field(self, staff_id: int) -> SelectField:
        return self[f"decision_{staff_id}"]

    def seen_field(self, staff_id: int) -> HiddenField:
        return self[f"seen_{staff_id}"]

    def decided(self) -> list[tuple[int, int, Decision, frozenset[Role]]]:
        """(staff id, version that the page saw, decision, roles that stay) of everybody; of a form that was found good."""
        found = []
        for staff_id in self.asked:
            decision, _colon, roles = self.decision_field(staff_id).data.partition(":")
            stay = frozenset(Role(role) for role in roles.split(",") if role)
            seen = self.seen_field(staff_id).data or ""
            version = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else 0
            found.append((staff_id, version, Decision(decision), stay))
        return found


def review_form(asked: Sequence[Asked], words: Mapping[Role, str], **data: str) -> ReviewForm:
    """A form with a choice for each; nothing is chosen beforehand: everybody is to be looked at."""
    fields = {}
    for each in asked:
        choices = [SelectChoice("", _("请选择")), SelectChoice(Decision.keep.value, _("保留"))]
        for kept in _fewer(each.roles):
            names = "、".join(words[role] for role in kept)
            choices.append(SelectChoice(f"{Decision.reduce}:{','.join(kept)}", _("只留：%(roles)s", roles=names)))
        choices.append(SelectChoice(Decision.disable.value, _("停用此人")))
        fields[f"decision_{each.staff_id}"] = SelectField(each.number, [InputRequired(_("请选定结论。"))], choices=choices)
        fields[f"seen_{each.staff_id}"] = HiddenField(default=str(each.version))
    made = type("ReviewFormOfThese", (ReviewForm,), fields)
    form: ReviewForm = made(data=data)
    form.asked = {each.staff_id: each for each in asked}
    return form


def _fewer(roles: frozenset[Role]) -> list[tuple[Role, ...]]:
    """Every smaller set of his roles, the larger ones first."""
    held = [role for role in Role if role in roles]
    return [kept for count in range(len(held) - 1, 0, -1) for kept in combinations(held, count)]
