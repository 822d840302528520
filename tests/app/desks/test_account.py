"""The door as a browser meets it: signing in and out, errands first, asking again, languages, headers."""

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape

import pytest
from flask import Flask, request

from app.config import Mode, Settings
from app.desks import door as door_room
from app.desks.door import door, fresh, safe_next
from app.services.recognise import recognise
from app.services.world import World
from models.rulebook.permissions import Permission
from models.rulebook.vocabulary import Role
from models.tables import Staff
from tests.builders.clients import OfficeClient
from tests.builders.people import PASSWORD, actor_of, code_now, number_of, open_login
from tests.conftest import app_for

Clients = Callable[..., OfficeClient]
CLERK = {"number": number_of(Role.clerk), "password": PASSWORD}


def test_signing_in_leads_to_where_one_wanted_to_go(stranger: OfficeClient) -> None:
    asked = stranger.get("/account/?x=1")
    assert asked.status_code == 303
    assert asked.headers["Location"] == "/login?next=/account/?x%3D1"
    answer = stranger.post(asked.headers["Location"], data=CLERK)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/?x=1")
    assert number_of(Role.clerk) in stranger.get("/account/").text


@pytest.mark.parametrize(
    "url",
    ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "evil", "/a\nb", "/\t/evil.example", ""],
)
def test_nobody_is_sent_to_another_host(url: str) -> None:
    assert safe_next(url, "/home") == "/home"


def test_a_wrong_password_is_told_with_the_number_kept(stranger: OfficeClient) -> None:
    answer = stranger.post("/login", data=CLERK | {"password": "wrong"})
    assert answer.status_code == 422
    assert "工号、密码或动态码不对，或者账号已锁定。" in answer.text
    assert f'value="{number_of(Role.clerk)}"' in answer.text
    assert "wrong" not in answer.text


def test_a_supervisor_signs_in_with_a_code(stranger: OfficeClient, world: World) -> None:
    form = {"number": number_of(Role.supervisor), "password": PASSWORD, "code": code_now(world)}
    assert stranger.post("/login", data=form).status_code == 303
    assert stranger.get("/admin/").status_code == 200


def test_signing_in_changes_the_session_and_signing_out_ends_it(stranger: OfficeClient, world: World) -> None:
    stranger.get("/login")
    before = stranger.get_cookie("office")
    stranger.post("/login", data=CLERK)
    after = stranger.get_cookie("office")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    with stranger.session_transaction() as session:
        token = session["login"]
    assert stranger.post("/logout").status_code == 303
    assert recognise(world, token) is None
    stranger.set_cookie("office", after.value)  # a kept cookie is worth nothing
    assert stranger.get("/account/").status_code == 303


