"""A counter to test with: a station's directory with simulated tokens, run in this process or as the real program."""

import os
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode

from card_issuance import token_acts
from card_issuance.ceremony_acts import PIN_PATIENCE
from card_issuance.ceremony_job import EnvelopeFacts
from card_issuance.pin import Pin
from card_issuance.simulated import Cabinet
from card_issuance.slots import ModuleSettings
from card_issuance.station import Station, build
from card_issuance.station_pages import StationPages
from card_issuance.station_store import Credentials, StationStore, demonstration_module
from tests.card_issuance.office_twin import OfficeTwin
from tests.standby import STANDBY, Started

HOUSE = Path(__file__).resolve().parents[2]


@dataclass
class Counter:
    """One enrolled station's directory."""

    store: StationStore
    office: OfficeTwin
    pins: dict[str, Pin] = field(default_factory=dict)  # by envelope number, of stations run in this process

    @property
    def cabinet(self) -> Cabinet:
        return demonstration_module(self.store.directory).cabinet

    @property
    def where(self) -> ModuleSettings:
        return self.store.settings({}).token

    def render(self, facts: EnvelopeFacts) -> bytes:
        """In place of paper: remembers the PIN for the test, as the applicant would."""
        self.pins[facts.control_number] = facts.pin
        return b"%PDF-1.4 envelope " + facts.control_number.encode()

    @contextmanager
    def station(self, pin_patience: float = PIN_PATIENCE, **environment: str) -> Iterator[Station]:
        """Runs in threads of this process, with its page."""
        station = build(self.store, self.render, {"STATION_PAGE_PORT": "0", **environment}, pin_patience)
        pages = StationPages(station, 0)
        pages.start()
        loop = threading.Thread(target=station.serve, daemon=True)
        loop.start()
        try:
            yield station
        finally:
            station.stop()
            loop.join(10)
            pages.close()
            station.finish()
            assert not loop.is_alive()

    def program(self) -> Started:
        """The real station program, without a door of its own for tests."""
        environment = {**os.environ, "STATION_PAGE_PORT": "0", "PYTHONPATH": str(HOUSE)}
        return STANDBY.start(["app.cli", "station", "--directory", str(self.store.directory)], environment, HOUSE, None)


def furnish(directory: Path, office: OfficeTwin, tokens: tuple[str, ...] = ("HD01-T00001", "HD01-T00002")) -> Counter:
    """An enrolled station with these simulated tokens, the first two in its slots."""
    store = StationStore(directory)
    store.begin(office.url, demonstration=True)
    office.secret = office.secret or "secret-of-the-test-station"
    store.save_credentials(Credentials(office.url, 1, "1 号窗口", "HD01", office.secret))
    counter = Counter(store, office)
    for serial in tokens:
        counter.cabinet.make_blank(serial)
    for serial in tokens[:2]:
        counter.cabinet.insert(serial)
    return counter


def opens(counter: Counter, run: "object", pin: Pin) -> bool:
    """Whether this PIN opens the run's token and all is proven on it: an independent child, a fresh challenge."""
    der, chain = run.certificate, counter.office.authority.chain()  # type: ignore[attr-defined]
    proof = token_acts.prove(counter.where, run.token, pin, run.key, der, chain)  # type: ignore[attr-defined]
    return proof.public_key_digest == run.key_digest  # type: ignore[attr-defined]


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "input" and given.get("type") == "hidden":
            self.fields.setdefault(given["name"] or "", given["value"] or "")


def fetch(url: str, form: dict[str, str] | None = None, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    """A GET, or a POST of a form: status, body, headers."""
    data = None if form is None else urlencode(form).encode()
    request = urllib.request.Request(url, data, {name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read(), dict(answer.headers)
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read(), dict(refusal.headers)


def csrf_of(page: bytes) -> str:
    parser = _Fields()
    parser.feed(page.decode())
    return parser.fields["csrf"]


def open_envelope(url: str) -> bytes:
    """As the clerk's browser does: look at the address, then press the button."""
    status, page, _ = fetch(url)
    assert status == 200, page.decode()
    status, document, headers = fetch(url, {"csrf": csrf_of(page), "lang": "zh"})
    assert status == 200
    assert headers["Content-Type"] == "application/pdf"
    return document
