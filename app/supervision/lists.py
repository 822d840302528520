"""The read-only lists: cases, tokens, envelopes, receipts, journal. No personal number is among their columns.

What a list shows and can be asked is in `models/worklists/lists`; here it becomes a page.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from flask import request, url_for
from flask_admin import expose
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from app.desks import door
from app.desks.refusals import sentence_of
from app.services.export_list import branch_of
from app.supervision.base import ReadOnlyView, as_instant, as_related, as_state, as_yuan, cursor
from app.supervision.by_platform import name_of
from app.words.journal import act_in_words, change_in_words, details_in_words
from app.words.looking import acts, head
from app.words.terms import term
from forms.looking import CaseQuestion, EnvelopeQuestion, JournalQuestion, Question, ReceiptQuestion, TokenQuestion
from models.rulebook.permissions import EVERY_BRANCH
from models.tables import Branch, Case, JournalLine, db
from models.worklists import lists
from models.worklists.issuance import Page
from models.worklists.looking import MOST_COUNTED, PAGE, Column, Listed, Shape, Unclear, count, look
from models.worklists.saved_views import saved_views


def _linked(url: str, text: Any) -> Markup:
    return Markup('<a href="{}">{}</a>').format(url, text)


def _case_link(view: Any, context: Any, model: Any, name: str) -> Any:
    case = model if isinstance(model, Case) else model.case
    return _linked(url_for("casefile.page", case_id=case.id), case.number) if case is not None else "—"


def _applicant_link(view: Any, context: Any, model: Case, name: str) -> Any:
    applicant = model.applicant
    return _linked(url_for("applicants.page", applicant_id=applicant.id), applicant.name) if applicant is not None else "—"


def _token_link(view: Any, context: Any, model: Any, name: str) -> Any:
    token = model.token if name == "token" else model
    return _linked(url_for("journals.token", token_id=token.id), token.serial) if token is not None else "—"


def _word(view: Any, context: Any, model: Any, name: str) -> str:
    return term(getattr(model, name))


def _day(view: Any, context: Any, model: Any, name: str) -> str:
    return getattr(model, name).isoformat()


def _act(view: Any, context: Any, model: JournalLine, name: str) -> str:
    return act_in_words(model)


def _change(view: Any, context: Any, model: JournalLine, name: str) -> str:
    return change_in_words(model)


def _details(view: Any, context: Any, model: JournalLine, name: str) -> str:
    return _("，").join(f"{label} {value}" for label, value in details_in_words(model))


def _by(view: Any, context: Any, model: JournalLine, name: str) -> Any:
    """A member of staff, who leads to all he did; a station, a platform, or the program itself."""
    if model.staff is not None:
        staff = model.staff
        return _linked(url_for("journal.index_view", person=staff.number), f"{staff.number} {staff.name}")
    if model.platform is not None:
        return name_of(model.platform)
    return model.station.name if model.station is not None else _("程序")


_SHAPES: Mapping[Shape, Any] = {
    Shape.instant: as_instant,
    Shape.day: _day,
    Shape.money: as_yuan,
    Shape.word: as_state,
    Shape.by: _by,
    Shape.act: _act,
    Shape.change: _change,
    Shape.detail: _details,
}


class LookingList(ReadOnlyView):
    """A list with filters of its own. A question that cannot be answered is told at its field, and nothing typed is lost."""

    listed: ClassVar[Listed]
    question: ClassVar[type[Question]]
    special: ClassVar[Mapping[str, Any]] = {}  # columns that lead somewhere
    list_template = "admin/looking.html"

    def __init__(self, model: type, name: Any, **options: Any) -> None:
        self.column_list = [column.name for column in self.listed.columns]
        self.column_labels = {name: head(self.listed, name) for name in self.column_list}
        self.column_formatters = {column.name: self._formatter(column) for column in self.listed.columns}
        super().__init__(model, name, **options)

    @expose("/")
    def index_view(self) -> Any:
        form = self.asked()
        page, many = self._answer(form) if form.validate() else (Page((), None, None), 0)
        shown = self.render(
            self.list_template,
            form=form,
            chosen=form.chosen(),
            data=page.rows,
            page=page,
            count=many,
            most=MOST_COUNTED,
            list_columns=self._list_columns,
            get_value=self.get_list_value,
            views=saved_views(db.session, door.actor().staff_id, self.listed.room),
        )
        return shown, 422 if form.errors else 200

    def asked(self, given: Mapping[str, str] | None = None) -> Any:
        """The question in the address, or a kept one, its choices in words; whoever sees one branch only is not asked for it."""
        form = self.question(formdata=request.args if given is None else MultiDict(given))
        if door.actor().roles.isdisjoint(EVERY_BRANCH):
            del form.branch
        else:
            branches = db.session.execute(select(Branch.code, Branch.name_zh).order_by(Branch.code))
            form.offer_branches((code, f"{code} {name}") for code, name in branches)
        for name, words in self.listed.words.items():
            form[name].offer(((member.value, term(member)) for member in words), blank=_("全部"))
        return form

    def in_words(self, form: Any) -> list[tuple[str, str]]:
        """What was asked, as a reader says it: for the file that answers it."""
        return [(str(form[name].label.text), _chosen_word(form[name])) for name in self.listed.names if name in form.chosen()]

    def how_many(self, form: Any, most: int) -> int:
        return count(db.session, self.listed, form.chosen(), branch_of(door.actor()), most)

    def _answer(self, form: Any) -> tuple[Page, int]:
        branch_id = branch_of(door.actor())
        try:
            page = look(db.session, self.listed, form.chosen(), branch_id, cursor("before"), cursor("after"), PAGE)
            return page, self.how_many(form, MOST_COUNTED)
        except Unclear as unclear:
            form[unclear.name].errors = [sentence_of(unclear.code)]
            return Page((), None, None), 0

    def _formatter(self, column: Column) -> Any:
        return self.special.get(column.name) or _SHAPES.get(column.shape) or as_related(*(column.path or (column.name,)))


def _chosen_word(field: Any) -> str:
    choices: Any = getattr(field, "choices", None) or ()
    every = [choice for group in choices.values() for choice in group] if isinstance(choices, dict) else choices
    return next((str(choice.label) for choice in every if choice.value == field.data), field.data)


class CaseList(LookingList):
    listed, question = lists.CASES, CaseQuestion
    special: ClassVar[Any] = {"number": _case_link, "applicant": _applicant_link, "kind": _word}


class TokenList(LookingList):
    listed, question = lists.TOKENS, TokenQuestion
    special: ClassVar[Any] = {"serial": _token_link}


class EnvelopeList(LookingList):
    listed, question = lists.ENVELOPES, EnvelopeQuestion
    special: ClassVar[Any] = {"token": _token_link}


class ReceiptList(LookingList):
    listed, question = lists.RECEIPTS, ReceiptQuestion
    special: ClassVar[Any] = {"case": _case_link}


class JournalList(LookingList):
    listed, question = lists.JOURNAL, JournalQuestion
    special: ClassVar[Any] = {"case_id": _case_link}

    def asked(self, given: Mapping[str, str] | None = None) -> Any:
        form = super().asked(given)
        form.act.offer({_("全部"): [("", _("所有动作"))], **acts()})
        return form
