"""Writing DER (X.690): as much of it as certificates and revocation lists need.

What is to be signed is put together here byte by byte, because it is stored and linted before there is a signature, and
because ready-made builders refuse a common name of more than 64 *bytes*: 21 Chinese characters.
"""

from datetime import UTC, datetime


def element(tag: int, content: bytes) -> bytes:
    """One element with its definite length, as short as possible (X.690, 10.1)."""
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def sequence(*parts: bytes) -> bytes:
    return element(0x30, b"".join(parts))


def one_in_set(part: bytes) -> bytes:
    """A SET OF with a single member; more would have to be sorted."""
    return element(0x31, part)


def explicit(number: int, part: bytes) -> bytes:
    """[number] EXPLICIT."""
    return element(0xA0 | number, part)


def implicit(number: int, content: bytes) -> bytes:
    """[number] IMPLICIT of a primitive type."""
    return element(0x80 | number, content)


def boolean(value: bool) -> bytes:
    return element(0x01, b"\xff" if value else b"\x00")


def integer(value: int) -> bytes:
    """A non-negative INTEGER."""
    if value < 0:
        raise ValueError("no negative numbers here")
    return element(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def enumerated(value: int) -> bytes:
    return element(0x0A, bytes((value,)))


def bit_string(content: bytes, unused: int = 0) -> bytes:
    return element(0x03, bytes((unused,)) + content)


def octets(content: bytes) -> bytes:
    return element(0x04, content)


def null() -> bytes:
    return b"\x05\x00"


def utf8(text: str) -> bytes:
    return element(0x0C, text.encode())


def printable(text: str) -> bytes:
    return element(0x13, text.encode("ascii"))


def object_id(dotted: str) -> bytes:
    first, second, *arcs = (int(arc) for arc in dotted.split("."))
    content = bytearray()
    for arc in (first * 40 + second, *arcs):
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(arc & 0x7F | 0x80)
        content += bytes(reversed(groups))
    return element(0x06, bytes(content))


def time(instant: datetime) -> bytes:
    """UTCTime up to 2049, GeneralizedTime from 2050 on (RFC 5280, 4.1.2.5); the parts of a second are cut off."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs its time zone")
    instant = instant.astimezone(UTC)
    if 1950 <= instant.year < 2050:
        return element(0x17, instant.strftime("%y%m%d%H%M%SZ").encode())
    return generalized_time(instant)


def generalized_time(instant: datetime) -> bytes:
    """GeneralizedTime, whatever the year; the parts of a second are cut off."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs its time zone")
    instant = instant.astimezone(UTC)
    return element(0x18, f"{instant.year:04}{instant:%m%d%H%M%S}Z".encode())


def tags_within(der: bytes) -> list[int]:
    """The tags of the elements directly within a sequence, as far as they can be walked; empty for anything else."""
    body = _content(der, 0)
    if body is None or der[0] != 0x30:
        return []
    tags = []
    place, end = body
    while place < end:
        inner = _content(der, place)
        if inner is None:
            break
        tags.append(der[place])
        place = inner[1]
    return tags


def _content(der: bytes, place: int) -> tuple[int, int] | None:
    """Where the content of the element at `place` begins and ends."""
    if len(der) < place + 2:
        return None
    size, start = der[place + 1], place + 2
    if size >= 0x80:
        width = size & 0x7F
        size = int.from_bytes(der[start : start + width], "big")
        start += width
    return (start, start + size) if start + size <= len(der) else None
