"""The journal in words: what each line's act is called, of what kind its states are, which of its details are told."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from app.words.terms import term
from models.rulebook.oversight import (
    DayState,
    DestructionState,
    DraftState,
    ExceptionKind,
    ExceptionState,
    HoldState,
    ImportState,
    JobState,
    ShiftState,
    StockKind,
    TransferState,
)
from models.rulebook.vocabulary import (
    BindingEnd,
    CaseAction,
    CaseState,
    CertificateStatus,
    DeliveryState,
    EnvelopeState,
    Fault,
    ItemState,
    PaymentMethod,
    PlatformState,
    RelayAnswer,
    RevocationReason,
    Role,
    RunAction,
    RunState,
    StaffState,
    StationState,
    TokenState,
)
from models.tables import JournalLine

SUBJECTS: Mapping[str, LazyString] = {
    "case_file": _("案件"),
    "case_item": _("证书名额"),
    "run": _("制作过程"),
    "token": _("介质"),
    "envelope": _("信封"),
    "certificate": _("证书"),
    "handover": _("发放"),
    "receipt": _("收据"),
    "applicant": _("申请单位"),
    "station": _("工位"),
    "scan": _("扫描件"),
    "supervisor_grant": _("主管授权"),
    "certificate_check": _("证书检测报告"),
    "stray_certificate": _("来历不明的证书"),
    "staff": _("员工"),
    "staff_session": _("登录"),
    "branch": _("网点"),
    "platform": _("平台"),
    "platform_event": _("平台通知"),
    "office_key": _("签名密钥"),
    "binding": _("平台绑定"),
    "relay": _("账号重置转办"),
    "job": _("后台任务"),
    "legal_hold": _("保全"),
    "destruction_list": _("销毁清单"),
    "access_review": _("权限核对"),
    "delivery": _("到货"),
    "transfer": _("调拨"),
    "stock_import": _("到货清单"),
    "edition_draft": _("规则草稿"),
    "money_entry": _("钱款"),
    "day_close": _("日结"),
    "shift_handover": _("交接班"),
    "exception_request": _("特批申请"),
}

STATES: Mapping[str, type[StrEnum]] = {
    "case_file": CaseState,
    "case_item": ItemState,
    "run": RunState,
    "token": TokenState,
    "envelope": EnvelopeState,
    "certificate": CertificateStatus,
    "station": StationState,
    "staff": StaffState,
    "platform": PlatformState,
    "platform_event": DeliveryState,
    "job": JobState,
    "day_close": DayState,
    "shift_handover": ShiftState,
    "legal_hold": HoldState,
    "destruction_list": DestructionState,
    "transfer": TransferState,
    "stock_import": ImportState,
    "edition_draft": DraftState,
    "exception_request": ExceptionState,
}

ACTS: Mapping[tuple[str, str], LazyString] = {
    ("case_file", "open"): _("打开案件"),
    ("case_file", "reveal_identity"): _("查看证件号码"),
    ("case_file", "attach_scan"): _("附上扫描件"),
    ("case_file", "remove_scan"): _("删除扫描件"),
    ("case_file", "lower_fee"): _("费用更正"),
    ("case_file", "destroy"): _("保存期满，资料销毁"),
    ("legal_hold", "set"): _("登记保全"),
    ("legal_hold", "lift"): _("解除保全"),
    ("destruction_list", "propose"): _("提请销毁"),
    ("destruction_list", "approve"): _("批准销毁"),
    ("destruction_list", "drop"): _("放弃清单"),
    ("destruction_list", "carry_out"): _("销毁完毕"),
    ("applicant", "enter"): _("登记申请单位"),
    ("applicant", "correct"): _("更正申请单位资料"),
    ("applicant", "amend"): _("变更名称或代码"),
    ("receipt", "take_payment"): _("收款"),
    ("scan", "attach_scan"): _("附上扫描件"),
    ("case_item", "begin"): _("开始制作"),
    ("case_item", "make"): _("制好"),
    ("case_item", "undo"): _("退回待制"),
    ("case_item", "spoil"): _("信封作废，重设密码"),
    ("case_item", "hand_over"): _("发放"),
    ("case_item", "give_up"): _("放弃"),
    ("run", "begin"): _("下单"),
    ("run", "certify"): _("工位请求签发证书"),
    ("token", "begin"): _("出库制作"),
    ("token", "make"): _("制好"),
    ("token", "reopen"): _("退回工位重设密码"),
    ("token", "take_in"): _("持有人交来"),
    ("token", "give_back"): _("还给持有人"),
    ("token", "hand_in"): _("收回"),
    ("token", "lose"): _("挂失"),
    ("token", "put_back"): _("原样放回库存"),
    ("token", "spoil"): _("作废"),
    ("token", "hand_over"): _("发放"),
    ("envelope", "allot"): _("领用"),
    ("envelope", "confirm"): _("号码核对无误"),
    ("envelope", "void"): _("作废"),
    ("certificate", "prepare"): _("签发前存档"),
    ("certificate", "sign"): _("签发，暂不启用"),
    ("certificate", "release"): _("启用"),
    ("certificate", "revoke"): _("吊销"),
    ("certificate", "suspend"): _("暂停"),
    ("certificate", "resume"): _("恢复使用"),
    ("supervisor_grant", "give"): _("批准"),
    ("supervisor_grant", "use"): _("用于解锁"),
    ("supervisor_grant", "book_loss"): _("用于挂失"),
    ("certificate_check", "check"): _("完成检测"),
    ("handover", "hand_over"): _("交给领取人"),
    ("station", "invite"): _("生成登记码"),
    ("station", "enrol"): _("登记"),
    ("station", "disable"): _("停用"),
    ("stray_certificate", "stray"): _("发现并吊销"),
    ("token", "send_away"): _("调出"),
    ("token", "arrive"): _("调入"),
    ("token", "send_back"): _("退回供应商"),
    ("token", "miss"): _("盘亏"),
    ("token", "recover"): _("找回"),
    ("envelope", "spoil"): _("作废"),
    ("envelope", "send_away"): _("调出"),
    ("envelope", "arrive"): _("调入"),
    ("envelope", "send_back"): _("退回供应商"),
    ("envelope", "miss"): _("盘亏"),
    ("envelope", "recover"): _("找回"),
    ("delivery", "receive"): _("到货入库"),
    ("transfer", "send"): _("发出"),
    ("transfer", "receive"): _("全部收到"),
    ("transfer", "receive_short"): _("收到一部分"),
    ("transfer", "settle"): _("结清差额"),
    ("stock_import", "preview"): _("预览"),
    ("stock_import", "take_over"): _("导入"),
    ("stock_import", "finish"): _("全部入库"),
    ("stock_import", "stop"): _("停止导入，什么也没有入库"),
    ("stock_import", "drop"): _("放弃"),
    ("branch", "set_low_water"): _("设定库存警戒线"),
    ("job", "give_file"): _("交来文件"),
    ("access_review", "review"): _("逐人核对"),
    ("job", "ask"): _("交办"),
    ("job", "take"): _("开始"),
    ("job", "finish"): _("完成"),
    ("job", "fail"): _("失败"),
    ("job", "cancel"): _("取消"),
    ("job", "export_list"): _("导出列表"),
    ("money_entry", "refund"): _("退款"),
    ("day_close", "count"): _("盘点"),
    ("day_close", "countersign"): _("签字日结"),
    ("day_close", "count_again"): _("作废，重新盘点"),
    ("shift_handover", "offer"): _("交班"),
    ("shift_handover", "accept"): _("接班"),
    ("shift_handover", "decline"): _("不接或收回"),
    ("money_entry", "waiver"): _("减免"),
    ("money_entry", "float_in"): _("放入备用金"),
    ("money_entry", "banked"): _("解款"),
    ("money_entry", "difference"): _("差额"),
    ("exception_request", "ask"): _("提出"),
    ("exception_request", "grant"): _("批准"),
    ("exception_request", "refuse"): _("不批准"),
    ("exception_request", "withdraw"): _("撤回"),
    ("exception_request", "use"): _("照批准办理"),
    ("exception_request", "lapse"): _("过期"),
    ("edition_draft", "begin"): _("起草"),
    ("edition_draft", "save"): _("修改"),
    ("edition_draft", "preview"): _("预演"),
    ("edition_draft", "propose"): _("提交发布"),
    ("edition_draft", "take_back"): _("退回修改"),
    ("edition_draft", "publish"): _("发布"),
    ("edition_draft", "drop"): _("放弃"),
    ("branch", "open_branch"): _("设立网点"),
    ("branch", "edit_branch"): _("更改网点资料"),
    ("branch", "export_call_list"): _("导出到期名单"),
    ("branch", "print_call_list"): _("打印到期名单"),
    ("branch", "plant_demonstration"): _("放入演示数据"),
    ("staff", "appoint"): _("任命首位管理员"),
    ("staff", "admit"): _("新增人员"),
    ("staff", "edit"): _("更改姓名、网点或岗位"),
    ("staff", "disable"): _("停用此人"),
    ("staff", "enable"): _("恢复"),
    ("staff", "reset_access"): _("重设密码与动态码"),
    ("staff", "change_password"): _("更改密码"),
    ("staff", "enrol_second_factor"): _("绑定动态码"),
    ("staff", "lock_account"): _("密码连错，账号锁定"),
    ("platform", "admit"): _("登记平台"),
    ("platform", "edit"): _("更改平台资料"),
    ("platform", "issue_secret"): _("发新密钥"),
    ("platform", "disable"): _("停用平台"),
    ("platform", "enable"): _("恢复平台"),
    ("platform", "hasten"): _("立即再试"),
    ("platform", "sign_in"): _("领取访问令牌"),
    ("platform", "plant_demonstration_platform"): _("放入演示平台"),
    ("platform_event", "deliver"): _("已送达"),
    ("platform_event", "give_up"): _("送不到，停止重试"),
    ("platform_event", "send_again"): _("重新发送"),
    ("office_key", "make"): _("生成"),
    ("office_key", "renew"): _("更换"),
    ("office_key", "withdraw"): _("撤下"),
    ("office_key", "erase"): _("期满，销毁私钥"),
    ("platform_event", "acknowledge"): _("平台已确认"),
    ("binding", "bind"): _("首次登录绑定"),
    ("binding", "end"): _("结束"),
    ("binding", "move"): _("随证书转到新证书"),
    ("relay", "relay"): _("转交登记机关"),
    ("relay", "answer"): _("登记机关已答复"),
    ("staff_session", "sign_in"): _("登入"),
    ("staff_session", "sign_out"): _("登出"),
    ("staff_session", "prove_again"): _("再次确认身份"),
}

_ACTIONS: Mapping[str, type[StrEnum]] = {"case_file": CaseAction, "run": RunAction}

# Details that are told, in this order. Digests and the like stay in the record.
_DETAILS: Mapping[str, LazyString] = {
    "person": _("工号"),
    "name": _("名称"),
    "name_before": _("原名称"),
    "place": _("网点"),
    "place_before": _("原网点"),
    "roles": _("岗位"),
    "roles_before": _("原岗位"),
    "item": _("第几份"),
    "number": _("号码"),
    "key": _("密钥"),
    "platform": _("平台"),
    "notice": _("告知单"),
    "receipt": _("收据"),
    "authority": _("登记管理机关"),
    "end": _("结束原因"),
    "answer": _("答复"),
    "serial": _("序列号"),
    "token": _("介质号"),
    "station": _("工位"),
    "attempt": _("第几次"),
    "fault": _("故障"),
    "exception": _("事项"),
    "yuan": _("金额（元）"),
    "method": _("方式"),
    "serials": _("号码段"),
    "missing": _("没有到的号码"),
    "to_branch": _("调往"),
    "stock": _("品种"),
    "mark": _("警戒线"),
    "file": _("文件"),
    "letter": _("来函文号"),
    "cases": _("件数"),
    "spared": _("留存件数"),
    "trace": _("留痕号"),
    "reason": _("原因"),
    "ground": _("代领依据"),
    "list": _("列表"),
    "asked": _("筛选"),
    "rows": _("行数"),
    "address": _("登录地址"),
}
# Details whose values are of a closed list.
_VALUES: Mapping[str, type[StrEnum]] = {
    "roles": Role,
    "roles_before": Role,
    "fault": Fault,
    "stock": StockKind,
    "exception": ExceptionKind,
    "method": PaymentMethod,
    "end": BindingEnd,
    "answer": RelayAnswer,
}
# Reasons that the program itself gives; every other is told as a member of staff typed it.
_REASONS: Mapping[str, LazyString] = {
    "overtaken": _("工位已设新密码"),
    "run_dead": _("这次制作已取消"),
    "token_gone": _("介质不再使用"),
    "grant_lapsed": _("主管的授权已过期"),
    "exception_overtaken": _("案件已另行办理"),
}


def all_acts() -> Iterator[tuple[str, str, str]]:
    """Subject, act and the act's words, for everything that has words."""
    for (subject, act), words in ACTS.items():
        yield subject, act, str(words)
    for subject, actions in _ACTIONS.items():
        for action in actions:
            if (subject, action.value) not in ACTS:
                yield subject, action.value, term(action)


