"""Everything the certificate check can find, in words that a holder understands: what is wrong, and what to do next."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from models.rulebook.findings import Sentence
from models.rulebook.vocabulary import RevocationReason


class Weight(StrEnum):
    """In order: the heaviest first."""

    stop = "stop"  # the certificate cannot be used like this
    warn = "warn"  # it works today; something is to be done soon
    well = "well"
    note = "note"  # good to know


class CheckCode(StrEnum):
    """In the order in which findings of one weight are told."""

    certificate_unknown = "certificate.unknown"
    certificate_other_issuer = "certificate.other_issuer"
    certificate_revoked = "certificate.revoked"
    certificate_replaced = "certificate.replaced"
    certificate_on_hold = "certificate.on_hold"
    certificate_suspended = "certificate.suspended"
    certificate_not_yet_valid = "certificate.not_yet_valid"
    certificate_expired = "certificate.expired"
    certificate_expiring = "certificate.expiring"
    token_unreadable = "token.unreadable"  # noqa: S105 - a thing of the trade
    token_blank = "token.blank"  # noqa: S105
    token_lost = "token.lost"  # noqa: S105
    token_handed_in = "token.handed_in"  # noqa: S105
    key_missing = "key.missing"
    certificate_not_on_token = "certificate.not_on_token"  # noqa: S105
    pin_locked = "pin.locked"
    pin_few_tries = "pin.few_tries"
    platform_disabled = "platform.disabled"
    platform_wrong_use = "platform.wrong_use"
    platform_other_chosen = "platform.other_chosen"
    platform_other_bound = "platform.other_bound"
    platform_other_account = "platform.other_account"
    platform_choose_anew = "platform.choose_anew"
    platform_not_bound = "platform.not_bound"
    tax_not_opened = "tax.not_opened"
    name_not_shown = "environment.name_not_shown"
    well = "well.all"
    well_on_file = "well.on_file"
    case_underway = "case.underway"
    platform_bound = "platform.bound"
    platform_not_named = "platform.not_named"
    token_not_seen = "token.not_seen"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Entry:
    """The sentences may name {first_day}, {last_day}, {days} left, {tries} left, {because} and the {platform}."""

    weight: Weight
    message: Sentence
    next: Sentence


_REASONS: Mapping[RevocationReason | None, Sentence] = MappingProxyType(
    {
        None: Sentence("", ""),
        RevocationReason.unspecified: Sentence("", ""),
        RevocationReason.certificate_hold: Sentence("", ""),
        RevocationReason.key_compromise: Sentence(
            "（原因：介质遗失，或密钥可能已泄露）", " (its token was lost, or its key may be known)"
        ),
        RevocationReason.affiliation_changed: Sentence(
            "（原因：单位名称或代码已变更）", " (the applicant's name or code has changed)"
        ),
        RevocationReason.superseded: Sentence("（原因：已换发新证书）", " (a new one was issued in its place)"),
        RevocationReason.cessation_of_operation: Sentence("（原因：单位不再使用）", " (the applicant gave it up)"),
    }
)


def reason_words(reason: RevocationReason | None) -> Sentence:
    """Why a certificate was revoked, in brackets; nothing where nothing is known."""
    return _REASONS[reason]


WORDS: Mapping[CheckCode, Entry] = MappingProxyType(
    {
        CheckCode.certificate_unknown: Entry(
            Weight.stop,
            Sentence("登记中没有这张证书或这只介质。", "The register knows neither such a certificate nor such a token."),
            Sentence(
                "请再核对一遍介质上的编号；编号无误的，请说明介质是从哪里领取的，向发放它的机构查询。",
                "Compare the number on the token once more. If it is right, ask whoever handed the token out.",
            ),
        ),
        CheckCode.certificate_other_issuer: Entry(
            Weight.stop,
            Sentence("介质上的证书不是本机构签发的。", "The certificate on this token was issued by another authority."),
            Sentence(
                "请联系签发该证书的机构；要在这里办事，须申请一张北京一证通数字证书。",
                "Ask the authority that issued it, or apply for a One-Certificate here.",
            ),
        ),
        CheckCode.certificate_revoked: Entry(
            Weight.stop,
            Sentence(
                "证书已经注销{because}，不能再用，也不能恢复。", "The certificate was revoked{because} and cannot be used again."
            ),
            Sentence("还需要使用证书的，请带齐材料重新申请一张。", "If you still need one, apply for a new certificate."),
        ),
        CheckCode.certificate_replaced: Entry(
            Weight.stop,
            Sentence(
                "这是一张旧证书，已由新证书取代{because}。",
                "This is an old certificate; a newer one has taken its place{because}.",
            ),
            Sentence(
                "请使用新证书。登录页列出两张同名证书的，请选有效期较晚的那一张；平台绑定按各平台规定随转或须重办。",
                "Use the newer one. Where a log-in page lists both, choose the one that is valid longer; bindings to platforms "
                "went along or are to be made anew, as each platform has it.",
            ),
        ),
        CheckCode.certificate_on_hold: Entry(
            Weight.stop,
            Sentence(
                "证书已经制好，但还没有领取，所以尚未启用。",
                "The certificate is made but was not collected, so it is not in force.",
            ),
            Sentence(
                "请凭受理回执和有效身份证件到窗口领取，领取后即可使用。",
                "Collect it at the counter with the acceptance slip and a valid identity document; it works from then on.",
            ),
        ),
        CheckCode.certificate_suspended: Entry(
            Weight.stop,
            Sentence("证书已暂停使用。", "The certificate is suspended."),
            Sentence(
                "要继续使用的，请携带证照和身份证件办理恢复使用；介质确已遗失的，请办理遗失补办。",
                "To use it again, have it resumed: bring the licence and an identity document. If the token is lost, have it replaced.",
            ),
        ),
        CheckCode.certificate_not_yet_valid: Entry(
            Weight.stop,
            Sentence("证书自 {first_day} 起才有效。", "The certificate is valid only from {first_day} on."),
            Sentence(
                "请在这一天以后使用，并检查电脑的日期是否正确。",
                "Use it from that day on, and check that your computer's date is right.",
            ),
        ),
        CheckCode.certificate_expired: Entry(
            Weight.stop,
            Sentence("证书已于 {last_day} 到期。", "The certificate expired on {last_day}."),
            Sentence(
                "介质还在的，请带介质、证照和身份证件办理更新，过期后也可以；介质已不在的，请重新申请。",
                "If you have the token, bring it with the licence and an identity document and renew the certificate; that is possible "
                "after it expired too. Otherwise apply for a new one.",
            ),
        ),
        CheckCode.certificate_expiring: Entry(
            Weight.warn,
            Sentence("证书将于 {last_day} 到期，还有 {days} 天。", "The certificate expires on {last_day}, in {days} days."),
            Sentence(
                "现在就可以更新：请带介质、证照和身份证件，并记好介质密码。",
                "It can be renewed now: bring the token, the licence and an identity document, and know the token's PIN.",
            ),
        ),
        CheckCode.token_unreadable: Entry(
            Weight.stop,
            Sentence("介质插在工位上读不出来。", "The station cannot read the token."),
            Sentence(
                "请拔下擦净后再插一次，换一个插口试试；仍读不出的是介质损坏，请办理损坏补办，旧介质须交回。",
                "Take it out, clean it, and try another port. If it still cannot be read it is damaged: have it replaced, and hand it in.",
            ),
        ),
        CheckCode.token_blank: Entry(
            Weight.stop,
            Sentence("介质是空的，上面没有密钥和证书。", "The token is empty: there is no key and no certificate on it."),
            Sentence(
                "介质可能被格式化过，内容无法找回。证书仍有效的，请办理损坏补办。",
                "It may have been formatted; what was on it cannot be brought back. If the certificate is still valid, have the token "
                "replaced.",
            ),
        ),
        CheckCode.token_lost: Entry(
            Weight.stop,
            Sentence("这只介质已登记遗失。", "This token is registered as lost."),
            Sentence(
                "原证书已注销，找回的介质也不能再用，请交给窗口；请使用补办的新介质，还没有的请重新申请。",
                "Its certificate was revoked, so it is of no use even if it was found: hand it in. Use the new token, or apply for one.",
            ),
        ),
        CheckCode.token_handed_in: Entry(
            Weight.stop,
            Sentence(
                "这只介质已登记交回或报废，不应再在使用。",
                "This token is registered as handed in or spoiled and should not be in use.",
            ),
            Sentence(
                "请把它交给窗口，使用换发的新介质；还没有换发的，请向窗口查询补办进度。",
                "Hand it in at the counter and use the new token. If you have none yet, ask how far the replacement is.",
            ),
        ),
        CheckCode.key_missing: Entry(
            Weight.stop,
            Sentence(
                "介质上没有这张证书的密钥，证书无法使用。",
                "The key of this certificate is not on the token, so it cannot be used.",
            ),
            Sentence(
                "请先确认带来的是不是这张证书的介质；是的，密钥无法找回，请办理损坏补办。",
                "First make sure that this is the right token. If it is, the key cannot be brought back: have the token replaced.",
            ),
        ),
        CheckCode.certificate_not_on_token: Entry(
            Weight.stop,
            Sentence(
                "密钥在介质上，但证书不在，登录页不会显示单位名称。",
                "The key is on the token but the certificate is not, so no log-in page shows the applicant's name.",
            ),
            Sentence(
                "请不要自行导入证书。到期前后可办理更新，其他时候请办理损坏补办，由窗口鉴定。",
                "Do not import a certificate yourself. Renew it if it is about to expire; otherwise have the token looked at and replaced.",
            ),
        ),
        CheckCode.pin_locked: Entry(
            Weight.stop,
            Sentence("介质密码已锁死：密码连续输错十次。", "The PIN is locked: it was typed wrongly ten times in a row."),
            Sentence(
                "请带介质、证照和身份证件办理解锁，密钥和证书不受影响。请不要自行初始化介质，那会毁掉密钥。",
                "Bring the token, the licence and an identity document to have it unlocked; key and certificate stay as they are. Never "
                "format the token: that destroys the key.",
            ),
        ),
        CheckCode.pin_few_tries: Entry(
            Weight.warn,
            Sentence(
                "介质密码还可以再试 {tries} 次，再输错就会锁死。", "Only {tries} tries of the PIN are left before it locks."
            ),
            Sentence(
                "没有把握就不要再试，请带证照和身份证件办理解锁；想得起来的，输对一次即恢复十次。",
                "If you are not sure, try no more and have the token unlocked: bring the licence and an identity document. The right PIN, "
                "typed once, brings all ten tries back.",
            ),
        ),
        CheckCode.tax_not_opened: Entry(
            Weight.note,
            Sentence(
                "这张证书没有开通税务应用，不能用来办税。",
                "The tax function was not opened for this certificate: it cannot file taxes.",
            ),
            Sentence(
                "需要办税的，请带税务登记证或载有统一社会信用代码的证照，建议到地税网点申请开通；2016年8月8日前成立的单位须知道计算机代码。",
                "To file taxes with it, bring the tax registration or the licence that bears the unified credit code, best to a local-tax "
                "branch; an applicant established before 8 August 2016 must know its computer code.",
            ),
        ),
        CheckCode.name_not_shown: Entry(
            Weight.warn,
            Sentence("登录页不显示单位名称。", "The log-in page does not show the applicant's name."),
            Sentence(
                "请在自己的电脑上用证书助手检测证书应用环境，有异常的全部修复，再重新插入介质；换一台电脑仍不显示的，请把介质带到窗口鉴定。",
                "On your own computer, let the certificate assistant examine the certificate software and repair everything, then insert "
                "the token again. If another computer does not show the name either, bring the token to the counter.",
            ),
        ),
        CheckCode.well: Entry(
            Weight.well,
            Sentence(
                "证书有效至 {last_day}，密钥、证书和登记情况都正常。",
                "All is well: the certificate is valid until {last_day}; its token and its entry in the register are in order.",
            ),
            Sentence(
                "可以正常使用。登录仍有问题的，请检查电脑的证书应用环境；办理业务途中请不要拔下介质，拔下了重新插入即可。",
                "It can be used. If a log-in still fails, examine the certificate software on your computer. Leave the token in while you "
                "work; if it was pulled out, put it back in.",
            ),
        ),
        CheckCode.well_on_file: Entry(
            Weight.well,
            Sentence(
                "证书登记情况正常，有效至 {last_day}。",
                "The certificate's entry in the register is in order; it is valid until {last_day}.",
            ),
            Sentence(
                "仍不能使用的，请把介质带到窗口，插在工位上再查一次。",
                "If it still does not work, bring the token to the counter and have it checked in the station.",
            ),
        ),
        CheckCode.case_underway: Entry(
            Weight.note,
            Sentence("这张证书有一件业务正在办理。", "A case about this certificate is being worked on."),
            Sentence(
                "请等它办结，或先撤回它，再办理别的业务。",
                "Wait until it is finished, or withdraw it, before asking for anything else.",
            ),
        ),
        CheckCode.platform_disabled: Entry(
            Weight.stop,
            Sentence("{platform}已停用。", "{platform} is switched off."),
            Sentence("请向平台运营单位咨询何时恢复。", "Ask the platform's operator when it will be back."),
        ),
        CheckCode.platform_wrong_use: Entry(
            Weight.stop,
            Sentence(
                "证书没有开通{platform}所需的用途，不能在那里绑定。",
                "The certificate was not ordered for what {platform} needs: it cannot be bound there.",
            ),
            Sentence(
                "请使用开通了该用途的证书；没有的，请另行申请。",
                "Use a certificate that was ordered for it; if there is none, apply for one.",
            ),
        ),
        CheckCode.platform_other_chosen: Entry(
            Weight.stop,
            Sentence(
                "证书没有绑定到{platform}：单位已在窗口为它选定了另一张证书。",
                "The certificate is not bound to {platform}: at the counter the applicant chose another one for it.",
            ),
            Sentence(
                "请用选定的那一张登录；要改用这一张的，请带证照和身份证件办理改绑。",
                "Log in with the chosen one. To use this one instead, bring the licence and an identity document for a rebinding.",
            ),
        ),
        CheckCode.platform_other_bound: Entry(
            Weight.stop,
            Sentence(
                "证书没有绑定到{platform}：那里绑定的是单位的另一张证书。",
                "The certificate is not bound to {platform}: another one of the applicant's is.",
            ),
            Sentence(
                "请用已绑定的那一张登录；要改用这一张的，请带证照和身份证件办理改绑。",
                "Log in with the bound one. To use this one instead, bring the licence and an identity document for a rebinding.",
            ),
        ),
        CheckCode.platform_other_account: Entry(
            Weight.stop,
            Sentence("证书已绑定到{platform}的另一个账号。", "The certificate is bound to another account of {platform}."),
            Sentence(
                "请用原账号登录；要换账号的，请办理绑定重置后重新绑定。",
                "Log in with that account. To bind another account, have the binding reset first.",
            ),
        ),
        CheckCode.platform_choose_anew: Entry(
            Weight.stop,
            Sentence(
                "{platform}上原来的绑定不再有效：单位有多张证书，须重新绑定其中一张。",
                "The earlier binding at {platform} no longer counts: the applicant has several certificates, and one of them is to be "
                "bound anew.",
            ),
            Sentence(
                "决定用哪一张，用它登录并按提示绑定；绑定后只能用那一张。",
                "Decide which one to use, log in with it and bind it when asked: from then on it is the only one.",
            ),
        ),
        CheckCode.platform_not_bound: Entry(
            Weight.stop,
            Sentence("证书还没有绑定到{platform}。", "The certificate is not bound to {platform} yet."),
            Sentence(
                "首次登录时按提示绑定，输入该平台自己的用户名和密码（不是介质密码）；忘记的，由登记管理机关重置，窗口可代为转办。",
                "The first log-in binds it: type the platform's own user name and password, not the token's PIN. If they are forgotten the "
                "registry authority resets them; the counter can pass the request on.",
            ),
        ),
        CheckCode.platform_bound: Entry(
            Weight.note,
            Sentence("证书已绑定到{platform}。", "The certificate is bound to {platform}."),
            Sentence(
                "仍不能登录的，请检查电脑的证书应用环境，或向平台咨询；忘记平台用户名、密码的，窗口可代为转办重置。",
                "If the log-in still fails, examine the certificate software on your computer or ask the platform. A forgotten user name "
                "or password can be passed on for a reset.",
            ),
        ),
        CheckCode.platform_not_named: Entry(
            Weight.note,
            Sentence("没有说明是哪个平台，绑定情况没有查。", "No platform was named, so its binding was not looked at."),
            Sentence(
                "请选定平台再检测一次。首次登录平台时按提示绑定，输入该平台自己的用户名和密码；有多张证书的，须重新绑定其中一张用于年检。",
                "Name the platform and check again. The first log-in binds: type the platform's own user name and password. With several "
                "certificates, one of them is bound anew for the annual inspection.",
            ),
        ),
        CheckCode.token_not_seen: Entry(
            Weight.note,
            Sentence(
                "介质没有插在工位上，密钥和密码的情况没有查。",
                "The token is in no slot of the station, so its key and PIN were not looked at.",
            ),
            Sentence("要查介质，请把它插在窗口的工位上。", "To have it looked at, put it into the counter's station."),
        ),
    }
)
