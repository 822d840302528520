"""The slips of exceptions, everyday and at their worst."""

from typing import Any

from reports.correction_slip import CorrectionSlip
from reports.refund_slip import RefundSlip
from reports.waiver_slip import WaiverSlip
from tests.reports.samples import CASE, CODE, DAY, LONG_ADDRESS, LONG_BRANCH_EN, LONG_BRANCH_ZH, LONG_NAME, LONG_NUMBER, NAME

_USUAL: dict[str, Any] = {
    "case_number": CASE,
    "issued_on": DAY,
    "branch_name_zh": "样例海淀网点",
    "branch_name_en": "Sample Branch Haidian",
    "branch_address": "北京市样例区样例路 1 号",
    "branch_telephone": "010-00000000",
    "applicant_name": NAME,
    "credit_code": CODE,
    "presenter_name": "样例乙",
    "exception_number": "HD01-Q-2026-000012",
    "reason": "只领一张证书，第二张不再需要",
    "granter_name": "1003 样例主管",
}
_WORST: dict[str, Any] = _USUAL | {
    "branch_name_zh": LONG_BRANCH_ZH,
    "branch_name_en": LONG_BRANCH_EN,
    "branch_address": LONG_ADDRESS,
    "applicant_name": LONG_NAME,
    "presenter_name": "阿卜杜热合曼·买买提吐尔逊·阿不都克里木",
    "reason": "因" + "系统故障重复收费" * 24,
    "granter_name": LONG_NUMBER + "阿卜杜热合曼·买买提吐尔逊·阿不都克里木",
}


def waiver_slip(**changes: Any) -> WaiverSlip:
    own = {"number": "HD01-J-2026-000003", "kind_zh": "新办", "kind_en": "New application", "amount_fen": 18000}
    return WaiverSlip(**_USUAL | own | changes)


def worst_waiver_slip() -> WaiverSlip:
    return waiver_slip(**_WORST | {"kind_zh": "补办（遗失）", "kind_en": "Replacement (lost)", "amount_fen": 1764000})


def refund_slip(**changes: Any) -> RefundSlip:
    own = {
        "number": "HD01-K-2026-000007",
        "entry_number": "HD01-M-2026-000031",
        "receipt_number": "HD01-R-2026-000118",
        "receipt_fen": 36000,
        "amount_fen": 18000,
        "left_fen": 18000,
        "method_zh": "转账",
        "method_en": "Transfer",
        "reference": "T-0042",
        "cashier_name": "1001 样例甲",
    }
    return RefundSlip(**_USUAL | own | changes)


def worst_refund_slip() -> RefundSlip:
    return refund_slip(**_WORST | {"receipt_fen": 1764000, "amount_fen": 1763999, "left_fen": 1, "reference": "9" * 80})


def correction_slip(**changes: Any) -> CorrectionSlip:
    own = {"number": "HD01-G-2026-000002", "field_zh": "地址", "field_en": "Address"}
    return CorrectionSlip(**_USUAL | own | {"was": "北京市样例区样例路 1 号", "now": "北京市样例区样例路 2 号"} | changes)


def worst_correction_slip() -> CorrectionSlip:
    return correction_slip(**_WORST | {"was": "样例路一号" * 100, "now": ""})
