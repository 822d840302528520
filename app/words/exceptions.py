"""What is said about exceptions: refusals, what each kind is for, and what it leads to."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from models.rulebook.oversight import ExceptionKind

SENTENCES: Mapping[str, LazyString] = {
    "exception_not_open": _("这个案件现在不能提出这种申请。"),
    "exception_asked_already": _("同样的申请已经提出，还没有办完。"),
    "exception_out_of_turn": _("这项申请已不在这一步，请返回看最新情况。"),
    "exception_lapsed": _("这项申请已过期，请重新提出。"),
    "exception_overtaken": _("提出申请之后情况已变，不能照原样办理。请重新提出。"),
    "admission_unnamed": _("请先把信用代码和单位名称填好，再提出申请。"),
    "forbidden_not_the_asker": _("别人提出的申请由提出人或主管撤回。"),
    "forbidden_asker": _("自己提出的申请、自己经手的案件，须由他人决定。"),
    "forbidden_granter": _("自己批准的退款，须由他人付出。"),
    "amount_nothing": _("金额须大于零。"),
    "amount_above": _("超过了可退的余额 %(left)s 元。"),
    "correction_same": _("与现有记录相同，没有要更正的。"),
}

# Said to the clerk who asks.
ASKED_FOR: Mapping[ExceptionKind, LazyString] = {
    ExceptionKind.fee_waiver: _("全额减免本案应收费用。主管批准后案件直接转制证，不开收据。"),
    ExceptionKind.admission: _(
        "个体工商户没有公章，单位名称也不是经营者姓名：办理规定没有这种情形。主管批准后，按经营者本人到场办理。"
    ),
    ExceptionKind.refund: _("退还已收费用的全部或一部分。主管批准后，一天之内由收费台付出。"),
    ExceptionKind.correction: _("更正已凭以出具单据的记录。主管批准后立即更正，并开记录更正单。名称或信用代码变化须办理变更。"),
}

# Said to the supervisor who allows it.
LEADS_TO: Mapping[ExceptionKind, LazyString] = {
    ExceptionKind.fee_waiver: _("一经批准，费用全额减免并记账，案件立即转下一步，不能撤销。"),
    ExceptionKind.admission: _("一经批准，受理员可在一天之内按经营者本人到场的规定受理；其他材料照常审查。理由印在受理回执上。"),
    ExceptionKind.refund: _("一经批准，一天之内由批准人以外的人员付出；过期作废。"),
    ExceptionKind.correction: _("一经批准，记录立即更正，并开出记录更正单；此前的单据不变。"),
}

# What the slips are called, by the kind of the notice.
SLIPS: Mapping[str, LazyString] = {
    "waiver": _("费用减免单"),
    "refund": _("退款单"),
    "record": _("记录更正单"),
}
