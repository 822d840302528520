"""What stations send, read strictly at the edge: a wrong type or an over-long text is refused with its place."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from app.services.errors import Faulty
from app.services.report_step import loopback_url
from app.services.take_jobs import Poll

Word = TypeVar("Word", bound=StrEnum)
MOST_SLOTS = 64
MOST_OBJECTS = 64  # keys, and certificates, on one token


class Malformed(Exception):
    """`pointer`: where in the body, as a JSON pointer."""

    def __init__(self, pointer: str) -> None:
        super().__init__(pointer)
        self.pointer = pointer


@dataclass(frozen=True)
class Reader:
    """One JSON object being read."""

    content: dict[str, Any]
    pointer: str = ""

    @classmethod
    def of(cls, value: Any, pointer: str = "") -> "Reader":
        if not isinstance(value, dict):
            raise Malformed(pointer or "/")
        return cls(value, pointer)

    def text(self, name: str, longest: int, default: str | None = None) -> str:
        """A text without control characters but line breaks and tabs; a missing one only where there is a default."""
        value = self.content.get(name)
        if value is None:
            value = default
        if not isinstance(value, str) or len(value) > longest or "\x00" in value:
            raise Malformed(f"{self.pointer}/{name}")
        return value

    def number(self, name: str) -> int:
        value = self.content.get(name)
        if type(value) is not int or not 0 <= value < 2**31:
            raise Malformed(f"{self.pointer}/{name}")
        return value

    def flag(self, name: str) -> bool:
        value = self.content.get(name)
        if type(value) is not bool:
            raise Malformed(f"{self.pointer}/{name}")
        return value

    def word(self, name: str, kind: type[Word]) -> Word:
        try:
            return kind(self.text(name, 40))
        except ValueError:
            raise Malformed(f"{self.pointer}/{name}") from None

    def part(self, name: str) -> "Reader":
        return Reader.of(self.content.get(name) or {}, f"{self.pointer}/{name}")

    def parts(self, name: str, most: int) -> list["Reader"]:
        value = self.content.get(name, [])
        if not isinstance(value, list) or len(value) > most:
            raise Malformed(f"{self.pointer}/{name}")
        return [Reader.of(each, f"{self.pointer}/{name}/{index}") for index, each in enumerate(value)]

    def texts(self, name: str, most: int, longest: int) -> tuple[str, ...]:
        value = self.content.get(name, [])
        if not isinstance(value, list) or len(value) > most:
            raise Malformed(f"{self.pointer}/{name}")
        if not all(isinstance(each, str) and len(each) <= longest for each in value):
            raise Malformed(f"{self.pointer}/{name}")
        return tuple(value)


def poll_from(body: Reader) -> Poll:
    """A station's poll. Its page must be on loopback: the clerk's browser is sent there."""
    try:
        page = loopback_url(body.text("page", 200, ""))
    except Faulty:
        raise Malformed("/page") from None
    printer = body.part("printer")
    report = {
        "page": page,
        "slots": [_slot(slot) for slot in body.parts("slots", MOST_SLOTS)],
        "printer": {
            "kind": printer.text("kind", 10, "page"),
            "name": printer.text("name", 80, ""),
            "state": printer.text("state", 20, "absent"),
            "detail": printer.text("detail", 400, ""),
        },
    }
    working = {each.text("run", 32): each.number("lease") for each in body.parts("working", MOST_SLOTS)}
    return Poll(body.text("boot", 40), report, working, body.texts("envelopes_fetched", 200, 20))


def _slot(slot: Reader) -> dict[str, Any]:
    where = slot.content.get("slot")
    if not isinstance(where, str | int) or len(str(where)) > 120:
        raise Malformed(f"{slot.pointer}/slot")
    return {
        "slot": str(where),
        "serial": slot.text("serial", 40, "") or None,
        "label": slot.text("label", 80, ""),
        "state": slot.text("state", 20),
        "model": slot.text("model", 80, ""),
        **_seen_on(slot),
    }


def _seen_on(slot: Reader) -> dict[str, Any]:
    """What an initialised token shows without its PIN; what the station does not know yet is left out."""
    seen: dict[str, Any] = {}
    if slot.content.get("keys") is not None:
        seen["keys"] = [
            {"id": key.text("id", 128), "digest": key.text("digest", 64, "")} for key in slot.parts("keys", MOST_OBJECTS)
        ]
    if slot.content.get("certificates") is not None:
        seen["certificates"] = list(slot.texts("certificates", MOST_OBJECTS, 64))
    if slot.content.get("tries_left") is not None:
        seen["tries_left"] = slot.number("tries_left")
    if slot.content.get("locked") is not None:
        seen["locked"] = slot.flag("locked")
    return seen
