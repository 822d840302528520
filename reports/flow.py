"""Papers that flow: blocks of known height are laid on as many pages as they need, under a repeated head, over "page n of m"."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from reports.faults import DoesNotFit
from reports.fonts import MONO
from reports.lines import fit, wrap
from reports.marks import code128
from reports.paper import HAIR, INK, MM, NAVY, QUIET, SERVICE_EN, SERVICE_ZH, Colour, Sheet, text_width

MARGIN = 18 * MM
FOOT = 18 * MM  # from the bottom edge to the foot's hairline


@dataclass(frozen=True)
class Block:
    """Something that stays in one piece: its height in points, and how to draw it from a y downwards.

    `keep`: it must not be the last on a page. `repeat`: drawn again above this block where it begins a page
    (a table's column heads, a group's title).
    """

    height: float
    draw: Callable[[Sheet, float], None]
    keep: bool = False
    repeat: "Block | None" = None


def space(height: float) -> Block:
    """White between two blocks; dropped at the top of a page."""
    return Block(height, _nothing)


def _nothing(sheet: Sheet, y: float) -> None:
    pass


@dataclass(frozen=True)
class Head:
    """What stands at the top of every page; `note` is the copy's name (客户联 …), `code` goes into the bar code."""

    title_zh: str
    title_en: str
    number: str
    code: str
    branch: str
    note: str = ""
    wide: bool = False
    contact: str = ""


@dataclass(frozen=True)
class Frame:
    """The measure between the margins, points."""

    left: float
    right: float

    @property
    def measure(self) -> float:
        return self.right - self.left


def frame(wide: bool = False) -> Frame:
    page = 297 * MM if wide else 210 * MM
    return Frame(MARGIN, page - MARGIN)


def lay_out(head: Head, blocks: Sequence[Block], tail: Block | None = None) -> bytes:
    """Draw the paper. `tail` stands at the foot of the last page (a stub to tear off, signatures)."""
    sheet = Sheet(f"{head.title_zh} {head.title_en} {head.number}".strip(), wide=head.wide)
    bottom = sheet.height - FOOT - 3 * MM
    first_top, next_top = _first_head_height(head), _next_head_height()
    pages = paginate(blocks, first_top, next_top, bottom, tail.height if tail else 0)
    for number, (start, placed) in enumerate(pages, 1):
        if number > 1:
            sheet.next_page()
        (_first_head if number == 1 else _next_head)(sheet, head)
        y = start
        for block in placed:
            block.draw(sheet, y)
            y += block.height
        if tail and number == len(pages):
            tail.draw(sheet, bottom - tail.height)
        _foot(sheet, head, number, len(pages))
    return sheet.finish()


def paginate(
    blocks: Sequence[Block], first_top: float, next_top: float, bottom: float, tail: float
) -> list[tuple[float, list[Block]]]:
    """Which blocks stand on which page: (top, blocks) a page. Raises DoesNotFit for a block taller than a page."""
    pages: list[tuple[float, list[Block]]] = [(first_top, [])]
    used = first_top
    for chain in _chains(blocks):
        need = sum(block.height for block in chain)
        is_space = chain[0].draw is _nothing
        if used + need > bottom and pages[-1][1] and not is_space:
            pages.append((next_top, []))
            used = next_top
        page = pages[-1][1]
        if is_space and (not page or used + need > bottom):
            continue
        head = chain[0].repeat if not page and len(pages) > 1 else None
        placed = [head, *chain] if head else chain
        page.extend(placed)
        used += sum(block.height for block in placed)
        if used > bottom:
            raise DoesNotFit("page")
    if tail and used + tail > bottom:
        pages.append((next_top, _last_block(pages[-1][1])))
        if next_top + sum(block.height for block in pages[-1][1]) + tail > bottom:
            raise DoesNotFit("page")
    return pages


def _last_block(page: list[Block]) -> list[Block]:
    """Take the last block off a page that has others, so that what follows does not stand on a page alone."""
    while page and page[-1].draw is _nothing:
        page.pop()
    return [page.pop()] if len(page) > 1 and not page[-2].keep else []


