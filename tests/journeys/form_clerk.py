"""A member of staff at a browser that draws nothing: he opens a page, fills in one of its forms, presses its button; and sends
the same once more, as a browser offers when no answer came."""

import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar

Fields = list[tuple[str, str]]


class NotOffered(AssertionError):
    """The page has no such form."""


class FormClerk:
    def __init__(self, home: str) -> None:
        self.home = home
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def sign_in(self, number: str, password: str, code: str = "") -> None:
        form = self.fill("/login", "", number=number, password=password, code=code)
        assert "/logout" in self.send("/login", form), f"{number} is not let in"

    def open(self, path: str) -> str:
        return self._ask(path, None)

    def offers(self, path: str, action: str) -> bool:
        try:
            self.fill(path, action)
        except NotOffered:
            return False
        return True

    def fill(self, path: str, action: str, **typed: str) -> Fields:
        """What the form of this page would send that goes to `action` ("": the form without one), by its own button or
        another's; `typed` over what is in it. Raises NotOffered."""
        forms = _Forms()
        forms.feed(self.open(path))
        found = next((form for form in forms.forms if action in form.actions), None)
        if found is None:
            raise NotOffered(f"{path} has no form for {action}: {[form.actions for form in forms.forms]}")
        return [(name, value) for name, value in found.fields if name not in typed] + list(typed.items())

    def send(self, action: str, fields: Fields) -> str:
        """The page that is shown at last. A form that the office will not take fails with what it says."""
        return self._ask(action, urllib.parse.urlencode(fields).encode())

    def _ask(self, path: str, content: bytes | None) -> str:
        request = urllib.request.Request(self.home + path, content, {"Referer": self.home})
        try:
            with self._opener.open(request, timeout=60) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as refused:
            with refused:
                page = refused.read().decode("utf-8", "replace")
            raise AssertionError(f"{refused.code} for {path}: {_said(page)}") from None


def _said(page: str) -> str:
    """The words of a page's messages, or of all of it."""
    found = re.findall(r'class="(?:message|error|error-summary)[^>]*>(.*?)</', page, re.DOTALL) or [page]
    return " ".join(" ".join(re.sub(r"<[^>]+>", " ", each).split()) for each in found)[:600]


@dataclass
class _Form:
    actions: set[str]
    name: str = ""  # its id, by which a button elsewhere calls it
    fields: Fields = field(default_factory=list)


class _Forms(HTMLParser):
    """The forms of a page with what is in them, as a browser would send it."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[_Form] = []
        self._open: _Form | None = None
        self._select: str = ""
        self._area: tuple[str, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name, value = given.get("name", ""), given.get("value", "")
        if tag == "form":
            self._open = _Form({given.get("action", "")}, given.get("id", ""))
            self.forms.append(self._open)
        elif tag == "button" and "formaction" in given:
            form = next((each for each in self.forms if each.name == given.get("form")), self._open)
            if form is not None:
                form.actions.add(given["formaction"])
        elif self._open is None:
            return
        elif tag == "input" and name and given.get("type") not in {"file", "submit", "button"}:
            if given.get("type") not in {"checkbox", "radio"} or "checked" in given:
                self._open.fields.append((name, value or ("y" if given.get("type") == "checkbox" else "")))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            self._option(value, "selected" in given)
        elif tag == "textarea":
            self._area = (name, "")

    def _option(self, value: str, selected: bool) -> None:
        """The first one, until another says that it is selected."""
        assert self._open is not None
        there = [n for n, (name, _) in enumerate(self._open.fields) if name == self._select]
        if not there:
            self._open.fields.append((self._select, value))
        elif selected:
            self._open.fields[there[0]] = (self._select, value)

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area = (self._area[0], self._area[1] + data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea" and self._area is not None:
            if self._open is not None:
                self._open.fields.append(self._area)
            self._area = None
