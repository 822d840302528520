"""A reset of access as pages show it: to whom it was given, to the supervisor who must agree, to the administrator who gave it."""

from collections.abc import Callable

import pytest
from sqlalchemy import update

from app.services.edit_staff import reset_access
from app.services.world import World
from models.rulebook.permissions import Actor
from models.rulebook.vocabulary import Role
from models.tables import Staff
from tests.builders.clients import OfficeClient
from tests.builders.people import actor_of

Clients = Callable[..., OfficeClient]
WAITS = "另一名主管确认以前"


@pytest.fixture
def reset(world: World) -> Actor:
    """The only supervisor of CY01, who has his own password and second factor again."""
    supervisor = actor_of(world, Role.supervisor, "CY01")
    reset_access(world, actor_of(world, Role.administrator), supervisor.staff_id, 1, "手机丢失")
    with world.writing() as session:
        mended = update(Staff).where(Staff.id == supervisor.staff_id).values(must_change_password=False, totp_secret=b"sealed")
        session.execute(mended)
        session.commit()
    return supervisor


def test_whom_it_was_given_reads_so_on_every_page_until_he_says_that_he_knows(client_of: Clients, reset: Actor) -> None:
    client = client_of(Role.supervisor, "CY01")
    for url in ("/account/", "/admin/", "/admin/cases/"):
        page = client.get(url).text
        assert "重设了您的密码和动态码" in page
        assert "X1" in page
    assert client.post("/account/reset-read", data={"back": "/account/"}).headers["Location"] == "/account/"
    page = client.get("/account/").text
    assert "重设了您的密码和动态码" not in page
    assert WAITS in page, "what he may not do is still said"


def test_what_waits_for_another_is_closed_and_says_why(client_of: Clients, reset: Actor) -> None:
    client = client_of(Role.supervisor, "CY01")
    home = client.get("/admin/").text
    for url in ("/grants/", "/admin/staff/", "/admin/staff/resets"):
        assert f'href="{url}"' not in home
        refused = client.get(url)
        assert refused.status_code == 403
        assert WAITS in refused.text.split("<main")[1]


def test_another_supervisor_finds_it_at_home_and_agrees_with_a_reason(client_of: Clients, reset: Actor) -> None:
    client, url = client_of(Role.supervisor), f"/admin/staff/{reset.staff_id}/agree"
    assert "/admin/staff/resets" in client.get("/admin/").text
    assert url in client.get("/admin/staff/resets").text
    assert reset.number in client.get(url).text
    assert client.post(url, data={"version": "2", "reason": " "}).status_code == 422
    assert client.post(url, data={"version": "2", "reason": "打电话问过本人"}).status_code == 303
    assert "没有待确认的重设" in client.get("/admin/staff/resets").text
    assert client.post(url, data={"version": "3", "reason": "再一次"}).status_code == 409
    assert client_of(Role.supervisor, "CY01").get("/grants/").status_code == 200


def test_the_administrator_sees_what_waits_and_agrees_to_nothing(client_of: Clients, reset: Actor) -> None:
    client = client_of(Role.administrator)
    page = client.get("/admin/staff/resets").text
    assert reset.number in page
    assert "/agree" not in page
    assert client.get(f"/admin/staff/{reset.staff_id}/agree").status_code == 404
    assert client_of(Role.supervisor).get("/admin/staff/999999/agree").status_code == 404


def test_the_administrators_first_page_says_that_reviews_are_due(client_of: Clients) -> None:
    page = client_of(Role.administrator).get("/admin/places/").text
    assert 'href="/admin/reviews/">权限核对到期或快到期：4 处' in page
