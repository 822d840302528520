# ruff: noqa: E501 — the sentences of the papers stand in one piece
"""Papers with sensible facts, and the worst ones an office may meet. All names are invented."""

from dataclasses import replace
from datetime import date
from typing import Any

from reports.acceptance_slip import AcceptanceSlip, ReceivedSet
from reports.binding_slip import BindingSlip
from reports.check_report import CheckLine, CheckReport
from reports.correction_notice import CorrectionNotice, Defect, DefectGroup
from reports.envelope import Envelope
from reports.fee_receipt import FeeItem, FeeReceipt
from reports.handover_receipt import HandoverReceipt
from reports.listing import Listing
from reports.refusal_notice import RefusalNotice
from reports.relay_slip import RelaySlip
from reports.status_receipt import StatusReceipt
from reports.table import Column

DAY = date(2026, 11, 21)
NAME = "北京某某科技有限公司"
LONG_NUMBER = "HD01-2026-000001 "  # of a member of staff
LONG_NAME = "北京某某国际科学技术文化体育教育医疗卫生健康养老服务促进与交流合作发展研究中心（集团）有限责任公司第一分公司海淀区学院路营业部综合业务办公室（筹）"
LONG_BRANCH_ZH = "北京市海淀区某某街道办事处与某某镇联合政务服务中心法人一证通专用受理发放窗口第二分部东区"
LONG_BRANCH_EN = "Haidian District Joint Government Service Centre of the Subdistrict Office and Town"
LONG_ADDRESS = (
    "北京市海淀区某某路甲一百二十三号院四号楼政务服务大厅二层东侧法人一证通专用受理发放窗口（乘坐地铁请由某某站东北口出站）"
)
CODE = "91110108MA01ABCD2X"
CASE = "HD01-20261121-0042"
BRANCH: dict[str, Any] = {
    "branch_name_zh": "海淀区政务服务中心",
    "branch_name_en": "Haidian District Government Service Centre",
}
PLACE: dict[str, Any] = {"branch_address": "北京市海淀区某某路 1 号二层 3 至 6 号窗口", "branch_telephone": "010-0000 0042"}
LONG_BRANCH: dict[str, Any] = {"branch_name_zh": LONG_BRANCH_ZH, "branch_name_en": LONG_BRANCH_EN}
LONG_PLACE: dict[str, Any] = {"branch_address": LONG_ADDRESS, "branch_telephone": "010-0000 0042 转 8001、8002"}


def envelope(**changes: Any) -> Envelope:
    facts = Envelope("HD01-000123", "OC-2026-000017", "48300719", printed_on=DAY, **BRANCH)
    return replace(facts, **changes)


def worst_envelope() -> Envelope:
    return envelope(
        control_number="HD01-E-2026-00000123",
        token_serial="OC-2026-7A3F-0000-0012-9988-7766-5544-33",
        pin="0O1lI8BaQ5S2Zz0O",
        branch_telephone="010-0000 0042 转 8001、8002",
        **LONG_BRANCH,
    )


DEFECTS = (
    Defect("申请表只有一份。请带一式两份、内容相同的申请表。", "There is one copy of the form only. Bring two of the same content.", "数字证书申请表", "application form", "B1.1.1"),
    Defect("申请表没有盖公章。请在两份申请表上都加盖单位公章。", "The form bears no seal. Put the applicant's seal on both copies.", "数字证书申请表", "application form", "B1.1.1"),
    Defect("没有证照原件。请带含有统一社会信用代码的证照副本原件。", "The original is not here. Bring the original duplicate that bears the credit code.", "多证合一证照", "code-bearing licence", "B1.1.2"),
    Defect("身份证件已过有效期。请带有效期内的身份证件原件及复印件。", "The identity document has expired. Bring a valid one, original and photocopy.", "身份证件", "identity document", "B1.1.3"),
)  # fmt: skip


