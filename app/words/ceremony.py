"""The issuance and handover desks' words by the kind of work: a new token is made, a holder's token is re-keyed or unlocked."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from app.words.faults import FAULTS, FaultWords
from app.words.terms import term
from models.rulebook.vocabulary import Fault, RunKind, RunState, TokenAction


@dataclass(frozen=True)
class WorkWords:
    begin: LazyString  # title and button
    token: LazyString  # over the field of the serial
    confirmed: LazyString
    handed_over: LazyString


WORK: Mapping[RunKind, WorkWords] = {
    RunKind.issue: WorkWords(
        _("开始制证"),
        _("介质号（扫描、输入，或从已插入的介质里选）"),
        _("信封号核对无误，这只介质已制好。"),
        _("已发放 %(n)s 份，证书已启用。请打印签收单，请领取人签字。"),
    ),
    RunKind.rekey: WorkWords(
        _("开始换发证书"),
        _("持有人的介质号（扫描、输入，或从已插入的介质里选）"),
        _("介质号核对无误，新证书已写好，可以发还。"),
        _("介质已发还，新证书已启用，旧证书已吊销。请打印签收单，请领取人签字。"),
    ),
    RunKind.unlock: WorkWords(
        _("开始解锁"),
        _("持有人的介质号（扫描、输入，或从已插入的介质里选）"),
        _("信封号核对无误，新密码已生效，可以发还。"),
        _("介质和新密码信封已发还，证书没有变。请打印签收单，请领取人签字。"),
    ),
}


@dataclass(frozen=True)
class CancelWords:
    """Of the button that gives a run up, by what becomes of the token."""

    label: LazyString
    explanation: LazyString
    with_certificate: LazyString  # the explanation where a new certificate was signed
    reasons: tuple[LazyString, ...]
    done: LazyString


_ANOTHER = CancelWords(
    _("换一只介质"),
    _("取消的原因"),
    _("取消的原因（介质作废，证书吊销）"),
    (_("介质损坏"), _("介质号选错"), _("申请人暂停办理")),
    _("已取消。这份证书可以另取一只介质制作。"),
)
CANCEL: Mapping[TokenAction, CancelWords] = {
    TokenAction.put_back: _ANOTHER,
    TokenAction.spoil: _ANOTHER,
    TokenAction.give_back: CancelWords(
        _("取消，介质还给持有人"),
        _("取消的原因（介质没有变，还给持有人）"),
        _("取消的原因（新证书吊销，旧证书和密码不变）"),
        (_("持有人改日再来"), _("持有人忘记密码"), _("介质已锁死")),
        _("已取消，请把介质还给持有人。旧证书和密码都没有变。"),
    ),
    TokenAction.hand_in: CancelWords(
        _("介质已坏，留下"),
        _("原因（密码已改动，介质不能还给持有人，须留下办补办）"),
        _("原因（密码已改动，介质不能还给持有人，须留下办补办）"),
        (_("介质损坏"), _("驱动读不出介质")),
        _("已取消，介质已收回。请为持有人办理补办（损坏）。"),
    ),
}

# What a step is called where the kind of work gives it another sense.
_STEPS: Mapping[tuple[RunKind, RunState], LazyString] = {
    (RunKind.rekey, RunState.awaiting_pin): _("持有人输入密码"),
    (RunKind.rekey, RunState.generating): _("生成新密钥"),
    (RunKind.rekey, RunState.awaiting_confirmation): _("待核对介质号"),
    (RunKind.unlock, RunState.initialising): _("设新密码"),
}


def step_word(kind: RunKind, step: RunState) -> str:
    word = _STEPS.get((kind, step))
    return str(word) if word is not None else term(step)


_HOLDERS_WAY_OUT: Mapping[Fault, LazyString] = {
    Fault.no_token: _("请把持有人的介质插好，再按“继续”。"),
    Fault.token_not_blank: _("程序不会清掉它。持有人的介质不该停在这里，请告诉技术人员。"),
    Fault.driver_hung: _("请拔出介质重新插好，再按“继续”；再次停住时，介质多半已坏。"),
    Fault.driver_failed: _("请重新插好介质，再按“继续”；再次停住时把下面的技术信息告诉技术人员，介质多半已坏。"),
    Fault.key_lost: _("新证书的密钥没有留在介质上。请取消，程序会吊销新证书，旧证书不变。"),
    Fault.proof_failed: _("请按“继续”再试一次；再次不通过时，介质多半已坏。"),
    Fault.pin_locked: _("请取消，把介质还给持有人，先办理解锁，再重新开始。"),
    Fault.pin_not_given: _("请持有人输入密码后按“继续”；忘记密码的，取消后先办理解锁。"),
}


def fault_words(kind: RunKind, fault: Fault) -> FaultWords:
    """A holder's token is not exchanged for another one."""
    words = FAULTS[fault]
    if kind is RunKind.issue or fault not in _HOLDERS_WAY_OUT:
        return words
    return FaultWords(words.happened, _HOLDERS_WAY_OUT[fault])
