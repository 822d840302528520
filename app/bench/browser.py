"""As much of a browser as a benchmark needs: cookies, forms with their CSRF token, redirects. Nothing is rendered."""

import html
import re
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

_TOKEN = re.compile(r'name="(csrf|csrf_token)"[^>]*? value="([^"]+)"')


class Browser:
    """Of one person, for one thread."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self._csrf: dict[str, str] = {}

    def get(self, path: str = "") -> str:
        return self._keep_token(self._open(path, None)).decode()

    def post(self, path: str, form: dict[str, str]) -> bytes:
        """A form of the page seen last. What the redirect leads to is fetched too. Raises urllib.error.HTTPError."""
        return self._keep_token(self._open(path, urllib.parse.urlencode(self._csrf | form).encode()))

    def sign_in(self, number: str, password: str) -> None:
        self.get("/login")
        if b"/logout" not in self.post("/login", {"number": number, "password": password, "code": ""}):
            raise RuntimeError(f"{number} is not let in")

    def _open(self, path: str, form: bytes | None) -> bytes:
        request = urllib.request.Request(self._base + path, form, {"Referer": self._base})  # noqa: S310 - our own programs
        with self._opener.open(request, timeout=30) as answer:
            content: bytes = answer.read()
        return content

    def _keep_token(self, page: bytes) -> bytes:
        if found := _TOKEN.search(page.decode("utf-8", "replace")):
            self._csrf = {found[1]: html.unescape(found[2])}
        return page
