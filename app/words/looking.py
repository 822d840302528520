"""What the columns and filters of supervision's lists are called, and the words of a list that leaves the office as a file."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from flask_babel import LazyString, get_locale, gettext
from flask_babel import lazy_gettext as _

from app.words import journal
from app.words.terms import term
from models.worklists.looking import Listed, Shape

TITLES: Mapping[str, LazyString] = {
    "cases": _("案件"),
    "certificates": _("证书登记"),
    "directory": _("单位名录"),
    "decisions": _("特批"),
    "leaves": _("授权记录"),
    "register": _("绑定登记"),
    "telling": _("平台通知"),
    "tokens": _("介质库存"),
    "envelopes": _("信封库存"),
    "deliveries": _("到货"),
    "transfers": _("调拨"),
    "movements": _("库存流水"),
    "receipts": _("收费记录"),
    "entries": _("钱款流水"),
    "days": _("日结"),
    "shifts": _("交接班"),
    "staff": _("工作人员"),
    "tasks": _("后台任务记录"),
    "journal": _("日志"),
}

_ANYWHERE: Mapping[str, LazyString] = {
    "state": _("状态"),
    "branch": _("网点"),
    "state_since": _("状态起于"),
    "at": _("时间"),
    "applicant": _("申请单位"),
    "credit_code": _("信用代码"),
    "case": _("案件号"),
    "case_id": _("案件号"),
    "token": _("介质号"),
    "reason": _("原因"),
    "day": _("业务日"),
    "platform": _("平台"),
    "amount_fen": _("金额（元）"),
    "reference": _("凭证号"),
}
_COLUMNS: Mapping[str, Mapping[str, LazyString]] = {
    "cases": {
        "number": _("案件号"),
        "kind": _("业务类型"),
        "opener": _("受理人"),
        "opened_at": _("受理时间"),
    },
    "certificates": {
        "serial": _("证书序列号"),
        "not_before": _("生效日"),
        "not_after": _("到期日"),
        "reason": _("吊销原因"),
        "revoked_at": _("吊销时间"),
    },
    "directory": {
        "name": _("申请单位"),
        "kind": _("单位类型"),
        "certificates_promised": _("核准证书数"),
    },
    "decisions": {
        "number": _("编号"),
        "kind": _("事项"),
        "reason": _("事由"),
        "asker": _("提出人"),
        "asked_at": _("提出时间"),
        "decider": _("主管"),
        "decided_at": _("决定时间"),
        "decision": _("主管意见"),
    },
    "leaves": {
        "granted_at": _("批准时间"),
        "kind": _("业务类型"),
        "granter": _("主管"),
        "expires_at": _("有效至"),
        "used_at": _("使用时间"),
    },
    "register": {
        "since": _("绑定自"),
        "certificate": _("证书序列号"),
        "until": _("至"),
        "end": _("结束原因"),
        "ender": _("经手人"),
    },
    "telling": {
        "number": _("序号"),
        "kind": _("通知"),
        "tries": _("次数"),
        "delivered_at": _("送达时间"),
        "acknowledged_at": _("平台确认时间"),
    },
    "tokens": {"serial": _("介质号"), "note": _("备注")},
    "envelopes": {"number": _("信封号"), "void_reason": _("作废原因")},
    "deliveries": {
        "number": _("入库单号"),
        "kind": _("品种"),
        "note_number": _("送货单号"),
        "supplier": _("供应商"),
        "first_serial": _("首号"),
        "last_serial": _("末号"),
        "counted": _("实点数量"),
        "lacking": _("短少"),
        "receiver": _("收货人"),
    },
    "transfers": {
        "number": _("调拨单号"),
        "kind": _("品种"),
        "from_branch": _("调出网点"),
        "to_branch": _("调往网点"),
        "serials": _("发出件数"),
        "arrived": _("收到件数"),
        "sender": _("发出人"),
        "sent_at": _("发出时间"),
        "received_at": _("收到时间"),
        "explanation": _("差额说明"),
    },
    "movements": {
        "kind": _("品种"),
        "serial": _("号码"),
        "what": _("变动"),
        "amount": _("增减"),
        "ground": _("凭据"),
    },
    "receipts": {
        "number": _("收据号"),
        "method": _("收款方式"),
        "cashier": _("收款人"),
    },
    "entries": {
        "number": _("编号"),
        "kind": _("类别"),
        "method": _("付款方式"),
        "receipt": _("收据号"),
        "reason": _("事由"),
        "cashier": _("经手人"),
    },
    "days": {
        "number": _("编号"),
        "counter": _("盘点人"),
        "counted_at": _("盘点时间"),
        "countersigner": _("主管"),
        "countersigned_at": _("签字时间"),
    },
    "shifts": {
        "number": _("编号"),
        "giver": _("交班人"),
        "given_at": _("交班时间"),
        "taker": _("接班人"),
        "taken_at": _("接班时间"),
    },
    "staff": {
        "number": _("工号"),
        "name": _("姓名"),
        "role": _("岗位"),
        "locked_until": _("锁定至"),
    },
    "tasks": {
        "asked_at": _("提出时间"),
        "kind": _("任务"),
        "list": _("列表"),
        "asked": _("筛选"),
        "rows": _("行数"),
        "asker": _("提出人"),
    },
    "journal": {
        "staff": _("经手人"),
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
        "comma": gettext("、"),
        "language": "en" if str(get_locale()).startswith("en") else "zh",
    }
    shapes = {column.shape for column in listed.columns}
    if Shape.reason in shapes:
        said["reasons"] = journal.wording()["values"]["reason"]
    if Shape.act in shapes:
        said["journal"] = journal.wording() | {"program": gettext("程序"), "colon": gettext("："), "comma": gettext("，")}
    return said


def _words(members: type[StrEnum]) -> dict[str, str]:
    return {member.value: term(member) for member in members}
