"""A file of deliveries, one a line, as a spreadsheet program writes it: what each line says, and everything that is wrong with it."""

import csv
import io
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from models.rulebook.oversight import StockKind
from models.rulebook.serials import BadSerials, Box, Contents, unpack

MOST_LINES = 500
MOST_PIECES = 10_000  # in a whole file: what somebody can check against the boxes
COLUMNS = ("kind", "note", "supplier", "first", "last", "counted")
LONGEST_TEXT: Mapping[str, int] = MappingProxyType({"note": 40, "supplier": 80})

_HEADS: Mapping[str, str] = MappingProxyType(
    {column: column for column in COLUMNS}
    | {
        "种类": "kind",
        "送货单号": "note",
        "供应商": "supplier",
        "首号": "first",
        "末号": "last",
        "实点数量": "counted",
    }
)
_KINDS: Mapping[str, StockKind] = MappingProxyType(
    {
        "token": StockKind.token,
        "介质": StockKind.token,
        "envelope": StockKind.envelope,
        "密码信封": StockKind.envelope,
        "信封": StockKind.envelope,
    }
)


class BadFile(ValueError):
    """It cannot be read line by line. `code` is a sentence's code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class LineFault:
    """`code` is a sentence's code, `facts` fill it."""

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class DeliveryLine:
    """`number`: of the line in the file, the heads are line 1. `typed` by column. `contents`: none where it cannot be said."""

    number: int
    typed: Mapping[str, str]
    kind: StockKind | None = None
    counted: int = 0
    contents: Contents | None = None
    faults: list[LineFault] = field(default_factory=list)


def read_lines(text: str, longest: Mapping[StockKind, int]) -> list[DeliveryLine]:
    """The lines with the faults that show in the file itself; blank ones are passed over. `longest`: characters of a serial, by kind.

    Raises BadFile: import_heads, import_empty, import_long, import_many.
    """
    rows = _rows(text)
    heads = next(rows, (0, []))[1]
    places = {_HEADS[head]: place for place, head in enumerate(map(_plain, heads)) if head in _HEADS}
    if set(places) != set(COLUMNS) or len(places) != sum(1 for head in map(_plain, heads) if head):
        raise BadFile("import_heads")
    lines = [read_line(number, _typed(row, places), longest) for number, row in rows if any(map(str.strip, row))]
    if not lines:
        raise BadFile("import_empty")
    if len(lines) > MOST_LINES:
        raise BadFile("import_long")
    if sum(len(line.contents.inside) for line in lines if line.contents) > MOST_PIECES:
        raise BadFile("import_many")
    _mark_overlaps(lines)
    return lines


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """(number of the line, cells). The separator is the one that the heads have."""
    first = text.partition("\n")[0]
    separator = max(",\t;", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error:
        raise BadFile("import_heads") from None


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().lower()


def _typed(row: Sequence[str], places: Mapping[str, int]) -> dict[str, str]:
    return {column: row[place].strip() if place < len(row) else "" for column, place in places.items()}


def read_line(number: int, typed: Mapping[str, str], longest: Mapping[StockKind, int]) -> DeliveryLine:
    """One line by itself, by column."""
    line = DeliveryLine(number, typed, _KINDS.get(_plain(typed["kind"])))
    if line.kind is None:
        line.faults.append(LineFault("line_kind"))
    for column, most in LONGEST_TEXT.items():
        if not typed[column]:
            line.faults.append(LineFault(f"line_no_{column}"))
        elif len(typed[column]) > most:
            line.faults.append(LineFault(f"line_long_{column}", {"most": most}))
    counted = _plain(typed["counted"])
    if not (counted.isascii() and counted.isdigit() and len(counted) < 7):
        line.faults.append(LineFault("line_counted"))
        return line
    line.counted = int(counted)
    try:
        line.contents = unpack(Box(typed["first"], typed["last"], line.counted), longest[line.kind or StockKind.token])
    except BadSerials as fault:
        line.faults.append(LineFault(fault.code, {key: value for key, value in fault.facts.items() if key != "at"}))
    return line


def _mark_overlaps(lines: Sequence[DeliveryLine]) -> None:
    """Two lines that name the same piece are both faulty: nobody knows which of them is right."""
    seen: dict[tuple[StockKind, str], DeliveryLine] = {}
    told: set[tuple[int, int]] = set()
    for line in lines:
        if line.kind is None or line.contents is None:
            continue
        for serial in line.contents.inside:
            other = seen.setdefault((line.kind, serial), line)
            if other is line or (other.number, line.number) in told:
                continue
            told.add((other.number, line.number))
            line.faults.append(LineFault("line_overlaps", {"line": other.number, "serial": serial}))
            other.faults.append(LineFault("line_overlaps", {"line": line.number, "serial": serial}))
