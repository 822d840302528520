"""Access reviews and the permissions page as the supervisor, the administrator and the auditor see them."""

import re
from collections.abc import Callable

import pytest
from markupsafe import escape
from sqlalchemy import select

from app.services.world import World
from models.rulebook.permission_words import PERMISSION_WORDS
from models.rulebook.permissions import PERMISSIONS, Permission
from models.rulebook.vocabulary import Role, StaffState
from models.tables import AccessReview, Staff
from tests.builders.clients import OfficeClient
from tests.builders.people import actor_of, branch_id_of, number_of
from tests.reports.reading import text_of

Clients = Callable[..., OfficeClient]


def filled(page: str, **decisions: str) -> dict[str, str]:
    """What a browser would send of the page: everybody keeps what he has, but those named by id."""
    hidden = dict(re.findall(r'<input id="(?:version|seen_\d+)" name="(version|seen_\d+)" type="hidden" value="(\d+)">', page))
    people = re.findall(r'<select[^>]* name="(decision_\d+)"', page)
    return hidden | dict.fromkeys(people, "keep") | decisions


def test_a_supervisor_reviews_his_branch_and_prints_it(client_of: Clients, world: World) -> None:
    client, branch_id = client_of(Role.supervisor), branch_id_of(world)
    assert "该核对了" in client.get("/admin/reviews/").text
    url = f"/admin/reviews/of/{branch_id}"
    page = client.get(url).text
    assert number_of(Role.clerk) in page
    assert "CY01" not in page.split("<main")[1]
    gone = actor_of(world, which=2)
    form = filled(page, **{f"decision_{gone.staff_id}": "disable"})
    assert client.post(url, data=form).status_code == 422, "a reason is missing"
    answer = client.post(url, data=form | {"remark": "已离职"})
    assert answer.status_code == 303
    shown = client.get(answer.headers["Location"]).text
    assert "已离职" in shown
    assert "从未登录" in shown
    pdf = client.get(answer.headers["Location"] + ".pdf")
    assert pdf.mimetype == "application/pdf"
    assert "已离职" in text_of(pdf.data)
    with world.reading() as session:
        assert session.get_one(Staff, gone.staff_id).state is StaffState.disabled
    listed = client_of(Role.administrator).get("/admin/reviews/").text
    assert "1 人留给系统管理员" in listed, "the supervisor himself"
    assert "未到期" in client.get("/admin/reviews/").text
    assert client.post(url, data=form | {"remark": "已离职"}).status_code in {409, 422}


def test_whom_nobody_decided_about_is_named_and_what_was_chosen_is_kept(client_of: Clients, world: World) -> None:
    client, url = client_of(Role.supervisor), f"/admin/reviews/of/{branch_id_of(world)}"
    form = filled(client.get(url).text)
    forgotten = f"decision_{actor_of(world).staff_id}"
    answer = client.post(url, data=form | {forgotten: "", "remark": "先写一半"})
    assert answer.status_code == 422
    assert "请选定结论。" in answer.text
    assert "先写一半" in answer.text
    assert answer.text.count('<option selected value="keep">') == len(form) // 2 - 1
    for nonsense in ("everything", "reduce:supervisor", "reduce:clerk,reviewer", "left"):
        assert client.post(url, data=form | {forgotten: nonsense}).status_code == 422, nonsense
    with world.reading() as session:
        assert session.scalar(select(AccessReview)) is None


def test_a_password_given_long_ago_is_asked_for_again(client_of: Clients, world: World) -> None:
    client, url = client_of(Role.supervisor), f"/admin/reviews/of/{branch_id_of(world)}"
    form = filled(client.get(url).text)
    world.clock.move(minutes=11)
    assert client.post(url, data=form).status_code == 401
    with world.reading() as session:
        assert session.scalar(select(AccessReview)) is None


def test_another_branch_is_not_there_and_the_administrator_sees_all(client_of: Clients, world: World) -> None:
    there = branch_id_of(world, "CY01")
    supervisor, administrator, auditor = client_of(Role.supervisor), client_of(Role.administrator), client_of(Role.auditor)
    for branch_id in (there, 0, 999):
        assert supervisor.get(f"/admin/reviews/of/{branch_id}").status_code == 404
    for branch_id in (there, 0):
        url = f"/admin/reviews/of/{branch_id}"
        form = filled(administrator.get(url).text)
        answer = administrator.post(url, data=form)
        assert answer.status_code == 303
        assert supervisor.get(answer.headers["Location"]).status_code == 404
        assert supervisor.get(answer.headers["Location"] + ".pdf").status_code == 404
        assert auditor.get(answer.headers["Location"]).status_code == 200
        assert auditor.get(url).status_code == 403
    assert "QT-A-" in auditor.get("/admin/reviews/").text
    assert "-A-" not in supervisor.get("/admin/reviews/").text.split("<main")[1]


