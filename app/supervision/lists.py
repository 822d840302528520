"""The lists that a supervisor asks: with filters, kept questions and files. No personal number is among their columns.

What a list shows and can be asked is in `models/worklists/lists`; here it becomes a page. Lists that are nothing else are here, too.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar

from flask import request, url_for
from flask_admin import expose
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from app.desks import door
from app.desks.refusals import sentence_of
from app.desks.shell import Shell
from app.services.export_list import branch_of
from app.services.world import BEIJING
from app.supervision.base import ReadOnlyView, cursor
from app.words.journal import act_in_words, change_in_words, details_in_words, reason_in_words
from app.words.looking import acts, head
from app.words.terms import term, tone
from forms import looking as forms
from models.rulebook.permissions import EVERY_BRANCH, Permission
from models.tables import Applicant, Branch, Case, JournalLine, MoneyEntry, Movement, Platform, Token, db
from models.worklists import lists
from models.worklists.issuance import Page
from models.worklists.looking import MOST_COUNTED, MOST_OF_A_NAME, PAGE, Column, Listed, Shape, Unclear, count, look
from models.worklists.saved_views import saved_views

Formatter = Callable[[Any, Any, Any, str], Any]  # as Flask-Admin calls it: view, context, row, column
_NONE = "—"
_RIGHT = frozenset({Shape.money, Shape.number, Shape.many})
_WHOLE = frozenset({Shape.instant, Shape.date, Shape.day, Shape.state, Shape.by, Shape.act})
_NUMBERS = frozenset({"number", "case", "case_id", "token", "credit_code", "ground"})


def linked(url: str, text: Any) -> Markup:
    return Markup('<a href="{}">{}</a>').format(url, text)


def case_link(case: Case | None) -> Any:
    """Another branch's case by its number only."""
    if case is None:
        return _NONE
    return (
        linked(url_for("casefile.page", case_id=case.id), case.number)
        if door.actor().sees_branch(case.branch_id)
        else case.number
    )


def applicant_link(applicant: Applicant | None) -> Any:
    return (
        linked(url_for("applicants.page", applicant_id=applicant.id), Shell.called(applicant.name))
        if applicant is not None
        else _NONE
    )


def token_link(token: Token | None) -> Any:
    return linked(url_for("journals.token", token_id=token.id), token.serial) if token is not None else _NONE


def leads(to: Callable[[Any], Any]) -> Formatter:
    return lambda view, context, row, name: to(row)


def to_page(endpoint: str, argument: str) -> Formatter:
    """A row's number leads to its own page."""
    return leads(lambda row: linked(url_for(endpoint, **{argument: row.id}), row.number))


def _badge(value: Any) -> Markup:
    return Markup('<span class="badge {}">{}</span>').format(tone(value), term(value))


def _words(values: Any) -> str:
    return _("、").join(term(value) for value in type(next(iter(values))) if value in values) if values else _NONE


def _instant(value: datetime) -> str:
    return value.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def _by(line: JournalLine) -> Any:
    """A member of staff, who leads to all he did; a station, a platform, or the program itself."""
    if line.staff is not None:
        staff = line.staff
        return linked(url_for("journal.index_view", person=staff.number), staff.called)
    if line.platform is not None:
        return Shell.bilingual(line.platform)
    return line.station.name if line.station is not None else _("程序")


def _details(line: JournalLine) -> str:
    return _("，").join(f"{label} {value}" for label, value in details_in_words(line))


# A value as it is shown; nothing is a dash.
_SHOWN: Mapping[Shape, Callable[[Any], Any]] = {
    Shape.text: str,
    Shape.instant: _instant,
    Shape.date: lambda value: value.astimezone(BEIJING).date().isoformat(),
    Shape.day: lambda value: value.isoformat(),
    Shape.money: lambda value: f"{value / 100:.2f}",
    Shape.number: lambda value: f"{value:,}",
    Shape.many: lambda value: f"{len(value):,}",
    Shape.word: term,
    Shape.state: _badge,
    Shape.words: _words,
    Shape.bilingual: Shell.bilingual,
    Shape.reason: reason_in_words,
    Shape.pairs: lambda value: _("，").join(f"{label} {asked}" for label, asked in value),
}
# What a journal's line says is said of the whole line.
_OF_LINE: Mapping[Shape, Callable[[JournalLine], Any]] = {
    Shape.by: _by,
    Shape.act: act_in_words,
    Shape.change: change_in_words,
    Shape.detail: _details,
}


