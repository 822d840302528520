"""Branches and stations: who is heard of, who is shut out, and that the journal says why."""

from collections.abc import Callable

from flask import Flask
from sqlalchemy import select

from app.services.edit_branch import version_of
from app.services.world import World
from models.rulebook.vocabulary import Role, StationState
from models.tables import Branch, JournalLine, Station
from tests.builders.clients import OfficeClient
from tests.builders.issuance import plant_station
from tests.builders.people import actor_of

Clients = Callable[..., OfficeClient]


def station_now(world: World) -> Station:
    with world.reading() as session:
        return session.scalars(select(Station)).one()


def test_a_station_that_is_not_heard_of_is_told_and_one_that_is_shut_out_is_not_missed(
    client_of: Clients, app: Flask, world: World
) -> None:
    plant_station(world, app)
    client = client_of(Role.administrator)
    assert "离线" not in client.get("/admin/places/").text
    world.clock.move(seconds=30)
    page = client.get("/admin/places/").text
    assert "离线" in page
    assert "发新登记码" in page
    seen = station_now(world)
    url = f"/admin/places/station/{seen.id}/disable"
    assert "凭证立即作废" in client.get(url).text
    assert client.post(url, data={"version": str(seen.version), "reason": " "}).status_code == 422
    assert station_now(world).state is StationState.enrolled
    assert client.post(url, data={"version": str(seen.version), "reason": "窗口撤销"}).status_code == 303
    page = client.get("/admin/places/").text
    assert "离线" not in page
    assert "已停用" in page
    assert f'{url}"' not in page, "it is shut out already"


def test_its_old_secret_opens_nothing_from_that_moment(client_of: Clients, app: Flask, world: World) -> None:
    station, client = plant_station(world, app), client_of(Role.administrator)
    assert station.poll() == []
    seen = station_now(world)
    client.post(f"/admin/places/station/{seen.id}/disable", data={"version": str(seen.version), "reason": "窗口撤销"})
    answer = app.test_client().post(
        "/api/station/poll", json={}, headers={"Authorization": f"Bearer {station.secret}"}, csrf=False
    )
    assert answer.status_code == 401


def test_a_new_code_asks_why_and_the_journal_keeps_it(client_of: Clients, app: Flask, world: World) -> None:
    plant_station(world, app)
    client, seen = client_of(Role.administrator), station_now(world)
    url = f"/admin/places/station/{seen.id}/invite"
    assert client.post(url, data={"version": str(seen.version)}).status_code == 422
    assert 'class="secret"' in client.post(url, data={"version": str(seen.version), "reason": "更换电脑"}).text
    gone = actor_of(world, which=2)
    client.post(f"/admin/staff/{gone.staff_id}/reset", data={"version": "1", "reason": "手机丢失"})
    client.post(f"/admin/staff/{gone.staff_id}/switch", data={"version": "2", "reason": "离职"})
    with world.reading() as session:
        lines = session.scalars(select(JournalLine).where(JournalLine.subject.in_(("station", "staff")))).all()
    told = {(line.subject, line.act, line.detail["reason"]) for line in lines if "reason" in line.detail}
    assert told == {("station", "invite", "更换电脑"), ("staff", "reset_access", "手机丢失"), ("staff", "disable", "离职")}


def test_who_ends_a_stations_credentials_has_just_proven_himself(client_of: Clients, app: Flask, world: World) -> None:
    plant_station(world, app)
    client, seen = client_of(Role.administrator), station_now(world)
    world.clock.move(minutes=11)
    for step in ("invite", "disable"):
        answer = client.post(f"/admin/places/station/{seen.id}/{step}", data={"version": str(seen.version), "reason": "样例"})
        assert answer.status_code == 401
    for step in ("switch", "reset"):
        answer = client.post(f"/admin/staff/{actor_of(world).staff_id}/{step}", data={"version": "1", "reason": "样例"})
        assert answer.status_code == 401
    assert station_now(world).version == seen.version


def test_whatever_a_branch_is_called_its_page_bears_a_version_that_comes_back() -> None:
    """The sum of its words has to pass for a version in every form."""
    for number in range(200):
        version = version_of(Branch(name_zh=f"样例{number}网点", name_en="", address="", telephone="", is_local_tax=False))
        assert len(str(version)) < 10
