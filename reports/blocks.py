"""What papers are put together from: paragraphs, titles, facts, panels, lines to sign on."""

from collections.abc import Callable, Sequence
from typing import Any

from reports.flow import MARGIN, Block, frame, space
from reports.lines import fit, wrap
from reports.paper import HAIR, INK, MM, NAVY, QUIET, Colour, Sheet, text_width


def paragraph(
    chinese: str,
    english: str = "",
    *,
    size: float = 10,
    small: float = 7.6,
    indent: float = 0,
    measure: float | None = None,
    colour: Colour = INK,
    weight: float = 0,
    after: float = 2.4 * MM,
) -> list[Block]:
    """Chinese, and the English beneath it; in one piece while it is short, line by line where it is long."""
    measure = measure or frame().measure - indent
    look = {"colour": colour, "weight": weight}
    lines = [_line(line, size, size * 1.42, indent, look) for line in wrap(chinese, measure, size)]
    lines += [_line(line, small, small * 1.36, indent, {"colour": QUIET}) for line in wrap(english, measure, small)]
    if len(lines) > 12:
        return [*lines, space(after)]
    return [stack(lines, after)]


def _line(words: str, size: float, height: float, indent: float, look: dict[str, Any]) -> Block:
    return Block(height, lambda sheet, y: sheet.lines(MARGIN + indent, y + size * 1.05, (words,), size, size, **look))


def stack(blocks: Sequence[Block], after: float = 0) -> Block:
    """Several blocks as one that stays in one piece."""

    def draw(sheet: Sheet, y: float) -> None:
        for block in blocks:
            block.draw(sheet, y)
            y += block.height

    return Block(sum(block.height for block in blocks) + after, draw)


def heading(chinese: str, english: str, right: str = "", *, repeat: bool = False, wide: bool = False) -> Block:
    """A section's title: a short navy bar before it. `repeat`: this is the title drawn again on a following page."""
    measure = frame(wide).measure

    def draw(sheet: Sheet, y: float) -> None:
        sheet.box(MARGIN, y + 2.2 * MM, 1.1 * MM, 4.2 * MM, fill=NAVY)
        width = sheet.text(MARGIN + 3.4 * MM, y + 5.6 * MM, chinese, 11, colour=NAVY, weight=0.022)
        extra = f"{english}（续 continued）" if repeat else english
        sheet.text(MARGIN + 3.4 * MM + width + 2.5 * MM, y + 5.6 * MM, extra, 7.8, colour=QUIET)
        if right:
            sheet.text(MARGIN + measure, y + 5.6 * MM, right, 8, colour=QUIET, align="right")
        sheet.rule(MARGIN, y + 8.4 * MM, MARGIN + measure)

    return Block(9.8 * MM, draw, keep=True)


def numbered(sentences: Sequence[tuple[str, str]]) -> list[Block]:
    """Sentences (Chinese, English) one below the other, each with its number in front."""
    blocks = []
    for number, (chinese, english) in enumerate(sentences, 1):
        lines = paragraph(chinese, english, indent=9 * MM, size=10.5, small=7.8, after=3 * MM)
        blocks += [_with_number(lines[0], number), *lines[1:]]
    return blocks


def _with_number(block: Block, number: int) -> Block:
    def draw(sheet: Sheet, y: float) -> None:
        block.draw(sheet, y)
        sheet.text(frame().left + 6 * MM, y + 11, str(number), 10.5, align="right")

    return Block(block.height, draw)


Fact = tuple[str, str, str]


def facts(entries: Sequence[Fact], columns: int = 2, size: float = 10) -> list[Block]:
    """(Chinese label, English label, value) in columns; a row is as tall as its tallest value. An empty value shows a dash."""
    measure = frame().measure
    column = (measure - (columns - 1) * 8 * MM) / columns
    label = 27 * MM
    rows = []
    for start in range(0, len(entries), columns):
        cells = [
            (chinese, english, wrap(value or "—", column - label, size))
            for chinese, english, value in entries[start : start + columns]
        ]
        height = max(max(len(lines) for _, _, lines in cells) * size * 1.38 + 2.6 * MM, 8.6 * MM)
        rows.append(Block(height, _fact_row(cells, column, label, size, height)))
    return rows


def _fact_row(
    cells: Sequence[tuple[str, str, list[str]]], column: float, label: float, size: float, height: float
) -> Callable[[Sheet, float], None]:
    def draw(sheet: Sheet, y: float) -> None:
        x = MARGIN
        for chinese, english, lines in cells:
            sheet.text(x, y + 4.3 * MM, chinese, 8.4, colour=QUIET)
            sheet.text(x, y + 7.2 * MM, english, 6.2, colour=QUIET)
            sheet.lines(x + label, y + 4.6 * MM, lines, size, size * 1.38)
            sheet.rule(x, y + height, x + column, line=0.4, colour=HAIR)
            x += column + 8 * MM

    return draw


def panel(inside: Sequence[Block], fill: Colour, bar: Colour = NAVY, pad: float = 4 * MM) -> Block:
    """Blocks on a tinted ground, kept in one piece."""
    height = sum(block.height for block in inside)

    def draw(sheet: Sheet, y: float) -> None:
        sheet.box(MARGIN, y, frame().measure, height + pad * 1.4, fill=fill)
        sheet.box(MARGIN, y, 1.1 * MM, height + pad * 1.4, fill=bar)
        y += pad
        for block in inside:
            block.draw(sheet, y)
            y += block.height

    return Block(height + pad * 1.4 + 3 * MM, draw)


def signatures(entries: Sequence[tuple[str, str, str]]) -> Block:
    """Lines to sign on, side by side: (Chinese, English, name printed on the line or empty) each."""
    column = (frame().measure - (len(entries) - 1) * 10 * MM) / len(entries)

    def draw(sheet: Sheet, y: float) -> None:
        x = MARGIN
        for chinese, english, name in entries:
            sheet.text(x, y + 11 * MM, chinese, 8.8)
            sheet.text(x, y + 14 * MM, english, 6.4, colour=QUIET)
            label = max(text_width(chinese, 8.8), text_width(english, 6.4)) + 2.5 * MM
            size, lines = fit(name, (column - label) * 0.75, (9, 8, 7, 6, 5), 4, "name under a signature")
            sheet.lines(x + label, y + 11 * MM - (len(lines) - 1) * size * 1.2, lines, size, size * 1.2, colour=QUIET)
            sheet.rule(x + label, y + 12.2 * MM, x + column, colour=INK, line=0.5)
            x += column + 10 * MM

    return Block(16 * MM, draw)
