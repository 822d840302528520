"""Offices of a given size, built once and kept in the temporary folder until tables or rows change."""

import base64
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection, create_engine, insert, select, text, update
from sqlalchemy.schema import CreateIndex, CreateTable

from app.bench import big_office
from app.bench.big_office import AT, BRANCHES, BigOffice, Planted
from app.bench.own_postgresql import running
from app.bench.pouring import pouring
from app.config import Settings, read_settings
from app.services.day_sheet import day_sheet
from app.services.keep_statistics import keep_statistics
from app.services.plant_demonstration import plant_demonstration
from app.services.plant_editions import plant_editions
from app.services.world import BEIJING, World
from app.wiring import build_world
from models.rulebook.day_sheet import sheet_json
from models.rulebook.oversight import DayState
from models.tables import Base, Branch, DayClose, Platform, Staff, Station
from models.tables.engine import make_engine

DATABASES = ("sqlite", "postgresql")
KEPT = Path(tempfile.gettempdir()) / f"office-bench-pages-{os.getuid()}"


class StandingClock:
    """The office was filled up to this instant, and there it stays."""

    def now(self) -> datetime:
        return AT


@dataclass(frozen=True)
class KeptOffice:
    """Open; `close` when done."""

    settings: Settings
    world: World
    office: BigOffice

    def close(self) -> None:
        self.world.engine.dispose()
        self.world.authority.close()


@contextmanager
def kept_offices(database: str, sizes: tuple[int, ...]) -> Iterator[list[KeptOffice]]:
    """One office a size, in the order of the sizes. The first time it takes minutes."""
    folder = KEPT / _digest()
    for stale in KEPT.glob("*"):
        if stale != folder:
            shutil.rmtree(stale, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True, mode=0o711)
    offices: list[KeptOffice] = []
    with _server(database, folder) as url_of:
        try:
            for cases in sizes:
                offices.append(_open(folder / f"{database}-{cases}", url_of(cases), cases))
            yield offices
        finally:
            for office in offices:
                office.close()


def _digest() -> str:
    """Of everything that an office is built by."""
    made = sha256(Path(big_office.__file__).read_bytes() + Path(__file__).read_bytes())
    for table in Base.metadata.sorted_tables:
        made.update(str(CreateTable(table)).encode())
        for index in sorted(table.indexes, key=lambda each: str(each.name)):
            made.update(str(CreateIndex(index)).encode())
    return made.hexdigest()[:16]


@contextmanager
def _server(database: str, folder: Path) -> Iterator[Callable[[int], str]]:
    if database == "sqlite":
        yield lambda cases: f"sqlite:///{folder / f'{database}-{cases}' / 'office.db'}"
        return
    with running(folder / "server") as first:

        def url_of(cases: int) -> str:
            engine = create_engine(first, isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                if (
                    connection.scalar(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": f"office_{cases}"})
                    is None
                ):
                    connection.exec_driver_sql(f"CREATE DATABASE office_{cases}")
            engine.dispose()
            return first.replace("/postgres?", f"/office_{cases}?")

        yield url_of


def _open(instance: Path, url: str, cases: int) -> KeptOffice:
    instance.mkdir(parents=True, exist_ok=True)
    secrets = {"secret": sha256(b"bench").hexdigest(), "vault_key": base64.b64encode(sha256(b"bench").digest()).decode()}
    settings = read_settings({"DATABASE_URL": url}, instance, **secrets)
    filled = instance / "filled"
    if not filled.exists():
        engine = make_engine(url)
        Base.metadata.drop_all(engine)
        Base.metadata.create_all(engine)
        engine.dispose()
    world = build_world(settings, StandingClock())
    if not filled.exists():
        plant_editions(world)
        plant_demonstration(world, settings.station_home, settings.public_url)
    with world.engine.begin() as connection:
        office = BigOffice(_planted(connection), cases)
    if not filled.exists():
        world.engine.dispose()
        with pouring(url) as connection:
            office.fill(connection)
        _close_yesterday(world, office.planted)
        _settle(world)
        filled.touch()
    return KeptOffice(settings, world, office)


def _close_yesterday(world: World, planted: Planted) -> None:
    """At every branch, with the sheet that its ledgers make: what is asked of a drawer or a day begins there."""
    yesterday = AT.astimezone(BEIJING).date() - timedelta(days=1)
    for branch_id, clerk, supervisor in zip(planted.branches, planted.clerks, planted.supervisors, strict=True):
        with world.reading() as session:
            sheet = sheet_json(day_sheet(session, branch_id, yesterday))
        row = {
            "number": f"{branch_id}-C-{yesterday:%Y%m%d}-1",
            "branch_id": branch_id,
            "day": yesterday,
            "state": DayState.closed,
            "state_since": AT,
            "counted": {},
            "sheet": sheet,
            "counted_by": clerk,
            "counted_at": AT,
            "countersigned_by": supervisor,
            "countersigned_at": AT,
        }
        with world.engine.begin() as connection:
            connection.execute(insert(DayClose).values(row))
            connection.execute(update(Branch).where(Branch.id == branch_id).values(closed_through=yesterday))


def _settle(world: World) -> None:
    """What PostgreSQL does by itself in a quiet hour, and the office at its start where it runs on SQLite."""
    keep_statistics(world)
    if world.engine.dialect.name == "postgresql":
        with world.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def _planted(connection: Connection) -> Planted:
    """What the demonstration planted, by branch; branches without a station get one."""
    ids = dict(connection.execute(select(Branch.code, Branch.id)).all())
    branches = tuple(ids[code] for code in BRANCHES)
    staff = dict(connection.execute(select(Staff.number, Staff.id)).all())
    stations = dict(connection.execute(select(Station.branch_id, Station.id)).all())
    for branch_id in branches:
        if branch_id not in stations:
            new = {"name": "1 号窗口", "branch_id": branch_id, "report": {}}
            stations[branch_id] = connection.execute(Station.__table__.insert().returning(Station.id), new).scalar_one()
    platforms = tuple(connection.scalars(select(Platform.id).order_by(Platform.id)))
    posts = [tuple(staff[f"{place}{digits}"] for place in (1, 2, 3)) for digits in ("001", "003", "009")]
    return Planted(branches, *posts, tuple(stations[branch] for branch in branches), platforms)
