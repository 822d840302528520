"""The handover receipt (领证签收单): two copies on one A4 sheet, the office's above, the customer's below, both to be signed."""

from dataclasses import dataclass
from datetime import date

from reports.facts import Facts, day_zh
from reports.fonts import HEI, MONO
from reports.lines import fit
from reports.marks import code128
from reports.paper import HAIR, INK, MM, NAVY, QUIET, SERVICE_EN, SERVICE_ZH, Sheet, alone, text_width

HALF = 148.5 * MM
LEFT, RIGHT = 18 * MM, 192 * MM


Cell = tuple[str, str, str, str]


@dataclass(frozen=True)
class HandoverReceipt(Facts):
    """One token with its certificate. `certificate_serial` in hexadecimal, grouped on paper. `envelope_number` "": the PIN stayed
    as it was; `new_certificate` False: so did the certificate. `bindings_*`: platforms where the old certificate was bound."""

    number: str
    case_number: str
    handed_over_on: date
    branch_name_zh: str
    branch_name_en: str
    applicant_name: str
    credit_code: str
    token_serial: str
    certificate_serial: str
    valid_from: date
    valid_until: date
    collector_name: str
    collector_identity: str  # kind and masked number
    clerk_name: str
    envelope_number: str = ""
    new_certificate: bool = True
    branch_telephone: str = ""
    bindings_kept: tuple[str, ...] = ()  # they go on with the new certificate
    bindings_anew: tuple[str, ...] = ()  # the first login with the new certificate binds

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.valid_until < self.valid_from:
            self.refuse("valid_until", "lies before the beginning")


@alone
def render(data: HandoverReceipt) -> bytes:
    """One A4 page. Raises DoesNotFit for texts far beyond what the office's fields hold."""
    sheet = Sheet(f"领证签收单 Handover receipt {data.number}")
    _copy(sheet, data, 0, "网点留存联", "Office copy")
    _cut(sheet)
    _copy(sheet, data, HALF, "客户联", "Customer's copy")
    return sheet.finish()


def _cut(sheet: Sheet) -> None:
    words = "沿此线裁开 · Cut here"
    half = text_width(words, 6.8) / 2 + 3 * MM
    middle = sheet.width / 2
    for start, end in ((8 * MM, middle - half), (middle + half, sheet.width - 8 * MM)):
        sheet.rule(start, HALF, end, colour=QUIET, line=0.6, dash=(3, 2.4))
    sheet.text(middle, HALF + 2.3, words, 6.8, align="centre", colour=QUIET)


def _copy(sheet: Sheet, data: HandoverReceipt, top: float, copy_zh: str, copy_en: str) -> None:
    wide = sheet.text(LEFT, top + 13 * MM, SERVICE_ZH, 9, colour=NAVY, weight=0.025)
    sheet.text(LEFT + wide + 2.5 * MM, top + 13 * MM, SERVICE_EN, 7, colour=QUIET)
    wide = sheet.text(LEFT, top + 21.5 * MM, "领证签收单", 17, colour=NAVY, weight=0.022)
    sheet.text(LEFT + wide + 3 * MM, top + 21.5 * MM, "Handover receipt", 8.5, colour=QUIET)
    code128(sheet, RIGHT, top + 9 * MM, data.case_number, 58 * MM, 8.5 * MM, align="right")
    sheet.text(RIGHT, top + 21.2 * MM, data.case_number, 8, align="right", face=MONO)
    sheet.rule(LEFT, top + 24.8 * MM, RIGHT, colour=NAVY, line=1.2)
    sheet.text(LEFT, top + 29.6 * MM, f"编号 No.  {data.number}", 8, colour=QUIET)
    sheet.text(RIGHT, top + 29.6 * MM, f"{copy_zh} {copy_en}", 8, colour=QUIET, align="right")
    is_tight = bool(data.bindings_kept or data.bindings_anew)  # one more row on half a sheet
    y = _facts(sheet, data, top + (31.4 if is_tight else 32.5) * MM, is_tight)
    y = _checks(sheet, data, y + (2 if is_tight else 4) * MM, (8 if is_tight else 9) * MM)
    _sign(sheet, data, max(y, top + 118 * MM), top)