def _formatter(column: Column) -> Formatter:
    if column.shape in _OF_LINE:
        return leads(_OF_LINE[column.shape])
    shown = _SHOWN[column.shape]

    def show(view: Any, context: Any, row: Any, name: str) -> Any:
        value = column.of(row)
        return shown(value) if value not in (None, "") else _NONE

    return show


def _class(column: Column) -> str:
    """Numbers, dates and states are not broken over lines: they are compared from row to row."""
    if column.shape in _RIGHT:
        return "number"
    return "nowrap" if column.shape in _WHOLE or column.name in _NUMBERS else ""


class LookingList(ReadOnlyView):
    """A list with filters of its own. A question that cannot be answered is told at its field, and nothing typed is lost."""

    listed: ClassVar[Listed]
    question: ClassVar[type[forms.Question]]
    special: ClassVar[Mapping[str, Formatter]] = {}  # columns that lead somewhere
    list_template = "admin/looking.html"

    def __init__(self, model: type, name: Any, **options: Any) -> None:
        columns = self.listed.columns
        self.column_list = [column.name for column in columns]
        self.column_labels = {name: head(self.listed, name) for name in self.column_list}
        self.column_formatters = {column.name: self.special.get(column.name) or _formatter(column) for column in columns}
        self.classes = {column.name: _class(column) for column in columns}
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
            most=self._most(form),
            list_columns=self._list_columns,
            get_value=self.get_list_value,
            views=saved_views(db.session, door.actor().staff_id, self.listed.room),
        )
        return shown, 422 if form.errors else 200

    def asked(self, given: Mapping[str, str] | None = None) -> Any:
        """The question in the address, or a kept one, its choices in words; whoever sees one branch only is not asked for it."""
        form = self.question(formdata=request.args if given is None else MultiDict(given))
        if "branch" in form and door.actor().roles.isdisjoint(EVERY_BRANCH):
            del form.branch
        elif "branch" in form:
            branches = db.session.scalars(select(Branch).order_by(Branch.code))
            form.branch.offer(((one.code, f"{one.code} {Shell.bilingual(one)}") for one in branches), blank=_("全部"))
        if "platform" in form:
            platforms = db.session.scalars(select(Platform).order_by(Platform.code))
            form.platform.offer(((one.code, Shell.bilingual(one)) for one in platforms), blank=_("全部"))
        for name, words in self.listed.words.items():
            if name in form:
                form[name].offer(((member.value, term(member)) for member in words), blank=_("全部"))
        return form

    def in_words(self, form: Any) -> list[tuple[str, str]]:
        """What was asked, as a reader says it: for the file that answers it."""
        return [(str(form[name].label.text), _chosen_word(form[name])) for name in self.listed.names if name in form.chosen()]

    def how_many(self, form: Any, most: int) -> int:
        return count(db.session, self.listed, form.chosen(), branch_of(door.actor()), most)

    @staticmethod
    def _most(form: Any) -> int:
        """How far the rows of a page's question are counted."""
        return MOST_OF_A_NAME if "applicant" in form.chosen() else MOST_COUNTED

    def _answer(self, form: Any) -> tuple[Page, int]:
        branch_id = branch_of(door.actor())
        try:
            page = look(db.session, self.listed, form.chosen(), branch_id, cursor("before"), cursor("after"), PAGE)
            return page, self.how_many(form, self._most(form))
        except Unclear as unclear:
            form[unclear.name].errors = [sentence_of(unclear.code)]
            return Page((), None, None), 0

    def _sees(self, found: Any) -> bool:
        whose, branch_id = self.listed.whose, branch_of(door.actor())
        if branch_id is None or whose.holds is None:
            return True
        model = self.listed.model
        return db.session.scalar(select(model.id).where(model.id == found.id, whose.holds(branch_id))) is not None