def _chains(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    """Blocks that must stand together: each `keep` with the one after it."""
    chain: list[Block] = []
    for block in blocks:
        chain.append(block)
        if not block.keep:
            yield chain
            chain = []
    if chain:
        yield chain


def _first_head_height(head: Head) -> float:
    return 43 * MM if head.title_en or head.code else 36 * MM


def _next_head_height() -> float:
    return 27 * MM


def _first_head(sheet: Sheet, head: Head) -> None:
    left, right = MARGIN, sheet.width - MARGIN
    wide = sheet.text(left, 17 * MM, SERVICE_ZH, 10, colour=NAVY, weight=0.025)
    sheet.text(left + wide + 2.5 * MM, 17 * MM, SERVICE_EN, 7.5, colour=QUIET)
    room = right - left - 70 * MM if head.code else right - left
    size, lines = fit(head.title_zh, room, (21, 18, 15, 12, 10), 1, "title")
    sheet.lines(left, 28 * MM, lines, size, size, colour=NAVY, weight=0.022)
    size, lines = fit(head.title_en, room, (9, 8, 7), 1, "title") if head.title_en else (9.0, [])
    sheet.lines(left, 33.5 * MM, lines, size, size, colour=QUIET)
    if head.code:
        code128(sheet, right, 13.5 * MM, head.code, 62 * MM, 10.5 * MM, align="right")
        sheet.text(right, 28 * MM, head.code, 9, align="right", face=MONO)
    if head.note:
        sheet.text(right, 33.5 * MM, head.note, 8, align="right", colour=QUIET)
    sheet.rule(left, 37.5 * MM, right, colour=NAVY, line=1.3)


def _next_head(sheet: Sheet, head: Head) -> None:
    left, right = MARGIN, sheet.width - MARGIN
    wide = sheet.text(left, 17 * MM, head.title_zh, 10, colour=NAVY, weight=0.025)
    sheet.text(left + wide + 2.5 * MM, 17 * MM, f"{head.title_en}（续 continued）", 7.5, colour=QUIET)
    sheet.text(right, 17 * MM, head.number, 9, align="right", face=MONO)
    sheet.rule(left, 20.5 * MM, right, colour=NAVY, line=1.3)


def _foot(sheet: Sheet, head: Head, number: int, count: int) -> None:
    left, right = MARGIN, sheet.width - MARGIN
    y = sheet.height - FOOT
    sheet.rule(left, y, right)
    pages_zh, pages_en = f"第 {number} 页，共 {count} 页", f"Page {number} of {count}"
    sheet.text(right, y + 4.6 * MM, pages_zh, 8, align="right", colour=QUIET)
    sheet.text(right, y + 8.2 * MM, pages_en, 6.8, align="right", colour=QUIET)
    room = right - left - 45 * MM
    size, lines = fit(head.branch, room, (8, 7.2, 6.5, 5.6), 2, "branch")
    sheet.lines(left, y + 4.6 * MM, lines, size, size * 1.25, colour=QUIET)
    below = y + 4.6 * MM + (len(lines) - 1) * size * 1.25 + 3.3 * MM
    if head.contact:
        # Under two lines of branch it runs below the page number, over the whole width.
        size, lines = _contact(head.contact, room if len(lines) == 1 else right - left)
        sheet.lines(left, below, lines, size, size * 1.2, colour=QUIET)


def _contact(words: str, measure: float) -> tuple[float, list[str]]:
    """One line if any size makes it one."""
    sizes = (6.8, 6.2, 5.6)
    try:
        return fit(words, measure, sizes, 1, "contact")
    except DoesNotFit:
        return fit(words, measure, sizes, 2, "contact")


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
            size, lines = fit(name, (column - label) * 0.6, (9, 8, 7, 6), 3, "name under a signature")
            sheet.lines(x + label, y + 11 * MM - (len(lines) - 1) * size * 1.2, lines, size, size * 1.2, colour=QUIET)
            sheet.rule(x + label, y + 12.2 * MM, x + column, colour=INK, line=0.5)
            x += column + 10 * MM

    return Block(16 * MM, draw)
