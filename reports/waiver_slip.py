"""The waiver slip (费用减免单): a fee that was not taken, why, and by whose leave. No receipt is given beside it."""

from dataclasses import dataclass

from reports.blocks import heading, paragraph, signatures
from reports.exception_paper import ExceptionPaper
from reports.flow import lay_out, space
from reports.money_panel import amount
from reports.paper import MM, alone


@dataclass(frozen=True, kw_only=True)
class WaiverSlip(ExceptionPaper):
    """`amount_fen`: the fee as it was frozen."""

    kind_zh: str
    kind_en: str
    amount_fen: int


@alone
def render(data: WaiverSlip) -> bytes:
    """One A4 page, unless the reason is long."""
    blocks = [
        *data.facts(("业务", "Case", f"{data.kind_zh} {data.kind_en}")),
        space(5 * MM),
        amount("减免金额", "Waived", data.amount_fen),
        space(6 * MM),
        heading("说明", "Please note"),
        *paragraph(
            "本案件应收的上述费用全额减免，不再收取，也不另开收费凭据。案件照常办理。",
            "The fee above, due for this case, is waived in full. It will not be charged, and no receipt is given. The case goes on as usual.",
            size=10,
            small=7.8,
        ),
    ]
    people = (("批准主管", "Allowed by", data.granter_name), ("到场人签收", "Received by", ""))
    return lay_out(data.head("费用减免单", "Waiver of a fee"), blocks, signatures(people))
