"""The acceptance slip (受理回执): what was received and what happens next, with the claim stub at its foot."""

from dataclasses import dataclass
from datetime import date
from itertools import groupby

from reports.blocks import facts, heading, paragraph, stack
from reports.facts import Facts, day_zh
from reports.flow import MARGIN, Block, Head, frame, lay_out, space
from reports.fonts import MONO
from reports.lines import fit
from reports.marks import code128, qr
from reports.money import yuan
from reports.paper import MM, NAVY, QUIET, Sheet, alone, text_width
from reports.table import Cell, Column, table


@dataclass(frozen=True)
class ReceivedSet(Facts):
    """One document set as received: `papers` are (Chinese, English) each, "营业执照副本：原件、复印件（盖章）" and the like."""

    number: int
    papers: tuple[tuple[str, str], ...]
    label: str = ""


@dataclass(frozen=True)
class AcceptanceSlip(Facts):
    """`fees_fen`: what each certificate is expected to cost, in order. `uses`: (Chinese, English) each, may be none.

    `next_steps`: what happens next, (Chinese, English) each; none: what happens next to an order of new certificates.
    `admission`: number and ground of the supervisor's leave, where no rule covers the applicant.
    """

    number: str
    case_number: str
    case_kind_zh: str
    case_kind_en: str
    accepted_on: date
    branch_name_zh: str
    branch_name_en: str
    applicant_name: str
    credit_code: str
    presenter_name: str
    presenter_identity: str  # kind and masked number
    clerk_name: str
    sets: tuple[ReceivedSet, ...]
    fees_fen: tuple[int, ...]
    uses: tuple[tuple[str, str], ...] = ()
    branch_address: str = ""
    branch_telephone: str = ""
    next_steps: tuple[tuple[str, str], ...] = ()
    admission: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if any(isinstance(fee, bool) or not isinstance(fee, int) or fee < 0 for fee in self.fees_fen):
            self.refuse("fees_fen", "is not whole fen from zero")


@alone
def render(data: AcceptanceSlip) -> bytes:
    """As many A4 pages as the sets need; the stub is at the foot of the last."""
    head = Head(
        "受理回执",
        "Acceptance slip",
        data.number,
        data.case_number,
        f"{data.branch_name_zh}  {data.branch_name_en}",
        note="客户联 Customer's copy",
        contact=f"{data.branch_address}  {data.branch_telephone}".strip(),
    )
    uses = "、".join(f"{chinese} {english}".strip() for chinese, english in data.uses)
    blocks = [
        *facts(
            [
                ("申请单位", "Applicant", data.applicant_name),
                ("统一社会信用代码", "Credit code", data.credit_code),
                ("到场人", "Presented by", data.presenter_name),
                ("身份证件", "Identity document", data.presenter_identity),
                ("业务 · 张数", "Case · certificates", f"{data.case_kind_zh} {data.case_kind_en} · {len(data.fees_fen)} 张"),
                ("回执编号", "Slip number", data.number),
                ("受理日期", "Accepted on", day_zh(data.accepted_on)),
                ("受理人员", "Accepted by", data.clerk_name),
            ]
        ),
        *facts(
            [
                ("证书用途", "Uses", uses),
                ("预计费用", "Expected fee, yuan", _fee_sentence(data.fees_fen)),
                *([("特批依据", "Admitted by leave", data.admission)] if data.admission else []),
            ],
            columns=1,
        ),
        space(2 * MM),
        *_received(data),
        *_next_steps(data.next_steps or _STEPS),
    ]
    return lay_out(head, blocks, _stub(data))


def _received(data: AcceptanceSlip) -> list[Block]:
    rows = []
    for received in data.sets:
        papers = "；".join(chinese for chinese, _ in received.papers)
        english = "; ".join(english for _, english in received.papers if english)
        rows.append((f"第 {received.number} 份", received.label or "—", Cell(papers, english)))
    columns = (Column("份", "Set", 1.1), Column("标签", "Label", 1.9), Column("收到的材料", "Papers received", 9))
    count = len(data.sets)
    return [
        heading("收到的材料", "Papers received", f"共 {count} 份 · {count} set{'s' if count > 1 else ''}"),
        *table(columns, rows, size=9),
    ]


def _fee_sentence(fees: tuple[int, ...]) -> str:
    """Neighbours of one price are told in one: 99 certificates need no 99 lines."""
    parts, position = [], 1
    for fee, same in groupby(fees):
        count = len(list(same))
        last = position + count - 1
        parts.append(f"第 {position} 张 {yuan(fee)}" if count == 1 else f"第 {position}–{last} 张 每张 {yuan(fee)}")
        position = last + 1
    return f"¥ {yuan(sum(fees))}（{'，'.join(parts)}；以复核通过时核定为准）"