def test_disabling_shuts_an_open_browser_out_at_once(client_of: Clients, world: World) -> None:
    """Wherever he is: a page, a form that is sent, a part of a page that asks by itself."""
    clerk, supervisor, gone = client_of(), client_of(Role.supervisor), actor_of(world)
    assert clerk.get("/intake/").status_code == 200
    page = supervisor.get(f"/admin/staff/{gone.staff_id}/switch").text
    assert "立即停用" in page
    answer = supervisor.post(f"/admin/staff/{gone.staff_id}/switch", data={"version": "1", "reason": " "})
    assert answer.status_code == 422
    assert clerk.get("/intake/").status_code == 200
    supervisor.post(f"/admin/staff/{gone.staff_id}/switch", data={"version": "1", "reason": "离职"})
    by_itself = clerk.get("/intake/", headers={"HX-Request": "true"})
    assert (by_itself.status_code, by_itself.headers["HX-Redirect"]) == (204, "/login")
    assert clerk.post("/intake/open", data={"credit_code": ""}).headers["Location"].startswith("/login")
    assert clerk.get("/intake/").headers["Location"].startswith("/login")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_permissions_page_is_the_table_itself(client_of: Clients, language: str) -> None:
    client = client_of(Role.supervisor)
    client.post("/account/language", data={"language": language, "back": "/"})
    page = client.get("/admin/permissions/").text
    for permission in Permission:
        words = PERMISSION_WORDS[permission][language == "en"]
        row = re.search(rf'<tr><th scope="row">{re.escape(str(escape(words)))}</th>(.*?)</tr>', page, re.S)
        assert row is not None, permission
        marks = ["●" in cell for cell in row[1].split("<td")[1:6]]
        assert marks == [role in PERMISSIONS[permission].roles for role in Role], permission


def test_who_holds_a_permission_is_said_of_the_own_branch_only(client_of: Clients, world: World) -> None:
    page = client_of(Role.supervisor).get("/admin/permissions/").text.split("<main")[1]
    assert f"{number_of(Role.clerk)} 样例{number_of(Role.clerk)}" in page
    assert number_of(Role.auditor) in page, "he reads here too"
    assert "CY01" not in page
    for url in ("/admin/permissions/?branch=CY01", "/admin/permissions/sheet.pdf?branch=CY01"):
        assert client_of(Role.supervisor).get(url).status_code == 404
        assert client_of(Role.auditor).get(url).status_code == 200
        assert client_of(Role.administrator).get(url).status_code == 200
        assert client_of(Role.clerk).get(url).status_code == 403


def test_the_sheet_says_it_on_paper_and_comes_out_the_same(client_of: Clients) -> None:
    client = client_of(Role.supervisor)
    first, again = client.get("/admin/permissions/sheet.pdf"), client.get("/admin/permissions/sheet.pdf")
    assert first.data == again.data
    text = "".join(text_of(first.data).split())
    for zh, _ in PERMISSION_WORDS.values():
        assert "".join(zh.split()) in text, zh
    assert number_of(Role.reviewer, which=2) in text


def test_the_administrator_renames_a_branch_and_a_stale_page_does_not(client_of: Clients, world: World) -> None:
    client, url = client_of(Role.administrator), f"/admin/places/branch/{branch_id_of(world)}"
    version = re.search(r'name="version" type="hidden" value="(\d+)"', client.get(url).text)
    assert version is not None
    form = {"version": version[1], "name_zh": "样例新址网点", "name_en": "Sample Branch Moved", "telephone": "010-00000077"}
    bad = client.post(url, data=form | {"name_en": " "})
    assert bad.status_code == 422
    assert "010-00000077" in bad.text
    assert client.post(url, data=form).status_code == 303
    assert client.post(url, data=form).status_code == 409
    assert "样例新址网点" in client.get("/admin/places/").text
    assert client.get("/admin/places/branch/999").status_code == 404
    assert client_of(Role.supervisor).get(url).status_code == 403
