"""Words that papers print in both languages, whatever the clerk reads: (Chinese, English)."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from models.rulebook.exceptions import Correctable
from models.rulebook.kinds import FIRST_KINDS, KINDS
from models.rulebook.vocabulary import (
    CaseKind,
    CertificateStatus,
    DocumentKind,
    Holder,
    IdentityKind,
    Mark,
    PaymentMethod,
    RevocationReason,
    RunKind,
    TaxAuthority,
    Use,
)

Both = tuple[str, str]

_WORDS: Mapping[StrEnum, Both] = MappingProxyType(
    {
        CaseKind.new: ("新办", "New application"),
        CaseKind.additional: ("增办", "Additional certificate"),
        CaseKind.renewal: ("更新", "Renewal"),
        CaseKind.amendment: ("变更", "Amendment"),
        CaseKind.replacement_damaged: ("补办（损坏）", "Replacement (damaged)"),
        CaseKind.replacement_lost: ("补办（遗失）", "Replacement (lost)"),
        CaseKind.unlock: ("解锁", "Unlock"),
        CaseKind.suspension: ("暂停", "Suspension"),
        CaseKind.resumption: ("恢复使用", "Resumption"),
        CaseKind.revocation: ("注销", "Revocation"),
        CaseKind.binding_reset: ("绑定重置", "Binding reset"),
        CaseKind.rebinding: ("改绑", "Rebinding"),
        CaseKind.credentials_reset: ("平台账号重置", "Platform credentials reset"),
        DocumentKind.application_form: ("申请表", "Application form"),
        DocumentKind.organisation_code_certificate: ("组织机构代码证", "Organisation code certificate"),
        DocumentKind.business_licence: ("营业执照", "Business licence"),
        DocumentKind.tax_registration: ("税务登记证", "Tax registration"),
        DocumentKind.code_bearing_licence: ("载有统一社会信用代码的证照", "Licence bearing the unified credit code"),
        DocumentKind.identity_document: ("身份证件", "Identity document"),
        DocumentKind.token: ("介质（USB Key）", "Token (USB key)"),
        DocumentKind.statement_of_loss: ("遗失声明", "Statement of loss"),
        CertificateStatus.prepared: ("待签发", "To be signed"),
        CertificateStatus.on_hold: ("未启用", "On hold"),
        CertificateStatus.valid: ("有效", "Valid"),
        CertificateStatus.suspended: ("已暂停", "Suspended"),
        CertificateStatus.revoked: ("已吊销", "Revoked"),
        RevocationReason.unspecified: ("未说明", "Unspecified"),
        RevocationReason.key_compromise: ("密钥泄露或介质遗失", "Key compromised or token lost"),
        RevocationReason.affiliation_changed: ("单位信息变更", "Applicant's particulars changed"),
        RevocationReason.superseded: ("已被替换", "Superseded"),
        RevocationReason.cessation_of_operation: ("停止使用", "Cessation of operation"),
        RevocationReason.certificate_hold: ("暂停使用", "On hold"),
        Use.tax: ("税务", "Tax"),
        Use.annual_inspection: ("年检", "Annual inspection"),
        Use.e_seal: ("电子签章", "Electronic seal"),
        IdentityKind.resident_card: ("居民身份证", "Resident identity card"),
        IdentityKind.hmt_residence_permit: ("港澳台居民居住证", "Residence permit (HK, Macao, Taiwan)"),
        IdentityKind.hm_travel_permit: ("港澳居民来往内地通行证", "Travel permit (HK, Macao)"),
        IdentityKind.tw_travel_permit: ("台湾居民来往大陆通行证", "Travel permit (Taiwan)"),
        IdentityKind.foreigner_residence_card: ("外国人永久居留身份证", "Foreigner's residence card"),
        IdentityKind.passport: ("护照", "Passport"),
        IdentityKind.military_card: ("军人证件", "Military card"),
        PaymentMethod.cash: ("现金", "Cash"),
        PaymentMethod.card: ("刷卡", "Card"),
        PaymentMethod.transfer: ("转账", "Transfer"),
    }
)
_AUTHORITIES: Mapping[TaxAuthority | None, Both] = MappingProxyType(
    {TaxAuthority.state: ("（国税）", " (state)"), TaxAuthority.local: ("（地税）", " (local)"), None: ("", "")}
)
_MARKS: Mapping[Mark | None, Both] = MappingProxyType(
    {Mark.seal: ("（盖章）", " (sealed)"), Mark.signature: ("（签字）", " (signed)"), None: ("", "")}
)


def both(member: StrEnum) -> Both:
    return _WORDS[member]


def paper_in_words(document: Mapping[str, Any]) -> Both:
    """One document of an examined question, as the acceptance slip lists it: 营业执照副本：原件、复印件（盖章）."""
    kind = DocumentKind(document["kind"])
    zh, en = _WORDS[kind]
    if kind is DocumentKind.token:
        return zh, en
    mark_zh, mark_en = _MARKS[Mark(document["mark"]) if document["mark"] else None]
    if kind is DocumentKind.application_form:
        copies = document["copies"]
        return f"{zh}：{copies} 份{mark_zh}", f"{en}: {copies} {'copy' if copies == 1 else 'copies'}{mark_en}"
    if kind is DocumentKind.statement_of_loss:
        return f"{zh}{mark_zh}", f"{en}{mark_en}"
    authority_zh, authority_en = _AUTHORITIES[TaxAuthority(document["authority"]) if document.get("authority") else None]
    duplicate = ("副本", ", duplicate") if document.get("duplicate") else ("", "")
    person = ("（他人）", " (another person's)") if document.get("holder") == Holder.other else ("", "")
    parts_zh, parts_en = [], []
    if document["original"]:
        parts_zh.append("原件")
        parts_en.append("original")
    if document["photocopy"]:
        parts_zh.append(f"复印件{mark_zh}")
        parts_en.append(f"photocopy{mark_en}")
    head_zh, head_en = f"{zh}{duplicate[0]}{authority_zh}{person[0]}", f"{en}{duplicate[1]}{authority_en}{person[1]}"
    return f"{head_zh}：{'、'.join(parts_zh) or '—'}", f"{head_en}: {', '.join(parts_en) or '—'}"


_REVIEWED: Both = (
    "材料由另一名工作人员复核；如有费用，复核通过后在窗口缴纳。",
    "A second member of staff reviews the papers; a fee, if any, is paid at the counter after that.",
)
_BINDINGS: Both = (
    "新证书领取后，旧证书不能再用；各平台的绑定按平台规定转到新证书或须重新绑定，签收单上列明。",
    "Once the new certificate is collected the old one cannot be used. Its bindings to platforms go along or are to be made anew; the "
    "handover receipt says which.",
)
_STATUS_STEPS = (
    (
        "材料由另一名工作人员复核，通过后证书状态立即变更并公布。",
        "A second member of staff reviews the papers; then the certificate's status changes and is published at once.",
    ),
    ("凭下方凭条领取状态变更回执。", "Bring the stub below for the receipt that says so."),
)
_REKEY_STEPS = (
    _REVIEWED,
    (
        "请持有人带介质到工位，自己在工位上输入介质密码；窗口人员和程序都看不到密码。忘记密码的，须先办理解锁。",
        "Then the holder brings the token and types its PIN at the station himself; nobody else sees it. A forgotten PIN needs an "
        "unlock first.",
    ),
    _BINDINGS,
)
_UNLOCK_STEPS = (
    (
        "须经主管批准；批准后几分钟内在工位重设密码，请留在窗口。",
        "The supervisor must give leave; then the new PIN is set at the station within minutes. Please stay.",
    ),
    (
        "新密码在密码信封里，当场领取；旧信封作废。证书和密钥不变，绑定不受影响。",
        "The new PIN is in a PIN envelope, handed over at once; older envelopes are void. Certificate, key and bindings stay.",
    ),
)
_BINDING_STEPS = (
    (
        "须经主管批准；批准后原绑定立即解除，并通知平台。",
        "The supervisor must give leave; then the binding ends at once and the platform is told.",
    ),
    (
        "平台确认后才算办完。之后首次用证书登录平台时，按提示输入该平台自己的用户名和密码重新绑定。",
        "It is done once the platform has confirmed. The first login after that binds anew: type the platform's own user name and "
        "password.",
    ),
)
_RELAY_STEPS = (
    (
        "窗口不能重置平台的用户名和密码，现已转交登记管理机关。",
        "The counter cannot reset a platform's user name or password: the request was passed on to the registry authority.",
    ),
    (
        "答复后网点通知您，也可凭案件号到任一网点查询。证书和密码没有变。",
        "The branch tells you the answer; any branch can tell by the case number. Certificate and PIN are unchanged.",
    ),
)
_COLLECT: Both = (
    "制证完成后，凭下方领取凭条和领取人身份证件原件，在本网点领取新介质和密码信封。",
    "When the new token is ready, bring the stub below and the collector's identity document to this branch.",
)
_LOST: Both = (
    "须经主管批准；一经批准，旧证书立即吊销并公布，不能恢复。随后缴费、制作新介质。",
    "The supervisor must give leave, which revokes the old certificate at once and for good. Then the fee is paid and a new token "
    "made.",
)


def next_steps(kind: CaseKind) -> tuple[Both, ...]:
    """What happens after acceptance; none for a new application, whose slip says so by itself."""
    if kind in FIRST_KINDS:
        return ()
    rules = KINDS[kind]
    if rules.at_platform:
        return _BINDING_STEPS if rules.ends_binding is not None else _RELAY_STEPS
    if rules.work is RunKind.unlock:
        return _UNLOCK_STEPS
    if rules.work is RunKind.rekey:
        return _REKEY_STEPS
    if rules.work is None:
        return _STATUS_STEPS
    return (_LOST if rules.medium_lost else _REVIEWED, _COLLECT, _BINDINGS)


SEAL_HERE: Both = ("单位公章带到窗口", "Official seal brought to the counter")
CERTIFICATE: Both = ("法人数字证书（一年期）", "Legal-entity certificate (one year)")
FIRST_FREE: Both = ("（首张免费）", " (first one, free)")
CERTIFICATE_WORK: Both = ("数字证书业务", "Certificate service")
MEDIUM: Both = ("数字证书介质（USB Key）", "Token (USB key)")
HOW_TO_APPEAL: Both = (
    "备齐符合规定的材料后，可到任一网点重新申请。",
    "You may apply again at any branch once the papers comply.",
)

# What of a record may be corrected.
FIELDS: Mapping[Correctable, Both] = MappingProxyType(
    {
        Correctable.legal_representative: ("法定代表人", "Legal representative"),
        Correctable.address: ("地址", "Address"),
        Correctable.established_on: ("成立日期", "Established on"),
        Correctable.remark: ("备注", "Remark"),
    }
)
