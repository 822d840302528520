"""The supervisor's first page: figures that agree with the lists they lead to, charts with the figures behind them."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from app.services.settle_fee import settle_fee
from app.services.world import World
from app.supervision.errands import ERRANDS
from models.rulebook.permissions import PERMISSIONS
from models.rulebook.vocabulary import CaseKind, CaseState, DeliveryState, PaymentMethod, Role
from models.tables import Case, JournalLine
from tests.builders.aftercare import accepted, plant_held
from tests.builders.cases import awaiting_payment, case_now, in_review, ready_to_issue
from tests.builders.clients import OfficeClient
from tests.builders.people import actor_of
from tests.builders.platforms import plant_binding, plant_event, plant_platform

Clients = Callable[..., OfficeClient]


def figure(text: str, url: str) -> str:
    """What the home page says beside the link to a list."""
    found = re.search(rf'href="{re.escape(url)}"[^>]*>(?:(?!</(?:li|tr|p)>).)*', text, re.DOTALL)
    assert found is not None, url
    numbers = re.findall(r"[\d,]+\+?", re.sub(r"<svg.*?</svg>|<[^>]+>", " ", found[0].partition(">")[2], flags=re.DOTALL))
    return numbers[0]


def rows(client: OfficeClient, url: str) -> int:
    """How many the list itself shows, as far as it fits on its first page."""
    page = client.get(url).text.split("<main")[1]
    return len(re.findall(r"<tr>(?!<td class=\"empty\"|<th scope=\"col\")", page.split("<tbody>")[1].split("</tbody>")[0]))


def the_waiting(world: World) -> None:
    """Something of everything, here and at another branch."""
    for branch, count in (("HD01", 2), ("CY01", 3)):
        for _ in range(count):
            in_review(world, branch)
            awaiting_payment(world, branch)
            accepted(world, plant_held(world, branch), CaseKind.unlock, branch)
    platform = plant_platform(world)
    held = plant_held(world)
    plant_event(world, platform, plant_binding(world, platform, held.certificate_id), delivery=DeliveryState.dead)


@pytest.mark.parametrize("branch", ["HD01", "CY01"])
def test_what_waits_is_as_much_as_the_list_that_it_leads_to(client_of: Clients, world: World, branch: str) -> None:
    the_waiting(world)
    client = client_of(Role.supervisor, branch)
    text = client.get("/admin/").text
    for url in ("/grants/", "/admin/cases/?state=in_review", "/admin/cases/?state=awaiting_payment"):
        assert int(figure(text, url)) == rows(client, url) == {"HD01": 2, "CY01": 3}[branch], url
    assert int(figure(text, "/admin/telling/dead")) == 1


def test_every_errand_is_somebodys_and_its_page_opens_for_him(client_of: Clients, world: World) -> None:
    client = client_of(Role.supervisor)
    links = re.findall(r'<li[^>]*><a href="([^"]+)"', client.get("/admin/").text.split('class="errands"')[1].split("</ul>")[0])
    assert len(links) == len([errand for errand in ERRANDS if Role.supervisor in PERMISSIONS[errand.permission].roles])
    assert [link for link in links if client.get(link.replace("&amp;", "&")).status_code != 200] == []


def test_the_auditor_has_no_errands_and_sees_all_branches(client_of: Clients, world: World) -> None:
    the_waiting(world)
    text = client_of(Role.auditor).get("/admin/").text
    assert 'class="errands"' not in text
    assert int(figure(text, "/admin/cases/?state=in_review")) == 5
    assert re.search(r'<th scope="row">样例朝阳网点</th><td class="number">12</td><td class="number">3</td>', text)


def test_a_count_goes_no_further_than_it_is_told(client_of: Clients, world: World) -> None:
    case = in_review(world)
    with world.engine.begin() as connection:
        columns = [column for column in Case.__table__.columns if column.name not in {"id", "number"}]
        names = ", ".join(column.name for column in columns)
        connection.exec_driver_sql(
            f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200) INSERT INTO case_file (number, {names}) "  # noqa: S608
            f"SELECT 'HD01-X-' || i, {names} FROM case_file, n WHERE id = {case.id}"
        )
    assert figure(client_of(Role.supervisor).get("/admin/").text, "/admin/cases/?state=in_review") == "1,000+"


def test_times_are_taken_from_what_the_journal_says(client_of: Clients, world: World) -> None:
    """A renewal: two minutes at the papers, six in review, one at the station: usually nine, and within its promise."""
    case = in_review(world)
    with world.engine.begin() as connection:
        connection.execute(update(Case).where(Case.id == case.id).values(kind=CaseKind.renewal))
    world.clock.move(minutes=9)
    finish(world, case.id)
    text = client_of(Role.supervisor).get("/admin/").text
    row = re.search(r'<th scope="row">更新</th>(.*?)</tr>', text, re.DOTALL)
    assert row is not None
    told = re.findall(r"<td[^>]*>([^<]*)</td>", row[1])
    assert told == ["5–10 分钟", "1", "9 分钟", "9 分钟", "9 分钟", "1 / 1", "1", "9 分钟"]


def finish(world: World, case_id: int) -> None:
    """By rows: the way from review to the end is not what is tested."""
    with world.writing() as session:
        case = session.get_one(Case, case_id)
        case.state, case.state_since, case.closed_at = CaseState.closed, world.now(), world.now()
        line = JournalLine(
            at=world.now(), branch_id=case.branch_id, case_id=case.id, subject="case_file", subject_id=case.id, act="close"
        )
        line.before, line.after = "in_review", "closed"
        session.add(line)
        session.commit()


def test_made_and_not_collected_is_told_by_age(client_of: Clients, world: World) -> None:
    for days in (0, 3, 3, 12, 40):
        case = ready_to_issue(world)
        with world.engine.begin() as connection:
            since = world.now() - timedelta(days=days)
            connection.execute(update(Case).where(Case.id == case.id).values(state="awaiting_handover", state_since=since))
    text = client_of(Role.supervisor).get("/admin/").text
    told = re.findall(r'<th scope="row">([^<]*天[^<]*)</th><td class="number">(\d+)</td>', text.split("放了多久</th>")[1])
    assert told[:4] == [("今天制好", "1"), ("1–7 天", "2"), ("8–30 天", "1"), ("30 天以上", "1")]
    assert figure(text, "/admin/cases/?state=awaiting_handover") == "5"
    ways = re.findall(r'<a href="(/admin/cases/\?state=awaiting_handover&amp;[^"]+)">([^<]+) <b>(\d+)</b>', text)
    assert [(name, count) for _, name, count in ways] == told[:4]
    for url, _, count in ways:
        listed = client_of(Role.supervisor).get(url.replace("&amp;", "&")).text
        assert len(set(re.findall(r'href="/cases/(\d+)"', listed))) == int(count)


def test_what_ends_soon_is_counted_within_a_week_a_month_and_a_quarter(client_of: Clients, world: World) -> None:
    for days in (3, 20, 20, 80, 200):
        plant_held(world, days=days)
    text = client_of(Role.supervisor).get("/admin/").text
    assert re.findall(r'<th scope="row">\d+ 天内</th><td class="number">(\d+)</td>', text) == ["1", "3", "4"]
    for window, count in (("7", 1), ("30", 3), ("90", 4)):
        listed = client_of(Role.supervisor).get(f"/renewals/?window={window}").text
        assert listed.count('<tr id="') + listed.count("<tr>") >= count
        assert f'/renewals/?window={window}">{window} 天内 <b>{count}</b></a>' in text
        assert "办理更新" not in listed


def test_every_chart_has_a_name_a_description_and_its_figures(client_of: Clients, world: World) -> None:
    the_waiting(world)
    settle = awaiting_payment(world)
    settle_fee(world, actor_of(world), settle.id, case_now(world, settle.id).version, PaymentMethod.cash)
    for language in ("zh", "en"):
        client = client_of(Role.supervisor)
        client.post("/account/language", data={"language": language, "back": "/admin/"})
        text = client.get("/admin/").text
        charts = re.findall(r'<svg class="chart".*?</svg>', text, re.DOTALL)
        assert len(charts) == text.count('<details class="behind">') == 4
        for chart in charts:
            assert re.search(
                r'role="img" aria-labelledby="([\w-]+) ([\w-]+)">\s*<title id="\1">[^<]+</title><desc id="\2">[^<]+</desc>', chart
            )
            assert "style=" not in chart
            assert not re.search(r'="-?nan|="-\d|="inf', chart)


def test_the_administrator_goes_on_to_his_places_and_clerks_are_turned_away(client_of: Clients) -> None:
    assert client_of(Role.administrator).get("/admin/").headers["Location"] == "/admin/places/"
    assert client_of(Role.clerk).get("/admin/").status_code == 403
