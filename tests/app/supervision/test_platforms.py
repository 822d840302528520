"""The administrator's platforms and the supervisor's notices: what is shown to whom, and what a button does."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.services.enrol_station import digest_of
from app.services.world import BEIJING, World
from models.rulebook.vocabulary import DeliveryState, PlatformState, Role, Scope, Use
from models.tables import Case, DeliveryAttempt, JournalLine, Platform, PlatformAccess, PlatformEvent
from tests.builders.aftercare import plant_held
from tests.builders.cases import drafted
from tests.builders.clients import OfficeClient
from tests.builders.platforms import deliveries, events_of, plant_binding, plant_event, plant_platform

Clients = Callable[..., OfficeClient]
FORM = {
    "code": "Seal_Hall",
    "name_zh": "样例印章平台",
    "name_en": "Sample Seal Hall",
    "telephone": "010-00000031",
    "registry_authority": "样例机关",
    "renewal_keeps": "y",
    "wanted_use": "e_seal",
    "scopes": ["certificates:read", "events:read"],
    "calls_a_minute": "60",
    "webhook_url": "https://seals.example.cn/office-events",
}


def now_is(world: World, code: str) -> Platform:
    with world.reading() as session:
        return session.scalars(select(Platform).where(Platform.code == code)).one()


def give_access(world: World, platform: Platform) -> None:
    with world.writing() as session:
        now = world.now()
        until = now.replace(hour=now.hour + 1)
        session.add(
            PlatformAccess(
                token_digest="t" * 64, platform_id=platform.id, scopes=platform.scopes, issued_at=now, expires_at=until
            )
        )
        session.commit()


def access_lives(world: World) -> bool:
    with world.reading() as session:
        return session.scalars(select(PlatformAccess)).one().expires_at > world.now()


def test_the_administrator_adds_a_platform_that_cannot_sign_in_yet(client_of: Clients, world: World) -> None:
    client = client_of(Role.administrator)
    answer = client.post("/admin/platforms/new", data=FORM)
    assert answer.status_code == 303
    made = now_is(world, "seal_hall")
    assert (made.client_id, made.secret_digest, made.state) == ("seal_hall", None, PlatformState.active)
    assert (made.wanted_use, made.calls_a_minute) == (Use.e_seal, 60)
    assert made.scopes == [Scope.read_certificates, Scope.read_events]
    assert (made.renewal_keeps, made.replacement_keeps, made.one_of_several) == (True, False, False)
    page = client.get(answer.headers["Location"]).text
    assert FORM["webhook_url"] in page
    assert "未发" in page
    again = client.post("/admin/platforms/new", data=FORM)
    assert again.status_code == 422
    assert "这个平台代码已有。" in again.text


NONSENSE = [
    ("code", "7days", "平台代码用小写字母开头"),
    ("code", "a b", "平台代码用小写字母开头"),
    ("name_zh", "", "请填写。"),
    ("name_en", " ", "请填写。"),
    ("calls_a_minute", "0", "每分钟调用次数是"),
    ("calls_a_minute", "60001", "每分钟调用次数是"),
    ("calls_a_minute", "-1", "每分钟调用次数是"),
    ("calls_a_minute", "many", "每分钟调用次数是"),
    ("webhook_url", "http://seals.example.cn/events", "本机以外的地址必须以 https:// 开头"),
    ("webhook_url", "ftp://seals.example.cn/", "不是完整的网址"),
    ("webhook_url", "https://user:word@seals.example.cn/", "不是完整的网址"),
    ("webhook_url", "https://seals.example.cn/#part", "不是完整的网址"),
    ("webhook_url", "https://seals.example.cn:99999/", "不是完整的网址"),
    ("webhook_url", "https://印章.example.cn/", "不是完整的网址"),
    ("webhook_url", "https:///events", "不是完整的网址"),
    ("webhook_url", "javascript:alert(1)", "不是完整的网址"),
    ("wanted_use", "everything", ""),
    ("scopes", ["everything"], ""),
]


def test_nonsense_is_named_and_what_was_typed_is_kept(client_of: Clients, world: World) -> None:
    client = client_of(Role.administrator)
    for field, value, sentence in NONSENSE:
        answer = client.post("/admin/platforms/new", data=FORM | {field: value})
        assert answer.status_code == 422, (field, value)
        assert sentence in answer.text, (field, value)
        assert "样例机关" in answer.text
    with world.reading() as session:
        assert session.scalar(select(Platform.id)) is None


def test_loopback_may_speak_plainly_and_no_address_means_the_feed(client_of: Clients, world: World) -> None:
    client = client_of(Role.administrator)
    for number, url in enumerate(["", "http://127.0.0.1:8602/office-events", "http://localhost/x", "http://[::1]:9/x?y=1"]):
        answer = client.post("/admin/platforms/new", data=FORM | {"webhook_url": url, "code": f"hall_{number}"})
        assert answer.status_code == 303, url
        assert now_is(world, f"hall_{number}").webhook_url == url


def test_a_change_is_journalled_and_a_stale_page_changes_nothing(client_of: Clients, world: World) -> None:
    client = client_of(Role.administrator)
    platform = plant_platform(world)
    give_access(world, platform)
    form = FORM | {"version": "1", "scopes": [scope.value for scope in Scope], "reason": "平台换了地址"}
    assert client.post(f"/admin/platforms/{platform.id}", data=form | {"reason": " "}).status_code == 422
    assert client.post(f"/admin/platforms/{platform.id}", data=form).status_code == 303
    assert access_lives(world), "nothing was taken away"
    assert client.post(f"/admin/platforms/{platform.id}", data=form).status_code == 409
    changed = now_is(world, "inspection")
    assert (changed.name_en, changed.client_id, changed.version) == ("Sample Seal Hall", "inspection", 2)
    assert client.post(f"/admin/platforms/{platform.id}", data=FORM | {"version": "2", "reason": "收回权限"}).status_code == 303
    assert not access_lives(world), "it had a scope that it has no more"
    with world.reading() as session:
        line = session.scalars(select(JournalLine).where(JournalLine.act == "edit").order_by(JournalLine.id)).first()
    assert line.detail["was"]["wanted_use"] == "annual_inspection"
    assert line.detail["now"]["wanted_use"] == "e_seal"
    assert line.detail["reason"] == "平台换了地址"


def test_a_secret_is_shown_once_and_ends_what_the_old_one_gave(client_of: Clients, world: World) -> None:
    client = client_of(Role.administrator)
    platform = plant_platform(world, secret_digest="0" * 64)
    give_access(world, platform)
    order = {"version": "1", "reason": "原密钥的保管人离职"}
    assert client.post(f"/admin/platforms/{platform.id}/secret", data=order | {"reason": " "}).status_code == 422
    assert "立即失效" in client.get(f"/admin/platforms/{platform.id}/secret").text
    assert (now_is(world, "inspection").secret_digest, access_lives(world)) == ("0" * 64, True), "asking changes nothing"
    answer = client.post(f"/admin/platforms/{platform.id}/secret", data=order)
    shown = re.findall(r"<dd class=\"secret\">([^<]+)</dd>", answer.text)
    assert shown[0] == "inspection"
    assert answer.headers["Cache-Control"] == "no-store"
    assert now_is(world, "inspection").secret_digest == digest_of(shown[1])
    assert not access_lives(world)
    assert client.post(f"/admin/platforms/{platform.id}/secret", data=order).status_code == 409
    for page in (f"/admin/platforms/{platform.id}", "/admin/platforms/"):
        text = client.get(page).text
        assert shown[1] not in text
        assert digest_of(shown[1]) not in text
    with world.reading() as session:
        told = [line.detail for line in session.scalars(select(JournalLine).where(JournalLine.act == "issue_secret"))]
        assert shown[1] not in str([line.detail for line in session.scalars(select(JournalLine))])
    assert told == [{"platform": "inspection", "reason": order["reason"]}]


def test_who_issues_a_secret_or_shuts_out_has_just_proven_himself(client_of: Clients, world: World) -> None:
    platform = plant_platform(world)
    client = client_of(Role.administrator)
    world.clock.move(minutes=11)
    for step in ("secret", "switch"):
        answer = client.post(f"/admin/platforms/{platform.id}/{step}", data={"version": "1", "reason": "样例"})
        assert answer.status_code == 401
    assert now_is(world, "inspection").version == 1


def test_a_platform_is_shut_out_with_a_reason_and_let_in_again(client_of: Clients, world: World) -> None:
    client = client_of(Role.administrator)
    platform = plant_platform(world)
    give_access(world, platform)
    url = f"/admin/platforms/{platform.id}/switch"
    assert client.post(url, data={"version": "1", "reason": " "}).status_code == 422
    assert access_lives(world)
    assert client.post(url, data={"version": "1", "reason": "密钥外泄"}).status_code == 303
    assert now_is(world, "inspection").state is PlatformState.disabled
    assert not access_lives(world)
    assert client.post(url, data={"version": "1", "reason": "密钥外泄"}).status_code == 409
    assert client.post(url, data={"version": "2", "reason": "已换密钥"}).status_code == 303
    with world.reading() as session:
        lines = session.scalars(select(JournalLine).where(JournalLine.subject == "platform").order_by(JournalLine.id)).all()
    told = [(line.act, line.before, line.after, line.detail["reason"]) for line in lines]
    assert told == [("disable", "active", "disabled", "密钥外泄"), ("enable", "disabled", "active", "已换密钥")]


def told_scene(world: World) -> tuple[Platform, PlatformEvent, PlatformEvent]:
    """Two applicants at one platform; the first one's first event is dead, and one waits behind it."""
    platform = plant_platform(world, webhook_url="http://127.0.0.1:9/office-events")
    first = plant_binding(world, platform, plant_held(world, name="北京样例甲有限公司").certificate_id)
    other = plant_binding(world, platform, plant_held(world, "CY01", name="北京样例乙有限公司").certificate_id)
    dead, behind = plant_event(world, platform, first), plant_event(world, platform, first)
    plant_event(world, platform, other)
    with world.writing() as session:
        row = session.get_one(PlatformEvent, dead.id)
        row.delivery, row.tries = DeliveryState.dead, 1
        session.add(DeliveryAttempt(event_id=dead.id, at=world.now(), status=503, fault="refused"))
        session.commit()
    return platform, dead, behind