_STEPS = (
    ("材料由另一名工作人员复核；如有费用，复核通过后在窗口缴纳。",
     "A second member of staff reviews the papers; a fee, if any, is paid at the counter after that."),
    ("制证完成后，凭下方领取凭条和领取人身份证件原件，在本网点领取介质和密码信封。",
     "When the token is ready, bring the stub below and the collector's own identity document to this branch."),
    ("领取时请当场核对：介质序列号与签收单一致，密码信封完好未拆。",
     "At the counter check that the token's serial agrees with the receipt and the PIN envelope is unopened."),
)  # fmt: skip


def _next_steps(steps: tuple[tuple[str, str], ...]) -> list[Block]:
    numbered = enumerate(steps, start=1)
    sentences = [block for n, (zh, en) in numbered for block in paragraph(f"{n}  {zh}", en, size=9.5, small=7.2, after=1.6 * MM)]
    return [stack([heading("接下来", "What happens next"), *sentences])]


def _stub(data: AcceptanceSlip) -> Block:
    height = 63 * MM

    def draw(sheet: Sheet, y: float) -> None:
        _cut_line(sheet, y + 4 * MM)
        left, right = MARGIN, MARGIN + frame().measure
        top = y + 12 * MM
        wide = sheet.text(left, top + 3 * MM, "领取凭条", 14, colour=NAVY, weight=0.022)
        sheet.text(left + wide + 3 * MM, top + 3 * MM, "Claim stub", 8.5, colour=QUIET)
        sheet.text(left, top + 7.4 * MM, "请妥善保管，遗失请立即告知网点", 7.4, colour=QUIET)
        qr(sheet, right - 25 * MM, top - 1 * MM, data.case_number, 25 * MM)
        code128(sheet, right - 34 * MM, top - 1 * MM, data.case_number, 66 * MM, 12 * MM, align="right")
        sheet.text(right - 34 * MM, top + 18 * MM, data.case_number, 15, face=MONO, align="right")
        sheet.text(right - 34 * MM, top + 22.5 * MM, "案件号 Case number", 7, colour=QUIET, align="right")
        _stub_facts(sheet, data, top + 13.5 * MM, left, right)
        bring = (
            ("领取时请带：本凭条；领取人身份证件原件；非到场人领取的，另带单位介绍信。",
             "To collect, bring: this stub; the collector's identity document; a letter from the applicant if somebody else collects."),
        )  # fmt: skip
        for chinese, english in bring:
            sheet.text(left, top + 44.5 * MM, chinese, 8.8)
            sheet.text(left, top + 48 * MM, english, 6.8, colour=QUIET)

    return Block(height, draw)


def _stub_facts(sheet: Sheet, data: AcceptanceSlip, y: float, left: float, right: float) -> None:
    room = right - left - 34 * MM - 66 * MM - 6 * MM
    entries = (
        ("受理日期", "Accepted", day_zh(data.accepted_on), room - 22 * MM, 1),
        ("证书张数", "Certificates", f"{len(data.fees_fen)} 张", room - 22 * MM, 1),
    )
    for chinese, english, value, measure, most in entries:
        sheet.text(left, y, chinese, 8, colour=QUIET)
        sheet.text(left, y + 2.8 * MM, english, 6, colour=QUIET)
        size, lines = fit(value, measure, (9.5, 8.5, 7.5), most, "stub")
        sheet.lines(left + 20 * MM, y + 0.6 * MM, lines, size, size * 1.25)
        y += 6.4 * MM
    y += 2.5 * MM
    for chinese, english, value in (
        ("申请单位", "Applicant", data.applicant_name),
        (
            "领取网点",
            "Collect at",
            "  ".join(part for part in (data.branch_name_zh, data.branch_address, data.branch_telephone) if part),
        ),
    ):
        sheet.text(left, y, chinese, 8, colour=QUIET)
        sheet.text(left, y + 2.8 * MM, english, 6, colour=QUIET)
        size, lines = fit(value, right - left - 20 * MM, (9.5, 8.5, 7.5, 6.5, 5.6), 2, "stub")
        top = y + 0.6 * MM - (len(lines) - 1) * size * 0.3
        sheet.lines(left + 20 * MM, top, lines, size, size * 1.22)
        y += 7.4 * MM


def _cut_line(sheet: Sheet, y: float) -> None:
    words = "沿此线剪下 · Cut here"
    half = text_width(words, 7) / 2 + 3 * MM
    middle = sheet.width / 2
    sheet.rule(8 * MM, y, middle - half, colour=QUIET, line=0.6, dash=(3, 2.4))
    sheet.rule(middle + half, y, sheet.width - 8 * MM, colour=QUIET, line=0.6, dash=(3, 2.4))
    sheet.text(middle, y + 2.4, words, 7, align="centre", colour=QUIET)
