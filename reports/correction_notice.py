"""The one-time correction notice (一次性补正告知单): everything that is missing, at once, with what to bring."""

from dataclasses import dataclass

from reports.blocks import facts, heading, panel, paragraph, signatures
from reports.case_paper import CasePaper
from reports.facts import Facts, day_zh
from reports.flow import MARGIN, Block, frame, lay_out, space
from reports.lines import wrap
from reports.paper import HAIR, MM, QUIET, RED, WASH, Sheet, alone


@dataclass(frozen=True)
class Defect(Facts):
    """What is wrong and what to bring, in the rulebook's words; `clause` names the rule (may be empty)."""

    message_zh: str
    message_en: str
    document_zh: str = ""  # which paper it is about; empty: none, or the set as a whole
    document_en: str = ""
    clause: str = ""


@dataclass(frozen=True)
class DefectGroup(Facts):
    """The defects of one document set, or (set_number 0) of the whole application."""

    set_number: int
    defects: tuple[Defect, ...]
    set_label: str = ""  # the reference written on the physical set


@dataclass(frozen=True, kw_only=True)
class CorrectionNotice(CasePaper):
    clerk_name: str
    groups: tuple[DefectGroup, ...]
    advice: tuple[Defect, ...] = ()  # not required; said so

    @property
    def defect_count(self) -> int:
        return sum(len(group.defects) for group in self.groups)


@alone
def render(data: CorrectionNotice) -> bytes:
    """As many A4 pages as it needs; the customer's copy."""
    head = data.head("一次性补正告知单", "Notice of what is still needed")
    blocks = [
        *facts(
            [
                ("申请单位", "Applicant", data.applicant_name),
                ("统一社会信用代码", "Credit code", data.credit_code),
                ("到场人", "Presented by", data.presenter_name),
                ("告知日期", "Date", day_zh(data.issued_on)),
                ("告知单编号", "Notice number", data.number),
                ("受理网点", "Branch", data.branch_name_zh),
            ]
        ),
        space(4 * MM),
        _statement(data.defect_count),
    ]
    counter = 0
    for group in data.groups:
        blocks += _group(group, counter)
        counter += len(group.defects)
    if data.advice:
        blocks += _advice(data.advice)
    blocks += _next_visit(data)
    return lay_out(head, blocks, signatures((("经办人员", "Clerk", data.clerk_name), ("到场人签收", "Received by", ""))))


def _statement(count: int) -> Block:
    points = "1 point has" if count == 1 else f"{count} points have"
    return panel(
        [
            *paragraph(
                f"以下 {count} 处需要补正。这是本次需要补正的全部内容，请一次备齐。",
                f"{points} to be put right. This is everything that is needed for this application: please bring it all at once.",
                size=11.5,
                small=8,
                indent=5 * MM,
                measure=frame().measure - 9 * MM,
                weight=0.018,
                after=0,
            )
        ],
        WASH,
        bar=RED,
    )


def _group(group: DefectGroup, before: int) -> list[Block]:
    count = len(group.defects)
    tally = f"{count} 处 · {count} point{'s' if count > 1 else ''}"
    label = f"    标签 Label  {group.set_label}" if group.set_label else ""
    names = ("整件申请", "The application as a whole") if group.set_number == 0 else (
        f"第 {group.set_number} 份鉴证材料", f"Document set {group.set_number}{label}")  # fmt: skip
    again = heading(*names, tally, repeat=True)
    blocks = [heading(*names, tally)]
    for offset, defect in enumerate(group.defects, 1):
        blocks.append(_defect(defect, str(before + offset), again))
    blocks.append(space(2 * MM))
    return blocks


def _defect(defect: Defect, number: str, again: Block | None, tick: bool = True) -> Block:
    text_x, document_wide = 14 * MM, 40 * MM if defect.document_zh or defect.document_en else 16 * MM
    measure = frame().measure - text_x - document_wide - 6 * MM
    upper, lower = wrap(defect.message_zh, measure, 10), wrap(defect.message_en, measure, 7.6)
    document = wrap(defect.document_zh, document_wide, 9)
    document_small = wrap(" · ".join(part for part in (defect.document_en, defect.clause) if part), document_wide, 6.8)
    height = max(len(upper) * 14.2 + len(lower) * 10.4, len(document) * 12.6 + len(document_small) * 9.2) + 3 * MM

    def draw(sheet: Sheet, y: float) -> None:
        first = y + 1.6 * MM + 10
        if tick:
            sheet.tick_box(MARGIN + 1 * MM, first, 8.5)
        sheet.text(MARGIN + 11 * MM, first, number, 9, align="right", colour=QUIET)
        sheet.lines(MARGIN + text_x, first, upper, 10, 14.2)
        sheet.lines(MARGIN + text_x, first + len(upper) * 14.2 - 3, lower, 7.6, 10.4, colour=QUIET)
        right = MARGIN + frame().measure
        sheet.lines(right, first, document, 9, 12.6, align="right")
        sheet.lines(right, first + len(document) * 12.6 - 3, document_small, 6.8, 9.2, align="right", colour=QUIET)
        sheet.rule(MARGIN + text_x, y + height, right, colour=HAIR, line=0.4)

    return Block(height, draw, repeat=again)


def _advice(advice: tuple[Defect, ...]) -> list[Block]:
    names = ("建议（不影响受理）", "Advice only; not a condition")
    return [
        heading(*names),
        *(_defect(each, "·", heading(*names, repeat=True), tick=False) for each in advice),
        space(3 * MM),
    ]


def _next_visit(data: CorrectionNotice) -> list[Block]:
    where = "，".join(part for part in (data.branch_name_zh, data.branch_address) if part)
    phone = f"电话 {data.branch_telephone}" if data.branch_telephone else ""
    inner = frame().measure - 9 * MM
    steps = [
        ("再次办理时，请带上本告知单、上述材料和本人身份证件原件。",
         "When you come again, bring this notice, the papers above and your own identity document."),
        ("出示右上角条码即可找到原申请，只核对上述各项，已合格的材料不再重审。",
         "The bar code at the top opens the same application: only the points above are examined again."),
        (f"办理地点：{where}。{phone}", f"Where: {data.branch_name_en}"),
    ]  # fmt: skip
    return [
        space(2 * MM),
        panel(
            [
                block
                for chinese, english in steps
                for block in paragraph(chinese, english, size=9.5, small=7.2, indent=5 * MM, measure=inner, after=1.6 * MM)
            ],
            WASH,
        ),
    ]
