"""JSON read strictly: nothing is guessed, nothing repaired, and every fault is collected with its JSON pointer (RFC 6901).

A number is no string, true is no 1, 1.0 is no whole number, a name given twice in one object is a fault. Sentences are in both
languages, since the readers of a fault are programmers and clerks alike.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing wrong with a JSON value. `pointer` says where; "" is the whole value."""

    pointer: str
    message_zh: str
    message_en: str


class Malformed(Exception):
    """The value is not what was asked for; `faults` has everything that is wrong with it."""

    def __init__(self, faults: Sequence[Defect]) -> None:
        super().__init__("; ".join(f'"{fault.pointer}" {fault.message_en}' for fault in faults))
        self.faults = tuple(faults)


class RepeatedNames(dict[str, Any]):
    """An object that gives a name more than once: which value counts cannot be known."""

    repeated: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NoNumber:
    """NaN or Infinity, which Python's reader lets through and JSON does not know. No field accepts it."""

    word: str

    def __str__(self) -> str:
        return self.word


# Longer whole numbers are only ever compared with small ones; this spares the quadratic time that reading them would take.
_LONGEST_DIGITS = 18
_HUGE: int = 10**_LONGEST_DIGITS


def _whole_number(digits: str) -> int:
    if len(digits) <= _LONGEST_DIGITS:
        return int(digits)
    return -_HUGE if digits.startswith("-") else _HUGE


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    seen: set[str] = set()
    twice = {name: None for name, _ in pairs if name in seen or seen.add(name)}  # type: ignore[func-returns-value]
    marked = RepeatedNames(found)
    marked.repeated = tuple(twice)
    return marked


_decoder = json.JSONDecoder(object_pairs_hook=_object, parse_int=_whole_number, parse_constant=NoNumber)


