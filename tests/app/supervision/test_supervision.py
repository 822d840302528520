"""The supervision pages: scoped, read-only, without personal numbers; changes through our own pages."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from app.services.world import World
from models.rulebook.vocabulary import Role, StaffState, StationState
from models.tables import Branch, Platform, Staff, Station
from tests.builders.cases import awaiting_payment, case_now, drafted, resident_number
from tests.builders.clients import OfficeClient
from tests.builders.issuance import plant_stock
from tests.builders.people import actor_of, branch_id_of, number_of

Clients = Callable[..., OfficeClient]
LISTS = ["cases", "tokens", "envelopes", "receipts", "journal"]


def test_lists_show_the_own_branch_and_the_auditor_sees_all(client_of: Clients, world: World) -> None:
    here, there = case_now(world, drafted(world).id), case_now(world, drafted(world, "CY01").id)
    mine, all_ = client_of(Role.supervisor).get("/admin/cases/").text, client_of(Role.auditor).get("/admin/cases/").text
    assert here.number in mine
    assert there.number not in mine
    assert here.number in all_
    assert there.number in all_


@pytest.mark.parametrize("branch", ["HD01", "CY01"])
def test_stock_is_scoped_also_when_searched_and_chosen_by_state(client_of: Clients, world: World, branch: str) -> None:
    serials = {code: plant_stock(world, branch=code)[0] for code in ("HD01", "CY01")}
    client = client_of(Role.supervisor, branch)
    for url in (
        "/admin/tokens/",
        f"/admin/tokens/?first={branch}T0",
        "/admin/tokens/?state=in_stock",
        "/admin/tokens/?sort=0&desc=1",
    ):
        text = client.get(url).text
        for code, serial in serials.items():
            assert (serial in text) is (code == branch), url
    assert serials[branch] not in client.get("/admin/tokens/?state=lost").text


@pytest.mark.parametrize("room", LISTS)
def test_a_list_shows_no_personal_number(client_of: Clients, world: World, room: str) -> None:
    awaiting_payment(world)
    text = client_of(Role.supervisor).get(f"/admin/{room}/").text
    assert resident_number() not in text
    assert "13800138000" not in text
    assert '<form method="post"' not in text.split("<main")[1]


@pytest.mark.parametrize("room", LISTS)
@pytest.mark.parametrize(
    "query",
    [
        "page=1",
        "page=-1",
        "page=99999",
        "page=x",
        "sort=77",
        "sort=-1",
        "state=%00",
        "flt0_0=x",
        "page_size=1000000",
        "search=%25",
    ],
)
def test_a_tampered_query_never_breaks_a_list(client_of: Clients, room: str, query: str) -> None:
    assert client_of(Role.supervisor).get(f"/admin/{room}/?{query}").status_code in {200, 404, 422}


@pytest.mark.parametrize("room", LISTS)
def test_nothing_is_made_changed_or_carried_out_of_a_list(client_of: Clients, world: World, room: str) -> None:
    client = client_of(Role.supervisor)
    for path in ("new/", "edit/?id=1", "details/?id=1", "export/csv/", "ajax/lookup/?name=x"):
        assert client.get(f"/admin/{room}/{path}").status_code == 403
    for path in ("new/", "edit/?id=1", "delete/", "action/", "ajax/update/"):
        assert client.post(f"/admin/{room}/{path}", data={"id": "1"}).status_code == 403


def test_a_supervisor_adds_a_clerk_and_reads_the_first_password_once(client_of: Clients, world: World) -> None:
    client = client_of(Role.supervisor)
    form = {"number": "HD77", "name": "样例新人", "branch_id": str(branch_id_of(world)), "roles": ["clerk"]}
    answer = client.post("/admin/staff/new", data=form)
    assert answer.status_code == 200
    assert re.search(r"<dd class=\"secret\">[a-z2-9]{4}(-[a-z2-9]{4}){3}</dd>", answer.text)
    assert "HD77" in client.get("/admin/staff/").text
    again = client.post("/admin/staff/new", data=form)
    assert again.status_code == 422
    assert "这个工号已有人用。" in again.text


def test_a_form_that_claims_more_than_it_was_offered_is_refused(client_of: Clients, world: World) -> None:
    client = client_of(Role.supervisor)
    for claim in ({"roles": ["administrator"]}, {"branch_id": str(branch_id_of(world, "CY01"))}, {"roles": ["supervisor"]}):
        form = {"number": "HD77", "name": "样例", "branch_id": str(branch_id_of(world)), "roles": ["clerk"]} | claim
        assert client.post("/admin/staff/new", data=form).status_code == 422
    with world.reading() as session:
        assert session.scalar(select(Staff).where(Staff.number == "HD77")) is None


def test_a_supervisor_edits_disables_and_resets_a_clerk(client_of: Clients, world: World) -> None:
    client, clerk = client_of(Role.supervisor), actor_of(world, which=2)
    form = {"version": "1", "name": "样例改名", "branch_id": str(clerk.branch_id), "roles": ["clerk", "reviewer"]}
    refused = client.post(f"/admin/staff/{clerk.staff_id}", data=form)
    assert refused.status_code == 422
    assert "样例改名" in refused.text  # nothing typed is lost
    form["reason"] = "考核合格"
    assert client.post(f"/admin/staff/{clerk.staff_id}", data=form).status_code == 303
    assert "样例改名" in client.get("/admin/staff/").text
    assert client.post(f"/admin/staff/{clerk.staff_id}", data=form).status_code == 409
    assert client.post(f"/admin/staff/{clerk.staff_id}/switch", data={"version": "2", "reason": "离职"}).status_code == 303
    with world.reading() as session:
        assert session.get_one(Staff, clerk.staff_id).state is StaffState.disabled
    assert client.post(f"/admin/staff/{clerk.staff_id}/reset", data={"version": "3", "reason": "忘记密码"}).status_code == 200
    told = client.get("/admin/journal/?act=staff:edit").text
    assert f"工号 {clerk.number}，名称 样例改名" in told
    assert "岗位 受理员/复核员，原岗位 受理员" in told


@pytest.mark.parametrize(("role", "branch"), [(Role.supervisor, "HD01"), (Role.clerk, "CY01"), (Role.auditor, None)])
def test_whom_a_supervisor_does_not_reach_is_not_there(client_of: Clients, world: World, role: Role, branch: str | None) -> None:
    other = actor_of(world, role, branch or "HD01")
    assert client_of(Role.supervisor).get(f"/admin/staff/{other.staff_id}").status_code == 404


def test_the_administrator_opens_a_branch_and_invites_a_station(client_of: Clients, app: Flask, world: World) -> None:
    client = client_of(Role.administrator)
    assert client.get("/admin/").headers["Location"] == "/admin/places/"
    form = {"code": "ft01", "name_zh": "样例丰台网点", "name_en": "Sample Branch Fengtai", "is_local_tax": "y"}
    assert client.post("/admin/places/branch", data=form).status_code == 303
    assert client.post("/admin/places/branch", data=form).status_code == 422
    assert client.post("/admin/places/branch", data=form | {"code": "F1"}).status_code == 422
    with world.reading() as session:
        branch = session.scalars(select(Branch).where(Branch.code == "FT01")).one()
    page = client.post("/admin/places/station", data={"branch_id": str(branch.id), "name": "1 号窗口"}).text
    code = re.search(r"<dd class=\"secret\">([A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4})</dd>", page)
    assert code is not None
    enrolled = app.test_client().post("/api/station/enrol", json={"code": code[1], "version": "1"}, csrf=False)
    assert enrolled.json["branch"] == "FT01"
    with world.reading() as session:
        station = session.scalars(select(Station)).one()
    assert client.post(f"/admin/places/station/{station.id}/disable", data={"version": "1", "reason": "换机"}).status_code == 409
    disabled = {"version": str(station.version), "reason": "换机"}
    assert client.post(f"/admin/places/station/{station.id}/disable", data=disabled).status_code == 303
    with world.reading() as session:
        assert session.get_one(Station, station.id).state is StationState.disabled


def test_the_list_of_staff_links_only_to_whom_one_may_change(client_of: Clients) -> None:
    text = client_of(Role.supervisor).get("/admin/staff/").text
    assert re.search(rf'<a href="/admin/staff/\d+">{number_of(Role.clerk)}</a>', text)
    assert not re.search(rf'<a href="/admin/staff/\d+">{number_of(Role.supervisor)}</a>', text)


# Access for people, stations and platforms: what an unwatched screen must not give away.
GIVEN = (
    ("/admin/staff/{staff}/reset", {"reason": "忘记密码", "version": "1"}),
    ("/admin/staff/{staff}/switch", {"reason": "离职", "version": "1"}),
    ("/admin/places/station", {"branch_id": "1", "name": "工位九"}),
    ("/admin/platforms/new", {"code": "sample", "name_zh": "样例", "name_en": "Sample"}),
)


@pytest.mark.parametrize(("path", "typed"), GIVEN, ids=[path for path, _ in GIVEN])
def test_whoever_gives_access_or_takes_it_proves_himself_once_more(
    client_of: Clients, world: World, path: str, typed: dict[str, str]
) -> None:
    client, before = client_of(Role.administrator), everybody(world)
    path = path.format(staff=actor_of(world).staff_id)
    assert client.get(path).status_code == 200
    world.clock.move(minutes=11)  # type: ignore[attr-defined]
    asked = client.get(path)
    assert (asked.status_code, asked.headers["Location"].partition("?")[0]) == (303, "/login/again")
    assert client.post(path, data=typed).status_code == 401
    assert everybody(world) == before


def everybody(world: World) -> list[object]:
    with world.reading() as session:
        staff = [(one.number, one.name, one.state, one.roles, one.version) for one in session.scalars(select(Staff))]
        return [*staff, *session.scalars(select(Station.name)), *session.scalars(select(Platform.code))]