def correction_notice(**changes: Any) -> CorrectionNotice:
    facts = CorrectionNotice(
        number="HD01-B-2026-000001",
        case_number=CASE,
        issued_on=DAY,
        applicant_name=NAME,
        credit_code=CODE,
        presenter_name="某小明",
        clerk_name="1001 某晓红",
        groups=(
            DefectGroup(0, (Defect("成立于 2016 年 8 月 8 日之前的企业办税须提供计算机代码。请查明后带来。", "A company founded before 8 August 2016 must know its computer code for tax. Find it out and bring it.", clause="B1.N1"),)),
            DefectGroup(1, DEFECTS[:2], "S-0001"),
            DefectGroup(2, DEFECTS[2:3], "S-0002"),
        ),
        advice=(Defect("开通税务应用，建议优先到地税网点办理。", "For tax, a local-tax branch is the better place.", clause="B1.N1"),),
        **BRANCH,
        **PLACE,
    )  # fmt: skip
    return replace(facts, **changes)


def worst_correction_notice() -> CorrectionNotice:
    """Twelve defects in five sets, every text long, and a rare character in a name."""
    long = Defect(
        "第二套材料中税务登记证副本的复印件没有加盖单位公章，且国税与地税税务登记证号不一致。请同时携带国税和地税税务登记证副本的原件及复印件，每一页复印件上都加盖单位公章（不是合同章，也不是财务章）。",
        "The photocopy of the tax registration bears no seal, and the state and local tax numbers differ. Bring the duplicates of both registrations, originals and photocopies, with the applicant's seal (not the contract or finance seal) on every page.",
        "税务登记证（国税、地税）副本",
        "tax registration (state and local), duplicate",
        "B1.N1",
    )
    return correction_notice(
        clerk_name=LONG_NUMBER + ("某大力" * 14)[:40],
        applicant_name=LONG_NAME,
        presenter_name="欧阳㛃䶮",
        groups=(
            DefectGroup(1, (long, *DEFECTS[:2]), "S-2026-0000000000000001"),
            DefectGroup(2, (long, DEFECTS[2])),
            DefectGroup(3, (long, long)),
            DefectGroup(4, (*DEFECTS[:2], long)),
            DefectGroup(5, (long, DEFECTS[3])),
        ),
        **LONG_BRANCH,
        **LONG_PLACE,
    )


PAPERS = (
    ("数字证书申请表：一式两份，已盖章", "application form: two copies, sealed"),
    ("多证合一证照副本：原件已核，复印件已盖章", "code-bearing licence, duplicate: original seen, photocopy sealed"),
    ("到场人身份证件：原件已核，复印件已盖章", "presenter's identity document: original seen, photocopy sealed"),
)


def acceptance_slip(**changes: Any) -> AcceptanceSlip:
    facts = AcceptanceSlip(
        number="HD01-S-2026-000001",
        case_number=CASE,
        case_kind_zh="新办",
        case_kind_en="new",
        accepted_on=DAY,
        applicant_name=NAME,
        credit_code=CODE,
        presenter_name="某小明",
        presenter_identity="居民身份证 110***********1234",
        clerk_name="1001 某晓红",
        sets=(ReceivedSet(1, PAPERS, "S-0001"), ReceivedSet(2, PAPERS, "S-0002")),
        fees_fen=(0, 18000),
        uses=(("办税", "tax"), ("年检", "annual inspection"), ("电子签章", "e-seal")),
        **BRANCH,
        **PLACE,
    )
    return replace(facts, **changes)


def worst_acceptance_slip() -> AcceptanceSlip:
    """Ninety-nine certificates on ninety-nine sets."""
    return acceptance_slip(
        clerk_name=LONG_NUMBER + ("某大力" * 14)[:40],
        applicant_name=LONG_NAME,
        presenter_name="欧阳㛃䶮",
        sets=tuple(ReceivedSet(number, PAPERS, f"S-2026-{number:06d}") for number in range(1, 100)),
        fees_fen=(0,) + (18000,) * 98,
        **LONG_BRANCH,
        **LONG_PLACE,
    )


