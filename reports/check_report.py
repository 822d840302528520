"""The certificate check's report (证书检测报告): what is wrong, and what to do next, in words that a holder understands."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from reports.blocks import facts, heading, panel, paragraph, signatures, stack
from reports.facts import Facts, day_zh
from reports.flow import Block, Head, frame, lay_out, space
from reports.paper import MM, NAVY, QUIET, RED, WASH, Colour, alone

GREEN: Colour = (0.09, 0.41, 0.227)
AMBER: Colour = (0.62, 0.4, 0.04)
# By weight: the bar's colour, and what the point is called.
_WEIGHTS: dict[str, tuple[Colour, str, str]] = {
    "stop": (RED, "须处理", "To be put right"),
    "warn": (AMBER, "请留意", "Please note"),
    "well": (GREEN, "正常", "In order"),
    "note": (QUIET, "说明", "For your information"),
}


@dataclass(frozen=True)
class CheckLine(Facts):
    """One finding and its remedy, in the rulebook's words. `weight`: stop, warn, well or note."""

    weight: str
    message_zh: str
    message_en: str
    next_zh: str
    next_en: str

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.weight not in _WEIGHTS:
            self.refuse("weight", "is unknown")


@dataclass(frozen=True)
class CheckReport(Facts):
    """`findings` the heaviest first. The certificate's facts are empty where the office knows no such certificate."""

    number: str
    checked_on: date
    branch_name_zh: str
    branch_name_en: str
    clerk_name: str
    token_serial: str
    token_seen: bool  # it was in a station's slot
    findings: tuple[CheckLine, ...]
    certificate_serial: str = ""
    applicant_name: str = ""
    credit_code: str = ""
    status_zh: str = ""
    status_en: str = ""
    valid_until: date | None = None
    branch_address: str = ""
    branch_telephone: str = ""

    @property
    def wrong(self) -> int:
        return sum(1 for finding in self.findings if finding.weight in ("stop", "warn"))


@alone
def render(data: CheckReport) -> bytes:
    """One A4 page, as a rule. It holds no PIN: the office knows none."""
    head = Head(
        "证书检测报告",
        "Certificate check",
        data.number,
        data.number,
        f"{data.branch_name_zh}  {data.branch_name_en}",
        note="客户联 Customer's copy",
        contact=f"{data.branch_address}  {data.branch_telephone}".strip(),
    )
    looked = "登记信息和工位上的介质  Register, and token in the station"
    if not data.token_seen:
        looked = "登记信息（介质未插在工位上）  Register (the token was in no station)"
    blocks = [
        *facts(
            [
                ("单位名称", "Applicant", data.applicant_name),
                ("统一社会信用代码", "Credit code", data.credit_code),
                ("介质序列号", "Token serial", data.token_serial),
                ("证书状态", "Status", f"{data.status_zh} {data.status_en}".strip()),
                ("证书有效期至", "Certificate valid until", day_zh(data.valid_until) if data.valid_until else ""),
                ("检测日期", "Checked on", day_zh(data.checked_on)),
            ]
        ),
        *facts([("证书序列号", "Certificate serial", data.certificate_serial)], columns=1),
        *facts([("检测范围", "Looked at", looked)], columns=1),
        space(4 * MM),
        _verdict(data),
        heading("检测结果", "What was found"),
    ]
    for number, finding in enumerate(data.findings, 1):
        blocks.append(_finding(finding, number))
    blocks.append(space(2 * MM))
    blocks += paragraph(
        "介质密码只有持有人知道，网点和平台都不会向您索要。请不要自行格式化介质，那会毁掉密钥。",
        "Only the holder knows the token's PIN; neither branch nor platform will ever ask for it. Never format the token: that "
        "destroys its key.",
        size=9,
        small=7.4,
        colour=QUIET,
    )
    people = (("检测人员", "Checked by", data.clerk_name), ("持有人签收", "Received by", ""))
    return lay_out(head, blocks, signatures(people))


def _verdict(data: CheckReport) -> Block:
    wrong = data.wrong
    if wrong:
        points = "1 point needs" if wrong == 1 else f"{wrong} points need"
        words = (f"发现 {wrong} 处问题，请按下列说明办理。", f"{points} attention: please do as it says below.")
    else:
        words = ("没有发现问题。", "Nothing wrong was found.")
    inside = paragraph(*words, size=12.5, small=8, indent=5 * MM, measure=frame().measure - 9 * MM, weight=0.018, after=0)
    heaviest = {finding.weight for finding in data.findings}
    return panel(inside, WASH, bar=RED if "stop" in heaviest else AMBER if wrong else GREEN if "well" in heaviest else NAVY)


def _finding(finding: CheckLine, number: int) -> Block:
    colour, name_zh, name_en = _WEIGHTS[finding.weight]
    put = partial(paragraph, indent=5 * MM, measure=frame().measure - 9 * MM)
    return stack(
        [
            *put(f"{number}  {name_zh} · {name_en}", size=8, after=0.6 * MM, colour=colour),
            *put(finding.message_zh, finding.message_en, size=11, small=7.8, weight=0.018, after=1.2 * MM),
            *put(f"怎么办：{finding.next_zh}", finding.next_en, size=10, small=7.6, after=0),
        ],
        after=3.6 * MM,
    )
