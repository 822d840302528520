"""The worlds that tests live in: a fresh database in milliseconds, a clock that is set by hand, a real authority."""

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine
from werkzeug.routing import Rule

from app.config import Mode, Settings
from app.factory import create_app
from app.services import passwords
from app.services.plant_editions import plant_editions
from app.services.vault import Vault
from app.services.world import World
from card_issuance.authority import Authority
from card_issuance.embedded_authority import EmbeddedAuthority
from models.rulebook.vocabulary import Role
from models.tables import Base
from models.tables.engine import make_engine
from tests import postgresql as postgresql_server
from tests.builders.clients import OfficeClient
from tests.builders.people import number_of, open_login, plant_people

# The longest first, as far as they are known; after them all the others, as they are found.
LONG_FILES = (
    "journeys/test_survival_aftercare",
    "app/test_every_page",
    "card_issuance/test_station_aftercare_kill",
    "journeys/test_survival_desks",
    "journeys/test_survival",
    "doubles/test_postgresql",
    "test_whole_life",
    "card_issuance/test_station_kill",
    "journeys/test_commit_kills",
    "/doubles/",
    "/journeys/",
    "test_day_equations",
    "_kill",
    "/commands/",
    "_races",
    "card_issuance/test_station",
)
# Real browsers, stations, processes and threads on a machine that may be busy with other things: what was late is asked once more.
# The summary lists every test that needed it ("R"): each is a fault to be mended, in the test or in the program.
REAL_TIME = (
    "/journeys/",
    "/doubles/",
    "_races",
    "_kill",
    "_crashes",
    "card_issuance/test_station",
    "app/test_station",
    "app/test_every_page",
    "/example_platform/",
    "/commands/",
)
START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # a Monday, nine in the morning in Beijing
VAULT_KEY = bytes(range(32))
MEMORY = Path("/dev/shm")
ROOM = 2 * 1024**3  # bytes; a container's usual 64 MB are none


def pytest_configure() -> None:
    """Everybody's folders in memory where there is room for them: a commit on a disk costs ten times as much.

    What must survive a power cut is looked at by what a program asks of its disk, not by pulling plugs.
    """
    if "PYTEST_DEBUG_TEMPROOT" not in os.environ and _has_room(MEMORY):
        os.environ["PYTEST_DEBUG_TEMPROOT"] = str(MEMORY)


def _has_room(folder: Path) -> bool:
    if not os.access(folder, os.W_OK):
        return False
    there = os.statvfs(folder)
    return not there.f_flag & os.ST_NOEXEC and there.f_bavail * there.f_frsize >= ROOM


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: no collection of garbage looks at it again."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that take minutes come first: where two run side by side, none of them is left for one at the end."""
    items.sort(key=_place_in_line)
    side_by_side = "PYTEST_XDIST_WORKER" in os.environ  # a file that is run by itself has the machine to itself
    for item in items:
        if side_by_side and any(part in _file(item) for part in REAL_TIME):
            item.add_marker(pytest.mark.flaky(reruns=1))


def _place_in_line(item: pytest.Item) -> int:
    return next((place for place, part in enumerate(LONG_FILES) if part in _file(item)), len(LONG_FILES))