@pytest.mark.parametrize("role", [Role.supervisor, Role.auditor])
def test_whoever_watches_platforms_sees_all_of_them(client_of: Clients, world: World, role: Role) -> None:
    _, dead, behind = told_scene(world)
    client = client_of(role)
    text = client.get("/admin/telling/").text
    assert text.count("北京样例甲有限公司") == 2
    assert "北京样例乙有限公司" in text
    assert "北京样例乙有限公司" not in client.get("/admin/telling/?state=dead").text
    assert "北京样例甲有限公司" in client.get("/admin/telling/?state=dead&platform=inspection").text
    assert client.get("/admin/telling/?platform=nowhere").status_code == 422
    page = client.get(f"/admin/telling/{dead.id}").text
    assert "503 平台没有接收" in page
    assert dead.key in page
    assert ("重新发送" in page) is (role is Role.supervisor)
    assert f"第 {dead.number} 号通知还没有送达" in client.get(f"/admin/telling/{behind.id}").text
    letters = client.get("/admin/telling/dead").text
    assert "1 条，后面等着 1 条" in letters
    assert ("全部重新发送" in letters) is (role is Role.supervisor)
    home = client.get("/admin/").text
    waits = re.search(r'href="/admin/telling/dead"(?:(?!</a>).)*<span class="count">1</span>', home, re.DOTALL)
    assert bool(waits) is (role is Role.supervisor), "an errand for whoever may send it again"


