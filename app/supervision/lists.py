"""The read-only lists: cases, tokens, envelopes, receipts, journal. No personal number is among their columns."""

import json
from typing import Any, ClassVar

from flask import url_for
from flask_babel import lazy_gettext as _
from markupsafe import Markup
from sqlalchemy.orm import Query, joinedload

from app.supervision.base import ReadOnlyView, as_instant, as_related, as_state, as_yuan
from models.tables import Case, JournalLine


def _case_link(view: Any, context: Any, model: Any, name: str) -> Any:
    case = model if isinstance(model, Case) else model.case
    return Markup('<a href="{}">{}</a>').format(url_for("casefile.page", case_id=case.id), case.number)


class CaseList(ReadOnlyView):
    state_column = "state"
    column_list = ("number", "applicant", "credit_code", "state", "branch", "opener", "opened_at", "state_since")
    column_labels: ClassVar[Any] = {
        "number": _("案件号"),
        "applicant": _("申请单位"),
        "credit_code": _("信用代码"),
        "state": _("状态"),
        "branch": _("网点"),
        "opener": _("受理人"),
        "opened_at": _("受理时间"),
        "state_since": _("状态起于"),
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
        "serial": _("介质号"),
        "state": _("状态"),
        "branch": _("网点"),
        "state_since": _("状态起于"),
        "note": _("备注"),
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
        "number": _("信封号"),
        "state": _("状态"),
        "branch": _("网点"),
        "token": _("介质号"),
        "state_since": _("状态起于"),
        "void_reason": _("作废原因"),
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
        "number": _("收据号"),
        "case": _("案件号"),
        "amount_fen": _("金额（元）"),
        "method": _("收款方式"),
        "reference": _("凭证号"),
        "branch": _("网点"),
        "cashier": _("收款人"),
        "at": _("时间"),
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


def _detail(view: Any, context: Any, model: Any, name: str) -> str:
    return json.dumps(model.detail, ensure_ascii=False) if model.detail else ""


def _subject(view: Any, context: Any, model: Any, name: str) -> str:
    return f"{model.subject} {model.subject_id}"


class JournalList(ReadOnlyView):
    column_list = ("at", "staff", "act", "subject", "before", "after", "detail")
    column_labels: ClassVar[Any] = {
        "at": _("时间"),
        "staff": _("经手人"),
        "act": _("动作"),
        "subject": _("对象"),
        "before": _("原状态"),
        "after": _("新状态"),
        "detail": _("备注"),
    }
    column_formatters: ClassVar[Any] = {
        "at": as_instant,
        "staff": as_related("staff", "number"),
        "subject": _subject,
        "before": as_related("before"),
        "after": as_related("after"),
        "detail": _detail,
    }
    column_searchable_list = ("act",)
    column_default_sort = ("id", True)

    def get_query(self) -> Query[Any]:
        return super().get_query().options(joinedload(JournalLine.staff))