def refusal_notice(**changes: Any) -> RefusalNotice:
    facts = RefusalNotice(
        number="HD01-J-2026-000001",
        case_number=CASE,
        issued_on=DAY,
        applicant_name=NAME,
        credit_code=CODE,
        presenter_name="某小明",
        reviewer_name="1002 某大力",
        reasons=(("个体工商户没有公章，须由经营者本人到场办理，不能代办。", "A sole proprietor without a seal must come in person; nobody can stand in."),),
        remedies=(
            ("请经营者本人携带有效身份证件原件及签字的复印件到任一网点办理。", "Let the proprietor come to any branch with his own identity document and a signed photocopy."),
            ("如已刻制公章，可由经办人携带加盖公章的全部材料办理。", "If there is a seal by now, an agent may come with all papers sealed."),
        ),
        **BRANCH,
        **PLACE,
    )  # fmt: skip
    return replace(facts, **changes)


def worst_refusal_notice() -> RefusalNotice:
    reason = (
        "经复核，" + "所提交材料中的单位名称与登记机关公示的名称不一致，且证照复印件字迹无法辨认，" * 12 + "故不予受理。",
        "The name in the papers differs from the registered one, " * 12,
    )
    return refusal_notice(
        reviewer_name=LONG_NUMBER + ("某大力" * 14)[:40],
        applicant_name=LONG_NAME,
        reasons=(reason,) * 3,
        remedies=(reason, ("请更正后重新申请。", "")),
        **LONG_BRANCH,
        **LONG_PLACE,
    )


def status_receipt(**changes: Any) -> StatusReceipt:
    facts = StatusReceipt(
        number="HD01-Z-2026-000001",
        case_number=CASE,
        issued_on=DAY,
        applicant_name=NAME,
        credit_code=CODE,
        kind_zh="注销",
        kind_en="Revocation",
        certificate_serial="7f9af01615be978b28c09fc631ca329",
        token_serial="OC-2026-000017",
        before_zh="有效",
        before_en="Valid",
        after_zh="已吊销",
        after_en="Revoked",
        valid_until=DAY,
        clerk_name="1002 某大力",
        agreed_name="1003 某守正",
        reason_zh="停止使用",
        reason_en="Cessation of operation",
        presenter_name="某小明",
        **BRANCH,
        **PLACE,
    )
    return replace(facts, **changes)


def worst_status_receipt() -> StatusReceipt:
    return status_receipt(
        applicant_name=LONG_NAME,
        certificate_serial="7" * 40,
        token_serial="OC-2026-7A3F-0000-0012-9988-7766-5544-33",
        clerk_name=LONG_NUMBER + ("某大力" * 14)[:40],
        agreed_name=LONG_NUMBER + ("某守正" * 14)[:40],
        reason_zh="",
        reason_en="",
        **LONG_BRANCH,
        **LONG_PLACE,
    )


def binding_slip(**changes: Any) -> BindingSlip:
    facts = BindingSlip(
        number="HD01-P-2026-000001",
        case_number=CASE,
        issued_on=DAY,
        applicant_name=NAME,
        credit_code=CODE,
        kind_zh="改绑",
        kind_en="Rebinding",
        platform_zh="社会组织综合业务管理平台",
        platform_en="Social organisations' business platform",
        clerk_name="1002 某大力",
        agreed_name="1003 某守正",
        acknowledged_on=None,
        waits=True,
        ended_token="OC-2026-000017",
        ended_serial="7f9af01615be978b28c09fc631ca329",
        ended_account="sh******04",
        bound_since=DAY.replace(year=2025),
        chosen_token="OC-2026-000391",
        chosen_serial="1d22e0716f5b9a704be8c1d5f26a0b47",
        chosen_until=DAY.replace(year=2027),
        platform_telephone="010-0000 0100",
        registry_authority="北京市某某社会组织登记管理机关",
        presenter_name="某小明",
        **BRANCH,
        **PLACE,
    )
    return replace(facts, **changes)