def test_an_ended_login_is_told_and_an_htmx_part_sends_the_whole_page(client_of: Clients, world: World) -> None:
    client = client_of(Role.clerk)
    world.clock.move(hours=1)
    answer = client.get("/account/", headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"] == "/login"
    assert "登录已过期" in client.get("/login").text


def test_a_first_password_must_be_changed_before_anything_else(client_of: Clients, world: World) -> None:
    client = client_of(Role.clerk)
    with world.writing() as session:
        session.get_one(Staff, actor_of(world).staff_id).must_change_password = True
        session.commit()
    assert client.get("/account/").headers["Location"] == "/account/password"
    assert client.get("/account/password").status_code == 200
    form = {"old": PASSWORD, "new": "my own long sentence", "repeated": "my own long sentence"}
    assert client.post("/account/password", data=form).headers["Location"] == "/account/"
    assert client.get("/account/").status_code == 200


def test_two_different_new_passwords_are_refused(client_of: Clients) -> None:
    form = {"old": PASSWORD, "new": "my own long sentence", "repeated": "another"}
    answer = client_of(Role.clerk).post("/account/password", data=form)
    assert answer.status_code == 422
    assert "两次输入的新密码不一致。" in answer.text


def test_a_supervisor_without_second_factor_sets_it_up_first(client_of: Clients, world: World) -> None:
    client = client_of(Role.supervisor)
    with world.writing() as session:
        session.get_one(Staff, actor_of(world, Role.supervisor).staff_id).totp_secret = None
        session.commit()
    assert client.get("/admin/").headers["Location"] == "/account/second-factor"
    page = client.get("/account/second-factor").text
    assert '<svg class="qr"' in page
    offer = re.search(r'name="offer"[^>]*value="([^"]+)"', page)
    spelled = re.search(r"<dd>([A-Z2-7 ]{32,})</dd>", page)
    assert offer is not None
    assert spelled is not None
    wrong = client.post("/account/second-factor", data={"offer": unescape(offer[1]), "code": "12"})
    assert wrong.status_code == 422
    code = code_now(world, spelled[1].replace(" ", ""))
    answer = client.post("/account/second-factor", data={"offer": unescape(offer[1]), "code": code})
    assert answer.status_code == 303
    assert client.get("/admin/").status_code == 200


def test_a_made_up_offer_is_refused(client_of: Clients) -> None:
    for offer in ("", "AAAA", "!"):
        answer = client_of(Role.clerk).post("/account/second-factor", data={"offer": offer, "code": "123456"})
        assert answer.status_code == 400


def fresh_app(app: Flask) -> Flask:
    @app.post("/grave")
    @door(Permission.own_account)
    @fresh
    def grave() -> str:
        return f"done: {request.form['reason']} {request.form.getlist('tick')}"

    @app.get("/grave")
    @door(Permission.own_account)
    @fresh
    def grave_page() -> str:
        return "page"

    return app


def test_a_grave_act_asks_for_the_password_again_and_keeps_what_was_typed(client_of: Clients, app: Flask, world: World) -> None:
    fresh_app(app)
    client = client_of(Role.clerk)
    form = {"reason": "因为 <b>", "tick": ["1", "2"]}
    assert "done: 因为" in client.post("/grave", data=form).text
    world.clock.move(minutes=11)
    asked = client.post("/grave", data=form)
    assert asked.status_code == 401
    assert 'name="reason" value="因为 &lt;b&gt;"' in asked.text
    assert asked.text.count('name="tick"') == 2
    wrong = client.post("/grave", data=form | {"again_password": "wrong"})
    assert wrong.status_code == 422
    assert "done" not in wrong.text
    done = client.post("/grave", data=form | {"again_password": PASSWORD})
    assert done.text == "done: 因为 <b> ['1', '2']"
    world.clock.move(minutes=9)
    assert "done" in client.post("/grave", data=form).text


def test_a_grave_page_asks_before_it_is_shown(client_of: Clients, app: Flask, world: World) -> None:
    fresh_app(app)
    client = client_of(Role.clerk)
    world.clock.move(minutes=11)
    asked = client.get("/grave")
    assert asked.headers["Location"] == "/login/again?next=/grave"
    assert client.post(asked.headers["Location"], data={"again_password": "wrong"}).status_code == 422
    answer = client.post(asked.headers["Location"], data={"again_password": PASSWORD})
    assert answer.headers["Location"] == "/grave"
    assert client.get("/grave").text == "page"


def test_the_language_is_kept_for_the_browser_and_then_for_the_person(stranger: OfficeClient, app: Flask) -> None:
    assert "<h1>登录</h1>" in stranger.get("/login").text
    assert stranger.post("/account/language", data={"language": "en", "back": "/login"}).headers["Location"] == "/login"
    assert "Staff number" in stranger.get("/login").text
    assert stranger.post("/account/language", data={"language": "fr"}).status_code == 400
    stranger.post("/login", data=CLERK)
    assert "我的账号" in stranger.get("/account/").text  # his own choice counts from here on
    stranger.post("/account/language", data={"language": "en", "back": "/account/"})
    assert "My account" in stranger.get("/account/").text
    other = app.test_client()
    other.post("/login", data=CLERK)
    assert "My account" in other.get("/account/").text


@pytest.mark.parametrize("path", ["/login", "/account/", "/nothing", "/admin/cases/"])
def test_every_answer_carries_the_strict_headers(client_of: Clients, path: str) -> None:
    headers = client_of(Role.supervisor).get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_scripts_and_styles_may_be_kept(stranger: OfficeClient) -> None:
    assert "max-age" in stranger.get("/static/office.css").headers["Cache-Control"]


@pytest.mark.parametrize(
    "path", ["/login", "/account/", "/account/password", "/nothing", "/admin/", "/admin/staff/", "/admin/staff/new"]
)
def test_no_page_needs_what_the_policy_forbids(client_of: Clients, path: str) -> None:
    page = client_of(Role.supervisor).get(path).text
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", page)
    assert not re.search(r"""(?:src|href|action)=["']?(?:https?:)?//""", page)


def test_the_cookie_is_for_this_site_only(stranger: OfficeClient, settings: Settings, world: World) -> None:
    cookie = stranger.get("/login").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Secure" not in cookie  # a demonstration speaks plain HTTP on this machine
    secure = app_for(replace(settings, public_url="https://office.example.cn"), world).test_client()
    answer = secure.get("/login", base_url="https://office.example.cn")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "Strict-Transport-Security" in answer.headers


def test_another_host_name_is_refused(stranger: OfficeClient) -> None:
    assert stranger.get("/login", base_url="http://evil.example").status_code == 400


@pytest.mark.parametrize("path", ["/login", "/logout", "/account/password", "/account/language"])
def test_nothing_is_posted_without_the_token(client_of: Clients, path: str) -> None:
    assert client_of(Role.clerk).post(path, data={}, csrf=False).status_code == 400


def test_a_failure_shows_nothing_private(settings: Settings, world: World) -> None:
    app = app_for(settings, world)
    app.testing = False

    @app.get("/broken")
    @door(Permission.own_account)
    def broken() -> str:
        raise RuntimeError("secret 110101199003071234")

    client = app.test_client()
    with client.session_transaction() as session:
        session["login"] = open_login(world, number_of(Role.clerk))
    answer = client.get("/broken")
    assert answer.status_code == 500
    assert "程序出了错" in answer.text
    assert "110101199003071234" not in answer.text
    assert "Traceback" not in answer.text


def test_the_demonstration_accounts_are_shown_in_a_demonstration_only(settings: Settings, world: World) -> None:
    with world.writing() as session:
        session.get_one(Staff, actor_of(world).staff_id).password_is_demo = True
        session.commit()
    assert number_of(Role.clerk) in app_for(settings, world).test_client().get("/login").text
    production = app_for(replace(settings, mode=Mode.production), world).test_client().get("/login").text
    assert number_of(Role.clerk) not in production


def test_who_is_signed_in_is_looked_up_once_a_request(client_of: Clients, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    real = door_room.recognise
    monkeypatch.setattr(door_room, "recognise", lambda *given: calls.append(1) or real(*given))
    client_of(Role.clerk).get("/account/")
    assert len(calls) == 1
