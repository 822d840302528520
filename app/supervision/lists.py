"""The read-only lists: cases, tokens, envelopes, receipts, journal. No personal number is among their columns."""

from typing import Any, ClassVar

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from markupsafe import Markup
from sqlalchemy.orm import Query, joinedload

from app.supervision.base import ReadOnlyView, as_instant, as_related, as_state, as_yuan
from app.supervision.by_platform import name_of
from app.words.journal import act_in_words, change_in_words, details_in_words
from models.tables import Case, JournalLine


def _case_link(view: Any, context: Any, model: Any, name: str) -> Any:
    case = model if isinstance(model, Case) else model.case
    if case is None:
        return "—"
    return Markup('<a href="{}">{}</a>').format(url_for("casefile.page", case_id=case.id), case.number)


class CaseList(ReadOnlyView):
    state_column = "state"
    column_list = ("number", "applicant", "credit_code", "state", "branch", "opener", "opened_at", "state_since")
    column_labels: ClassVar[Any] = {
        "number": lazy_gettext("案件号"),
        "applicant": lazy_gettext("申请单位"),
        "credit_code": lazy_gettext("信用代码"),
        "state": lazy_gettext("状态"),
        "branch": lazy_gettext("网点"),
        "opener": lazy_gettext("受理人"),
        "opened_at": lazy_gettext("受理时间"),
        "state_since": lazy_gettext("状态起于"),
    }
    column_formatters: ClassVar[Any] = {
        "number": _case_link,
        "applicant": as_related("applicant", "name"),
        "credit_code": as_related("applicant", "credit_code"),
        "state": as_state,
        "branch": as_related("branch", "code"),
        "opener": as_related("opener", "name"),
        "opened_at": as_instant,
        "state_since": as_instant,
    }
    column_searchable_list = ("number",)
    column_default_sort = ("id", True)

    def get_query(self) -> Query[Any]:
        return super().get_query().options(joinedload(Case.applicant), joinedload(Case.branch), joinedload(Case.opener))


class TokenList(ReadOnlyView):
    state_column = "state"
    column_list = ("serial", "state", "branch", "state_since", "note")
    column_labels: ClassVar[Any] = {
        "serial": lazy_gettext("介质号"),
        "state": lazy_gettext("状态"),
        "branch": lazy_gettext("网点"),
        "state_since": lazy_gettext("状态起于"),
        "note": lazy_gettext("备注"),
    }
    column_formatters: ClassVar[Any] = {
        "state": as_state,
        "branch": as_related("branch", "code"),
        "state_since": as_instant,
    }
    column_searchable_list = ("serial",)
    column_default_sort = "serial"


class EnvelopeList(ReadOnlyView):
    state_column = "state"
    column_list = ("number", "state", "branch", "token", "state_since", "void_reason")
    column_labels: ClassVar[Any] = {
        "number": lazy_gettext("信封号"),
        "state": lazy_gettext("状态"),
        "branch": lazy_gettext("网点"),
        "token": lazy_gettext("介质号"),
        "state_since": lazy_gettext("状态起于"),
        "void_reason": lazy_gettext("作废原因"),
    }
    column_formatters: ClassVar[Any] = {
        "state": as_state,
        "branch": as_related("branch", "code"),
        "token": as_related("token", "serial"),
        "state_since": as_instant,
    }
    column_searchable_list = ("number",)
    column_default_sort = "number"


class ReceiptList(ReadOnlyView):
    column_list = ("number", "case", "amount_fen", "method", "reference", "branch", "cashier", "at")
    column_labels: ClassVar[Any] = {
        "number": lazy_gettext("收据号"),
        "case": lazy_gettext("案件号"),
        "amount_fen": lazy_gettext("金额（元）"),
        "method": lazy_gettext("收款方式"),
        "reference": lazy_gettext("凭证号"),
        "branch": lazy_gettext("网点"),
        "cashier": lazy_gettext("收款人"),
        "at": lazy_gettext("时间"),
    }
    column_formatters: ClassVar[Any] = {
        "case": _case_link,
        "amount_fen": as_yuan,
        "method": as_state,
        "branch": as_related("branch", "code"),
        "cashier": as_related("cashier", "name"),
        "at": as_instant,
    }
    column_searchable_list = ("number",)
    column_default_sort = ("id", True)


def _act(view: Any, context: Any, model: JournalLine, name: str) -> str:
    return act_in_words(model)


def _change(view: Any, context: Any, model: JournalLine, name: str) -> str:
    return change_in_words(model)


def _details(view: Any, context: Any, model: JournalLine, name: str) -> str:
    return _("，").join(f"{label} {value}" for label, value in details_in_words(model))


def _by(view: Any, context: Any, model: JournalLine, name: str) -> str:
    """A member of staff, a station, a platform, or the program itself."""
    if model.staff is not None:
        return f"{model.staff.number} {model.staff.name}"
    if model.platform is not None:
        return name_of(model.platform)
    return model.station.name if model.station is not None else _("程序")


class JournalList(ReadOnlyView):
    column_list = ("at", "staff", "case_id", "act", "after", "detail")
    column_labels: ClassVar[Any] = {
        "at": lazy_gettext("时间"),
        "staff": lazy_gettext("经手人"),
        "act": lazy_gettext("动作"),
        "case_id": lazy_gettext("案件号"),
        "after": lazy_gettext("状态变化"),
        "detail": lazy_gettext("说明"),
    }
    column_formatters: ClassVar[Any] = {
        "at": as_instant,
        "staff": _by,
        "case_id": _case_link,
        "act": _act,
        "after": _change,
        "detail": _details,
    }
    column_default_sort = ("id", True)

    def get_query(self) -> Query[Any]:
        related = (JournalLine.staff, JournalLine.station, JournalLine.platform, JournalLine.case)
        return super().get_query().options(*(joinedload(each) for each in related))
