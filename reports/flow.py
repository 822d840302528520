"""Papers that flow: blocks of known height are laid on as many pages as they need, under a repeated head, over "page n of m"."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from reports.faults import DoesNotFit
from reports.fonts import MONO
from reports.lines import fit
from reports.marks import code128
from reports.paper import MM, NAVY, QUIET, SERVICE_EN, SERVICE_ZH, Sheet

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
