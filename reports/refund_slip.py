"""The refund slip (退款单): what was paid back of which receipt, signed by whoever took the money."""

from dataclasses import dataclass

from reports.blocks import heading, paragraph, signatures
from reports.exception_paper import ExceptionPaper
from reports.flow import lay_out, space
from reports.money import yuan
from reports.money_panel import amount
from reports.paper import MM, alone


@dataclass(frozen=True, kw_only=True)
class RefundSlip(ExceptionPaper):
    """Whole fen. `left_fen`: what of the receipt is not paid back. `reference`: of the card slip or transfer, empty for cash."""

    entry_number: str
    receipt_number: str
    receipt_fen: int
    amount_fen: int
    left_fen: int
    method_zh: str
    method_en: str
    cashier_name: str
    reference: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.amount_fen <= self.receipt_fen - self.left_fen:
            self.refuse("amount_fen", "is not a part of the receipt")


@alone
def render(data: RefundSlip) -> bytes:
    """One A4 page, unless the reason is long."""
    blocks = [
        *data.facts(
            ("原收费凭据", "Receipt", data.receipt_number),
            ("原收金额", "Amount of it, yuan", yuan(data.receipt_fen)),
            ("退款方式", "Method", f"{data.method_zh}  {data.method_en}"),
            ("交易参考号", "Reference", data.reference),
            ("流水编号", "Entry number", data.entry_number),
            ("原凭据余额", "Left of it, yuan", yuan(data.left_fen)),
        ),
        space(5 * MM),
        amount("退款金额", "Refund", data.amount_fen),
        space(6 * MM),
        heading("说明", "Please note"),
        *paragraph(
            "请当面点清。原收费凭据按余额继续有效，请与本单一并保管。",
            "Please count the money at the counter. The receipt stays good for what is left of it: keep it together with this slip.",
            size=10,
            small=7.8,
        ),
    ]
    people = (
        ("批准主管", "Allowed by", data.granter_name),
        ("付款人员", "Paid out by", data.cashier_name),
        ("收款人签字", "Received by", ""),
    )
    return lay_out(data.head("退款单", "Refund"), blocks, signatures(people))
