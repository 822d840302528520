"""`./office platform`: the example platform beside a demonstration's office. It begins at the office's first answer."""

import argparse
import logging
import os
import signal
import socket
import sys
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from waitress.server import create_server

from app.config import HOUSE, Misconfigured
from app.example_platform.pages import create_platform
from app.example_platform.settings import Settings
from app.services.demonstration_platforms import DEMO_PLATFORM_SECRET

THREADS = 8
_ASK_AGAIN = 1.0  # seconds


def main(arguments: Sequence[str]) -> int:
    given = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    signal.signal(signal.SIGTERM, _leave)
    _check_port(given.port)
    settings = Settings(
        code=given.code,
        origin=f"http://127.0.0.1:{given.port}",
        office=given.office.rstrip("/"),
        station=given.station.rstrip("/"),
        client_id=given.code,
        client_secret=os.environ.get("PLATFORM_CLIENT_SECRET", DEMO_PLATFORM_SECRET),
        root=_root(given.home, given.office.rstrip("/")),
        home=given.home,
        demonstration=True,
        poll_every=given.poll,
    )
    app = create_platform(settings)
    server = create_server(
        app, host="127.0.0.1", port=given.port, threads=THREADS, ident=None, clear_untrusted_proxy_headers=True
    )
    listener = app.extensions["platform"].listener
    listener.start()
    print(f"Platform: {settings.origin}/   (office {settings.office}, station {settings.station})", flush=True)
    try:
        server.run()
    finally:
        listener.stop()
        server.close()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./office platform", description="Start the example platform of a demonstration.")
    parser.add_argument("--port", type=int, default=8602, help="default 8602, which the office and the station know")
    parser.add_argument("--office", default="http://127.0.0.1:8600", metavar="URL")
    parser.add_argument(
        "--station", default="http://127.0.0.1:8601", metavar="URL", help="of the station on the holder's computer"
    )
    parser.add_argument("--home", type=Path, default=HOUSE / "instance" / "platform", metavar="DIRECTORY", help="its own data")
    parser.add_argument("--code", default="inspection", help="the office's word for this platform")
    parser.add_argument("--poll", type=float, default=20.0, metavar="SECONDS", help="between two looks at the office's feed")
    return parser


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as fault:
            raise Misconfigured("port", f"--port {port} cannot be used on 127.0.0.1: {fault.strerror}.") from None


def _root(home: Path, office: str) -> bytes:
    """The authority's certificate, kept from the first start on. A real platform is given it by hand; a demonstration's office is
    on this machine and may still be starting."""
    kept = home / "root.cer"
    if kept.exists():
        return kept.read_bytes()
    said = False
    while True:
        try:
            with urllib.request.urlopen(f"{office}/authority/root.cer", timeout=5) as answer:  # noqa: S310 - of the arguments
                root: bytes = answer.read(65536)
            break
        except OSError as fault:
            if not said:
                print(f"platform: waiting for the office at {office} ({fault})", file=sys.stderr, flush=True)
            said = True
            time.sleep(_ASK_AGAIN)
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = kept.with_suffix(".new")
    fresh.write_bytes(root)
    fresh.replace(kept)
    return root


def _leave(number: int, frame: object) -> None:
    raise SystemExit(0)