def wording() -> dict[str, dict[str, Any]]:
    """Everything that a line can say, in the reader's language, for a program that writes lines down and knows no reader."""
    return {
        "subjects": {subject: str(words) for subject, words in SUBJECTS.items()},
        "acts": {f"{subject}:{act}": words for subject, act, words in all_acts()},
        "states": {f"{subject}:{state.value}": term(state) for subject, states in STATES.items() for state in states},
        "details": {key: str(label) for key, label in _DETAILS.items()},
        "values": {
            **{key: {member.value: term(member) for member in members} for key, members in _VALUES.items()},
            "reason": {value: str(words) for value, words in _REASONS.items()},
            "certificate:reason": {member.value: term(member) for member in RevocationReason},
        },
    }


def act_in_words(line: JournalLine) -> str:
    """「案件：受理」; an act without words of its own is shown by its code, so that nothing is hidden."""
    words = ACTS.get((line.subject, line.act))
    if words is None:
        actions = _ACTIONS.get(line.subject)
        words = term(actions(line.act)) if actions and line.act in set(actions) else line.act
    return f"{SUBJECTS.get(line.subject, line.subject)}{_('：')}{words}"


def change_in_words(line: JournalLine) -> str:
    """「待复核 → 待收费」, or nothing where no state changed."""
    kind = STATES.get(line.subject)
    if kind is None or line.after is None or line.before == line.after:
        return ""
    after = term(kind(line.after))
    return f"{term(kind(line.before))} → {after}" if line.before else after


def details_in_words(line: JournalLine) -> list[tuple[str, str]]:
    return [(str(_DETAILS[key]), _value(line, key)) for key in _DETAILS if line.detail.get(key) not in (None, "")]


def reason_in_words(reason: str) -> str:
    """A reason as it was typed, or one that the program gave, in words."""
    return str(_REASONS[reason]) if reason in _REASONS else reason


def _value(line: JournalLine, key: str) -> str:
    value: Any = line.detail[key]
    if key in _VALUES:
        return "/".join(term(_VALUES[key](one)) for one in (value if isinstance(value, list) else [value]))
    if key == "reason" and line.subject == "certificate":
        return term(RevocationReason(value))
    if key == "reason" and value in _REASONS:
        return str(_REASONS[value])
    return str(value)
