"""`./office serve`: the office, and on a demonstration's machine one station beside it."""

import argparse
import logging
import os
import signal
import socket
import sys
import threading
from types import FrameType

from sqlalchemy import Engine
from waitress.server import create_server

from app.commands.station_beside import StationBeside
from app.config import Misconfigured, Settings, read_settings
from app.factory import create_app
from app.services.check_readiness import Hindrance, hindrances
from app.services.demonstration_staff import DEMO_TOTP_SECRET, demonstration_staff
from app.services.job_kinds import WORKS
from app.services.jobs import keep_working
from app.services.keep_statistics import keep_statistics
from app.services.keep_told import keep_told
from app.services.office_key import ensure_office_key
from app.services.plant_demonstration import plant_demonstration
from app.services.plant_editions import plant_editions
from app.services.reconcile import keep_reconciled
from app.services.world import World
from app.wiring import build_world
from models.migrations import run
from reports import paper

THREADS = 16
CONNECTIONS = 2000  # kept open at once; every station keeps one, every browser a few, and they only cost a descriptor
_SENTENCES = {
    Hindrance.demonstration_data: (
        "database",
        "DATABASE_URL points to a database with demonstration data: production begins with an empty one.",
    ),
    Hindrance.demo_password: (
        "database",
        "DATABASE_URL points to a database in which staff still have the published demo password: disable them first.",
    ),
    Hindrance.demo_platform_secret: (
        "database",
        "DATABASE_URL points to a database in which platforms still have the published demo secret: issue new ones first.",
    ),
    Hindrance.twin_authority: (
        "authority",
        "OFFICE_AUTHORITY is a stand-in for demonstration: production needs a real certificate authority.",
    ),
}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./office serve", description="Start the office, and one station beside it.")
    parser.add_argument("--port", help="of the office (default 8600)")
    parser.add_argument("--station-port", help="of the station's loopback page (default: the office's and one)")
    parser.add_argument("--no-station", action="store_true", help="start no station")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    settings = read_settings(
        port=given.port or "", station_port=given.station_port or "", station="none" if given.no_station else ""
    )
    _check_port(settings)
    world = open_office(settings)
    app = create_app(settings, world)
    keep_statistics(world)
    paper.warm()
    server = create_server(
        app,
        host=settings.host,
        port=settings.port,
        threads=THREADS,
        connection_limit=CONNECTIONS,
        asyncore_use_poll=True,  # select() knows no descriptor beyond 1,023
        ident=None,
        clear_untrusted_proxy_headers=False,
    )
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, _leave)
    keep_reconciled(world, stopping)
    keep_told(world, stopping)
    keep_working(world, WORKS, stopping)
    beside = (
        StationBeside(settings.station_home, settings.public_url, settings.station_port)
        if settings.station == "simulated"
        else None
    )
    if beside:
        beside.start()
    greet(settings, world)
    try:
        server.run()
    finally:
        stopping.set()
        if beside:
            beside.stop()
        server.close()
    return 0


def open_office(settings: Settings) -> World:
    """Database, authority and, on a demonstration's first start, its data. Raises Misconfigured where production may not begin."""
    os.umask(0o077)  # the database, its log and the scans are nobody else's
    settings.instance.mkdir(parents=True, exist_ok=True)
    world = build_world(settings)
    _bring_up(world.engine)
    plant_editions(world)
    ensure_office_key(world)
    if settings.is_demonstration:
        plant_demonstration(world, settings.station_home, settings.public_url)
        return world
    found = hindrances(world)
    for hindrance in Hindrance:
        if hindrance in found:
            raise Misconfigured(*_SENTENCES[hindrance])
    return world


def _bring_up(engine: Engine) -> None:
    if run.current_revision(engine) != run.newest_revision():
        run.upgrade(engine)


def _check_port(settings: Settings) -> None:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as fault:
            raise Misconfigured(
                "port", f"OFFICE_PORT {settings.port} cannot be used on {settings.host}: {fault.strerror}."
            ) from None


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


def greet(settings: Settings, world: World) -> None:
    """Say where everything is; in a demonstration also who may come in."""
    lines = [f"Office:  {settings.public_url}/"]
    if settings.station == "simulated":
        lines.append(f"Station: http://127.0.0.1:{settings.station_port}/   (simulated tokens: insert and remove them there)")
    if settings.is_demonstration:
        lines.append("Platform: ./office platform starts the example of a relying platform at http://127.0.0.1:8602/")
        staff = demonstration_staff(world)
        lines += ["", f"Demonstration. Password of everybody: {staff.password}"]
        lines += [f"Second factor of supervisors and the administrator: {DEMO_TOTP_SECRET} (the login page shows the codes)"]
        for person in staff.people:
            roles = ", ".join(role.value for role in person.roles)
            lines.append(f"  {person.number}  {person.name}  {person.branch_zh}  {roles}")
    print("\n".join(lines), file=sys.stdout, flush=True)
