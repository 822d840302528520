"""The journal in words: what each line's act is called, of what kind its states are, which of its details are told."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from flask_babel import LazyString, lazy_pgettext
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
    RunState,
    StaffState,
    StationState,
    TokenState,
)
from models.tables import JournalLine


def _j(words: str) -> LazyString:
    """A word of the journal: it says what was done, where the same Chinese on a button says what to do."""
    return lazy_pgettext("journal", words)


def _about(words: str) -> LazyString:
    """What a line is about: one thing, where the same Chinese over a list means many."""
    return lazy_pgettext("journal about", words)


SUBJECTS: Mapping[str, LazyString] = {
    "case_file": _about("案件"),
    "case_item": _about("证书名额"),
    "run": _about("制作过程"),
    "token": _about("介质"),
    "envelope": _about("信封"),
    "certificate": _about("证书"),
    "handover": _about("发放"),
    "receipt": _about("收据"),
    "applicant": _about("申请单位"),
    "station": _about("工位"),
    "scan": _about("扫描件"),
    "supervisor_grant": _about("主管授权"),
    "certificate_check": _about("证书检测报告"),
    "stray_certificate": _about("来历不明的证书"),
    "staff": _about("员工"),
    "staff_session": _about("登录"),
    "branch": _about("网点"),
    "platform": _about("平台"),
    "platform_event": _about("平台通知"),
    "office_key": _about("签名密钥"),
    "binding": _about("平台绑定"),
    "relay": _about("账号重置转办"),
    "job": _about("后台任务"),
    "legal_hold": _about("保全"),
    "destruction_list": _about("销毁清单"),
    "access_review": _about("权限核对"),
    "delivery": _about("到货"),
    "transfer": _about("调拨"),
    "stock_import": _about("到货清单"),
    "edition_draft": _about("规则草稿"),
    "money_entry": _about("钱款"),
    "day_close": _about("日结"),
    "shift_handover": _about("交接班"),
    "exception_request": _about("特批申请"),
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
    ("case_file", "open"): _j("打开案件"),
    ("case_file", "save"): _j("保存"),
    ("case_file", "accept"): _j("受理"),
    ("case_file", "request_correction"): _j("要求补正"),
    ("case_file", "reopen"): _j("再次办理"),
    ("case_file", "withdraw"): _j("撤回申请"),
    ("case_file", "approve"): _j("复核通过"),
    ("case_file", "send_back"): _j("退回"),
    ("case_file", "refuse"): _j("不予受理"),
    ("case_file", "amend"): _j("修改（撤销复核）"),
    ("case_file", "settle"): _j("收费"),
    ("case_file", "begin_issuance"): _j("开始制证"),
    ("case_file", "finish_issuance"): _j("制证完成"),
    ("case_file", "resume_issuance"): _j("重新制证"),
    ("case_file", "close"): _j("办结"),
    ("case_file", "ask_grant"): _j("请主管批准"),
    ("case_file", "grant"): _j("主管批准"),
    ("case_file", "carry_out"): _j("执行"),
    ("case_file", "tell_platform"): _j("通知平台"),
    ("case_file", "acknowledge"): _j("平台已确认"),
    ("case_file", "relay"): _j("转交登记机关"),
    ("case_file", "answer"): _j("登记机关已答复"),
    ("run", "take"): _j("工位接手"),
    ("run", "report"): _j("工位报告"),
    ("run", "stop"): _j("停住"),
    ("run", "resume"): _j("继续"),
    ("run", "confirm"): _j("核对信封号"),
    ("run", "spoil_envelope"): _j("信封作废重打"),
    ("run", "cancel"): _j("换一只介质"),
    ("case_file", "reveal_identity"): _j("查看证件号码"),
    ("case_file", "attach_scan"): _j("附上扫描件"),
    ("case_file", "remove_scan"): _j("删除扫描件"),
    ("case_file", "lower_fee"): _j("费用更正"),
    ("case_file", "destroy"): _j("保存期满，资料销毁"),
    ("legal_hold", "set"): _j("登记保全"),
    ("legal_hold", "lift"): _j("解除保全"),
    ("destruction_list", "propose"): _j("提请销毁"),
    ("destruction_list", "approve"): _j("批准销毁"),
    ("destruction_list", "drop"): _j("放弃清单"),
    ("destruction_list", "resume"): _j("继续销毁"),
    ("destruction_list", "carry_out"): _j("销毁完毕"),
    ("applicant", "enter"): _j("登记申请单位"),
    ("applicant", "correct"): _j("更正申请单位资料"),
    ("applicant", "amend"): _j("变更名称或代码"),
    ("receipt", "take_payment"): _j("收款"),
    ("scan", "attach_scan"): _j("附上扫描件"),
    ("case_item", "begin"): _j("开始制作"),
    ("case_item", "make"): _j("制好"),
    ("case_item", "undo"): _j("退回待制"),
    ("case_item", "spoil"): _j("信封作废，重设密码"),
    ("case_item", "hand_over"): _j("发放"),
    ("case_item", "give_up"): _j("放弃"),
    ("run", "begin"): _j("下单"),
    ("run", "certify"): _j("工位请求签发证书"),
    ("token", "begin"): _j("出库制作"),
    ("token", "make"): _j("制好"),
    ("token", "reopen"): _j("退回工位重设密码"),
    ("token", "take_in"): _j("持有人交来"),
    ("token", "give_back"): _j("还给持有人"),
    ("token", "hand_in"): _j("收回"),
    ("token", "lose"): _j("挂失"),
    ("token", "put_back"): _j("原样放回库存"),
    ("token", "spoil"): _j("作废"),
    ("token", "hand_over"): _j("发放"),
    ("envelope", "allot"): _j("领用"),
    ("envelope", "confirm"): _j("号码核对无误"),
    ("envelope", "void"): _j("作废"),
    ("certificate", "prepare"): _j("签发前存档"),
    ("certificate", "sign"): _j("签发，暂不启用"),
    ("certificate", "release"): _j("启用"),
    ("certificate", "revoke"): _j("吊销"),
    ("certificate", "suspend"): _j("暂停"),
    ("certificate", "resume"): _j("恢复使用"),
    ("supervisor_grant", "give"): _j("批准"),
    ("supervisor_grant", "use"): _j("用于解锁"),
    ("supervisor_grant", "book_loss"): _j("用于挂失"),
    ("certificate_check", "check"): _j("完成检测"),
    ("handover", "hand_over"): _j("交给领取人"),
    ("station", "invite"): _j("生成登记码"),
    ("station", "enrol"): _j("登记"),
    ("station", "disable"): _j("停用"),
    ("stray_certificate", "stray"): _j("发现并吊销"),
    ("token", "send_away"): _j("调出"),
    ("token", "arrive"): _j("调入"),
    ("token", "send_back"): _j("退回供应商"),
    ("token", "miss"): _j("盘亏"),
    ("token", "recover"): _j("找回"),
    ("envelope", "spoil"): _j("作废"),
    ("envelope", "send_away"): _j("调出"),
    ("envelope", "arrive"): _j("调入"),
    ("envelope", "send_back"): _j("退回供应商"),
    ("envelope", "miss"): _j("盘亏"),
    ("envelope", "recover"): _j("找回"),
    ("delivery", "receive"): _j("到货入库"),
    ("transfer", "send"): _j("发出"),
    ("transfer", "receive"): _j("全部收到"),
    ("transfer", "receive_short"): _j("收到一部分"),
    ("transfer", "settle"): _j("结清差额"),
    ("stock_import", "preview"): _j("预览"),
    ("stock_import", "take_over"): _j("导入"),
    ("stock_import", "finish"): _j("全部入库"),
    ("stock_import", "stop"): _j("停止导入，什么也没有入库"),
    ("stock_import", "drop"): _j("放弃"),
    ("branch", "set_low_water"): _j("设定库存警戒线"),
    ("job", "give_file"): _j("交来文件"),
    ("access_review", "review"): _j("逐人核对"),
    ("job", "ask"): _j("交办"),
    ("job", "take"): _j("开始"),
    ("job", "finish"): _j("完成"),
    ("job", "fail"): _j("失败"),
    ("job", "cancel"): _j("取消"),
    ("job", "export_list"): _j("导出列表"),
    ("money_entry", "refund"): _j("退款"),
    ("day_close", "count"): _j("盘点"),
    ("day_close", "countersign"): _j("签字日结"),
    ("day_close", "count_again"): _j("作废，重新盘点"),
    ("shift_handover", "offer"): _j("交班"),
    ("shift_handover", "accept"): _j("接班"),
    ("shift_handover", "decline"): _j("不接或收回"),
    ("money_entry", "waiver"): _j("减免"),
    ("money_entry", "float_in"): _j("放入备用金"),
    ("money_entry", "banked"): _j("解款"),
    ("money_entry", "difference"): _j("差额"),
    ("exception_request", "ask"): _j("提出"),
    ("exception_request", "grant"): _j("批准"),
    ("exception_request", "refuse"): _j("不批准"),
    ("exception_request", "withdraw"): _j("撤回"),
    ("exception_request", "use"): _j("照批准办理"),
    ("exception_request", "lapse"): _j("过期"),
    ("edition_draft", "begin"): _j("起草"),
    ("edition_draft", "save"): _j("修改"),
    ("edition_draft", "preview"): _j("预演"),
    ("edition_draft", "propose"): _j("提交发布"),
    ("edition_draft", "take_back"): _j("退回修改"),
    ("edition_draft", "publish"): _j("发布"),
    ("edition_draft", "drop"): _j("放弃"),
    ("branch", "open_branch"): _j("设立网点"),
    ("branch", "edit_branch"): _j("更改网点资料"),
    ("branch", "export_call_list"): _j("导出到期名单"),
    ("branch", "print_call_list"): _j("打印到期名单"),
    ("branch", "plant_demonstration"): _j("放入演示数据"),
    ("staff", "appoint"): _j("任命首位管理员"),
    ("staff", "admit"): _j("新增人员"),
    ("staff", "edit"): _j("更改姓名、网点或岗位"),
    ("staff", "disable"): _j("停用此人"),
    ("staff", "enable"): _j("恢复"),
    ("staff", "reset_access"): _j("重设密码与动态码"),
    ("staff", "agree_to_reset"): _j("确认重设"),
    ("staff", "know_of_reset"): _j("知悉重设"),
    ("staff", "change_password"): _j("更改密码"),
    ("staff", "enrol_second_factor"): _j("绑定动态码"),
    ("staff", "lock_account"): _j("密码连错，账号锁定"),
    ("platform", "admit"): _j("登记平台"),
    ("platform", "edit"): _j("更改平台资料"),
    ("platform", "issue_secret"): _j("发新密钥"),
    ("platform", "disable"): _j("停用平台"),
    ("platform", "enable"): _j("恢复平台"),
    ("platform", "hasten"): _j("立即再试"),
    ("platform", "sign_in"): _j("领取访问令牌"),
    ("platform", "plant_demonstration_platform"): _j("放入演示平台"),
    ("platform_event", "deliver"): _j("已送达"),
    ("platform_event", "give_up"): _j("送不到，停止重试"),
    ("platform_event", "send_again"): _j("重新发送"),
    ("office_key", "make"): _j("生成"),
    ("office_key", "renew"): _j("更换"),
    ("office_key", "withdraw"): _j("撤下"),
    ("office_key", "erase"): _j("期满，销毁私钥"),
    ("platform_event", "acknowledge"): _j("平台已确认"),
    ("binding", "bind"): _j("首次登录绑定"),
    ("binding", "end"): _j("结束"),
    ("binding", "move"): _j("随证书转到新证书"),
    ("relay", "relay"): _j("转交登记机关"),
    ("relay", "answer"): _j("登记机关已答复"),
    ("staff_session", "sign_in"): _j("登入"),
    ("staff_session", "sign_out"): _j("登出"),
    ("staff_session", "prove_again"): _j("再次确认身份"),
}

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
    words = ACTS.get((line.subject, line.act), line.act)
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
