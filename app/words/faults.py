"""Why a ceremony stopped and what to do, in plain words for the clerk: one sentence on what happened, one on the way out."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from models.rulebook.vocabulary import Fault


@dataclass(frozen=True)
class FaultWords:
    happened: LazyString
    way_out: LazyString


FAULTS: Mapping[Fault, FaultWords] = {
    Fault.no_token: FaultWords(
        _("工位的卡槽里没有找到这只介质。"),
        _("请把这只介质插好，再按“继续”；找不到它就换一只。"),
    ),
    Fault.wrong_token: FaultWords(
        _("卡槽里插的是另一只介质，介质号与选定的不同。"),
        _("请换插选定的那只，再按“继续”；不要用号码不同的介质代替。"),
    ),
    Fault.token_not_blank: FaultWords(
        _("这只介质里已经有内容，不是空白介质。"),
        _("程序不会清掉它。请把它交给主管，换一只空白介质。"),
    ),
    Fault.token_removed: FaultWords(
        _("操作还没有做完，介质就被拔出了。"),
        _("请插回同一只介质，再按“继续”，程序从断开处接着做。"),
    ),
    Fault.driver_hung: FaultWords(
        _("介质驱动在规定时间内没有响应，程序已把它停下。"),
        _("请拔出介质重新插好，再按“继续”；再次停住就换一只。"),
    ),
    Fault.driver_failed: FaultWords(
        _("介质驱动报告了错误。"),
        _("请重新插好介质，再按“继续”；再次停住就换一只，并把下面的技术信息告诉技术人员。"),
    ),
    Fault.station_gone: FaultWords(
        _("工位程序已有 20 秒以上没有消息。"),
        _("请看工位电脑是否开着、网络是否接通；工位一恢复就自动接着做。"),
    ),
    Fault.authority_refused: FaultWords(
        _("发证机构检查后拒绝签发这张证书。"),
        _("请核对单位名称和信用代码；资料无误时把下面的技术信息告诉主管。"),
    ),
    Fault.authority_unreachable: FaultWords(
        _("发证机构的签发服务暂时没有应答，证书还没有签出。"),
        _("请稍等片刻再按“继续”，不会重复签发。"),
    ),
    Fault.key_lost: FaultWords(
        _("证书已经签发，但介质上不再有它的密钥。"),
        _("这只介质不能再用。请换一只，程序会吊销那张证书。"),
    ),
    Fault.proof_failed: FaultWords(
        _("介质写好后没有通过验证：打不开、签名不对或证书不一致。"),
        _("请按“继续”再试一次；再次不通过就换一只。"),
    ),
    Fault.printer_jammed: FaultWords(
        _("信封打印机没有把信封打印完。"),
        _("请清理打印机并收好废纸，再按“继续”；程序会换新密码和新信封号。"),
    ),
    Fault.no_envelope: FaultWords(
        _("本网点的密码信封已经用完。"),
        _("请主管补充信封库存，再按“继续”。"),
    ),
    Fault.wrong_key: FaultWords(
        _("这只介质上没有这张证书的密钥。"),
        _("请核对是不是拿错了介质；确是这一只时，不能再办，请取消。"),
    ),
    Fault.pin_locked: FaultWords(
        _("密码连续输错，介质已经锁死。"),
        _("请先办理解锁，再按“继续”。"),
    ),
    Fault.pin_not_given: FaultWords(
        _("持有人没有在工位上输入密码。"),
        _("请持有人输入密码后按“继续”；忘记密码的，先办理解锁。"),
    ),
}

# What a slot of a station holds, against the stock.
SLOTS: Mapping[str, tuple[LazyString, str]] = {
    "empty": (_("空"), "quiet"),
    "ready": (_("可用"), "good"),
    "not_blank": (_("不是空白的"), "bad"),
    "in_use": (_("已用"), "warn"),
    "unknown": (_("不在本网点库存"), "bad"),
    "unreadable": (_("读不出介质号"), "bad"),
}

PRINTERS: Mapping[str, tuple[LazyString, str]] = {
    "ready": (_("就绪"), "good"),
    "jammed": (_("故障"), "bad"),
    "absent": (_("没有找到"), "bad"),
}
