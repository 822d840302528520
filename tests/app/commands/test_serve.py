"""`./office serve` as a real process: first start, second start, killed, and what production refuses."""

import base64
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from app.commands.serve import open_office
from app.config import HOUSE, Misconfigured, read_settings
from app.services.appoint_administrator import appoint_administrator
from app.services.demonstration_platforms import plant_platforms
from app.services.demonstration_staff import DEMO_PASSWORD, DEMO_TOTP_SECRET, demonstration_staff
from app.services.edit_platform import issue_secret, switch_platform
from app.services.plant_demonstration import plant_demonstration
from app.services.sign_in import sign_in
from app.services.world import World
from card_issuance.station_store import demonstration_module
from models.rulebook.vocabulary import EnvelopeState, PlatformState, Role, StaffState, TokenState
from models.tables import Base, Branch, Envelope, JournalLine, Platform, Staff, Station, Token
from models.tables.engine import make_engine

PATIENCE = 60.0  # seconds; the machine may be busy


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(instance: Path, port: int, *options: str) -> Iterator[subprocess.Popen[str]]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("OFFICE_", "DATABASE_"))}
    child = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "serve", "--port", str(port), "--station-port", str(free_port()), *options],
        cwd=HOUSE,
        env=environment | {"OFFICE_INSTANCE": str(instance), "PYTHONPATH": str(HOUSE)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield child
    finally:
        child.terminate()
        child.wait(PATIENCE)
        if child.stdout:
            child.stdout.close()


def wait_for_page(child: subprocess.Popen[str], port: int) -> str:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        assert child.poll() is None, child.stdout.read() if child.stdout else ""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/login") as answer:
                return str(answer.read().decode())
        except OSError:
            time.sleep(0.1)
    raise AssertionError("no page")


def wait_for_station(instance: Path, after: object = None) -> object:
    """When the station was last heard of, once that is later than `after`."""
    engine = make_engine(f"sqlite:///{instance / 'office.db'}")
    until = time.monotonic() + PATIENCE
    try:
        while time.monotonic() < until:
            with engine.connect() as connection:
                seen = connection.scalar(select(Station.seen_at))
            if seen is not None and seen != after:
                return seen
            time.sleep(0.1)
    finally:
        engine.dispose()
    raise AssertionError("the station was not heard of")


def test_the_first_start_opens_a_demonstration_and_a_killed_office_comes_back(tmp_path: Path) -> None:
    port = free_port()
    with served(tmp_path, port) as child:
        page = wait_for_page(child, port)
        assert DEMO_PASSWORD in page
        assert "1001" in page
        seen = wait_for_station(tmp_path)
        secret = (tmp_path / "demonstration.toml").read_text()
        child.send_signal(signal.SIGKILL)
        child.wait(PATIENCE)
    assert (tmp_path / "office.db").stat().st_mode & 0o077 == 0
    with served(tmp_path, port) as child:
        wait_for_page(child, port)
        assert wait_for_station(tmp_path, after=seen)  # the killed office took its station along, and the directory is free
        assert (tmp_path / "demonstration.toml").read_text() == secret
        child.terminate()
        assert child.wait(PATIENCE) == 0
        said = child.stdout.read() if child.stdout else ""
        assert f"http://127.0.0.1:{port}/" in said
        assert DEMO_TOTP_SECRET in said


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        with served(tmp_path, port, "--no-station") as child:
            assert child.wait(PATIENCE) == 3
            assert child.stdout is not None
            assert f"OFFICE_PORT {port}" in child.stdout.read()


@pytest.fixture
def bare(world: World) -> World:
    """A world with tables and nobody in it."""
    Base.metadata.drop_all(world.engine)
    Base.metadata.create_all(world.engine)
    return world


def test_a_demonstration_has_branches_staff_stock_and_a_station_that_fit_together(bare: World, tmp_path: Path) -> None:
    home = tmp_path / "station"
    assert plant_demonstration(bare, home, "http://127.0.0.1:8600")
    with bare.reading() as session:
        branches = session.scalars(select(Branch)).all()
        assert len(branches) == 3
        assert [branch.is_local_tax for branch in branches].count(True) == 1
        for branch in branches:
            roles = {role for row in session.scalars(select(Staff).where(Staff.branch_id == branch.id)) for role in row.roles}
            assert roles == {Role.clerk, Role.reviewer, Role.supervisor}
            tokens = session.scalars(select(Token.serial).where(Token.branch_id == branch.id, Token.state == TokenState.in_stock))
            assert len(tokens.all()) >= 20
            stock = select(Envelope.id).where(Envelope.branch_id == branch.id, Envelope.state == EnvelopeState.in_stock)
            assert len(session.scalars(stock).all()) >= 20
        assert {role for row in session.scalars(select(Staff)) for role in row.roles} == set(Role)
        station = session.scalars(select(Station)).one()
        mine = set(session.scalars(select(Token.serial).where(Token.branch_id == station.branch_id)))
    cabinet = demonstration_module(home).cabinet
    assert set(cabinet.drawer()) | set(cabinet.inserted()) == mine


def test_everybody_in_a_demonstration_can_sign_in_with_what_is_shown(bare: World, tmp_path: Path) -> None:
    plant_demonstration(bare, tmp_path / "station", "http://127.0.0.1:8600")
    shown = demonstration_staff(bare)
    assert len(shown.people) == 14
    for person in shown.people:
        assert sign_in(bare, person.number, shown.password, person.code, "127.0.0.1")
    supervisor = next(person for person in demonstration_staff(bare).people if Role.supervisor in person.roles)
    assert sign_in(bare, supervisor.number, shown.password, supervisor.code, "127.0.0.1")  # the next code is shown


def test_an_office_with_staff_is_left_alone(world: World, tmp_path: Path) -> None:
    assert not plant_demonstration(world, tmp_path / "station", "http://127.0.0.1:8600")
    assert not (tmp_path / "station").exists()


def test_planting_twice_changes_nothing(bare: World, tmp_path: Path) -> None:
    assert plant_demonstration(bare, tmp_path / "station", "http://127.0.0.1:8600")
    assert not plant_demonstration(bare, tmp_path / "station", "http://127.0.0.1:8600")


def test_a_plant_that_was_cut_off_before_its_station_is_finished(
    bare: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.services import plant_demonstration as room

    def cut(*given: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(room, "_enrol", cut)
    with pytest.raises(KeyboardInterrupt):
        plant_demonstration(bare, tmp_path / "station", "http://127.0.0.1:8600")
    monkeypatch.undo()
    assert plant_demonstration(bare, tmp_path / "station", "http://127.0.0.1:8600")
    with bare.reading() as session:
        assert len(session.scalars(select(Station)).all()) == 1


PRODUCTION = {
    "OFFICE_MODE": "production",
    "OFFICE_SECRET": secrets.token_hex(32),
    "OFFICE_VAULT_KEY": base64.b64encode(bytes(range(32))).decode(),
    "OFFICE_PUBLIC_URL": "https://office.example.cn",
}


def open_production(world: World, tmp_path: Path, authority: object, monkeypatch: pytest.MonkeyPatch) -> World:
    from app import wiring

    monkeypatch.setattr(wiring.EmbeddedAuthority, "open_or_create", lambda *given: authority)
    database = world.engine.url.render_as_string(hide_password=False)
    return open_office(read_settings(PRODUCTION | {"DATABASE_URL": database}, tmp_path / "instance"))


def migrated(world: World) -> None:
    from models.migrations.run import upgrade

    Base.metadata.drop_all(world.engine)
    upgrade(world.engine)


def test_production_opens_over_a_clean_database(
    world: World, tmp_path: Path, authority: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrated(world)
    opened = open_production(world, tmp_path, authority, monkeypatch)
    assert appoint_administrator(opened, "A1", "样例管理员", "a long sentence of mine")
    with opened.reading() as session:
        lines = session.execute(select(JournalLine.subject, JournalLine.act).order_by(JournalLine.id))
        assert [tuple(line) for line in lines] == [("office_key", "make"), ("staff", "appoint")]
    opened.engine.dispose()


def test_production_refuses_demonstration_data(
    world: World, tmp_path: Path, authority: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrated(world)
    plant_demonstration(world, tmp_path / "station", "http://127.0.0.1:8600")
    with world.writing() as session:  # also when everybody's password was changed since
        for row in session.scalars(select(Staff)):
            row.password_is_demo = False
        session.commit()
    with pytest.raises(Misconfigured, match=r"DATABASE_URL.*demonstration data") as fault:
        open_production(world, tmp_path, authority, monkeypatch)
    assert fault.value.setting == "database"


def test_production_refuses_a_demo_password(
    world: World, tmp_path: Path, authority: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrated(world)
    appoint_administrator(world, "A1", "样例管理员", "a long sentence of mine")
    with world.writing() as session:
        session.scalars(select(Staff)).one().password_is_demo = True
        session.commit()
    with pytest.raises(Misconfigured, match=r"DATABASE_URL.*demo password"):
        open_production(world, tmp_path, authority, monkeypatch)
    with world.writing() as session:
        session.scalars(select(Staff)).one().state = StaffState.disabled
        session.commit()
    open_production(world, tmp_path, authority, monkeypatch).engine.dispose()


def test_production_refuses_a_platform_with_the_demo_secret(
    world: World, tmp_path: Path, authority: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrated(world)
    assert plant_platforms(world)
    assert not plant_platforms(world)
    appoint_administrator(world, "A1", "样例管理员", "a long sentence of mine")
    with pytest.raises(Misconfigured, match=r"DATABASE_URL.*demo secret") as fault:
        open_production(world, tmp_path, authority, monkeypatch)
    assert fault.value.setting == "database"
    with world.reading() as session:
        administrator = session.scalars(select(Staff)).one().as_actor()
        platforms = session.scalars(select(Platform).order_by(Platform.id)).all()
    issue_secret(world, administrator, platforms[0].id, platforms[0].version, "正式启用")
    with pytest.raises(Misconfigured, match=r"demo secret"):
        open_production(world, tmp_path, authority, monkeypatch)
    switch_platform(world, administrator, platforms[1].id, platforms[1].version, PlatformState.disabled, "演示用")
    open_production(world, tmp_path, authority, monkeypatch).engine.dispose()


def test_production_refuses_a_stand_in_authority(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class StandIn:
        name = "stand-in"
        is_twin = True

    migrated(world)
    with pytest.raises(Misconfigured, match="OFFICE_AUTHORITY") as fault:
        open_production(world, tmp_path, StandIn(), monkeypatch)
    assert fault.value.setting == "authority"


def test_the_command_says_which_setting_is_wrong(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "serve"],
        cwd=HOUSE,
        env={"PATH": os.environ["PATH"], "OFFICE_INSTANCE": str(tmp_path), "OFFICE_MODE": "production", "PYTHONPATH": str(HOUSE)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 3
    assert re.fullmatch(r"office: OFFICE_VAULT_KEY is missing: .*\n", done.stderr)


def test_administrator_and_migrate_work_from_the_command_line(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "OFFICE_INSTANCE": str(tmp_path), "PYTHONPATH": str(HOUSE)}

    def office(*arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "app.cli", *arguments],
            cwd=HOUSE,
            env=environment,
            input=typed,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    assert "database: empty → 0001" in office("migrate").stdout
    assert "too short" in office("administrator", "A1", "样例", typed="short\n").stderr
    done = office("administrator", "A1", "样例", typed="a long sentence of mine\n")
    assert done.returncode == 0, done.stderr
    assert "already" in office("administrator", "A2", "样例", typed="a long sentence of mine\n").stderr