def test_a_platform_that_asked_for_rest_is_shown_with_its_time(client_of: Clients, world: World) -> None:
    until = world.now() + timedelta(hours=2)
    platform = plant_platform(world, webhook_url="https://platform.example.cn/office-events", rests_until=until)
    event = plant_event(world, platform, plant_binding(world, platform))
    with world.writing() as session:
        session.add(DeliveryAttempt(event_id=event.id, at=world.now(), status=503, fault="refused"))
        session.commit()
    client, shown = client_of(Role.supervisor), until.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
    assert re.search(rf"平台要求暂停到 <time[^>]*>{shown}</time>", client.get("/admin/telling/").text)
    assert re.search(rf"下次发送</dt>\s*<dd[^>]*><time[^>]*>{shown}</time>", client.get(f"/admin/telling/{event.id}").text)
    world.clock.move(hours=2)
    assert "平台要求暂停到" not in client_of(Role.supervisor).get("/admin/telling/").text


def test_a_supervisor_sends_again_one_by_one_and_all_at_once(client_of: Clients, world: World) -> None:
    platform, dead, _ = told_scene(world)
    client = client_of(Role.supervisor, "CY01")
    version = events_of(world, platform)[0].version
    answer = client.post(f"/admin/telling/{dead.id}/again", data={"version": str(version)})
    assert answer.headers["Location"] == f"/admin/telling/{dead.id}"
    assert deliveries(world, platform)[0] is DeliveryState.waiting
    assert client.post(f"/admin/telling/{dead.id}/again", data={"version": str(version)}).status_code == 409
    assert client.post(f"/admin/telling/platform/{platform.id}/again").status_code == 303
    assert client.post("/admin/telling/platform/999/again").status_code == 404
    assert client.post("/admin/telling/999/again", data={"version": "1"}).status_code == 404


