"""Serials of numbered stock: a range as a delivery note gives it, a list as somebody types it, and many serials told as few ranges.

A serial is never altered: letters keep their case. Only the wide forms that input methods write are taken for the narrow ones.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

MOST = 5_000  # pieces in one range, one delivery, one transfer
LONGEST = 40

_SERIAL = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")
_COUNTED = re.compile(r"(.*?)([0-9]+)")  # what counts up stands at the end
_TO = re.compile(r"\s*(?:\.{2,}|~|〜|–|—|至|到)\s*")
_BETWEEN = re.compile(r"[\s,、;]+")


class BadSerials(ValueError):
    """What was typed names no pieces. `code` is a sentence's code, `facts` fill it."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


@dataclass(frozen=True, slots=True)
class Span:
    """Serials that follow one another, both ends included."""

    first: str
    last: str
    size: int

    def __str__(self) -> str:
        return self.first if self.size == 1 else f"{self.first}…{self.last}"


def read_serial(text: str, longest: int = LONGEST) -> str:
    """One serial. Raises BadSerials: serial_missing, serial_form, serial_long."""
    serial = unicodedata.normalize("NFKC", text).strip()
    if not serial:
        raise BadSerials("serial_missing")
    if not _SERIAL.fullmatch(serial):
        raise BadSerials("serial_form", serial=serial[:LONGEST])
    if len(serial) > longest:
        raise BadSerials("serial_long", serial=serial[:LONGEST], longest=longest)
    return serial


def read_range(first: str, last: str, longest: int = LONGEST) -> tuple[str, ...]:
    """Every serial from the first to the last: the same but for the digits at their end, and as long. Raises BadSerials: as for one
    serial, range_form, range_order, range_size."""
    ends = read_serial(first, longest), read_serial(last, longest)
    begin, end = (_COUNTED.fullmatch(serial) for serial in ends)
    if begin is None or end is None or begin[1] != end[1] or len(begin[2]) != len(end[2]):
        raise BadSerials("range_form", first=ends[0], last=ends[1])
    low, high = int(begin[2]), int(end[2])
    if high < low:
        raise BadSerials("range_order", first=ends[0], last=ends[1])
    if high - low >= MOST:
        raise BadSerials("range_size", most=MOST)
    return tuple(f"{begin[1]}{number:0{len(begin[2])}}" for number in range(low, high + 1))


def read_list(text: str, longest: int = LONGEST) -> tuple[str, ...]:
    """Serials and ranges as somebody types them, "HD01-T00041…HD01-T00080、HD01-T00099", in the order typed. Raises BadSerials: as
    for a range, serial_twice."""
    found: dict[str, None] = {}
    for part in _BETWEEN.split(_TO.sub("~", unicodedata.normalize("NFKC", text)).strip()):
        first, is_range, last = part.partition("~")
        if not part:
            continue
        for serial in read_range(first, last, longest) if is_range else (read_serial(first, longest),):
            if serial in found:
                raise BadSerials("serial_twice", serial=serial)
            found[serial] = None
        if len(found) > MOST:
            raise BadSerials("range_size", most=MOST)
    return tuple(found)


def spans(serials: Iterable[str]) -> tuple[Span, ...]:
    """The serials as ranges, in their order. Of serials that do not end in digits each stands alone."""
    ordered = sorted({_key(serial) for serial in serials})
    found: list[Span] = []
    before: tuple[str, int, int, str] | None = None
    for key in ordered:
        prefix, width, number, serial = key
        if before is not None and width and before[:2] == (prefix, width) and before[2] + 1 == number:
            found[-1] = Span(found[-1].first, serial, found[-1].size + 1)
        else:
            found.append(Span(serial, serial, 1))
        before = key
    return tuple(found)


def told(serials: Iterable[str], most: int = 5) -> str:
    """The serials in one line, for a sentence: the first few ranges, and how many pieces there are beyond."""
    ranges = spans(serials)
    beyond = sum(span.size for span in ranges[most:])
    line = ", ".join(str(span) for span in ranges[:most])
    return f"{line} (+{beyond})" if beyond else line


def _key(serial: str) -> tuple[str, int, int, str]:
    counted = _COUNTED.fullmatch(serial)
    if counted is None:
        return serial, 0, 0, serial
    return counted[1], len(counted[2]), int(counted[2]), serial


@dataclass(frozen=True, slots=True)
class Box:
    """What a delivery note says and what was counted, as typed."""

    first: str
    last: str
    counted: int
    lacking: str = ""


@dataclass(frozen=True, slots=True)
class Contents:
    """What was in the box and what was not, by serial; the ends of the whole range as they are kept."""

    first: str
    last: str
    inside: tuple[str, ...]
    lacking: tuple[str, ...]


def unpack(box: Box, longest: int = LONGEST) -> Contents:
    """Raises BadSerials, as for a range and a list, and lacking_outside, box_empty, count_differs; facts name the field as `at`."""
    whole = read_range(box.first, box.last, longest)
    try:
        lacking = read_list(box.lacking, longest)
    except BadSerials as fault:
        raise BadSerials(fault.code, **fault.facts, at="lacking") from None
    outside = set(lacking) - set(whole)
    if outside:
        raise BadSerials("lacking_outside", at="lacking", serials=told(outside))
    missing = set(lacking)
    inside = tuple(serial for serial in whole if serial not in missing)
    if not inside:
        raise BadSerials("box_empty", at="lacking")
    if len(inside) != box.counted:
        raise BadSerials("count_differs", at="counted", expected=len(inside), counted=box.counted)
    return Contents(whole[0], whole[-1], inside, tuple(sorted(missing)))
