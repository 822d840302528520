"""The relay slip (平台账号重置转办单): to whom a reset of a platform's user name or password was passed on, and what came of it."""

from dataclasses import dataclass
from datetime import date

from reports.blocks import facts, heading, numbered, panel, paragraph, signatures
from reports.case_paper import CasePaper
from reports.facts import day_zh
from reports.flow import Block, frame, lay_out, space
from reports.paper import MM, NAVY, RED, WASH, alone


@dataclass(frozen=True, kw_only=True)
class RelaySlip(CasePaper):
    """`answered_on` None: the registry authority has not answered yet; `answer` and `note` are empty then."""

    platform_zh: str
    platform_en: str
    registry_authority: str
    clerk_name: str
    answered_on: date | None
    done: bool = False  # what the answer was
    note: str = ""  # in the authority's words, as it was written down
    token_serial: str = ""
    certificate_serial: str = ""
    platform_telephone: str = ""


@alone
def render(data: RelaySlip) -> bytes:
    """One A4 page."""
    head = data.head("平台账号重置转办单", "Relay slip")
    blocks = [
        *facts(
            [
                ("申请单位", "Applicant", data.applicant_name),
                ("统一社会信用代码", "Credit code", data.credit_code),
                ("到场人", "Presented by", data.presenter_name),
                ("转办日期", "Passed on", day_zh(data.issued_on)),
                ("转办单编号", "Slip number", data.number),
                ("介质序列号", "Token serial", data.token_serial),
            ]
        ),
        *facts([("证书序列号", "Certificate serial", data.certificate_serial)], columns=1),
        *facts([("平台", "Platform", f"{data.platform_zh} {data.platform_en}".strip())], columns=1),
        *facts([("登记管理机关", "Registry authority", data.registry_authority)], columns=1),
        space(4 * MM),
        _state(data),
        *(facts([("答复内容", "In its words", data.note)], columns=1) if data.note else ()),
        heading("接下来", "What comes next"),
        *numbered(_steps(data)),
        heading("说明", "Please note"),
        *_note(
            "平台的用户名、密码不是介质密码，也不由窗口保管：窗口不能重置，只能转办。",
            "The platform's user name and password are not the token's PIN, and the counter does not keep them: it can only pass the "
            "request on.",
        ),
        *_note(
            "证书、介质密码和已有的平台绑定都没有变。",
            "The certificate, the token's PIN and the bindings to platforms are unchanged.",
        ),
        *_note(
            f"平台页面上的问题，请向平台咨询。{f'平台电话：{data.platform_telephone}。' if data.platform_telephone else ''}",
            f"Ask the platform about its own pages.{f' Telephone: {data.platform_telephone}.' if data.platform_telephone else ''}",
        ),
    ]
    people = (("经办人员", "Passed on by", data.clerk_name), ("到场人签收", "Received by", ""))
    return lay_out(head, blocks, signatures(people))


def _note(zh: str, en: str) -> list[Block]:
    return paragraph(zh, en, size=10, small=7.8)


def _state(data: RelaySlip) -> Block:
    """What the registry authority said, on a ground of its own; in red as long as it has said nothing, and where it refused."""
    if data.answered_on is None:
        said = ("已转交登记管理机关，尚未答复。", "Passed on to the registry authority, which has not answered yet.")
    elif data.done:
        said = (
            f"登记管理机关已于{day_zh(data.answered_on)}答复：已重置。",
            "The registry authority has answered: it was reset.",
        )
    else:
        said = (
            f"登记管理机关已于{day_zh(data.answered_on)}答复：不予重置。",
            "The registry authority has answered: it was not reset.",
        )
    measure = frame().measure - 9 * MM
    words = paragraph(*said, size=12.5, small=8, indent=5 * MM, measure=measure, weight=0.018, after=0)
    return panel(words, WASH, bar=NAVY if data.done else RED)


def _steps(data: RelaySlip) -> list[tuple[str, str]]:
    if data.answered_on is None:
        return [
            (
                "等候登记管理机关答复；有答复后网点按您留的手机通知您，也可凭案件号到任一网点查询。",
                "Wait for the registry authority's answer. The branch will call you; any branch can tell by the case number.",
            ),
            (
                "答复以前，请不要用猜的密码反复登录，以免平台账号被锁。",
                "Until then do not try passwords by guessing: the platform may lock the account.",
            ),
        ]
    if data.done:
        return [
            (
                "按登记管理机关给您的用户名和密码登录平台，并立即改成自己的密码。",
                "Log in with the user name and password that the registry authority gives you, and change the password at once.",
            ),
            (
                "还没有绑定证书的，首次用证书登录时输入这一用户名和密码完成绑定。",
                "If no certificate is bound yet, type them at the first log-in with the certificate to bind it.",
            ),
        ]
    return [
        (
            "按答复中的说明备齐材料，直接向登记管理机关申请；也可备齐后到窗口再次转办。",
            "Do as the answer says and turn to the registry authority itself, or have the counter pass it on once more.",
        )
    ]
