"""Takes the pictures: pages as a clerk's screen shows them, papers as they leave the printer; small enough to be kept."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page

from tests.journeys.browser import COUNTER_SCREEN

LARGEST = 120 * 1024  # bytes a picture
PAPER_DPI = 76


class Camera:
    """Keeps PNG files in a folder; `taken` maps their names, in order, to captions."""

    def __init__(self, browser: Browser, folder: Path, home: str) -> None:
        self._browser, self.folder, self._home = browser, folder, home
        self.taken: dict[str, str] = {}
        self.overflowing: list[str] = []  # pictures of pages that are larger than the screen

    @contextmanager
    def signed_in(self, number: str, password: str, code: str = "", language: str = "zh") -> Iterator["Sitting"]:
        context = self._browser.new_context(viewport=COUNTER_SCREEN, locale="zh-CN")  # type: ignore[arg-type]
        sitting = Sitting(self, context, self._home)
        if number:
            sitting.go("/login")
            sitting.page.fill("[name=number]", number)
            sitting.page.fill("[name=password]", password)
            sitting.page.fill("[name=code]", code)
            sitting.page.press("[name=password]", "Enter")
            sitting.page.wait_for_url(lambda url: "/login" not in url)
            if not sitting.page.evaluate("document.documentElement.lang").startswith(language):
                sitting.page.click("form[action$='/account/language'] button")  # it is kept with the account
                sitting.page.wait_for_load_state("networkidle")
        yield sitting
        context.close()

    def keep(self, name: str, caption: str, picture: Image.Image) -> None:
        self.taken[name] = caption
        (self.folder / f"{name}.png").write_bytes(shrunk(picture))

    def screen(self, name: str, caption: str, page: Page) -> None:
        """What the counter's screen shows of the page."""
        page.wait_for_timeout(150)
        wide, high = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
        if wide > COUNTER_SCREEN["width"] or high > COUNTER_SCREEN["height"]:
            self.overflowing.append(f"{name} {wide}×{high}")
        self.keep(name, caption, Image.open(BytesIO(page.screenshot())))

    def paper(self, name: str, caption: str, pdf: bytes) -> None:
        done = subprocess.run(
            ["pdftoppm", "-r", str(PAPER_DPI), "-png", "-f", "1", "-l", "1", "-"], input=pdf, capture_output=True, check=True
        )
        self.keep(name, caption, Image.open(BytesIO(done.stdout)))


class Sitting:
    """One person at one browser."""

    def __init__(self, camera: Camera, context: BrowserContext, home: str) -> None:
        self._camera, self._context, self._home = camera, context, home
        self.page: Page = context.new_page()

    def go(self, path: str) -> Page:
        self.page.goto(path if "://" in path else self._home + path)
        self.page.wait_for_load_state("networkidle") if "/issuance" not in path else self.page.wait_for_timeout(300)
        return self.page

    def shoot(self, name: str, caption: str, path: str = "") -> None:
        """What the screen shows of this page, or of the one that is open."""
        if path:
            self.go(path)
        self._camera.screen(name, caption, self.page)

    def print(self, name: str, caption: str, path: str) -> None:
        """The first page of a paper that this person may fetch."""
        self._camera.paper(name, caption, self.fetch(path))

    def fetch(self, path: str) -> bytes:
        answer = self._context.request.get(path if "://" in path else self._home + path)
        assert answer.ok, f"{path}: {answer.status}"
        return answer.body()


def shrunk(picture: Image.Image) -> bytes:
    """PNG with as many colours as fit into the size that is kept."""
    for colours in (256, 128, 64, 32, 16):
        out = BytesIO()
        picture.convert("RGB").quantize(colours, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(
            out, "PNG", optimize=True
        )
        if out.tell() <= LARGEST:
            break
    return out.getvalue()
