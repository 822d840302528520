"""The binding slip (平台绑定办理单): which binding ended at which platform, whether the platform obeyed, and what to do at the next login."""

from dataclasses import dataclass
from datetime import date

from reports.blocks import facts, heading, numbered, panel, paragraph, signatures
from reports.case_paper import CasePaper, signers
from reports.facts import day_en, day_zh
from reports.flow import Block, frame, lay_out, space
from reports.paper import MM, NAVY, RED, WASH, alone


@dataclass(frozen=True, kw_only=True)
class BindingSlip(CasePaper):
    """`ended_*` are empty where no binding was live. `chosen_*` are empty where no certificate was chosen: the next login decides.

    `acknowledged_on` None: the platform has not said yet that it obeyed. `waits` False: there is nothing for it to acknowledge.
    """

    kind_zh: str
    kind_en: str
    platform_zh: str
    platform_en: str
    clerk_name: str
    agreed_name: str  # who granted it
    acknowledged_on: date | None
    waits: bool
    ended_token: str = ""
    ended_serial: str = ""
    ended_account: str = ""  # the platform's own word for the account, masked
    bound_since: date | None = None
    chosen_token: str = ""
    chosen_serial: str = ""
    chosen_until: date | None = None
    platform_telephone: str = ""
    registry_authority: str = ""


@alone
def render(data: BindingSlip) -> bytes:
    """One A4 page."""
    head = data.head("平台绑定办理单", "Binding slip")
    blocks = [
        *facts(
            [
                ("申请单位", "Applicant", data.applicant_name),
                ("统一社会信用代码", "Credit code", data.credit_code),
                ("业务", "Case", f"{data.kind_zh} {data.kind_en}"),
                ("到场人", "Presented by", data.presenter_name),
                ("办理日期", "Date", day_zh(data.issued_on)),
                ("办理单编号", "Slip number", data.number),
            ]
        ),
        *facts([("平台", "Platform", _joined(data.platform_zh, data.platform_en))], columns=1),
        space(4 * MM),
        _state(data),
        *_certificates(data),
        heading("下次登录时", "At the next login"),
        *numbered(_steps(data)),
        heading("说明", "Please note"),
        *_note(
            f"证书和密码没有变，其他平台的绑定不受影响。{_ask(data.platform_telephone, '平台页面上的问题请问平台：', '。')}",
            "Certificate and PIN are unchanged, and so are bindings to other platforms. Ask the platform about its own pages.",
        ),
        *_note(
            f"平台的用户名、密码由登记管理机关重置，窗口只代为转办。{_ask(data.registry_authority, '登记管理机关：', '。')}",
            "The platform's user name and password are reset by the registry authority; the counter can only pass the request on.",
        ),
    ]
    return lay_out(head, blocks, signatures(signers(data.clerk_name, "批准人员", "Granted by", data.agreed_name)))


def _joined(zh: str, en: str) -> str:
    return f"{zh} {en}".strip()


def _ask(value: str, before: str, after: str) -> str:
    return f"{before}{value}{after}" if value else ""


def _note(zh: str, en: str) -> list[Block]:
    return paragraph(zh, en, size=9.5, small=7.4)


def _state(data: BindingSlip) -> Block:
    """How far it is, on a ground of its own: in red as long as the platform has not answered."""
    if not data.waits:
        said = (
            "平台上没有使用中的绑定，无须平台确认。",
            "No binding was live at the platform: there is nothing for it to confirm.",
        )
    elif data.acknowledged_on is None:
        said = (
            "已通知平台，平台尚未确认。平台确认以前，这项业务没有办完。",
            "The platform was told and has not confirmed yet. Until it does, this is not done.",
        )
    else:
        said = (
            f"平台已于{day_zh(data.acknowledged_on)}确认，原绑定已解除。",
            f"The platform confirmed on {day_en(data.acknowledged_on)}: the binding has ended.",
        )
    measure = frame().measure - 9 * MM
    waiting = data.waits and data.acknowledged_on is None
    words = paragraph(*said, size=12.5, small=8, indent=5 * MM, measure=measure, weight=0.018, after=0)
    return panel(words, WASH, bar=RED if waiting else NAVY)


def _certificates(data: BindingSlip) -> list[Block]:
    """Which certificate was bound, and which one is to be."""
    rows: list[Block] = []
    if data.ended_serial:
        since = day_zh(data.bound_since) if data.bound_since is not None else ""
        rows += facts([("结束绑定的介质", "Token no longer bound", data.ended_token), ("绑定自", "Bound since", since)])
        rows += facts([("证书序列号", "Certificate serial", data.ended_serial)], columns=1)
        rows += facts([("平台账号", "Platform account", data.ended_account)], columns=1)
    if data.chosen_serial:
        until = day_zh(data.chosen_until) if data.chosen_until is not None else ""
        rows += facts([("选定绑定的介质", "Token chosen", data.chosen_token), ("有效期至", "Valid until", until)])
        rows += facts([("证书序列号", "Certificate serial", data.chosen_serial)], columns=1)
    return [heading("证书", "Certificates"), *rows, space(3 * MM)] if rows else []


def _steps(data: BindingSlip) -> list[tuple[str, str]]:
    wait = (
        "等平台确认以后再登录；是否已确认，可凭案件号到任一网点查询。",
        "Wait until the platform has confirmed; any branch can tell by the case number.",
    )
    if data.chosen_token:
        insert = (
            f"插入介质 {data.chosen_token}，用上面选定的证书登录平台；用别的证书登录会被拒绝。",
            f"Insert the token {data.chosen_token} and log in with the certificate chosen above; any other is refused.",
        )
    else:
        insert = (
            "插入要绑定的那张证书的介质，选“一证通方式”登录平台；这次绑定的就是这一张。",
            "Insert the token whose certificate is to be bound and log in by One-Certificate: that very certificate is bound.",
        )
    bind = (
        "平台提示绑定时，核对页面上显示的单位名称，输入该平台自己的用户名和密码（不是介质密码），点“绑定”。",
        "When asked to bind, compare the organisation's name, type the platform's own user name and password, not the token's "
        "PIN, and press 绑定 (bind).",
    )
    waiting = data.waits and data.acknowledged_on is None
    return [wait, insert, bind] if waiting else [insert, bind]