def test_another_branchs_case_is_a_number_only(client_of: Clients, world: World) -> None:
    _, dead, _ = told_scene(world)
    cases = {branch: drafted(world, branch).id for branch in ("HD01", "CY01")}
    for branch, case_id in cases.items():
        with world.writing() as session:
            session.get_one(PlatformEvent, dead.id).case_id = case_id
            number = session.get_one(Case, case_id).number
            session.commit()
        for url in ("/admin/telling/", f"/admin/telling/{dead.id}"):
            text = client_of(Role.supervisor).get(url).text
            assert number in text
            assert (f"/cases/{case_id}" in text) is (branch == "HD01")


def test_clerks_and_the_administrator_do_not_watch_platforms(client_of: Clients, world: World) -> None:
    told_scene(world)
    for role in (Role.clerk, Role.reviewer, Role.administrator):
        client = client_of(role)
        for path in ("telling/", "telling/dead", "telling/1", "register/"):
            assert client.get(f"/admin/{path}").status_code == 403


def test_the_register_tells_where_what_is_bound_and_was(client_of: Clients, world: World) -> None:
    platform, other = plant_platform(world), plant_platform(world, "tax_hall")
    held = plant_held(world, name="北京样例甲有限公司")
    plant_binding(world, other, held.certificate_id, account_reference="their-own-word")
    ended = plant_binding(world, platform, plant_held(world, name="北京样例乙有限公司").certificate_id, until=world.now())
    client = client_of(Role.supervisor)
    text = client.get("/admin/register/").text
    assert held.serial in text
    assert held.credit_code in text
    assert "北京样例乙有限公司" in text
    assert "their-own-word" not in text
    assert ended.key not in text
    assert "北京样例乙有限公司" not in client.get("/admin/register/?state=live").text
    assert held.serial not in client.get("/admin/register/?platform=inspection").text
    found = client.get(f"/admin/register/?applicant={held.credit_code}").text
    assert held.serial in found
    assert "北京样例乙有限公司" not in found
    assert '<form method="post"' not in text.split("<main")[1]


TAMPERED = ("page=1", "page=-1", "page=99999", "sort=77", "state=%00", "platform=%00", "flt0_0=x", "page_size=9999", "search=%25")


@pytest.mark.parametrize("room", ["telling", "register", "platforms"])
def test_a_tampered_address_breaks_nothing_and_opens_nothing(client_of: Clients, world: World, room: str) -> None:
    client = client_of(Role.administrator if room == "platforms" else Role.supervisor)
    for query in TAMPERED:
        assert client.get(f"/admin/{room}/?{query}").status_code in {200, 404, 422}, query
    for path in ("new/", "edit/?id=1", "details/?id=1", "export/csv/", "ajax/lookup/?name=x"):
        assert client.get(f"/admin/{room}/{path}").status_code in {403, 404, 308}, path
    for path in ("new/", "edit/?id=1", "delete/", "action/", "ajax/update/"):
        assert client.post(f"/admin/{room}/{path}", data={"id": "1"}).status_code in {403, 404, 405}, path


def test_every_page_speaks_english_too(client_of: Clients, app: Flask, world: World) -> None:
    platform, dead, _ = told_scene(world)
    pages = {
        Role.supervisor: ("/admin/", "/admin/telling/", "/admin/telling/dead", f"/admin/telling/{dead.id}", "/admin/register/"),
        Role.administrator: (
            "/admin/platforms/",
            "/admin/platforms/new",
            f"/admin/platforms/{platform.id}",
            f"/admin/platforms/{platform.id}/switch",
        ),
    }
    for role, paths in pages.items():
        client = client_of(role)
        client.post("/account/language", data={"language": "en", "back": "/admin/"})
        for path in paths:
            answer = client.get(path)
            assert answer.status_code == 200
            assert 'lang="en"' in answer.text
            assert "Sample Platform" in answer.text or path in {"/admin/", "/admin/platforms/new", "/admin/platforms/"}
