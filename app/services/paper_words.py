"""Words that papers print in both languages, whatever the clerk reads: (Chinese, English)."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from models.rulebook.vocabulary import (
    CaseKind,
    CertificateStatus,
    DocumentKind,
    Holder,
    IdentityKind,
    Mark,
    PaymentMethod,
    RevocationReason,
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


SEAL_HERE: Both = ("单位公章带到窗口", "Official seal brought to the counter")
CERTIFICATE: Both = ("法人数字证书（一年期）", "Legal-entity certificate (one year)")
FIRST_FREE: Both = ("（首张免费）", " (first one, free)")
CERTIFICATE_WORK: Both = ("数字证书业务", "Certificate service")
MEDIUM: Both = ("数字证书介质（USB Key）", "Token (USB key)")
HOW_TO_APPEAL: Both = (
    "备齐符合规定的材料后，可到任一网点重新申请。",
    "You may apply again at any branch once the papers comply.",
)
