"""The station's loopback page: what it sees and does, simulated tokens to move by hand, envelopes to open once.

It listens on 127.0.0.1 and answers only to that name, so that no page of the web can reach it through a name of its own (DNS
rebinding); every POST carries a token that only this page shows. Nothing is logged: an address can open an envelope.
A GET changes nothing; an envelope is opened by a POST.
"""

import hmac
import secrets
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

from card_issuance import station_html, station_sign_in_html
from card_issuance.faults import NoToken
from card_issuance.simulated import SERIAL_SHAPE
from card_issuance.station import SlotsFull, Station
from card_issuance.station_html import FOLDER, LANGUAGES, Tongue
from card_issuance.station_pin_desk import WAYS, Way, carry_out, decline
from card_issuance.station_pin_html import GOOD, SAID, pin_page
from card_issuance.station_sign_in import Answer, Unanswerable, answer, candidates, read_request

HOST = "127.0.0.1"
LARGEST_FORM = 4096  # bytes
HTML = "text/html; charset=utf-8"
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="#0d5aa7" d="M8 0 1.5 2.2v4.9c0 4.3 2.8 7.6 6.5 8.9 '
    '3.7-1.3 6.5-4.6 6.5-8.9V2.2L8 0Z"/></svg>'
)
ASSETS = {
    "/page.css": ("text/css; charset=utf-8", (FOLDER / "page.css").read_bytes()),
    "/page.js": ("text/javascript; charset=utf-8", (FOLDER / "page.js").read_bytes()),
    "/page.svg": ("image/svg+xml", ICON.encode()),
}


class PageTaken(Exception):
    """Something else listens on the port."""


