"""Everything that is said about a binding, in words that a holder understands: why, and what to do next."""

from collections.abc import Mapping
from types import MappingProxyType

from models.rulebook.bindings import AdviceCode, BindingCode, CounterCode
from models.rulebook.findings import Sentence
from models.rulebook.vocabulary import BindingEnd, EventKind

VERDICT_WORDS: Mapping[BindingCode, Sentence] = MappingProxyType(
    {
        BindingCode.platform_disabled: Sentence(
            "该平台已停用，暂不能绑定证书。请向平台运营单位咨询。",
            "This platform is switched off: no certificate can be bound. Ask the platform's operator.",
        ),
        BindingCode.certificate_unknown: Sentence(
            "没有这张证书的签发记录。请确认插入的是一证通证书；仍不能识别的，请携带介质到窗口检测。",
            "No such certificate was issued. Make sure that it is a One-Certificate token; if it still is not known, have it "
            "checked at a counter.",
        ),
        BindingCode.not_handed_over: Sentence(
            "证书尚未发放，不能使用。请凭受理回执到发放台领取。",
            "The certificate has not been handed over yet. Collect it with the acceptance slip.",
        ),
        BindingCode.revoked: Sentence(
            "证书已注销，不能使用。请使用单位的其他证书，或重新申请。",
            "The certificate was revoked. Use another certificate of the applicant, or apply for a new one.",
        ),
        BindingCode.suspended: Sentence(
            "证书已暂停使用。请先到窗口办理恢复使用。",
            "The certificate is suspended. Have it resumed at a counter first.",
        ),
        BindingCode.not_yet_valid: Sentence(
            "证书还没有到生效时间，请核对计算机的日期和时间后再试。",
            "The certificate is not valid yet. Check the date and time of the computer and try again.",
        ),
        BindingCode.expired: Sentence(
            "证书已过期。请先到窗口办理更新。",
            "The certificate has expired. Have it renewed at a counter first.",
        ),
        BindingCode.wrong_use: Sentence(
            "证书没有开通本平台所需的用途，不能在此绑定。请使用开通了该用途的证书。",
            "The certificate was not ordered for what this platform needs. Use one that was.",
        ),
        BindingCode.other_chosen: Sentence(
            "该单位已在窗口选定另一张证书用于本平台。请使用选定的那张登录；需改用这张的，请到窗口办理改绑。",
            "At the counter the applicant chose another certificate for this platform. Log in with that one; to use this one "
            "instead, apply for a rebinding at a counter.",
        ),
        BindingCode.bound_to_other: Sentence(
            "该单位已绑定另一张证书，本平台只能绑定其中一张。请使用已绑定的那张登录；需改用这张的，请到窗口办理改绑。",
            "The applicant is bound with another certificate, and only one can be bound to this platform. Log in with that one; to "
            "use this one instead, apply for a rebinding at a counter.",
        ),
        BindingCode.other_account: Sentence(
            "这张证书已绑定本平台的另一个账户。请使用原账户登录；需改绑账户的，请到窗口办理绑定重置。",
            "This certificate is bound to another account of this platform. Log in with that account; to bind this one instead, "
            "apply for a binding reset at a counter.",
        ),
        BindingCode.may_bind: Sentence(
            "可以绑定。请输入本平台的用户名和密码完成绑定。",
            "It can be bound. Type the platform's own user name and password to bind it.",
        ),
        BindingCode.already_bound: Sentence(
            "这张证书已绑定，可直接使用。", "This certificate is bound already: nothing is to be done."
        ),
        BindingCode.choose_anew: Sentence(
            "该单位办理过多张证书，须重新绑定其中一张；原来的绑定不再有效。绑定这张后，即以这张为准。",
            "The applicant has several certificates, so one must be bound anew: the earlier binding no longer counts. Once this one "
            "is bound, it alone counts.",
        ),
    }
)