def _chosen_word(field: Any) -> str:
    choices: Any = getattr(field, "choices", None) or ()
    every: Iterator[Any] = (
        (choice for group in choices.values() for choice in group) if isinstance(choices, dict) else iter(choices)
    )
    return next((str(choice.label) for choice in every if choice.value == field.data), field.data)


def _applicant_of(case: Case) -> Any:
    """Of a draft that names no applicant of record yet, the name as it was typed."""
    typed = case.draft.get("name") if case.applicant is None else None
    return Markup('<span class="quiet">{}</span>').format(typed) if typed else applicant_link(case.applicant)


class CaseList(LookingList):
    listed, question = lists.CASES, forms.CaseQuestion
    special: ClassVar[Any] = {"number": leads(case_link), "applicant": leads(_applicant_of)}


class CertificateList(LookingList):
    listed, question = lists.CERTIFICATES, forms.CertificateQuestion
    special: ClassVar[Any] = {
        "applicant": leads(lambda row: applicant_link(row.applicant)),
        "token": leads(lambda row: token_link(row.token)),
        "case": leads(lambda row: case_link(row.item.case)),
    }


class DirectoryList(LookingList):
    """Applicants are the city's."""

    listed, question = lists.DIRECTORY, forms.DirectoryQuestion
    special: ClassVar[Any] = {"name": leads(applicant_link)}


class LeaveList(LookingList):
    listed, question = lists.LEAVES, forms.LeaveQuestion
    special: ClassVar[Any] = {
        "case": leads(lambda row: case_link(row.case)),
        "applicant": leads(lambda row: applicant_link(row.case.applicant)),
        "token": leads(lambda row: token_link(row.token)),
    }


class TokenList(LookingList):
    listed, question = lists.TOKENS, forms.TokenQuestion
    special: ClassVar[Any] = {"serial": leads(token_link)}


class EnvelopeList(LookingList):
    listed, question = lists.ENVELOPES, forms.EnvelopeQuestion
    special: ClassVar[Any] = {"token": leads(lambda row: token_link(row.token))}


def _ground(row: Movement) -> Any:
    """The case, delivery or transfer that it belongs to."""
    if row.delivery is not None:
        return linked(url_for("deliveries.page", delivery_id=row.delivery.id), row.delivery.number)
    if row.transfer is not None:
        return linked(url_for("transfers.page", transfer_id=row.transfer.id), row.transfer.number)
    return case_link(row.case)


class MovementList(LookingList):
    listed, question = lists.MOVEMENTS, forms.MovementQuestion
    special: ClassVar[Any] = {"ground": leads(_ground), "amount": leads(lambda row: f"{row.amount:+d}")}


class ReceiptList(LookingList):
    listed, question = lists.RECEIPTS, forms.ReceiptQuestion
    special: ClassVar[Any] = {"case": leads(lambda row: case_link(row.case))}


def _entry(row: MoneyEntry) -> Any:
    return linked(url_for("decisions.page", exception_id=row.exception_id), row.number) if row.exception_id else row.number


class EntryList(LookingList):
    listed, question = lists.ENTRIES, forms.EntryQuestion
    special: ClassVar[Any] = {"number": leads(_entry), "case": leads(lambda row: case_link(row.case))}


class ShiftList(LookingList):
    listed, question = lists.SHIFTS, forms.ShiftQuestion


class TaskList(LookingList):
    """What was asked for in the background, by whomever: above all which lists left the office, and why."""

    listed, question = lists.TASKS, forms.TaskQuestion


class JournalList(LookingList):
    listed, question = lists.JOURNAL, forms.JournalQuestion
    special: ClassVar[Any] = {"case_id": leads(lambda line: case_link(line.case))}

    def asked(self, given: Mapping[str, str] | None = None) -> Any:
        form = super().asked(given)
        form.act.offer({_("全部"): [("", _("所有动作"))], **acts()})
        return form


class RegisterList(LookingList):
    """What is bound at platforms belongs to no branch: whoever may watch platforms sees all of it."""

    permission = Permission.watch_platforms
    listed, question = lists.REGISTER, forms.RegisterQuestion
    special: ClassVar[Any] = {
        "applicant": leads(lambda row: applicant_link(row.applicant)),
        "until": leads(lambda row: _instant(row.until) if row.until is not None else _("有效")),
    }
