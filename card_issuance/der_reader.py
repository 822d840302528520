"""Reading DER (X.690) that a stranger sent: strictly, and as little of it as a question needs."""

from dataclasses import dataclass


class NotDer(ValueError):
    """These bytes are not the DER that is expected here."""


@dataclass(frozen=True, slots=True)
class Element:
    tag: int
    content: bytes
    whole: bytes  # with tag and length


class Reader:
    """Goes through the elements of some bytes, one after the other. Everything raises NotDer where it must be otherwise."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._place = 0

    def more(self) -> bool:
        return self._place < len(self._data)

    def next_is(self, tag: int) -> bool:
        return self.more() and self._data[self._place] == tag

    def take(self, tag: int) -> Element:
        """The next element, which must have this tag."""
        data, start = self._data, self._place
        if not self.next_is(tag) or start + 2 > len(data):
            raise NotDer(f"no element 0x{tag:02x} where there should be one")
        size, begin = data[start + 1], start + 2
        if size >= 0x80:
            width = size & 0x7F
            size = int.from_bytes(data[begin : begin + width], "big")
            if not 1 <= width <= 4 or begin + width > len(data) or size < 0x80 or size >> 8 * (width - 1) == 0:
                raise NotDer("a length that is not written as short as possible")
            begin += width
        if begin + size > len(data):
            raise NotDer("an element that is longer than its surroundings")
        self._place = begin + size
        return Element(tag, data[begin : self._place], data[start : self._place])

    def take_if(self, tag: int) -> Element | None:
        return self.take(tag) if self.next_is(tag) else None

    def within(self, tag: int) -> "Reader":
        """A reader of what the next element holds."""
        return Reader(self.take(tag).content)

    def end(self) -> None:
        """Nothing may follow."""
        if self.more():
            raise NotDer("more than there should be")


def whole_sequence(data: bytes) -> Reader:
    """A reader of the one SEQUENCE that these bytes are."""
    outer = Reader(data)
    inner = outer.within(0x30)
    outer.end()
    return inner


def integer(element: Element) -> int:
    """The value of an INTEGER, which may be negative; written as short as possible."""
    content = element.content
    if not content or (len(content) > 1 and content[0] in (0x00, 0xFF) and (content[0] ^ content[1]) < 0x80):
        raise NotDer("an integer that is not written as short as possible")
    return int.from_bytes(content, "big", signed=True)