def read(text: bytes) -> Any:
    """The JSON value in UTF-8 text (a byte order mark is let pass). Raises Malformed, pointer "", if it is no JSON."""
    try:
        return _decoder.decode(text.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        fault = Defect(
            "", f"不是 UTF-8 文本（第 {error.start + 1} 字节起）", f"is not UTF-8 text (from byte {error.start + 1} on)"
        )
    except json.JSONDecodeError as error:
        if not text.strip():
            fault = Defect("", "内容为空", "is empty")
        else:
            fault = Defect(
                "",
                f"不是合法的 JSON（第 {error.lineno} 行第 {error.colno} 列）",
                f"is not valid JSON (line {error.lineno}, column {error.colno}: {error.msg})",
            )
    except RecursionError:
        fault = Defect("", "嵌套过深", "is nested too deeply")
    raise Malformed([fault])


_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MISSING = object()


def _day(value: Any) -> date | None:
    # date.fromisoformat also takes 20261121 and week dates, so the form is checked first.
    if not isinstance(value, str) or _DATE.fullmatch(value) is None:
        return None
    try:
        return date(int(value[:4]), int(value[5:7]), int(value[8:]))
    except ValueError:
        return None


def _is(value: Any) -> tuple[str, str]:
    """What a JSON value is, in words; a short one is named itself."""
    if isinstance(value, dict):
        return "对象", "an object"
    if isinstance(value, list):
        return "列表", "a list"
    if isinstance(value, str):
        if len(value) > 40 or not value.isprintable():
            return "这样的文本", "such a text"
        return f"“{value}”", f'"{value}"'
    if isinstance(value, int | float) and abs(value) >= _HUGE:
        return "这样大的数", "so large a number"
    name = json.dumps(value) if value is None or isinstance(value, bool) else str(value)
    return f" {name}", name


def escaped(name: str) -> str:
    """A name as one step of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")


class Fields:
    """One JSON object being read field by field; what is wrong is appended to `faults`.

    After a fault a reading method returns a stand-in, so that reading goes on to the next fault. Whoever made the list of
    faults lets no stand-in out when it is not empty.
    """

    __slots__ = ("_at", "_faults", "_values")

    def __init__(self, value: Any, names: frozenset[str], pointer: str, faults: list[Defect]) -> None:
        """Complains of each name that is missing, unknown or given twice, at that name's own pointer."""
        self._at = pointer
        self._faults = faults
        self._values: Mapping[str, Any] = value if isinstance(value, dict) else {}
        if not isinstance(value, dict):
            self._wrong(value, None, "须为对象", "must be an object")
        elif value.keys() != names:
            for name in sorted(names - value.keys()):
                self.complain(name, "缺少此字段", "is missing")
            for name in sorted(value.keys() - names):
                self.complain(name, "没有这样的字段", "is no field of this object")
        if isinstance(value, RepeatedNames):
            for name in value.repeated:
                self.complain(name, "字段重复", "is given more than once")

    def complain(self, name: str | None, zh: str, en: str) -> None:
        """Record a fault of the field, or of the whole object if `name` is None."""
        self._faults.append(Defect(self._at if name is None else self.pointer(name), zh, en))

    def pointer(self, name: str) -> str:
        return f"{self._at}/{escaped(name)}"

    def truth(self, name: str) -> bool:
        value = self._values.get(name, _MISSING)
        if isinstance(value, bool):
            return value
        self._wrong(value, name, "须为 true 或 false", "must be true or false")
        return False

    def whole(self, name: str, least: int, most: int | None = None) -> int:
        value = self._values.get(name, _MISSING)
        if type(value) is int and value >= least and (most is None or value <= most):
            return value
        if most is None:
            self._wrong(value, name, f"须为不小于 {least} 的整数", f"must be a whole number of at least {least}")
        else:
            self._wrong(value, name, f"须为 {least} 至 {most} 的整数", f"must be a whole number from {least} to {most}")
        return least

    def text(self, name: str) -> str:
        value = self._values.get(name, _MISSING)
        if isinstance(value, str):
            return value
        self._wrong(value, name, "须为文本", "must be text")
        return ""

    def text_or_null(self, name: str) -> str | None:
        value = self._values.get(name, _MISSING)
        if value is None or isinstance(value, str):
            return value
        self._wrong(value, name, "须为文本或 null", "must be text or null")
        return None

    def day(self, name: str) -> date:
        value = self._values.get(name, _MISSING)
        found = _day(value)
        if found is None:
            self._wrong(value, name, "须为真实存在的日期，写作 YYYY-MM-DD", "must be a real calendar date, written YYYY-MM-DD")
        return found or date.min

    def day_or_null(self, name: str) -> date | None:
        value = self._values.get(name, _MISSING)
        found = _day(value)
        if found is None and value is not None:
            zh, en = (
                "须为真实存在的日期（写作 YYYY-MM-DD）或 null",
                "must be a real calendar date, written YYYY-MM-DD, or null",
            )
            self._wrong(value, name, zh, en)
        return found

    def word(self, name: str, words: Mapping[str, E]) -> E | None:
        """One of the words, None only after a fault."""
        value = self._values.get(name, _MISSING)
        found = words.get(value) if isinstance(value, str) else None
        if found is None:
            self._wrong(value, name, "须为以下之一：" + "、".join(words), "must be one of " + ", ".join(words))
        return found

    def word_or_null(self, name: str, words: Mapping[str, E]) -> E | None:
        value = self._values.get(name, _MISSING)
        found = words.get(value) if isinstance(value, str) else None
        if found is None and value is not None:
            self._wrong(value, name, "须为以下之一：" + "、".join([*words, "null"]), f"must be {', '.join(words)} or null")
        return found

    def words(self, name: str, words: Mapping[str, E]) -> tuple[E, ...]:
        """A list of words; each wrong entry is complained of at its own pointer. A repeated word says nothing new."""
        found = []
        for position, value in enumerate(self.entries(name)):
            word = words.get(value) if isinstance(value, str) else None
            if word is None:
                self._wrong(value, name, "须为以下之一：" + "、".join(words), "must be one of " + ", ".join(words), position)
            elif word not in found:
                found.append(word)
        return tuple(found)

    def object(self, name: str, names: frozenset[str]) -> "Fields":
        value = self._values.get(name, _MISSING)
        if value is _MISSING:
            return _nothing(self.pointer(name))
        return Fields(value, names, self.pointer(name), self._faults)

    def entries(self, name: str, most: int | None = None) -> list[Any]:
        value = self._values.get(name, _MISSING)
        if not isinstance(value, list):
            self._wrong(value, name, "须为列表", "must be a list")
            return []
        if most is not None and len(value) > most:
            self.complain(name, f"最多 {most} 项，现有 {len(value)} 项", f"has {len(value)} entries; {most} are allowed")
        return value

    def _wrong(self, value: Any, name: str | None, zh: str, en: str, position: int | None = None) -> None:
        if value is _MISSING:  # complained of when the object was opened
            return
        zh_is, en_is = _is(value)
        at = self._at if name is None else self.pointer(name)
        at = at if position is None else f"{at}/{position}"
        self._faults.append(Defect(at, f"{zh}，不能是{zh_is}", f"{en}, not {en_is}"))


def _nothing(pointer: str) -> Fields:
    """Stands for an object that is missing: its fields are not complained of one by one."""
    return Fields({}, frozenset(), pointer, [])