def _file(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


class SetClock:
    """A clock that goes only when told to."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def move(self, by: timedelta | None = None, **parts: float) -> None:
        """Forward (or back): `move(minutes=5)`."""
        self.at += by if by is not None else timedelta(**parts)


class KeptTemplates(BytecodeCache):
    """Templates compiled once a run, not once an office: thousands of tests open one."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


KEPT_TEMPLATES = KeptTemplates()


@pytest.fixture(scope="session", autouse=True)
def _routes_compiled_once() -> None:
    """Werkzeug writes and compiles two functions for each route of each application: most of the time that an office takes to
    open. They are functions of the route's words alone, and thousands of tests open an office."""
    compiled: dict[tuple[object, ...], Any] = {}
    compile_builder = Rule._compile_builder

    def once(rule: Rule, append_unknown: bool = True) -> Any:
        defaults = tuple((rule.defaults or {}).items())
        words = (rule.rule, rule.subdomain, rule.host, rule.merge_slashes, defaults, append_unknown)
        if words not in compiled:
            compiled[words] = compile_builder(rule, append_unknown)
        return compiled[words]

    Rule._compile_builder = once  # type: ignore[method-assign]


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> None:
    """Real argon2id, at its cheapest: its price is its purpose, and tests pay it hundreds of times."""
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


@pytest.fixture(autouse=True)
def _same_umask() -> Iterator[None]:
    """A test that opens an office in this process narrows its umask, as the office does: the next test finds it as it was."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    made = EmbeddedAuthority.create(tmp_path_factory.mktemp("authority") / "authority", START)
    yield made
    made.close()


_first_engines: dict[str, Engine] = {}


def engine_of(url: str) -> Engine:
    """As the office makes it, and what one engine of a run has compiled the others need not: thousands of tests open a database,
    and the office's statements are the same in each."""
    engine = make_engine(url, query_cache_size=10_000)
    first = _first_engines.setdefault(engine.dialect.name, engine)
    if first is not engine:
        engine.dialect = engine.pool._dialect = first.dialect
        engine._compiled_cache = first._compiled_cache
    return engine


@pytest.fixture(scope="session")
def template_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with all tables, branches and staff: every test's world begins as a copy of it."""
    file = tmp_path_factory.mktemp("template") / "office.db"
    engine = engine_of(f"sqlite:///{file}")
    Base.metadata.create_all(engine)
    world = World(SetClock(), engine, Vault(VAULT_KEY), None, file.parent, "http://127.0.0.1:8600")  # type: ignore[arg-type]
    plant_people(world)
    plant_editions(world)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return file


@pytest.fixture
def world(tmp_path: Path, template_database: Path, authority: Authority) -> Iterator[World]:
    file = tmp_path / "office.db"
    shutil.copyfile(template_database, file)
    scans = tmp_path / "scans"
    scans.mkdir()
    engine = engine_of(f"sqlite:///{file}")
    yield World(SetClock(), engine, Vault(VAULT_KEY), authority, scans, "http://127.0.0.1:8600")
    engine.dispose()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        mode=Mode.demonstration,
        instance=tmp_path,
        database=f"sqlite:///{tmp_path / 'office.db'}",
        secret="for-tests-only-0123456789-abcdefghij",
        vault_key=VAULT_KEY,
        host="127.0.0.1",
        port=8600,
        public_url="http://127.0.0.1:8600",
        crl_url="http://127.0.0.1:8600",
        station="simulated",
        station_port=8601,
        authority="embedded",
        authority_module="/usr/lib/softhsm/libsofthsm2.so",
        proxies=0,
    )


@pytest.fixture
def app(settings: Settings, world: World) -> Flask:
    return app_for(settings, world)


def app_for(settings: Settings, world: World) -> Flask:
    """The office over a world; errors inside views come out in the test instead of as a 500."""
    made = create_app(replace(settings, database=world.engine.url.render_as_string(hide_password=False)), world)
    made.testing = True
    made.jinja_env.bytecode_cache = KEPT_TEMPLATES
    made.test_client_class = OfficeClient
    return made


@pytest.fixture
def client_of(app: Flask, world: World) -> Callable[..., OfficeClient]:
    """`client_of(Role.reviewer, "CY01")`: a browser in which that member of staff has just signed in.

    The login is written straight into the database: argon2 takes its time, and the login page has tests of its own.
    """

    def signed_in(role: Role = Role.clerk, branch: str = "HD01", which: int = 1) -> OfficeClient:
        client = app.test_client()
        token = open_login(world, number_of(role, branch, which))
        with client.session_transaction() as session:
            session["login"] = token
        return client

    return signed_in


@pytest.fixture
def stranger(app: Flask) -> OfficeClient:
    """A browser in which nobody has signed in."""
    return app.test_client()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[postgresql_server.Server]:
    """A PostgreSQL server for the session; a test that needs it is skipped, loudly, where there is none."""
    if postgresql_server.binaries() is None:
        pytest.skip("PostgreSQL is not installed")
    with postgresql_server.running() as server:
        yield server


@pytest.fixture(scope="session")
def postgresql_template(tmp_path_factory: pytest.TempPathFactory, postgresql: postgresql_server.Server) -> str:
    """A database's name: as `template_database`, on PostgreSQL."""
    engine = engine_of(postgresql.fresh())
    Base.metadata.create_all(engine)
    folder = tmp_path_factory.mktemp("template")
    plant_people(World(SetClock(), engine, Vault(VAULT_KEY), None, folder, "http://127.0.0.1:8600"))  # type: ignore[arg-type]
    engine.dispose()
    return str(engine.url.database)


@pytest.fixture
def postgresql_world(
    tmp_path: Path, postgresql: postgresql_server.Server, postgresql_template: str, authority: Authority
) -> Iterator[World]:
    """As `world`, on PostgreSQL."""
    scans = tmp_path / "scans-postgresql"
    scans.mkdir()
    engine = engine_of(postgresql.fresh(like=postgresql_template))
    yield World(SetClock(), engine, Vault(VAULT_KEY), authority, scans, "http://127.0.0.1:8600")
    engine.dispose()
