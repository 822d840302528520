"""What every slip of an exception says in the same places: by which leave, why, and who gave it."""

from collections.abc import Sequence
from dataclasses import dataclass

from reports.blocks import Fact, facts
from reports.case_paper import CasePaper
from reports.facts import day_zh
from reports.flow import Block


@dataclass(frozen=True, kw_only=True)
class ExceptionPaper(CasePaper):
    """`reason`: as the clerk wrote it when he asked."""

    exception_number: str
    reason: str
    granter_name: str

    def facts(self, *more: Fact) -> Sequence[Block]:
        entries = [
            ("申请单位", "Applicant", self.applicant_name),
            ("统一社会信用代码", "Credit code", self.credit_code),
            ("到场人", "Presented by", self.presenter_name),
            ("单据编号", "Slip number", self.number),
            ("办理日期", "Date", day_zh(self.issued_on)),
            ("特批编号", "Leave number", self.exception_number),
            *more,
        ]
        return [*facts(entries), *facts([("事由", "Reason", self.reason)], columns=1)]
