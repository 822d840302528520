"""What every numbered paper of a case says in the same places: which paper, which case, whose, and the branch that gives it out."""

from dataclasses import dataclass
from datetime import date

from reports.facts import Facts
from reports.flow import Head


def signers(clerk: str, agreed_zh: str, agreed_en: str, agreed: str) -> tuple[tuple[str, str, str], ...]:
    """Whose places there are under a paper that took two of the office: who handled it, who agreed (and as what), who receives it."""
    return (("经办人员", "Handled by", clerk), (agreed_zh, agreed_en, agreed), ("到场人签收", "Received by", ""))


@dataclass(frozen=True, kw_only=True)
class CasePaper(Facts):
    """Base of the papers that a holder takes home."""

    number: str
    case_number: str
    issued_on: date
    branch_name_zh: str
    branch_name_en: str
    applicant_name: str
    credit_code: str
    presenter_name: str = ""
    branch_address: str = ""
    branch_telephone: str = ""

    def head(self, title_zh: str, title_en: str) -> Head:
        """The top and the foot of every page of the holder's copy."""
        return Head(
            title_zh,
            title_en,
            self.number,
            self.case_number,
            f"{self.branch_name_zh}  {self.branch_name_en}",
            note="客户联 Customer's copy",
            contact=f"{self.branch_address}  {self.branch_telephone}".strip(),
        )
