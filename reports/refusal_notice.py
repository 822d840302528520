"""The refusal notice (不予受理告知单): the reason, and how to do it right."""

from dataclasses import dataclass

from reports.blocks import facts, heading, numbered, panel, paragraph, signatures
from reports.case_paper import CasePaper
from reports.facts import day_zh
from reports.flow import frame, lay_out, space
from reports.paper import MM, RED, WASH, alone


@dataclass(frozen=True, kw_only=True)
class RefusalNotice(CasePaper):
    """`reasons` and `remedies`: (Chinese, English) each; the English may be empty where a reviewer wrote in Chinese alone."""

    reviewer_name: str
    reasons: tuple[tuple[str, str], ...]
    remedies: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        for field in ("reasons", "remedies"):
            if any(not chinese.strip() for chinese, _ in getattr(self, field)):
                self.refuse(field, "holds an empty sentence")


@alone
def render(data: RefusalNotice) -> bytes:
    head = data.head("不予受理告知单", "Notice of refusal")
    blocks = [
        *facts(
            [
                ("申请单位", "Applicant", data.applicant_name),
                ("统一社会信用代码", "Credit code", data.credit_code),
                ("到场人", "Presented by", data.presenter_name),
                ("告知日期", "Date", day_zh(data.issued_on)),
                ("告知单编号", "Notice number", data.number),
                ("受理网点", "Branch", data.branch_name_zh),
            ]
        ),
        space(5 * MM),
        panel(
            paragraph(
                "您的申请不予受理，理由和办法如下。",
                "Your application is refused. The reasons, and how to do it right, are below.",
                size=11.5,
                small=8,
                indent=5 * MM,
                measure=frame().measure - 9 * MM,
                weight=0.018,
                after=0,
            ),
            WASH,
            bar=RED,
        ),
        heading("理由", "Reasons"),
        *numbered(data.reasons),
        space(3 * MM),
        heading("怎样才能办成", "How to do it right"),
        *numbered(data.remedies),
        space(3 * MM),
        *paragraph(
            "如有疑问，或对本决定有异议，请凭本告知单与受理网点联系；条件具备后可随时重新申请，不受本次结果影响。",
            "For questions or objections turn to the branch with this notice. You may apply again at any time; "
            "this refusal does not count against you.",
            size=9,
            small=7.2,
        ),
    ]
    return lay_out(head, blocks, signatures((("复核人员", "Reviewer", data.reviewer_name), ("到场人签收", "Received by", ""))))