def _facts(sheet: Sheet, data: HandoverReceipt, y: float, is_tight: bool) -> float:
    valid = f"{day_zh(data.valid_from)} – {day_zh(data.valid_until)}"
    envelope = ("信封编号", "Envelope number", data.envelope_number, MONO)
    if not data.envelope_number:
        envelope = ("密码", "PIN", "不变 · unchanged", HEI)
    rows: tuple[tuple[Cell, ...], ...] = (
        (("申请单位", "Applicant", data.applicant_name, HEI),),
        (("统一社会信用代码", "Credit code", data.credit_code, MONO), ("证书有效期", "Valid", valid, HEI)),
        (("介质序列号", "Token serial", data.token_serial, MONO), envelope),
        (("证书序列号", "Certificate serial", _grouped(data.certificate_serial), MONO),),
        (("领取人", "Collected by", data.collector_name, HEI), ("身份证件", "Identity document", data.collector_identity, HEI)),
    )
    if is_tight:
        rows = (*rows, (("平台绑定", "Platform bindings", _bindings(data), HEI),))
    gap, label = 7 * MM, 27 * MM
    for row in rows:
        column = (RIGHT - LEFT - (len(row) - 1) * gap) / len(row)
        cells = [(zh, en, *fit(value, column - label, (9.5, 8.5, 7.6, 6.8), 3, en, face), face) for zh, en, value, face in row]
        lowest, air = (7.5 * MM, 2.3 * MM) if is_tight else (8.4 * MM, 3.2 * MM)
        height = max(lowest, max(len(lines) * size * 1.28 for _, _, size, lines, _ in cells) + air)
        x = LEFT
        for chinese, english, size, lines, face in cells:
            sheet.text(x, y + 4.1 * MM, chinese, 8, colour=QUIET)
            sheet.text(x, y + 6.8 * MM, english, 6, colour=QUIET)
            sheet.lines(x + label, y + 4.8 * MM, lines, size, size * 1.28, face=face)
            sheet.rule(x, y + height, x + column, line=0.4, colour=HAIR)
            x += column + gap
        y += height
    return y


def _bindings(data: HandoverReceipt) -> str:
    kept, anew = ("、".join(names) for names in (data.bindings_kept, data.bindings_anew))
    told = [f"转到新证书 kept: {kept}"] if kept else []
    told += [f"首次登录时须重新绑定 to be bound anew: {anew}"] if anew else []
    return "；".join(told)


def _grouped(serial: str) -> str:
    """Hexadecimal in fours, as people compare it."""
    return " ".join(serial[start : start + 4] for start in range(0, len(serial), 4))


SEALED = ("密码信封完好未拆，编号与上面一致", "The PIN envelope is unopened and bears the number above")
SAME_PIN = ("密码没有变，仍用原来的密码", "The PIN is unchanged: the holder's own")
TOKEN = ("介质序列号与上面一致，外观完好", "The token bears the serial above and is undamaged")
CHANGE_IT = ("已告知：尽快修改密码；连续输错 10 次锁死", "Told to change the PIN soon; ten wrong ones in a row lock the token")
LOCKS = ("已告知：密码连续输错 10 次锁死", "Told that ten wrong PINs in a row lock the token")
NEW = ("证书自签收起生效，遗失请立即挂失", "The certificate is valid from now on; report its loss at once")
SAME = ("证书和密钥没有变，遗失请立即挂失", "Certificate and key are unchanged; report a loss at once")


def _checks(sheet: Sheet, data: HandoverReceipt, y: float, step: float) -> float:
    sheet.text(LEFT, y + 2.5 * MM, "请当场核对并勾选", 8.8, colour=NAVY, weight=0.02)
    sheet.text(LEFT + 29 * MM, y + 2.5 * MM, "Check and tick at the counter", 6.8, colour=QUIET)
    y += 6.5 * MM
    column = (RIGHT - LEFT) / 2
    pin = (SEALED, TOKEN, CHANGE_IT) if data.envelope_number else (SAME_PIN, TOKEN, LOCKS)
    for index, (chinese, english) in enumerate((*pin, NEW if data.new_certificate else SAME)):
        x = LEFT + (index % 2) * column
        sheet.tick_box(x, y + 3.2 * MM, 8)
        sheet.text(x + 5 * MM, y + 3.2 * MM, chinese, 8.8)
        sheet.text(x + 5 * MM, y + 6.2 * MM, english, 6.2, colour=QUIET)
        y += (index % 2) * step
    return y


def _sign(sheet: Sheet, data: HandoverReceipt, y: float, top: float) -> None:
    column = (RIGHT - LEFT - 20 * MM) / 3
    entries = (
        ("领取人签字", "Collector's signature", ""),
        ("发放人员签字", "Clerk's signature", data.clerk_name),
        ("日期", "Date", day_zh(data.handed_over_on)),
    )
    x = LEFT
    for chinese, english, value in entries:
        sheet.rule(x, y + 9 * MM, x + column, colour=INK, line=0.5)
        sheet.text(x, y + 12.6 * MM, chinese, 8)
        sheet.text(x + column, y + 12.6 * MM, english, 6.4, colour=QUIET, align="right")
        size, lines = fit(value, column - 2 * MM, (9.5, 8.5, 7.5, 6.5, 5.5), 2, english)
        sheet.lines(x, y + 7.4 * MM - (len(lines) - 1) * size * 1.2, lines, size, size * 1.2)
        x += column + 10 * MM
    line = "  ".join(part for part in (data.branch_name_zh, data.branch_name_en, data.branch_telephone) if part)
    size, lines = fit(line, RIGHT - LEFT, (6.8, 6, 5.2), 2, "branch")
    sheet.lines(LEFT, top + 138.5 * MM - (len(lines) - 1) * size * 0.4, lines, size, size * 1.2, colour=QUIET)