COUNTER_WORDS: Mapping[CounterCode, Sentence] = MappingProxyType(
    {
        CounterCode.platform_disabled: Sentence("该平台已停用。", "This platform is switched off."),
        CounterCode.nothing_bound: Sentence(
            "在该平台没有有效的绑定，无须重置：下次登录时即可绑定。",
            "Nothing is bound at this platform, so there is nothing to reset: the next login binds.",
        ),
        CounterCode.only_one: Sentence(
            "单位只办理过一张证书，没有其他证书可改绑。",
            "The applicant has had one certificate only: there is no other to choose.",
        ),
        CounterCode.chosen_already: Sentence(
            "这张证书已绑定或已选定，无须改绑。",
            "This certificate is the bound or chosen one already: nothing is to be done.",
        ),
        CounterCode.wrong_use: Sentence(
            "这张证书没有开通该平台所需的用途，不能选定。",
            "This certificate was not ordered for what the platform needs, so it cannot be chosen.",
        ),
        CounterCode.no_authority: Sentence(
            "该平台没有登记可重置用户名密码的登记管理机关，请向平台运营单位咨询。",
            "No registry authority is on record that resets this platform's user names. Ask the platform's operator.",
        ),
    }
)

ADVICE_WORDS: Mapping[AdviceCode, Sentence] = MappingProxyType(
    {
        AdviceCode.platform_disabled: COUNTER_WORDS[CounterCode.platform_disabled],
        AdviceCode.use_bound: Sentence(
            "请使用已绑定的这张证书登录，无须重新绑定。", "Log in with the bound certificate; nothing is to be bound anew."
        ),
        AdviceCode.bound_unusable: Sentence(
            "已绑定的这张证书目前不能使用：请先办理更新或恢复使用；需改用其他证书的，请办理改绑。",
            "The bound certificate cannot be used at present: have it renewed or resumed, or apply for a rebinding to another.",
        ),
        AdviceCode.use_chosen: Sentence(
            "请使用在窗口选定的这张证书登录，登录时绑定。",
            "Log in with the certificate chosen at the counter; the login binds it.",
        ),
        AdviceCode.chosen_unusable: Sentence(
            "在窗口选定的证书目前不能使用：请先恢复使用，或办理改绑另选一张。",
            "The certificate chosen at the counter cannot be used at present: have it resumed, or choose another by a rebinding.",
        ),
        AdviceCode.choose_one: Sentence(
            "单位有多张可用的证书，须选定其中一张：首次登录绑定哪张，以后就只能用哪张。",
            "The applicant has several certificates that will do and must choose one: the one bound at the next login is the only "
            "one from then on.",
        ),
        AdviceCode.use_only: Sentence("请使用这张证书登录，登录时绑定。", "Log in with this certificate; the login binds it."),
        AdviceCode.none_usable: Sentence(
            "目前没有可用于该平台的证书。请先办理更新、恢复使用，或申请证书。",
            "No certificate will do for this platform at present. Have one renewed or resumed, or apply for one.",
        ),
    }
)

END_WORDS: Mapping[BindingEnd, Sentence] = MappingProxyType(
    {
        BindingEnd.reset: Sentence(
            "窗口应单位申请重置了绑定，下次登录时重新绑定。",
            "The counter reset the binding for the applicant; the next login binds anew.",
        ),
        BindingEnd.rebinding: Sentence(
            "窗口应单位申请办理了改绑，下次用选定的证书登录时重新绑定。",
            "The applicant chose another certificate at the counter; the next login with it binds anew.",
        ),
        BindingEnd.moved: Sentence(
            "证书已更新、变更或补办，绑定转到新证书。",
            "The certificate was renewed, amended or replaced; the binding goes on with the new one.",
        ),
        BindingEnd.certificate_replaced: Sentence(
            "证书已更新、变更或补办，须用新证书重新绑定。",
            "The certificate was renewed, amended or replaced; the new one must be bound anew.",
        ),
        BindingEnd.certificate_revoked: Sentence(
            "证书已注销，绑定随之终止。", "The certificate was revoked, and the binding ended with it."
        ),
        BindingEnd.chosen_anew: Sentence(
            "单位有多张证书，登录时重新选定并绑定了一张。",
            "The applicant has several certificates and bound the one of his choice at a login.",
        ),
        BindingEnd.by_platform: Sentence("平台解除了绑定。", "The platform ended the binding."),
    }
)

# Events that end no binding.
EVENT_WORDS: Mapping[EventKind, Sentence] = MappingProxyType(
    {
        EventKind.binding_made: Sentence("证书已绑定。", "The certificate was bound."),
        EventKind.certificate_suspended: Sentence(
            "证书已暂停使用，绑定保留，恢复前不得登录。",
            "The certificate was suspended: the binding stays, and must open nothing until it is resumed.",
        ),
        EventKind.certificate_resumed: Sentence("证书已恢复使用。", "The certificate was resumed."),
    }
)
