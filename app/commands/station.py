"""`./office station`: the program of one counter's PC. It owns the token slots and the PIN printer, and asks the office for work."""

import argparse
import logging
import os
import signal
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from card_issuance.ceremony_job import EnvelopeFacts
from card_issuance.pin import Pin
from card_issuance.station import build
from card_issuance.station_office import CodeRefused, OfficeDown, OfficeLine
from card_issuance.station_pages import PageTaken, StationPages
from card_issuance.station_settings import SettingsFault
from card_issuance.station_store import Credentials, StationStore, StoreFault
from reports import envelope

HOUSE = Path(__file__).resolve().parents[2]


def render_envelope(facts: EnvelopeFacts) -> bytes:
    """The one place where a PIN is written down: onto the page that is printed."""
    return envelope.render(
        envelope.Envelope(
            control_number=facts.control_number,
            token_serial=facts.token_serial,
            pin=facts.pin.reveal(),
            pin_tries=facts.pin_tries,
            branch_name_zh=facts.branch_name_zh,
            branch_name_en=facts.branch_name_en,
            printed_on=facts.printed_on,
        )
    )


def main(arguments: Sequence[str]) -> int:
    given = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    store = StationStore(given.directory)
    try:
        if given.enrol:
            code = sys.stdin.readline().strip() if given.enrol == "-" else given.enrol
            enrol(store, code, given.office, given.demonstration)
            if not given.run:
                return 0
        with store.held():
            run(store)
    except (SettingsFault, StoreFault, PageTaken, OfficeDown) as fault:
        print(f"station: {fault}", file=sys.stderr)
        return 1
    except CodeRefused as fault:
        print(f"station: the office refused the enrolment code ({fault}); ask an administrator for a new one", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="office station", description=__doc__)
    parser.add_argument("--directory", type=Path, default=HOUSE / "instance" / "station", help="settings, credentials, keys")
    parser.add_argument(
        "--enrol", metavar="CODE", help="redeem a one-time code of an administrator; '-' reads it from standard input"
    )
    parser.add_argument("--office", metavar="URL", help="with --enrol: address of the office, such as https://office.example.cn")
    parser.add_argument("--demonstration", action="store_true", help="with --enrol: simulated tokens, an office on this machine")
    parser.add_argument("--run", action="store_true", help="with --enrol: go on and run")
    return parser


def enrol(store: StationStore, code: str, office_url: str | None, demonstration: bool) -> None:
    """Redeem the code and keep what it gives. Everything else is checked first: a code works once."""
    if not office_url:
        raise SettingsFault("--office: name the address of the office")
    with store.held():
        store.begin(office_url, demonstration)
        settings = store.settings(os.environ)
        line = OfficeLine(settings.office_url, authority_file=settings.office_ca)
        given = line.enrol(code)
        line.close()
        store.save_credentials(Credentials(settings.office_url, given.station, given.name, given.branch, given.secret))
    print(f"station: enrolled as {given.name} ({given.branch})", file=sys.stderr)


def run(store: StationStore) -> None:
    """Until SIGTERM or SIGINT."""
    station = build(store, render_envelope, os.environ)
    pages = StationPages(station, station.settings.page_port)
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: station.stop())
    pages.start()
    print(f"station: {station.credentials.name} · {station.shelf.page} · office {station.settings.office_url}", file=sys.stderr)
    _warm()
    try:
        station.serve()
    finally:
        pages.close()
        station.finish()


def _warm() -> None:
    """Fonts are parsed with the first page; that wait belongs before the first applicant."""
    render_envelope(EnvelopeFacts("0", "0", Pin("00000000"), "网点", "Branch", date(2000, 1, 1)))