class StationPages:
    """Serves from a thread of its own between `start` and `close`."""

    def __init__(self, station: Station, port: int) -> None:
        """Binds the port (0: any free one) and tells the station its address. Raises PageTaken."""
        pages = self

        class Handler(_Handler):
            def __init__(self, *given: object) -> None:
                self.pages = pages
                super().__init__(*given)  # type: ignore[arg-type]

        try:
            self._server = _Server((HOST, port), Handler)
        except OSError as fault:
            raise PageTaken(f"page_port: {port} on {HOST} cannot be used ({fault.strerror})") from None
        self.station = station
        self.csrf = secrets.token_urlsafe(32)
        self.port = self._server.server_address[1]
        self.hosts = frozenset({f"{HOST}:{self.port}", f"localhost:{self.port}"})
        station.shelf.page = f"http://{HOST}:{self.port}/"
        self._thread = Thread(target=self._server.serve_forever, name="page", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _pin_place(path: str) -> tuple[str, str] | None:
    """(serial, way) of /pin/<serial>/<way>."""
    parts = path.split("/")
    if len(parts) != 4 or parts[1] != "pin" or not SERIAL_SHAPE.fullmatch(parts[2]):
        return None
    return parts[2], parts[3]


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that went away; the standard handler would print the request."""


class _Handler(BaseHTTPRequestHandler):
    pages: StationPages
    protocol_version = "HTTP/1.1"
    server_version = "station"
    sys_version = ""
    timeout = 20
    wbufsize = -1  # head and body leave in one piece

    def log_message(self, format: str, *given: object) -> None:
        """Silent: addresses open envelopes."""

    def do_GET(self) -> None:
        self._answer(self._get)

    def do_POST(self) -> None:
        self._answer(self._post)

    def _answer(self, act: Callable[[str, dict[str, str]], None]) -> None:
        if self.headers.get("Host", "") not in self.pages.hosts:
            self.close_connection = True
            self._send(HTTPStatus.MISDIRECTED_REQUEST, b"This page answers to its own address only.", "text/plain")
            return
        parts = urlsplit(self.path)
        act(parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()})

    def _tongue(self, given: dict[str, str]) -> Tongue:
        """The language asked for; else the office's for a first visit."""
        asked = given.get("lang", "")
        return Tongue(asked if asked in LANGUAGES else "zh", self.pages.csrf)

    def _get(self, path: str, query: dict[str, str]) -> None:
        station, tongue = self.pages.station, self._tongue(query)
        if path in ASSETS:
            kind, content = ASSETS[path]
            self._send(HTTPStatus.OK, content, kind)
        elif path == "/":
            message = query.get("said", "")
            known = message if message in station_html.MESSAGES else ""
            self._page(station_html.whole_page(station.view(), tongue, known))
        elif path == "/live":
            self._page(station_html.live_part(station.view(), tongue))
        elif path == "/sign-in":
            self._sign_in(query, tongue)
        elif (place := _pin_place(path)) is not None:
            self._pin(*place, tongue, query.get("said", ""))
        else:
            self._envelope(path, tongue)

    def _pin(self, serial: str, way: str, tongue: Tongue, said: str = "") -> None:
        """The holder's page of a token that is in a slot, or that a run waits for."""
        station = self.pages.station
        view = station.view()
        if way not in WAYS or (serial not in view.tries_left and view.asked_of(serial) is None):
            self._envelope("", tongue)
            return
        left = view.tries_left.get(serial, station.bench.pad.left(serial))
        known = said if said in SAID else ""
        self._page(pin_page(view, tongue, station.bench.where, serial, Way(way), left, known))

    def _envelope(self, path: str, tongue: Tongue) -> None:
        shelf, address = self.pages.station.shelf, path.removeprefix("/envelope/")
        envelope = shelf.look(address) if path.startswith("/envelope/") else None
        status = HTTPStatus.NOT_FOUND if envelope is None else HTTPStatus.GONE if envelope.ending else HTTPStatus.OK
        self._page(station_html.envelope_page(self.pages.station.view(), tongue, envelope, address), status)

    def _post(self, path: str, query: dict[str, str]) -> None:
        form = self._form()
        if form is None or not self._is_ours(form):
            self.close_connection = True  # the body may not have been read
            page = station_html.refusal_page(self.pages.station.view(), self._tongue(form or {}))
            self._page(page, HTTPStatus.FORBIDDEN)
        elif path in ("/tokens/insert", "/tokens/remove"):
            self._move_token(path, form)
        elif path == "/sign-in":
            self._answer_platform(form)
        elif (place := _pin_place(path)) is not None:
            self._take_pin(*place, form)
        elif path.startswith("/envelope/"):
            self._open_envelope(path, form)
        else:
            self._envelope(path, self._tongue(form))

    def _form(self) -> dict[str, str] | None:
        try:
            length = int(self.headers.get("Content-Length", ""))
        except ValueError:
            return None
        if not 0 <= length <= LARGEST_FORM or "Transfer-Encoding" in self.headers:
            return None
        content = self.rfile.read(length).decode("utf-8", "replace")
        return {name: values[0] for name, values in parse_qs(content).items()}

    def _is_ours(self, form: dict[str, str]) -> bool:
        origin = self.headers.get("Origin")
        if origin is not None and origin not in {f"http://{host}" for host in self.pages.hosts}:
            return False
        return hmac.compare_digest(form.get("csrf", "").encode(), self.pages.csrf.encode())

    def _move_token(self, path: str, form: dict[str, str]) -> None:
        station, said = self.pages.station, ""
        try:
            move = station.insert if path == "/tokens/insert" else station.remove
            move(form.get("serial", ""))
        except SlotsFull:
            said = "slots_full"
        except (NoToken, ValueError):
            said = "no_token"
        self._redirect(f"/?lang={self._tongue(form).language}" + (f"&said={said}" if said else ""))

    def _take_pin(self, serial: str, way: str, form: dict[str, str]) -> None:
        """The answer is a word in the next address, never what was typed."""
        station, language = self.pages.station, self._tongue(form).language
        view = station.view()
        if serial not in view.tries_left and view.asked_of(serial) is None:
            self._envelope("", self._tongue(form))
        elif way == "decline":
            self._redirect(f"/?lang={language}&said={decline(station, serial).value}")
        elif way in WAYS:
            said = carry_out(station, serial, Way(way), form)
            if way == Way.give and said.value in GOOD:
                self._redirect(f"/?lang={language}&said=pin_right")
            else:
                self._redirect(f"/pin/{serial}/{way}?lang={language}&said={said.value}")
        else:
            self._envelope("", self._tongue(form))

    def _sign_in(self, query: dict[str, str], tongue: Tongue) -> None:
        station = self.pages.station
        asked, view = read_request(station.settings.platforms, query), station.view()
        if isinstance(asked, Unanswerable):
            page = station_sign_in_html.unanswerable_page(view, tongue, asked, query.get("platform", ""))
            self._page(page, HTTPStatus.FORBIDDEN if asked is Unanswerable.stranger else HTTPStatus.UNPROCESSABLE_ENTITY)
            return
        said = query.get("said", "")
        known = said if said in station_sign_in_html.SAID else ""
        held = candidates(station)
        self._page(station_sign_in_html.sign_in_page(view, tongue, asked, held, query.get("chosen", ""), known))

    def _answer_platform(self, form: dict[str, str]) -> None:
        """The signed answer goes onto a page that may send it to the platform, which asked, and to nobody else."""
        station, tongue = self.pages.station, self._tongue(form)
        asked = read_request(station.settings.platforms, form)
        if isinstance(asked, Unanswerable):
            self._sign_in(form, tongue)
            return
        said = answer(station, asked, form)
        if isinstance(said, Answer):
            page = station_sign_in_html.answer_page(station.view(), tongue, asked, said)
            policy = POLICY.replace("form-action 'self'", f"form-action {asked.platform.origin}")
            self._send(HTTPStatus.OK, page.encode(), HTML, {"Content-Security-Policy": policy})
        else:
            chosen = form.get("certificate", "")
            self._redirect(station_sign_in_html.address(asked, lang=tongue.language, chosen=chosen, said=said.value))

    def _open_envelope(self, path: str, form: dict[str, str]) -> None:
        shelf, address = self.pages.station.shelf, path.removeprefix("/envelope/")
        envelope = shelf.look(address)
        document = shelf.take(address)
        if envelope is None or document is None:
            self._envelope(path, self._tongue(form))
            return
        more = {"Content-Disposition": f'inline; filename="{envelope.number}.pdf"'}
        self._send(HTTPStatus.OK, document, "application/pdf", more)

    def _page(self, html: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        self._send(status, html.encode(), HTML)

    def _redirect(self, target: str) -> None:
        self._send(HTTPStatus.SEE_OTHER, b"", "text/plain", {"Location": target})

    def _send(self, status: HTTPStatus, content: bytes, kind: str, more: dict[str, str] | None = None) -> None:
        self.send_response(status)
        headers = {
            "Content-Type": kind,
            "Content-Length": str(len(content)),
            "Cache-Control": "no-store",
            # A browser's own viewer shows the PDF; a policy meant for pages would stop it.
            "Content-Security-Policy": "frame-ancestors 'none'" if kind == "application/pdf" else POLICY,
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "same-origin",  # with no-referrer a browser would send its own forms with the origin "null"
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            **(more or {}),
        }
        for name, value in headers.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)
