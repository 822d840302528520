"""The PIN envelope (密码信封): one A4 sheet, printed on both sides, folded like a Z to 210 × 99 mm, sent in a DL window envelope.

The upper third is seen: its front looks out, and the window (90 × 45 mm, 20 mm from the left) shows branch and control
number. The middle third holds the PIN and ends up between the other two: its front lies on the front of the lower
third, its back on the back of the upper one. All three backs carry the tint.
The applicant's name is nowhere on it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from reports.facts import Facts, day_en, day_zh
from reports.fonts import MONO
from reports.lines import fit, wrap
from reports.marks import code128, qr
from reports.paper import BLACK, HAIR, INK, MM, NAVY, QUIET, RED, SERVICE_EN, SERVICE_ZH, WASH, WHITE, Sheet, alone, text_width
from reports.tint import tint

PANEL = 99 * MM
LEFT, RIGHT = 20 * MM, 190 * MM
# What the window shows wherever the sheet slides in its envelope (220 × 110 mm): 20–100 mm from the left, 50–84 from the top.
WINDOW = (20 * MM, 50 * MM, 80 * MM, 34 * MM)
PIN_TOP, CELL_HEIGHT = 123 * MM, 21 * MM
SHORTEST_PIN, LONGEST_PIN = 4, 16
READINGS = dict(
    zip(
        "0123456789",
        (("零", "zero"), ("一", "one"), ("二", "two"), ("三", "three"), ("四", "four"), ("五", "five"), ("六", "six"),
         ("七", "seven"), ("八", "eight"), ("九", "nine")),
        strict=True,
    )
)  # fmt: skip


@dataclass(frozen=True)
class Envelope(Facts):
    """`pin`: 4 to 16 ASCII letters or digits; it never shows in a repr or an error. `pin_tries`: wrong ones that lock."""

    control_number: str
    token_serial: str
    pin: str = field(repr=False)
    branch_name_zh: str
    branch_name_en: str
    printed_on: date
    pin_tries: int = 10
    branch_telephone: str = ""

    def __post_init__(self) -> None:
        if not (self.pin.isascii() and self.pin.isalnum() and SHORTEST_PIN <= len(self.pin) <= LONGEST_PIN):
            self.refuse("pin", f"is not {SHORTEST_PIN} to {LONGEST_PIN} letters or digits")
        if self.pin_tries < 1:
            self.refuse("pin_tries", "is below one")
        super().__post_init__()


@alone
def render(data: Envelope) -> bytes:
    """Two pages: front and back of the sheet; to be printed without scaling, turned over the long edge."""
    sheet = Sheet("密码信封 PIN envelope", duplex=True)
    _fold_marks(sheet)
    _window_panel(sheet, data)
    _pin_panel(sheet, data)
    _advice_panel(sheet, data)
    sheet.next_page()
    _back(sheet)
    return sheet.finish()


def _fold_marks(sheet: Sheet) -> None:
    for y in (PANEL, 2 * PANEL):
        sheet.rule(5 * MM, y, 10 * MM, colour=QUIET)
        sheet.rule(sheet.width - 10 * MM, y, sheet.width - 5 * MM, colour=QUIET)
        sheet.rule(14 * MM, y, sheet.width - 14 * MM, colour=HAIR, line=0.3, dash=(0.5, 3))


def _window_panel(sheet: Sheet, data: Envelope) -> None:
    sheet.text(LEFT, 18 * MM, SERVICE_ZH, 12, colour=NAVY, weight=0.025)
    sheet.text(LEFT, 22.5 * MM, SERVICE_EN, 7.5, colour=QUIET)
    sheet.text(RIGHT, 18 * MM, "密码信封", 12, colour=NAVY, weight=0.025, align="right")
    sheet.text(RIGHT, 22.5 * MM, "PIN envelope", 7.5, colour=QUIET, align="right")
    sheet.rule(LEFT, 26.5 * MM, RIGHT, colour=NAVY, line=1.1)

    left, top, wide, _ = WINDOW
    size, lines = fit(data.branch_name_zh, wide - 3 * MM, (11, 9.5, 8.5, 7.5, 6.5), 2, "branch_name_zh")
    leading = size * 1.25
    baseline = top + 2 * MM + size * 0.85
    sheet.lines(left, baseline, lines, size, leading)
    baseline += (len(lines) - 1) * leading
    size, lines = fit(data.branch_name_en, wide - 3 * MM, (7.5, 6.5, 6, 5.2), 2, "branch_name_en")
    sheet.lines(left, baseline + size * 1.4, lines, size, size * 1.2, colour=QUIET)
    code_top = top + 19.3 * MM
    # The bars start well inside the window, so that its edge leaves them their quiet zone.
    code128(sheet, left + 3 * MM, code_top, data.control_number, 52 * MM, 9.5 * MM)
    sheet.text(left + 3 * MM, code_top + 13.6 * MM, data.control_number, 9.5, face=MONO)
    qr(sheet, left + wide - 17 * MM, code_top - 1 * MM, data.control_number, 14.5 * MM)

    x = 120 * MM
    sheet.text(x, 52 * MM, "仅限证书持有人本人拆阅", 10.5, weight=0.02)
    sheet.text(x, 56.5 * MM, "To be opened by the holder of the certificate only", 7, colour=QUIET)
    notes = (
        ("信封破损、已拆或底纹有刮痕，请当场退回。", "Opened, torn or scratched? Hand it back at once."),
        ("收到后请尽快拆开，并修改密码。", "Open it soon and change the PIN."),
    )
    _pairs(sheet, x, 64 * MM, notes, RIGHT - x, 8.5, 6.8)


def _pairs(sheet: Sheet, x: float, y: float, pairs: Sequence[tuple[str, str]], measure: float, big: float, small: float) -> float:
    """Chinese lines, the English under each; returns the y below the last."""
    for chinese, english in pairs:
        lines = wrap(chinese, measure, big)
        sheet.lines(x, y, lines, big, big * 1.35)
        y += (len(lines) - 1) * big * 1.35 + small * 1.45
        lines = wrap(english, measure, small)
        sheet.lines(x, y, lines, small, small * 1.3, colour=QUIET)
        y += (len(lines) - 1) * small * 1.3 + big * 1.95
    return y


def _pin_panel(sheet: Sheet, data: Envelope) -> None:
    sheet.text(LEFT, 113 * MM, "初始密码", 15, colour=NAVY, weight=0.025)
    sheet.text(LEFT + text_width("初始密码", 15) + 4 * MM, 113 * MM, "Initial PIN", 9, colour=QUIET)
    digits_only = data.pin.isdigit()
    count = len(data.pin)
    kind_zh = f"共 {count} 位，全部是数字，没有字母" if digits_only else f"共 {count} 位，含字母和数字，字母区分大小写"
    kind_en = f"{count} digits, no letters" if digits_only else f"{count} letters and digits; capitals and small letters differ"
    sheet.text(RIGHT, 111 * MM, kind_zh, 9, align="right")
    sheet.text(RIGHT, 115 * MM, kind_en, 7, align="right", colour=QUIET)
    _pin_cells(sheet, data.pin)
    _serials(sheet, data)


def _groups(count: int) -> list[int]:
    """Sizes of the groups a PIN is read in: fours if that comes out even, else threes, else fours and a rest."""
    for size in (4, 3):
        if count % size == 0:
            return [size] * (count // size)
    return [4] * (count // 4) + ([count % 4] if count % 4 else [])


def _pin_cells(sheet: Sheet, pin: str) -> None:
    groups = _groups(len(pin))
    gap, group_gap = 1.6 * MM, 4.4 * MM
    room = RIGHT - LEFT - 16 * MM - gap * (len(pin) - len(groups)) - group_gap * (len(groups) - 1)
    cell = min(14 * MM, room / len(pin))
    size = min(34.0, cell / 0.62)
    total = cell * len(pin) + gap * (len(pin) - len(groups)) + group_gap * (len(groups) - 1)
    start = (sheet.width - total) / 2
    field_top, field_height = PIN_TOP - 3.5 * MM, CELL_HEIGHT + 16 * MM
    tint(sheet, LEFT, field_top, RIGHT - LEFT, field_height, "waves")
    sheet.box(LEFT, field_top, RIGHT - LEFT, field_height, stroke=NAVY, line=0.8)
    sheet.box(start - 4 * MM, PIN_TOP - 1.5 * MM, total + 8 * MM, field_height - 4 * MM, fill=WHITE, radius=2 * MM)
    places, x = [], start
    for group in groups:
        for _ in range(group):
            places.append(x)
            x += cell + gap
        x += group_gap - gap
    baseline = PIN_TOP + CELL_HEIGHT / 2 + size * 0.37
    # All the digits first, then what they are called: whoever reads the text of the page finds the PIN in one line.
    for x, digit in zip(places, pin, strict=True):
        sheet.box(x, PIN_TOP, cell, CELL_HEIGHT, stroke=HAIR, line=0.8, radius=1.2 * MM)
        sheet.text(x + cell / 2, baseline, digit, size, colour=BLACK, align="centre", weight=0.02, face=MONO)
        if digit == "0":
            _cross_zero(sheet, x + cell / 2, baseline, size)
    for x, digit in zip(places, pin, strict=True):
        chinese, english = READINGS.get(digit) or (f"大写{digit}" if digit.isupper() else f"小写{digit}",
                                                  "capital" if digit.isupper() else "small")  # fmt: skip
        sheet.text(x + cell / 2, PIN_TOP + CELL_HEIGHT + 5 * MM, chinese, 10 if cell > 10 * MM else 7, align="centre")
        sheet.text(x + cell / 2, PIN_TOP + CELL_HEIGHT + 8.6 * MM, english, 7 if cell > 10 * MM else 5.5, align="centre",
                   colour=QUIET)  # fmt: skip


def _cross_zero(sheet: Sheet, centre: float, baseline: float, size: float) -> None:
    """A zero bears a stroke; a letter O never does."""
    sheet.rule(
        centre - 0.11 * size, baseline - 0.2 * size, centre + 0.11 * size, baseline - 0.53 * size, colour=BLACK, line=0.06 * size
    )


def _serials(sheet: Sheet, data: Envelope) -> None:
    y = 168 * MM
    sheet.rule(LEFT, y, RIGHT)
    columns = (
        (LEFT, 62 * MM, "介质序列号", "Token serial", data.token_serial, MONO),
        (LEFT + 66 * MM, 56 * MM, "信封编号", "Envelope number", data.control_number, MONO),
        (LEFT + 126 * MM, 44 * MM, "打印日期", "Printed on", day_zh(data.printed_on), ""),
    )
    for x, measure, chinese, english, value, face in columns:
        offset = sheet.text(x, y + 5.5 * MM, chinese, 8, colour=QUIET)
        sheet.text(x + offset + 1.5 * MM, y + 5.5 * MM, english, 6.8, colour=QUIET)
        options = {"face": face} if face else {}
        size, lines = fit(value, measure, (12, 10.5, 9, 8), 2, "serials", **options)
        sheet.lines(x, y + 11.5 * MM, lines, size, size * 1.2, **options)
    sheet.text(LEFT + 126 * MM, y + 15.5 * MM, day_en(data.printed_on), 6.8, colour=QUIET)


def _advice_panel(sheet: Sheet, data: Envelope) -> None:
    top = 2 * PANEL
    tries = data.pin_tries
    sheet.box(LEFT, top + 9 * MM, RIGHT - LEFT, 15 * MM, fill=WASH)
    sheet.box(LEFT, top + 9 * MM, 1.2 * MM, 15 * MM, fill=RED)
    sheet.text(LEFT + 6 * MM, top + 15.3 * MM, f"连续输错 {tries} 次，证书锁死", 12, colour=RED, weight=0.025)
    wrong = "Ten wrong PINs" if tries == 10 else f"{tries} wrong PINs"
    sheet.text(LEFT + 6 * MM, top + 20.3 * MM, f"{wrong} in a row lock the token", 8, colour=QUIET)
    sheet.lines(RIGHT - 4 * MM, top + 15.3 * MM, ("锁死或忘记密码：可在线解锁，或携带介质到网点办理",), 8.5, 12, align="right")
    sheet.text(RIGHT - 4 * MM, top + 20.3 * MM, "Locked or forgotten: unlock online, or bring the token to a branch", 7,
               colour=QUIET, align="right")  # fmt: skip

    middle = LEFT + 90 * MM
    for x, chinese, english in ((LEFT, "怎样修改密码", "How to change the PIN"), (middle, "请保管好密码", "Keep it safe")):
        sheet.rule(x, top + 31 * MM, x + 80 * MM, colour=NAVY, line=0.8)
        wide = sheet.text(x, top + 36.5 * MM, chinese, 10.5, colour=NAVY, weight=0.025)
        sheet.text(x + wide + 2.5 * MM, top + 36.5 * MM, english, 7.5, colour=QUIET)
    steps = (
        ("1  把介质插入电脑，打开“证书助手”。", "Plug in the token and open the certificate assistant."),
        ("2  选择本证书，点击“修改密码”。", "Choose this certificate, then Change PIN."),
        ("3  输入上面的初始密码，再输入两遍新密码。", "Type the initial PIN above, then the new one twice."),
        ("4  改好后销毁本页，初始密码即告作废。", "Destroy this sheet: the initial PIN is then worthless."),
    )
    _pairs(sheet, LEFT, top + 43.5 * MM, steps, 80 * MM, 8.8, 6.8)
    care = (
        ("不要写在介质上，不要与介质放在一起。", "Never write it on the token or keep the two together."),
        ("工作人员不会向您询问密码，也不知道密码。", "No member of staff knows it or will ask you for it."),
        (
            "密码只打印这一次；网点没有副本，不能补打。",
            "It is printed this once; the branch has no copy and cannot print it again.",
        ),
        ("办理业务时请勿拔出介质。", "Leave the token plugged in while you work with it."),
    )
    _pairs(sheet, middle, top + 43.5 * MM, care, 80 * MM, 8.8, 6.8)
    if data.branch_telephone:
        sheet.text(LEFT, top + 91 * MM, f"网点电话 Branch telephone  {data.branch_telephone}", 8, colour=QUIET)


def _back(sheet: Sheet) -> None:
    """The back of the sheet: the tint everywhere, darker behind the PIN and where the folded sheet lies over it."""
    margin = 6 * MM
    wide = sheet.width - 2 * margin
    tint(sheet, margin, margin, wide, sheet.height - 2 * margin)
    # Behind the PIN field (middle third), and its mirror images in the fold lines: the backs of the other two thirds.
    field_top, field_height = PIN_TOP - 6 * MM, CELL_HEIGHT + 21 * MM
    for top in (field_top, 2 * PANEL - field_top - field_height, 4 * PANEL - field_top - field_height):
        tint(sheet, margin, top, wide, field_height, "dark")
    sheet.box(62 * MM, 174 * MM, 86 * MM, 14 * MM, fill=WHITE, radius=1.5 * MM)
    sheet.text(sheet.width / 2, 179.8 * MM, "底纹有刮痕、涂改或破损时，请勿接受", 9.5, align="centre", colour=INK)
    sheet.text(sheet.width / 2, 184.3 * MM, "Do not accept it if the tint is scratched, altered or torn", 7, align="centre",
               colour=QUIET)  # fmt: skip
