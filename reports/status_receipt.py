"""The receipt for a change of a certificate's status (证书状态变更回执): suspended, resumed or revoked, from when, and why."""

from dataclasses import dataclass
from datetime import date

from reports.blocks import facts, heading, panel, paragraph, signatures
from reports.case_paper import CasePaper, signers
from reports.facts import day_zh
from reports.flow import frame, lay_out, space
from reports.paper import MM, NAVY, WASH, alone


@dataclass(frozen=True, kw_only=True)
class StatusReceipt(CasePaper):
    """`kind`: what was asked for; `before` and `after`: the status. `reason` is empty unless the certificate was revoked."""

    kind_zh: str
    kind_en: str
    certificate_serial: str
    token_serial: str
    before_zh: str
    before_en: str
    after_zh: str
    after_en: str
    valid_until: date
    clerk_name: str
    agreed_name: str  # who reviewed it
    reason_zh: str = ""
    reason_en: str = ""


@alone
def render(data: StatusReceipt) -> bytes:
    """One A4 page."""
    head = data.head("证书状态变更回执", "Receipt for a change of status")
    change = (f"证书状态：{data.before_zh} → {data.after_zh}", f"Status of the certificate: {data.before_en} → {data.after_en}")
    blocks = [
        *facts(
            [
                ("申请单位", "Applicant", data.applicant_name),
                ("统一社会信用代码", "Credit code", data.credit_code),
                ("业务", "Case", f"{data.kind_zh} {data.kind_en}"),
                ("到场人", "Presented by", data.presenter_name),
                ("介质序列号", "Token serial", data.token_serial),
                ("证书有效期至", "Certificate valid until", day_zh(data.valid_until)),
                ("办理日期", "Date", day_zh(data.issued_on)),
                ("回执编号", "Receipt number", data.number),
            ]
        ),
        *facts([("证书序列号", "Certificate serial", data.certificate_serial)], columns=1),
        space(4 * MM),
        panel(
            paragraph(*change, size=12.5, small=8, indent=5 * MM, measure=frame().measure - 9 * MM, weight=0.018, after=0),
            WASH,
            bar=NAVY,
        ),
        *(facts([("原因", "Reason", f"{data.reason_zh} {data.reason_en}")], columns=1) if data.reason_zh else ()),
        heading("说明", "Please note"),
        *paragraph(
            "新的状态已即时公布（吊销列表和在线查询），各平台按公布的状态接受或拒绝这张证书。",
            "The new status was published at once, in the revocation list and online. Platforms go by what is published.",
            size=10,
            small=7.8,
        ),
        *paragraph(
            "暂停的证书可到任一网点恢复使用；吊销的证书不能恢复，需要时请申请新证书。",
            "A suspended certificate can be resumed at any branch. A revoked one cannot: apply for a new one where it is needed.",
            size=10,
            small=7.8,
        ),
    ]
    return lay_out(head, blocks, signatures(signers(data.clerk_name, "复核人员", "Reviewed by", data.agreed_name)))
