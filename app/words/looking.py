"""What the columns and filters of supervision's lists are called, and the words of a list that leaves the office as a file."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _

from app.words import journal
from app.words.terms import term
from models.worklists.looking import Listed, Shape

TITLES: Mapping[str, LazyString] = {
    "cases": _("案件"),
    "tokens": _("介质库存"),
    "envelopes": _("信封库存"),
    "receipts": _("收费记录"),
    "journal": _("日志"),
}

_ANYWHERE: Mapping[str, LazyString] = {
    "state": _("状态"),
    "branch": _("网点"),
    "state_since": _("状态起于"),
    "at": _("时间"),
}
_COLUMNS: Mapping[str, Mapping[str, LazyString]] = {
    "cases": {
        "number": _("案件号"),
        "applicant": _("申请单位"),
        "credit_code": _("信用代码"),
        "kind": _("业务类型"),
        "opener": _("受理人"),
        "opened_at": _("受理时间"),
    },
    "tokens": {"serial": _("介质号"), "note": _("备注")},
    "envelopes": {"number": _("信封号"), "token": _("介质号"), "void_reason": _("作废原因")},
    "receipts": {
        "number": _("收据号"),
        "case": _("案件号"),
        "amount_fen": _("金额（元）"),
        "method": _("收款方式"),
        "reference": _("凭证号"),
        "cashier": _("收款人"),
        "day": _("业务日"),
    },
    "journal": {
        "staff": _("经手人"),
        "case_id": _("案件号"),
        "act": _("动作"),
        "after": _("状态变化"),
        "detail": _("说明"),
    },
}


def head(listed: Listed, column: str) -> LazyString:
    return _COLUMNS[listed.room].get(column) or _ANYWHERE[column]


def acts() -> dict[str, list[tuple[str, str]]]:
    """The journal's acts by what they are about: heading → (value of the filter, word)."""
    found: dict[str, list[tuple[str, str]]] = {}
    for subject, act, words in journal.all_acts():
        found.setdefault(str(journal.SUBJECTS[subject]), []).append((f"{subject}:{act}", words))
    return found


def wording(listed: Listed) -> dict[str, Any]:
    """All that the file's maker needs to say, in the reader's language: JSON, since he works later and knows no reader."""
    said: dict[str, Any] = {
        "title": str(TITLES[listed.room]),
        "heads": [str(head(listed, column.name)) for column in listed.columns],
        "words": {column: _words(members) for column, members in listed.words.items()},
        "stamp": {
            "who": gettext("导出人"),
            "at": gettext("导出时间"),
            "branch": gettext("网点"),
            "asked": gettext("筛选"),
            "reason": gettext("原因"),
            "rows": gettext("行数"),
            "cut": gettext("只含前 %(most)s 行", most="{most}"),
            "everything": gettext("全部"),
            "colon": gettext("："),
        },
    }
    if any(column.shape is Shape.act for column in listed.columns):
        said["journal"] = journal.wording() | {"program": gettext("程序"), "colon": gettext("："), "comma": gettext("，")}
    return said


def _words(members: type[StrEnum]) -> dict[str, str]:
    return {member.value: term(member) for member in members}
