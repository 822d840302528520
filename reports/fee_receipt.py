"""The fee receipt (收费凭据): numbered, amounts in digits and in Chinese capitals."""

from dataclasses import dataclass
from datetime import date

from reports.blocks import facts, heading, paragraph, signatures
from reports.facts import Facts, day_zh
from reports.flow import Head, lay_out, space
from reports.money import yuan
from reports.money_panel import amount
from reports.paper import MM, alone
from reports.table import Cell, Column, table


@dataclass(frozen=True)
class FeeItem(Facts):
    """`count` times `each_fen`, whole fen."""

    description_zh: str
    description_en: str
    count: int
    each_fen: int


@dataclass(frozen=True)
class FeeReceipt(Facts):
    """`total_fen` must be the sum of the items. `reference`: of the card slip or transfer, empty for cash."""

    number: str
    case_number: str
    paid_on: date
    branch_name_zh: str
    branch_name_en: str
    applicant_name: str
    credit_code: str
    items: tuple[FeeItem, ...]
    total_fen: int
    method_zh: str
    method_en: str
    cashier_name: str
    reference: str = ""
    branch_address: str = ""
    branch_telephone: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if sum(item.count * item.each_fen for item in self.items) != self.total_fen:
            self.refuse("total_fen", "is not the sum of the items")


@alone
def render(data: FeeReceipt) -> bytes:
    head = Head(
        "收费凭据",
        "Fee receipt",
        data.number,
        data.case_number,
        f"{data.branch_name_zh}  {data.branch_name_en}",
        note="客户联 Customer's copy",
        contact=f"{data.branch_address}  {data.branch_telephone}".strip(),
    )
    rows = [
        (Cell(item.description_zh, item.description_en), str(item.count), yuan(item.each_fen), yuan(item.count * item.each_fen))
        for item in data.items
    ]
    columns = (
        Column("项目", "Item", 5.4),
        Column("数量", "Count", 1.3, "right"),
        Column("单价（元）", "Each, yuan", 2.2, "right"),
        Column("金额（元）", "Amount, yuan", 2.6, "right"),
    )
    blocks = [
        *facts(
            [
                ("凭据编号", "Receipt number", data.number),
                ("收款日期", "Paid on", day_zh(data.paid_on)),
                ("交款单位", "Received from", data.applicant_name),
                ("统一社会信用代码", "Credit code", data.credit_code),
                ("收款方式", "Method", f"{data.method_zh}  {data.method_en}"),
                ("交易参考号", "Reference", data.reference),
            ]
        ),
        space(5 * MM),
        heading("收费项目", "Items"),
        *table(columns, rows, size=10, after=0),
        amount("合计", "Total", data.total_fen),
        space(6 * MM),
        *paragraph(
            "法人用户的第一张一证通数字证书免费，第二张起每套 180 元。本凭据请妥善保管。",
            "An applicant's first certificate is free; each further one costs 180 yuan a set. Please keep this receipt.",
            size=8.8,
            small=7,
        ),
    ]
    blocks.append(signatures((("收款人", "Cashier", data.cashier_name), ("收款单位盖章", "Stamp of the branch", ""))))
    return lay_out(head, blocks)
