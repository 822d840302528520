"""Tables: hairlines between rows, wrapped cells, column heads drawn again on every page."""

from collections.abc import Sequence
from dataclasses import dataclass

from reports.flow import MARGIN, Block, frame, space
from reports.lines import wrap
from reports.paper import HAIR, MM, NAVY, QUIET, WASH, Sheet

GUTTER = 3 * MM


@dataclass(frozen=True)
class Column:
    """`share` of the width; numbers are aligned to the right."""

    zh: str
    en: str = ""
    share: float = 1
    align: str = "left"


@dataclass(frozen=True)
class Cell:
    zh: str
    en: str = ""


def table(
    columns: Sequence[Column],
    rows: Sequence[Sequence[Cell | str]],
    *,
    wide: bool = False,
    size: float = 9.5,
    after: float = 4 * MM,
) -> list[Block]:
    """Column heads and rows as blocks. Raises ValueError for a row that has not one cell a column."""
    places = _places(columns, frame(wide).measure)
    head = _head(columns, places, frame(wide).measure)
    blocks = [Block(head.height, head.draw, keep=True)]
    for row in rows:
        if len(row) != len(columns):
            raise ValueError("a row has one cell for each column")
        blocks.append(_row(columns, places, row, size, frame(wide).measure, head))
    if after:
        blocks.append(space(after))
    return blocks


def _places(columns: Sequence[Column], measure: float) -> list[tuple[float, float]]:
    """(x, width) of every column."""
    room = measure - GUTTER * len(columns)
    total = sum(column.share for column in columns)
    places, x = [], MARGIN + GUTTER / 2
    for column in columns:
        wide = room * column.share / total
        places.append((x, wide))
        x += wide + GUTTER
    return places


def _head(columns: Sequence[Column], places: Sequence[tuple[float, float]], measure: float) -> Block:
    labels = [(wrap(column.zh, wide, 8.4), wrap(column.en, wide, 6.2)) for column, (_, wide) in zip(columns, places, strict=True)]
    height = max(len(upper) * 11.5 + len(lower) * 8 for upper, lower in labels) + 2.6 * MM

    def draw(sheet: Sheet, y: float) -> None:
        sheet.box(MARGIN, y, measure, height, fill=WASH)
        sheet.rule(MARGIN, y + height, MARGIN + measure, colour=NAVY, line=0.8)
        for column, (x, wide), (upper, lower) in zip(columns, places, labels, strict=True):
            anchor = x + wide if column.align == "right" else x
            sheet.lines(anchor, y + 4.4 * MM, upper, 8.4, 11.5, colour=NAVY, align=column.align)
            sheet.lines(anchor, y + 4.4 * MM + (len(upper) - 1) * 11.5 + 8.4, lower, 6.2, 8, colour=QUIET, align=column.align)

    return Block(height, draw)


def _row(
    columns: Sequence[Column],
    places: Sequence[tuple[float, float]],
    row: Sequence[Cell | str],
    size: float,
    measure: float,
    head: Block,
) -> Block:
    small = size * 0.74
    cells = []
    for cell, (_, wide) in zip(row, places, strict=True):
        chinese, english = (cell, "") if isinstance(cell, str) else (cell.zh, cell.en)
        cells.append((wrap(chinese, wide, size), wrap(english, wide, small)))
    height = max(len(upper) * size * 1.4 + len(lower) * small * 1.35 for upper, lower in cells) + 2.6 * MM

    def draw(sheet: Sheet, y: float) -> None:
        for column, (x, wide), (upper, lower) in zip(columns, places, cells, strict=True):
            anchor = x + wide if column.align == "right" else x
            sheet.lines(anchor, y + 1.3 * MM + size, upper, size, size * 1.4, align=column.align)
            below = y + 1.3 * MM + len(upper) * size * 1.4 + small
            sheet.lines(anchor, below, lower, small, small * 1.35, colour=QUIET, align=column.align)
        sheet.rule(MARGIN, y + height, MARGIN + measure, colour=HAIR, line=0.4)

    return Block(height, draw, repeat=head)