def worst_binding_slip() -> BindingSlip:
    return binding_slip(
        applicant_name=LONG_NAME,
        platform_zh="北京市某某社会组织综合业务管理与年度检查及电子签章联合服务平台（二期）",
        platform_en="The joint platform of social organisations for their business, the annual inspection and electronic seals, phase II",
        clerk_name=LONG_NUMBER + ("某大力" * 14)[:40],
        agreed_name=LONG_NUMBER + ("某守正" * 14)[:40],
        ended_token="OC-2026-7A3F-0000-0012-9988-7766-5544-33",
        ended_serial="7" * 40,
        ended_account="某" * 12 + "*" * 20 + "42",
        chosen_token="OC-2026-7A3F-0000-0012-9988-7766-5544-34",
        chosen_serial="8" * 40,
        registry_authority="北京市某某区社会组织登记管理机关与某某街道联合政务服务中心社会组织专用窗口",
        **LONG_BRANCH,
        **LONG_PLACE,
    )


def relay_slip(**changes: Any) -> RelaySlip:
    facts = RelaySlip(
        number="HD01-L-2026-000001",
        case_number=CASE,
        issued_on=DAY,
        applicant_name=NAME,
        credit_code=CODE,
        platform_zh="社会组织综合业务管理平台",
        platform_en="Social organisations' business platform",
        registry_authority="北京市某某社会组织登记管理机关",
        clerk_name="1002 某大力",
        answered_on=None,
        token_serial="OC-2026-000017",
        certificate_serial="7f9af01615be978b28c09fc631ca329",
        platform_telephone="010-0000 0100",
        presenter_name="某小明",
        **BRANCH,
        **PLACE,
    )
    return replace(facts, **changes)


def worst_relay_slip() -> RelaySlip:
    return relay_slip(
        clerk_name=LONG_NUMBER + ("某大力" * 14)[:40],
        applicant_name=LONG_NAME,
        certificate_serial="7" * 40,
        token_serial="OC-2026-7A3F-0000-0012-9988-7766-5544-33",
        registry_authority="北京市某某区社会组织登记管理机关与某某街道联合政务服务中心社会组织专用窗口",
        answered_on=DAY,
        note="该单位的登记事项与平台上的账号信息不一致，请先到登记管理机关办理变更登记，再凭新的证照申请重置。" * 3,
        **LONG_BRANCH,
        **LONG_PLACE,
    )


def check_report(**changes: Any) -> CheckReport:
    facts = CheckReport(
        number="HD01-C-2026-000001",
        checked_on=DAY,
        clerk_name="1002 某大力",
        token_serial="OC-2026-000017",
        token_seen=True,
        findings=(
            CheckLine(
                "stop",
                "介质密码已锁死：密码连续输错十次。",
                "The PIN is locked: it was typed wrongly ten times in a row.",
                "请带介质、证照和身份证件办理解锁，密钥和证书不受影响。",
                "Bring the token, the licence and an identity document to have it unlocked; key and certificate stay as they are.",
            ),
            CheckLine(
                "warn",
                "证书将于 2026-12-13 到期，还有 20 天。",
                "The certificate expires on 2026-12-13, in 20 days.",
                "现在就可以更新。",
                "It can be renewed now.",
            ),
        ),
        certificate_serial="7f9af01615be978b28c09fc631ca329",
        applicant_name=NAME,
        credit_code=CODE,
        status_zh="有效",
        status_en="Valid",
        valid_until=DAY,
        **BRANCH,
        **PLACE,
    )
    return replace(facts, **changes)


def worst_check_report() -> CheckReport:
    wordy = CheckLine(
        "note",
        "证书与平台的绑定由各平台保管，这里看不到。" * 4,
        "Kept by the platform. " * 9,
        "请重新绑定。" * 20,
        "Bind anew. " * 30,
    )
    return check_report(
        clerk_name=LONG_NUMBER + ("某大力" * 14)[:40],
        applicant_name=LONG_NAME,
        certificate_serial="7" * 40,
        token_serial="OC-2026-7A3F-0000-0012-9988-7766-5544-33",
        findings=tuple(replace(wordy, weight=weight) for weight in ("stop", "warn", "well", "note") for _ in range(3)),
        **LONG_BRANCH,
        **LONG_PLACE,
    )


