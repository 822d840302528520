"""Views that are kept and lists that leave the office, as a supervisor meets them."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.services.errors import Faulty
from app.services.job_kinds import WORKS
from app.services.jobs import run_jobs
from app.services.save_view import MOST_VIEWS, save_view
from app.services.world import World
from models.rulebook.vocabulary import Role
from models.tables import Job, JournalLine, SavedView
from tests.builders.cases import drafted, in_review
from tests.builders.clients import OfficeClient
from tests.builders.issuance import plant_stock
from tests.builders.people import actor_of

Clients = Callable[..., OfficeClient]


def kept(world: World) -> list[tuple[str, str, dict[str, str]]]:
    with world.reading() as session:
        return [(view.room, view.name, view.filters) for view in session.scalars(select(SavedView).order_by(SavedView.id))]


def test_a_question_is_kept_found_again_and_forgotten(client_of: Clients, world: World) -> None:
    review, draft = in_review(world), drafted(world)
    client = client_of(Role.supervisor)
    page = client.get("/admin/cases/?state=in_review&since=2026-11-01").text
    save = re.search(r'href="(/admin/looking/cases/save\?[^"]+)"', page)
    assert save is not None
    save_url = save[1].replace("&amp;", "&")
    assert "待复核" in client.get(save_url).text
    assert client.post(save_url, data={"name": "  "}).status_code == 422
    assert client.post(save_url, data={"name": "字" * 41}).status_code == 422
    answer = client.post(save_url, data={"name": "本月待复核"})
    assert answer.status_code == 303
    assert kept(world) == [("cases", "本月待复核", {"state": "in_review", "since": "2026-11-01"})]
    text = client.get("/admin/cases/").text
    assert draft.number in text
    link = re.search(r'href="(/admin/cases/\?[^"]+)"[^>]*><svg.*?</svg>本月待复核', text)
    assert link is not None
    text = client.get(link[1].replace("&amp;", "&")).text
    assert review.number in text
    assert draft.number not in text
    assert 'aria-current="true"' in text
    index = client.get("/admin/looking/").text
    assert "本月待复核" in index
    assert "待复核</span>" in index
    assert client.post("/admin/looking/cases/forget", data={"name": "本月待复核"}).status_code == 303
    assert client.post("/admin/looking/cases/forget", data={"name": "本月待复核"}).status_code == 303
    assert kept(world) == []


def test_a_view_is_its_owners(client_of: Clients, world: World) -> None:
    client_of(Role.supervisor).post("/admin/looking/tokens/save?state=lost", data={"name": "挂失的"})
    for other in (client_of(Role.supervisor, "CY01"), client_of(Role.auditor)):
        for url in ("/admin/tokens/", "/admin/looking/"):
            assert "挂失的" not in other.get(url).text
        other.post("/admin/looking/tokens/forget", data={"name": "挂失的"})
    assert len(kept(world)) == 1


def test_a_view_of_one_who_lost_sight_of_all_branches_shows_his_own(client_of: Clients, world: World) -> None:
    here, there = plant_stock(world, tokens=1), plant_stock(world, tokens=1, branch="CY01")
    save_view(world, actor_of(world, Role.supervisor), "tokens", "别处", {"branch": "CY01", "gone": "x"})
    client = client_of(Role.supervisor)
    assert client.get("/admin/looking/").status_code == 200
    text = client.get("/admin/tokens/?branch=CY01&gone=x").text
    assert here[0] in text
    assert there[0] not in text


def test_views_are_not_kept_without_end(world: World) -> None:
    supervisor = actor_of(world, Role.supervisor)
    for number in range(MOST_VIEWS):
        save_view(world, supervisor, "cases", f"第 {number} 个", {})
    save_view(world, supervisor, "cases", "第 3 个", {"state": "draft"})
    save_view(world, supervisor, "tokens", "第一个", {})
    with pytest.raises(Faulty) as refused:
        save_view(world, supervisor, "cases", "再一个", {})
    assert refused.value.fields == {"name": "views_too_many"}


def test_a_list_is_exported_by_the_page_and_fetched_from_the_job(client_of: Clients, world: World) -> None:
    review = in_review(world)
    drafted(world)
    client = client_of(Role.supervisor)
    text = client.get("/admin/cases/?state=in_review").text
    url = re.search(r'href="(/admin/looking/cases/export\?[^"]+)"', text)
    assert url is not None
    page = client.get(url[1]).text
    assert "<dt>状态</dt><dd>待复核</dd>" in page
    assert "<dt>行数</dt><dd>1</dd>" in page
    answer = client.post(url[1], data={"format": "csv", "mark": "a1"})
    assert answer.status_code == 303
    run_jobs(world, WORKS)
    job_page = client.get(answer.headers["Location"]).text
    file = re.search(r'href="(/jobs/\d+/file)"', job_page)
    assert file is not None
    content = client.get(file[1]).data.decode("utf-8-sig")
    assert review.number in content
    assert content.count("\r\n") == 3
    for other in (client_of(Role.supervisor, "CY01"), client_of(Role.auditor), client_of(Role.clerk)):
        assert other.get(file[1]).status_code == 404
    with world.reading() as session:
        line = session.scalars(select(JournalLine).where(JournalLine.act == "export_list")).one()
    assert line.detail["asked"] == "状态=待复核"
    assert "列表 案件" in client.get("/admin/journal/?act=job:export_list").text


def test_an_export_wants_a_format_a_reason_for_many_and_a_fresh_login(
    client_of: Clients, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.services.export_list.WITHOUT_REASON", 2)
    plant_stock(world, tokens=4)
    client = client_of(Role.supervisor)
    url = "/admin/looking/tokens/export"
    answer = client.post(url, data={"format": "csv", "reason": " ", "mark": "a1"})
    assert answer.status_code == 422
    assert "的导出须写明原因。" in answer.text
    assert client.post(url, data={"format": "pdf", "reason": "盘点"}).status_code == 422
    answer = client.post(url, data={"format": "pdf", "reason": "盘点" * 101})
    assert "最多 200 个字。" in answer.text
    assert "盘点" * 101 in answer.text
    world.clock.move(minutes=11)
    assert client.post(url, data={"format": "csv", "reason": "盘点"}).status_code == 401
    with world.reading() as session:
        assert session.scalars(select(Job)).all() == []


def test_who_may_not_take_lists_out_is_not_offered_it(client_of: Clients) -> None:
    for role in (Role.clerk, Role.reviewer, Role.administrator):
        assert client_of(role).get("/admin/looking/cases/export").status_code == 403
        assert client_of(role).post("/admin/looking/cases/save", data={"name": "x"}).status_code == 403
    assert client_of(Role.auditor).get("/admin/looking/cases/export").status_code == 200


@pytest.mark.parametrize("room", ["reviews", "platforms", "nothing", "rules"])
def test_only_lists_with_questions_are_kept_or_exported(client_of: Clients, room: str) -> None:
    client = client_of(Role.supervisor)
    for page in ("save", "export"):
        assert client.get(f"/admin/looking/{room}/{page}").status_code == 404
    assert client.post(f"/admin/looking/{room}/forget", data={"name": "x"}).status_code == 404


def test_a_question_that_the_list_refuses_is_neither_kept_nor_exported(client_of: Clients, world: World) -> None:
    client = client_of(Role.supervisor)
    for asked in ("state=gone", "applicant=样", "since=x"):
        for page in ("save", "export"):
            assert client.get(f"/admin/looking/cases/{page}?{asked}").status_code == 422
    assert kept(world) == []
