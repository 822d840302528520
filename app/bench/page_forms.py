"""What a page offers to choose and to look for: the paths to which its forms and its way on would lead."""

import math
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

MOST_CHOICES = 10  # of one list of choices; of a longer one as many, evenly apart
_TEXTS = ("", "text", "search")


class _Forms(HTMLParser):
    """Fields of the forms that ask by GET, with the values that they offer; the links to the page after this one."""

    def __init__(self) -> None:
        super().__init__()
        self.asks = False
        self.select: str | None = None
        self.choices: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self.dates: list[str] = []
        self.next: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attributes}
        name = told.get("name", "")
        if tag == "form":
            self.asks = told.get("method", "get").lower() == "get" and not told.get("action", "").startswith("/search")
        elif tag == "a" and told.get("rel") == "next":
            self.next.append(told["href"])
        elif not self.asks:
            return
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and told.get("value"):
            self.choices.append((self.select, told["value"]))
        elif tag == "input" and name:
            if told.get("type", "") in ("radio", "checkbox"):
                self.choices.append((name, told.get("value", "y")))
            elif told.get("type", "") == "date":
                self.dates.append(name)
            elif told.get("type", "") in _TEXTS:
                self.texts.append(name)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.asks = False
        elif tag == "select":
            self.select = None


def offers_of(page: str, path: str, searches: Sequence[str]) -> list[str]:
    """Paths, with braces where a sample of the office goes in: one field filled in at a time, and the pages further on."""
    forms = _Forms()
    forms.feed(page)
    return [*_filled_in(forms, path, searches), *_further_on(forms, path)]


def _filled_in(forms: _Forms, path: str, searches: Sequence[str]) -> Iterator[str]:
    bare = path.partition("?")[0]
    for name in dict.fromkeys(name for name, _ in forms.choices):
        values = [value for of, value in forms.choices if of == name]
        yield from (f"{bare}?{name}={quote(value)}" for value in values[:: math.ceil(len(values) / MOST_CHOICES)])
    yield from (f"{bare}?{name}={text}" for name in forms.texts for text in searches)
    yield from (f"{bare}?{name}={{day}}" for name in forms.dates)


def _further_on(forms: _Forms, path: str) -> Iterator[str]:
    for link in forms.next:
        parts = urlsplit(link)
        asked = dict(parse_qsl(parts.query))
        for cursor in {"before", "after"} & set(asked):
            rest = {name: value for name, value in asked.items() if name != cursor}
            yield f"{parts.path or path.partition('?')[0]}?{urlencode(rest)}{'&' if rest else ''}{cursor}={{middle}}"
