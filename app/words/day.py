"""Sentences of the day close and the shift handover."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

SENTENCES: dict[str, LazyString] = {
    "day_not_open": _("这一天已经日结，或还没有到。"),
    "day_counted_already": _("已经有一次盘点在等主管签字。要重新盘点，请先把它作废。"),
    "day_closed_already": _("已经日结，或这次盘点已作废，不能再改。"),
    "day_moved_on": _("盘点之后又有出入库或收付款，这次盘点不作数了，请重新盘点。"),
    "day_unsound": _("库存记录与流水对不上，不能日结。请把时间告诉管理员，查清以后再盘点。"),
    "difference_unexplained": _("与差额不符：请逐一写明，个数要与差额相同。"),
    "shift_difference_unexplained": _("点数与账面不符，请再点一遍；确实不符的，写明原因。"),
    "taker_unfit": _("这位同事不能接班。"),
    "shift_offered_already": _("您已有一次交班在等对方确认，请先收回。"),
    "shift_not_yours": _("这次交班不是交给您的。"),
    "shift_moved_on": _("点数之后又有出入库或收付款，请交班人收回后重新点。"),
    "shift_answered_already": _("这次交班已经有了结果。"),
    "amount_needed": _("金额要大于零。"),
    "drawer_too_little": _("账上钱箱里只有 %(yuan)s 元现金。"),
}
