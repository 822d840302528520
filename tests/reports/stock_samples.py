"""The papers of the stock, in their everyday and their worst form."""

from datetime import date
from typing import Any

from reports.delivery_slip import DeliverySlip
from reports.transfer_slip import TransferSlip
from tests.reports.samples import LONG_NUMBER

_DAY = date(2026, 11, 23)
_MANY = tuple((f"HD01-E{n:06}", f"HD01-E{n + 1:06}", 2) for n in range(1, 300, 3))
_LONG = "样例北京政务服务用品与安全印刷品统一配送中心有限责任公司海淀区上地信息产业基地"


def delivery_slip(**changes: Any) -> DeliverySlip:
    facts: dict[str, Any] = {
        "number": "HD01-D-2026-000001",
        "received_on": _DAY,
        "branch_name_zh": "样例海淀网点",
        "branch_name_en": "Sample Branch Haidian",
        "kind_zh": "空白介质",
        "kind_en": "Blank tokens",
        "supplier": "样例介质厂",
        "note_number": "SH-2026-118",
        "first_serial": "HD01-T00041",
        "last_serial": "HD01-T00080",
        "ranges": (("HD01-T00041", "HD01-T00044", 4), ("HD01-T00046", "HD01-T00080", 35)),
        "lacking": (("HD01-T00045", "HD01-T00045", 1),),
        "receiver_name": "1003 样例主管",
        "remark": "外箱完好",
    }
    return DeliverySlip(**facts | changes)


def worst_delivery_slip() -> DeliverySlip:
    return delivery_slip(
        supplier=_LONG * 2,
        note_number="S" * 40,
        ranges=_MANY,
        lacking=_MANY[:40],
        remark=_LONG * 5,
        receiver_name=LONG_NUMBER + "样例" * 20,
    )


def transfer_slip(**changes: Any) -> TransferSlip:
    facts: dict[str, Any] = {
        "number": "HD01-T-2026-000001",
        "sent_on": _DAY,
        "from_zh": "样例海淀网点",
        "from_en": "Sample Branch Haidian",
        "from_code": "HD01",
        "to_zh": "样例朝阳网点",
        "to_en": "Sample Branch Chaoyang",
        "to_code": "CY01",
        "to_address": "北京市朝阳区样例街 2 号",
        "kind_zh": "空白密码信封",
        "kind_en": "Blank PIN envelopes",
        "ranges": (("HD01-E000001", "HD01-E000120", 120),),
        "sender_name": "1003 样例主管",
    }
    return TransferSlip(**facts | changes)


def worst_transfer_slip() -> TransferSlip:
    return transfer_slip(to_zh=_LONG, to_address=_LONG * 5, ranges=_MANY, sender_name=LONG_NUMBER + "样例" * 20)
