"""An amount as slips show it: in capitals and in digits, on a tinted ground."""

from reports.flow import MARGIN, Block, frame
from reports.lines import fit
from reports.money import capitals, yuan
from reports.paper import INK, MM, NAVY, QUIET, WASH, Sheet


def amount(chinese: str, english: str, fen: int) -> Block:
    """`chinese` and `english`: what kind of amount it is. Whole fen."""
    height = 17 * MM

    def draw(sheet: Sheet, y: float) -> None:
        right = MARGIN + frame().measure
        sheet.box(MARGIN, y, frame().measure, height, fill=WASH)
        sheet.rule(MARGIN, y + height, right, colour=NAVY, line=0.8)
        width = sheet.text(MARGIN + 4 * MM, y + 6 * MM, f"{chinese}（大写）", 8.4, colour=QUIET)
        sheet.text(MARGIN + 6 * MM + width, y + 6 * MM, f"{english} in capitals", 6.6, colour=QUIET)
        size, lines = fit(capitals(fen), frame().measure - 64 * MM, (13, 11, 9.5, 8), 1, "amount")
        sheet.lines(MARGIN + 4 * MM, y + 12.8 * MM, lines, size, size, weight=0.015)
        sheet.text(right - 1.5 * MM, y + 6 * MM, f"{chinese} {english}", 8.4, align="right", colour=QUIET)
        sheet.text(right - 1.5 * MM, y + 13.2 * MM, f"¥ {yuan(fen)}", 16, align="right", colour=INK, weight=0.018)

    return Block(height, draw)
