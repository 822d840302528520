"""What the papers of the stock share: serials as ranges in a table, with how many pieces each range has, and their sum."""

from collections.abc import Sequence

from reports.flow import Block
from reports.table import Column, table

Ranges = tuple[tuple[str, str, int], ...]  # first serial, last serial, pieces

_COLUMNS = (
    Column("序", "No.", 0.5),
    Column("首号", "First", 3),
    Column("末号", "Last", 3),
    Column("件数", "Pieces", 1, "right"),
    Column("核对", "Checked", 1.2),
)


def pieces_in(ranges: Ranges) -> int:
    return sum(size for _, _, size in ranges)


def ranges_table(ranges: Sequence[tuple[str, str, int]]) -> list[Block]:
    """With a column to tick off; nothing for no ranges."""
    if not ranges:
        return []
    rows = [(str(place), first, last, f"{size:,}", " ") for place, (first, last, size) in enumerate(ranges, 1)]
    return table(_COLUMNS, rows)
