"""The words of what is found in a case about a certificate: level and sentences of each code, filled from the edition.

Codes that these cases share with new applications have their words in `findings`.
"""

from collections.abc import Mapping
from types import MappingProxyType

from models.rulebook.binding_words import COUNTER_WORDS
from models.rulebook.bindings import CounterCode
from models.rulebook.editions import Edition
from models.rulebook.findings import REGIME_WORDS, Code, Finding, Level, Sentence
from models.rulebook.vocabulary import CaseKind, DocumentKind, Mark


def binding_finding(why: CounterCode) -> Code:
    """The finding's code of what stands in the way of a case about a platform."""
    return Code(f"binding.{why.value}")


_ADVICES = frozenset(
    {Code.token_bring_if_kept, Code.certificate_not_judged, Code.certificate_one_at_a_time, Code.fee_depends_on_damage}
)
_SENTENCES: Mapping[Code, Sentence] = MappingProxyType(
    {
        Code.token_missing: Sentence(
            "没有带介质（USB Key）。请携带证书所在的那只介质；已损坏的也须交来。",
            "The token is not here. Bring the very token that the certificate is on, even if it is damaged.",
        ),
        Code.token_bring_if_kept: Sentence(
            "介质（USB Key）还在的，请一并携带；已不在的，不影响办理。",
            "If you still have the token, bring it. If not, this can be done without it.",
        ),
        Code.token_not_held: Sentence(
            "登记显示介质不在单位手中（已遗失、已交回或正在窗口办理），不能办理这项业务。",
            "According to the register the token is not in the holder's hands: it was lost, handed in, or is being worked on.",
        ),
        Code.statement_missing: Sentence(
            "缺少介质遗失声明。请写明单位名称、证书及遗失情况，并{bearing}。",
            "The statement of loss is missing. Bring one that names the applicant, the certificate and how it was lost, and bears "
            "the {mark}.",
        ),
        Code.statement_unmarked: Sentence(
            "遗失声明未按要求{bearing}。请在声明上{bearing}。",
            "The statement of loss does not bear the {mark}. Put it on the statement.",
        ),
        Code.renewal_too_early: Sentence(
            "还不到更新的时间。证书到期前 {renewal_opens_days} 天起可以更新，过期后也可以。",
            "It is too early to renew. A certificate can be renewed from {renewal_opens_days} days before it expires, and after.",
        ),
        Code.certificate_not_judged: Sentence(
            "证书本身未作判断，到窗口时查验：{condition}。",
            "The certificate itself is not judged here; it is looked at when you come: {condition}.",
        ),
        Code.certificate_not_handed_over: Sentence(
            "证书尚未发放。请凭受理回执和有效身份证件到发放台领取。",
            "The certificate has not been handed over yet. Collect it with the acceptance slip and a valid identity document.",
        ),
        Code.certificate_expired: Sentence(
            "证书已经过期，不能办理这项业务。介质还在的，请办理更新；介质已不在的，请重新申请证书。",
            "The certificate has expired, so this cannot be done. Renew it if you still have the token; otherwise apply for a new one.",
        ),
        Code.certificate_revoked: Sentence(
            "证书已经注销，不能恢复。需要使用证书的，请重新申请。",
            "The certificate was revoked, which cannot be undone. Apply for a new one if you need one.",
        ),
        Code.certificate_suspended: Sentence(
            "证书已暂停使用。请先办理恢复使用。",
            "The certificate is suspended. Have it resumed first.",
        ),
        Code.certificate_not_suspended: Sentence(
            "证书没有暂停，正常使用中，无须恢复。",
            "The certificate is not suspended: there is nothing to resume.",
        ),
        Code.certificate_in_other_case: Sentence(
            "这张证书有一件业务正在办理，须先办结或撤回那一件。",
            "Another case about this certificate is not finished. Finish or withdraw that one first.",
        ),
        Code.certificate_one_at_a_time: Sentence(
            "这类业务一张证书一件，此处只审核第一份材料、只计一张证书的费用。其余证书请分别办理。",
            "Cases of this kind are about one certificate each: only the first set and the fee of one certificate are given here. "
            "Ask for each further certificate by itself.",
        ),
        Code.fee_depends_on_damage: Sentence(
            "费用以窗口鉴定为准：领取后 {warranty_days} 天内属介质本身故障的，免收费用。",
            "The fee depends on the verdict at the counter: it is waived where the token failed by itself within {warranty_days} "
            "days of being handed over.",
        ),
        Code.edition_none_in_force: Sentence(
            "这类业务的办理规定自 {effective_from} 起施行，此前的日期无法判断。",
            "The rules for this kind took effect on {effective_from}; an earlier day cannot be judged.",
        ),
        **{binding_finding(why): sentence for why, sentence in COUNTER_WORDS.items()},
    }
)

# What the counter will look at, by kind.
_CONDITIONS: Mapping[CaseKind, Sentence] = MappingProxyType(
    {
        CaseKind.renewal: Sentence(
            "到期前 {renewal_opens_days} 天起（过期后也可）方可更新，证书不能是已暂停或已注销的",
            "it can be renewed from {renewal_opens_days} days before it expires, and after, unless it is suspended or revoked",
        ),
        CaseKind.amendment: Sentence(
            "须在有效期内，未暂停、未注销", "it must be within its validity, neither suspended nor revoked"
        ),
        CaseKind.replacement_damaged: Sentence(
            "须在有效期内，未暂停、未注销", "it must be within its validity, neither suspended nor revoked"
        ),
        CaseKind.replacement_lost: Sentence("须在有效期内，未注销", "it must be within its validity and not revoked"),
        CaseKind.unlock: Sentence("须未暂停、未注销", "it must be neither suspended nor revoked"),
        CaseKind.suspension: Sentence(
            "须在有效期内，未暂停、未注销", "it must be within its validity, neither suspended nor revoked already"
        ),
        CaseKind.resumption: Sentence("须是已暂停的", "it must be suspended"),
        CaseKind.revocation: Sentence("须在有效期内，未注销", "it must be within its validity and not revoked already"),
        CaseKind.binding_reset: Sentence("须有未注销的证书绑定在该平台", "one that is not revoked must be bound at the platform"),
        CaseKind.rebinding: Sentence(
            "选定的证书须在有效期内，未暂停、未注销",
            "the chosen one must be within its validity, neither suspended nor revoked",
        ),
        CaseKind.credentials_reset: Sentence("须未注销", "it must not be revoked"),
    }
)


def reason(code: Code, kind: CaseKind, edition: Edition, regime: Mark | None = Mark.seal) -> Sentence:
    """The words of a code in a case of this kind. `regime` is read for a statement's mark only."""
    condition_zh, condition_en = _CONDITIONS[kind]
    days = {
        "renewal_opens_days": edition.renewal_opens_days,
        "warranty_days": edition.warranty_days,
        "effective_from": edition.effective_from,
    }
    words_zh, words_en = REGIME_WORDS[regime]
    zh, en = _SENTENCES[code]
    return Sentence(
        zh.format(condition=condition_zh.format(**days), **days, **words_zh),
        en.format(condition=condition_en.format(**days), **days, **words_en),
    )


def found(
    code: Code,
    kind: CaseKind,
    edition: Edition,
    clause: str,
    *,
    regime: Mark | None = Mark.seal,
    set: int | None = None,
    document: DocumentKind | None = None,
) -> Finding:
    """The finding of one of the codes above."""
    level = Level.advise if code in _ADVICES else Level.refuse
    zh, en = reason(code, kind, edition, regime)
    return Finding(code, level, set, document, clause, zh, en)
