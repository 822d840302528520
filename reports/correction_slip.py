"""The correction slip (记录更正单): what the record said, what it says now, and why."""

from dataclasses import dataclass

from reports.blocks import heading, paragraph, signatures
from reports.exception_paper import ExceptionPaper
from reports.flow import lay_out, space
from reports.paper import MM, alone
from reports.table import Cell, Column, table


@dataclass(frozen=True, kw_only=True)
class CorrectionSlip(ExceptionPaper):
    """`was` and `now` as the record writes them; either may be empty, not both."""

    field_zh: str
    field_en: str
    was: str = ""
    now: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.was == self.now:
            self.refuse("now", "is what it was")


@alone
def render(data: CorrectionSlip) -> bytes:
    """One A4 page, unless a value is long."""
    columns = (Column("项目", "Item", 2.2), Column("原记录", "Was", 4.9), Column("更正为", "Now", 4.9))
    row = (Cell(data.field_zh, data.field_en), data.was or "（空）", data.now or "（空）")
    blocks = [
        *data.facts(),
        space(5 * MM),
        heading("更正内容", "Correction"),
        *table(columns, [row], size=10),
        heading("说明", "Please note"),
        *paragraph(
            "此前出具的单据内容不变，以本单为准。证书所载内容不受影响；单位名称或信用代码变化须办理变更。",
            "Papers given out before stay as they are; where they differ, this slip counts. The certificate is not affected: a new name "
            "or credit code needs an amendment.",
            size=10,
            small=7.8,
        ),
    ]
    people = (("批准主管", "Allowed by", data.granter_name), ("到场人签收", "Received by", ""))
    return lay_out(data.head("记录更正单", "Correction of a record"), blocks, signatures(people))
