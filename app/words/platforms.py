"""What is said about platforms and what they are told: refusals, and the faults of a try."""

from collections.abc import Mapping

from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _

from models.rulebook.signing_keys import KeyStanding

SENTENCES: dict[str, LazyString] = {
    "platform_code_form": _("平台代码用小写字母开头，只含小写字母、数字和下划线，2 至 24 位。"),
    "platform_code_taken": _("这个平台代码已有。"),
    "calls_range": _("每分钟调用次数是 1 至 60000。"),
    "webhook_form": _("不是完整的网址：以 https:// 开头，不带用户名和 # 部分。"),
    "webhook_https": _("本机以外的地址必须以 https:// 开头。"),
    "webhook_network": _("受理系统不向这个网络发送通知；确需发送的，请管理员在设置 OFFICE_WEBHOOK_NETWORKS 中写明。"),
    "key_announced": _("已有一把新密钥公布了、还没有启用，不能再换；疑似泄露时可以立即更换。"),
}

# What a signing key is good for now, and the tone of it.
KEY_STANDINGS: Mapping[KeyStanding, tuple[LazyString, str]] = {
    KeyStanding.announced: (_("已公布，尚未启用"), "amber"),
    KeyStanding.signing: (_("签名中"), "green"),
    KeyStanding.verifying: (_("只供核对"), "blue"),
    KeyStanding.retired: (_("已停用"), ""),
    KeyStanding.withdrawn: (_("已撤下"), "red"),
}

FAULTS: Mapping[str, LazyString] = {
    "timeout": _("超时"),
    "connection_refused": _("拒绝连接"),
    "name_unknown": _("域名无法解析"),
    "unreachable": _("网络不通"),
    "broken_off": _("连接中断"),
    "certificate": _("对方证书不可信"),
    "tls": _("加密连接失败"),
    "redirect": _("要求转往别处，未跟随"),
    "refused": _("平台没有接收"),
    "address": _("地址不可用"),
    "cut_off": _("程序中断，结果不明"),
}


def attempt_in_words(status: int | None, fault: str) -> str:
    """「503 平台没有接收」「超时」「已送达」; an attempt without an end is under way."""
    if not fault:
        return gettext("已送达") if status is not None else gettext("正在发送")
    told = str(FAULTS.get(fault, fault))
    return told if status is None else f"{status} {told}"
