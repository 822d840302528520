"""The supervisor's part of the day: he countersigns what another counted, and keeps the drawer."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.services.count_day import count_day
from app.services.world import World
from models.rulebook.oversight import DayState, MoneyKind
from models.rulebook.vocabulary import Role, TokenState
from models.tables import DayClose, MoneyEntry, Token
from tests.builders.clients import OfficeClient
from tests.builders.day import close, count, counted, day_now, deliver, float_in
from tests.builders.people import actor_of

Clients = Callable[..., OfficeClient]


@pytest.fixture
def drawer(world: World) -> World:
    deliver(world)
    float_in(world, 200)
    return world


def test_a_right_count_is_countersigned(drawer: World, client_of: Clients) -> None:
    made, client = count(drawer), client_of(Role.supervisor)
    assert made.number in client.get("/admin/days/").text
    assert "等主管签字日结" in client.get(f"/admin/days/{made.id}").text
    assert client.get(f"/admin/days/{made.id}/countersign").status_code == 200
    answer = client.post(f"/admin/days/{made.id}/countersign", data={"version": "1"})
    assert answer.location == f"/admin/days/{made.id}"
    assert day_now(drawer, made.id).state is DayState.closed
    assert "已日结" in client.get(answer.location).text
    again = client.post(f"/admin/days/{made.id}/countersign", data={"version": "1"}, follow_redirects=True)
    assert "不能再改" in again.text


def test_differences_ask_for_their_explanations_and_keep_what_was_typed(drawer: World, client_of: Clients) -> None:
    made, client = count(drawer, counted(drawer, tokens=-1, envelopes=-2, fen=-500)), client_of(Role.supervisor)
    url = f"/admin/days/{made.id}/countersign"
    typed = {"version": "1", "lacking_token": "HD01-T00002", "lacking_envelope": "HD01-E00001", "reason": "盘点两遍"}
    answer = client.post(url, data=typed)
    assert answer.status_code == 422
    for wanted in ('id="lacking_envelope-error-1"', 'id="cash_reason-error-1"', "HD01-T00002", "盘点两遍"):
        assert wanted in answer.text
    typed |= {"lacking_envelope": "HD01-E00001 HD01-E00002", "cash_reason": "找零多给"}
    assert client.post(url, data=typed).status_code == 303
    with drawer.reading() as session:
        assert session.scalars(select(Token.serial).where(Token.state == TokenState.missing)).all() == ["HD01-T00002"]
        entry = session.scalars(select(MoneyEntry).where(MoneyEntry.kind == MoneyKind.difference)).one()
    assert (entry.amount_fen, entry.reason) == (-500, "找零多给")


def test_whoever_counted_is_told_to_ask_another(drawer: World, client_of: Clients) -> None:
    supervisor = actor_of(drawer, Role.supervisor)
    made = count_day(drawer, supervisor, drawer.today(), counted(drawer))
    client = client_of(Role.supervisor)
    assert "请另一位主管日结" in client.get(f"/admin/days/{made}").text
    assert client.post(f"/admin/days/{made}/countersign", data={"version": "1"}).status_code == 403


def test_what_moved_since_the_count_is_told(drawer: World, client_of: Clients) -> None:
    made, client = count(drawer), client_of(Role.supervisor)
    float_in(drawer, 10)
    answer = client.post(f"/admin/days/{made.id}/countersign", data={"version": "1"}, follow_redirects=True)
    assert "请重新盘点" in answer.text
    assert day_now(drawer, made.id).state is DayState.counted


def test_a_day_is_closed_only_with_a_password_given_just_now(drawer: World, client_of: Clients) -> None:
    made, client = count(drawer), client_of(Role.supervisor)
    drawer.clock.move(minutes=11)
    answer = client.post(f"/admin/days/{made.id}/countersign", data={"version": "1"})
    assert answer.status_code == 401
    assert day_now(drawer, made.id).state is DayState.counted


def test_change_is_put_in_and_money_banked(world: World, client_of: Clients) -> None:
    client = client_of(Role.supervisor)
    assert client.post("/admin/days/float", data={"version": "0", "amount": "0", "reason": "备用金"}).status_code == 422
    assert client.post("/admin/days/float", data={"version": "0", "amount": "300", "reason": "备用金"}).status_code == 303
    text = client.post(
        "/admin/days/float", data={"version": "0", "amount": "300", "reason": "备用金"}, follow_redirects=True
    ).text
    assert "刚刚被别人改动过" in text
    with world.reading() as session:
        [entry] = session.scalars(select(MoneyEntry)).all()
    banked = {"version": str(entry.id), "reference": "BK-2026-1", "reason": "当日解款"}
    assert "300.00" in client.get("/admin/days/bank").text  # what is in the drawer by the books
    answer = client.post("/admin/days/bank", data=banked | {"amount": "300.01"})
    assert answer.status_code == 422
    assert "只有 300.00 元" in answer.text
    assert client.post("/admin/days/bank", data=banked | {"amount": "300"}).status_code == 303
    with world.reading() as session:
        assert session.scalars(select(MoneyEntry.amount_fen).order_by(MoneyEntry.id)).all() == [30_000, 30_000]


def test_the_list_warns_of_days_that_were_missed(drawer: World, client_of: Clients) -> None:
    drawer.clock.move(days=3)
    assert "有 3 天没有日结" in client_of(Role.supervisor).get("/admin/days/").text


def test_the_auditor_reads_every_branchs_days_and_changes_none(drawer: World, client_of: Clients) -> None:
    close(drawer)
    with drawer.reading() as session:
        day = session.scalars(select(DayClose)).one()
    client = client_of(Role.auditor)
    page = client.get("/admin/days/").text
    assert day.number in page
    assert "解款" not in page.split("<main")[1]
    assert client.get(f"/admin/days/{day.id}").status_code == 200
    assert client.get(f"/admin/days/{day.id}/sheet.pdf").status_code == 200
    for url in (f"/admin/days/{day.id}/countersign", "/admin/days/float", "/admin/days/bank"):
        assert client.get(url).status_code == 403


def test_another_branchs_supervisor_finds_nothing(drawer: World, client_of: Clients) -> None:
    made, elsewhere = count(drawer), client_of(Role.supervisor, "CY01")
    assert made.number not in elsewhere.get("/admin/days/").text
    for url in (f"/admin/days/{made.id}", f"/admin/days/{made.id}/sheet.pdf", f"/admin/days/{made.id}/countersign"):
        assert elsewhere.get(url).status_code == 404
