"""The words of retention: the clock's states, what the chain of traces can show, and refusals, those of the period reports too."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from models.rulebook.retention import ClockState

SENTENCES: dict[str, LazyString] = {
    "record_destroyed": _("这份档案已过保存期，资料已经销毁，只留办理痕迹。"),
    "hold_stands": _("同一机关的同一份来函已经保全这里，不必重复登记。"),
    "hold_lifted": _("这项保全已经解除。"),
    "hold_no_applicant": _("案件还没有登记申请单位，只能保全这一个案件。"),
    "destruction_not_due": _("所选案件中有 %(count)s 件刚刚被保全、未到期或已列入别的清单，请返回看最新情况后再选。"),
    "destruction_too_many": _("一份清单最多 500 件，请减少后再提交。"),
    "destruction_three_people": _("提请人和两位批准人必须是三个人：您已在这份清单上签过，须由另一位主管批准。"),
    "destruction_out_of_turn": _("清单已不在这一步，请返回看最新情况。"),
    "period_backwards": _("截止月份早于开始月份。"),
    "period_too_long": _("最多 12 个月，请缩短期间。"),
    "period_not_begun": _("这个月还没有开始。"),
    "destruction_under_way": _("这份清单正在销毁，请等它做完。"),
}

CLOCK: Mapping[ClockState, LazyString] = {
    ClockState.open: _("未办结"),
    ClockState.running: _("保存中"),
    ClockState.held: _("保全中"),
    ClockState.due: _("已到期"),
    ClockState.destroyed: _("已销毁"),
}
CLOCK_TONE: Mapping[ClockState, str] = {
    ClockState.open: "grey",
    ClockState.running: "green",
    ClockState.held: "red",
    ClockState.due: "amber",
    ClockState.destroyed: "grey",
}

TRACE_FAULTS: Mapping[str, LazyString] = {
    "gap": _("留痕号不连续：前面有留痕被取走"),
    "chain": _("校验链对不上：这条或前一条被改动过"),
    "approvals": _("所属清单没有三个人的签字"),
    "not_listed": _("案件不在所属清单上"),
    "not_destroyed": _("案件没有销毁标记：可能恢复了旧的数据库"),
    "untraced": _("案件已销毁而没有留痕"),
    "still_told": _("案件已销毁而仍有个人资料：可能恢复了旧的数据"),
    "files": _("留痕已完成而扫描件登记还在"),
    "cut_off": _("留痕总数与计数不符：最后的留痕被取走或多出"),
}