def fee_receipt(**changes: Any) -> FeeReceipt:
    facts = FeeReceipt(
        number="HD01-R-2026-000001",
        case_number=CASE,
        paid_on=DAY,
        applicant_name=NAME,
        credit_code=CODE,
        items=(
            FeeItem("一证通数字证书（首张，免费）", "certificate, the applicant's first: free", 1, 0),
            FeeItem("一证通数字证书（第二张及以上）", "certificate, each further one", 1, 18000),
        ),
        total_fen=18000,
        method_zh="银行卡",
        method_en="card",
        reference="POS 000123456789",
        cashier_name="1001 某晓红",
        **BRANCH,
        **PLACE,
    )
    return replace(facts, **changes)


def worst_fee_receipt() -> FeeReceipt:
    further = "一证通数字证书（第 {} 张，介质序列号 OC-2026-{:06d}）"
    items = (
        FeeItem("一证通数字证书（首张，免费）", "certificate, the applicant's first: free", 1, 0),
        *(FeeItem(further.format(number, number), "certificate, each further one", 1, 18000) for number in range(2, 100)),
    )
    return fee_receipt(
        cashier_name=LONG_NUMBER + ("某大力" * 14)[:40],
        applicant_name=LONG_NAME,
        items=items,
        total_fen=98 * 18000,
        method_zh="转账",
        method_en="transfer",
        **LONG_BRANCH,
        **LONG_PLACE,
    )


def handover_receipt(**changes: Any) -> HandoverReceipt:
    facts = HandoverReceipt(
        number="HD01-H-2026-000001",
        case_number=CASE,
        handed_over_on=DAY,
        applicant_name=NAME,
        credit_code=CODE,
        token_serial="OC-2026-000017",
        certificate_serial="7b1e5c09d2f44a8f91c3e07a55d60b12",
        valid_from=DAY,
        valid_until=date(2027, 11, 20),
        envelope_number="HD01-000123",
        collector_name="某小明",
        collector_identity="居民身份证 110***********1234",
        clerk_name="1001 某晓红",
        branch_telephone="010-0000 0042",
        **BRANCH,
    )
    return replace(facts, **changes)


def worst_handover_receipt() -> HandoverReceipt:
    return handover_receipt(
        bindings_kept=("社会组织综合业务管理平台", "北京市某某网上税务服务厅"),
        bindings_anew=("北京市某某行政审批综合服务平台（二期）",),
        applicant_name=(LONG_NAME * 2)[:120],
        token_serial="OC-2026-7A3F-0000-0012-9988-7766-5544-33",
        certificate_serial="7b1e5c09d2f44a8f91c3e07a55d60b12aabbccdd",
        envelope_number="HD01-E-2026-00000123",
        collector_name=("欧阳㛃䶮" * 15)[:60],
        collector_identity="外国人永久居留身份证 CHN*********1234",
        clerk_name=LONG_NUMBER + ("某晓红" * 14)[:40],
        **LONG_BRANCH,
    )


def listing(rows: int = 12, **changes: Any) -> Listing:
    facts = Listing(
        title_zh="待领取清单",
        title_en="Made and not collected",
        printed_on=DAY,
        columns=(
            Column("案件号", "Case", 2.6),
            Column("申请单位", "Applicant", 5),
            Column("介质序列号", "Token", 2.2),
            Column("信封编号", "Envelope", 1.9),
            Column("天数", "Days", 0.9, "right"),
        ),
        rows=tuple(
            (
                f"HD01-20261121-{row:04d}",
                NAME if row % 5 else LONG_NAME,
                f"OC-2026-{row:06d}",
                f"HD01-{row:06d}" if row % 3 else "",
                str(row),
            )
            for row in range(1, rows + 1)
        ),
        note_zh="制证完成、尚未领取的介质，按制成时间排列。",
        note_en="Tokens made and not collected, the oldest first.",
        **BRANCH,
    )
    return replace(facts, **changes)
