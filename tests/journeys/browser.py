"""Debian's Chromium driven as a person drives it: by the keyboard. A witness notes all that should not happen meanwhile."""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, FileChooser, Page, Request, Route, sync_playwright

CHROMIUM = "/usr/bin/chromium"
COUNTER_SCREEN = {"width": 1366, "height": 768}
PATIENCE = 20_000  # milliseconds
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
_POINTER = "for (const kind of ['pointerdown', 'touchstart']) addEventListener(kind, () => noteOfPointer(kind), true);"
_FOCUS = "(wanted) => Boolean(document.activeElement) && document.activeElement.matches(wanted)"


@contextmanager
def chromium() -> Iterator[Browser]:
    """Skips, loudly, where there is none (Ubuntu's package is a stub that cannot be driven)."""
    if shutil.which(CHROMIUM) is None:
        pytest.skip("Chromium is not installed (apt-get install chromium): NO browser test was run")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        yield browser
        browser.close()


@dataclass
class Witness:
    """What went wrong in a browser, as sentences: complaints of the console, broken scripts, requests to anywhere else."""

    homes: frozenset[str]  # origins that may be asked
    complaints: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        context.on("request", self._request)
        context.on("console", lambda said: self._console(said.type, said.text, said.page))
        context.on("weberror", lambda fault: self.complaints.append(f"script: {fault.error}"))

    def _request(self, request: Request) -> None:
        """A page asks its own server only; the way from one of our servers to the other is a link that somebody follows."""
        if request.url.startswith(("data:", "blob:", "chrome-extension:", "chrome:")):
            return
        at = origin(request.url)
        if at not in self.homes:
            self.complaints.append(f"a request left the house: {request.url}")
        elif not request.is_navigation_request() and origin(request.frame.url) not in {at, "://"}:
            self.complaints.append(f"{request.frame.url} asked {request.url}")

    def _console(self, kind: str, text: str, page: Page | None) -> None:
        if kind not in {"error", "warning"} or re.search(r"status of 4(01|03|04|10|22)\b", text):
            return  # our refusals are pages with a status of their own
        self.complaints.append(f"console {kind} on {page.url if page else '?'}: {text}")


def selector(what: str) -> str:
    return f'[name="{what}"], [id="{what}"]' if re.fullmatch(r"[\w-]+", what) else what


def origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


class Person:
    """One member of staff at a browser of his own. Whatever he does with `press`, `write`, `reach` is done by keys alone."""

    def __init__(self, browser: Browser, home: str, witness: Witness, language: str = "zh-CN") -> None:
        self.home, self.witness = home, witness
        self.context = browser.new_context(viewport=COUNTER_SCREEN, locale=language)  # type: ignore[arg-type]
        self.context.set_default_timeout(PATIENCE)
        self.pointer: list[str] = []
        self.context.expose_function("noteOfPointer", lambda kind: self.pointer.append(kind))
        self.context.add_init_script(_POINTER)
        self.papers: list[bytes] = []
        self.context.route(re.compile(r"\.pdf$|/envelope/"), self._take_paper)
        witness.watch(self.context)
        self.page = self.context.new_page()
        self._choosers: list[FileChooser] = []
        self.page.on("filechooser", lambda chooser: self._choosers.append(chooser))

    def close(self) -> None:
        self.context.close()

    def _take_paper(self, route: Route) -> None:
        """Whatever the server gives is noted and passed on: a paper is asked for once, by the browser's own request."""
        answer = route.fetch(max_redirects=0)
        content = answer.body()
        if content.startswith(b"%PDF"):
            self.papers.append(content)
            route.fulfill(status=200, content_type="text/html; charset=utf-8", body="<title>PDF</title>")
        else:
            route.fulfill(response=answer, body=content)

    # Keys.

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def write(self, text: str) -> None:
        """As an input method does for Chinese; key by key otherwise, as a scanner or a hand."""
        if text.isascii():
            self.page.keyboard.type(text)
        else:
            self.page.keyboard.insert_text(text)

    def reach(self, what: str, by: str = "Tab", most: int = 120) -> None:
        """Go from control to control until the wanted one has the focus: its name or id, or a CSS selector.

        A room of supervision in a folded wing is unfolded on the way.
        """
        folded = f".wing:not([open]):has({what.removeprefix('.desks ')}) > summary"
        if what.startswith(".desks ") and self.page.locator(folded).count():
            self.reach(folded, by, most)
            self.press("Enter")
        for _ in range(most):
            if self.has_focus(what):
                return
            self.press(by)
        raise AssertionError(f"the keyboard does not lead to {what} on {self.page.url} by {by}; it is at {self.at()}")

    def has_focus(self, what: str) -> bool:
        return bool(self.page.evaluate(_FOCUS, selector(what)))

    def wait_for_focus(self, what: str) -> None:
        self.page.wait_for_function(_FOCUS, arg=selector(what))

    def fill(self, name: str, text: str, by: str = "Tab") -> None:
        """Reach a field, replace what stands there."""
        self.reach(name, by)
        self.press("Control+a")
        self.write(text)

    def choose(self, name: str, value: str, by: str = "Tab") -> None:
        """Reach a group of radios, then go on by the arrow until this one is chosen."""
        self.reach(name, by)
        self.press("Space")
        for _ in range(8):
            if self.has_focus(f"[value={value}]:checked"):
                return
            self.press("ArrowRight")
        raise AssertionError(f"{name} has no {value}")

    def select(self, name: str, words: str, by: str = "Tab") -> None:
        """Reach a list and go down it to the choice with these words."""
        self.reach(name, by)
        for _ in range(12):
            shown = self.page.evaluate("document.activeElement.selectedOptions[0]?.text ?? ''")
            if shown == words:
                return
            self.press("ArrowDown")
        raise AssertionError(f"{name} does not offer {words}")

    def at(self) -> str:
        found: str = self.page.evaluate("document.activeElement ? document.activeElement.outerHTML.slice(0, 160) : 'nothing'")
        return found

    def follow(self, *keys: str, to: str | re.Pattern[str] | Callable[[str], bool] | None = None) -> None:
        """Press what leads to another page, and wait for that page."""
        with self.page.expect_navigation(url=to):
            self.press(*keys)
        self.page.wait_for_load_state()

    def print(self, key: str) -> bytes:
        """Press the key of a paper; what comes in the new tab."""
        before = len(self.papers)
        with self.context.expect_page() as opened:
            self.press(key)
        opened.value.wait_for_load_state()
        opened.value.close()
        assert len(self.papers) == before + 1, "that key printed nothing"
        return self.papers[-1]

    def choose_file(self, key: str, file: Path) -> None:
        """Press what opens the browser's own file chooser, and choose there."""
        self.press(key)
        for _ in range(100):
            if self._choosers:
                return self._choosers.pop().set_files(file)
            self.page.wait_for_timeout(20)
        raise AssertionError(f"{key} opened no file chooser at {self.at()}")

    # Doors.

    def sign_in(self, number: str, password: str, code: str = "") -> None:
        self.page.goto(f"{self.home}/login")
        self.wait_for_focus("number")
        self.write(number)
        self.press("Tab")
        self.write(password)
        if code:
            self.press("Tab")
            self.write(code)
        self.follow("Enter", to=lambda url: "/login" not in url)

    def go(self, path: str) -> None:
        self.page.goto(self.home + path)

    def desk(self, nth: int) -> None:
        """`g` and the desk's number on the list."""
        self.follow("g", str(nth))

    def says(self) -> str:
        """All text of the page."""
        return self.page.inner_text("body")

    def message(self) -> str:
        return self.page.inner_text(".messages")
