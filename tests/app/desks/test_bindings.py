"""The bindings desk through the browser's eyes: what is bound, which certificate to use, what is done about it, and what waits."""

import re
from collections.abc import Callable

import pytest

from app.services.acknowledge_events import acknowledge_events
from app.services.world import World
from models.rulebook.vocabulary import CaseKind, CaseState, Role
from models.tables import Certificate, PlatformEvent
from tests.builders import bindings
from tests.builders.aftercare import Held, plant_held
from tests.builders.cases import case_now
from tests.builders.clients import OfficeClient
from tests.builders.platforms import plant_platform
from tests.reports.reading import ink_of

Clients = Callable[..., OfficeClient]
AUTHORITY = "样例登记管理机关"


def opened(client: OfficeClient, held: Held, platform_id: int, kind: CaseKind, serial: str = "") -> str:
    fields = {"platform": platform_id, "kind": kind.value, "serial": serial}
    return client.post(f"/bindings/applicants/{held.applicant_id}/open", data=fields).location


def slip(client: OfficeClient, page: str) -> str:
    """The text of the first paper that the page offers, without blanks."""
    url = re.search(r'href="(/cases/notices/\d+\.pdf)"', page).group(1)  # type: ignore[union-attr]
    return ink_of(client.get(url).data)


@pytest.mark.parametrize("named", ["credit_code", "token_serial", "serial", "name"])
def test_whatever_the_holder_brings_leads_to_the_applicants_page(world: World, client_of: Clients, named: str) -> None:
    held, client = plant_held(world, name="北京样例书画协会"), client_of(Role.clerk, "CY01")
    text = "书画协会" if named == "name" else getattr(held, named)
    assert client.get("/bindings/", query_string={"q": text}).location == f"/bindings/applicants/{held.applicant_id}"


def test_several_that_fit_are_listed_and_none_is_said(world: World, client_of: Clients) -> None:
    for name in ("北京样例登山协会", "北京样例游泳协会"):
        plant_held(world, name=name)
    page = client_of().get("/bindings/", query_string={"q": "北京样例"}).text
    assert page.count("/bindings/applicants/") == 2
    assert "没有找到“样例公司”" in client_of().get("/bindings/", query_string={"q": "样例公司"}).text


def test_an_applicants_page_says_what_is_bound_and_which_certificate_to_use(world: World, client_of: Clients) -> None:
    platform, held = plant_platform(world, registry_authority=AUTHORITY), plant_held(world)
    client, url = client_of(), f"/bindings/applicants/{held.applicant_id}"
    page = client.get(url).text
    assert "没有绑定。" in page
    assert "请使用这张证书登录，登录时绑定。" in page
    assert "无须重置" in page
    bindings.plant_bound(world, platform, held, "association-2015")
    page = client.get(url).text
    assert "请使用已绑定的这张证书登录" in page
    assert "as************15" in page
    assert "association-2015" not in page
    world.clock.move(days=1)  # type: ignore[attr-defined]
    plant_held(world, beside=held)
    page = client_of().get(url).text
    assert "不再有效，须重新选定" in page
    assert "须选定其中一张" in page


def test_a_reset_waits_for_the_platform_and_its_slip_says_so(world: World, client_of: Clients) -> None:
    platform, held = plant_platform(world), plant_held(world)
    bindings.plant_bound(world, platform, held)
    client = client_of()
    url = opened(client, held, platform.id, CaseKind.binding_reset)
    assert re.fullmatch(r"/aftercare/\d+", url)
    draft = client.get(url).text
    assert "样例平台 inspection" in draft
    assert 'aria-current="page">' in draft.split('href="/bindings/"')[1][:60]
    other = plant_held(world)
    bindings.plant_bound(world, platform, other)
    case = bindings.agreed_at(world, platform, other, CaseKind.binding_reset)
    page = client.get(f"/aftercare/{case.id}").text
    assert "尚未送到平台" in page
    assert "平台尚未确认" in slip(client, page)
    world.clock.move(days=2)  # type: ignore[attr-defined]
    client = client_of()
    listed = client.get("/bindings/").text
    assert case.number in listed
    assert re.search(r'class="old">.*2 天', listed)
    acknowledge_events(world, platform.id, [event_of(world, case.id)])
    assert case_now(world, case.id).state is CaseState.closed
    page = client.get(f"/aftercare/{case.id}").text
    assert "平台已于2026年11月25日确认" in slip(client, page)
    assert "窗口重置" in client.get(f"/bindings/applicants/{other.applicant_id}").text


def event_of(world: World, case_id: int) -> str:
    with world.reading() as session:
        return session.query(PlatformEvent).filter_by(case_id=case_id).one().key


def test_a_rebinding_needs_its_certificate_and_names_it_to_the_supervisor(world: World, client_of: Clients) -> None:
    platform, held = plant_platform(world), plant_held(world)
    bindings.plant_bound(world, platform, held)
    world.clock.move(days=1)  # type: ignore[attr-defined]
    other = plant_held(world, beside=held)
    client, home = client_of(), f"/bindings/applicants/{held.applicant_id}"
    assert opened(client, held, platform.id, CaseKind.rebinding) == home
    assert "请先选定一张证书。" in client.get(home).text
    case = bindings.accepted_at(world, platform, other, CaseKind.rebinding)
    boss = client_of(Role.supervisor)
    page = boss.get(f"/grants/{case.id}").text
    for words in ("样例平台 inspection", "改绑到", other.token_serial, held.token_serial, "一经批准，绑定立即解除并通知平台"):
        assert words in page, words
    sent = {"version": case.version, "reason": "证件核对无误"}
    told = boss.post(f"/grants/{case.id}/grant", data=sent, follow_redirects=True).text
    assert "等待平台确认" in told
    paper = slip(client, client.get(f"/aftercare/{case.id}").text)
    assert f"插入介质{other.token_serial}" in paper
    assert "窗口已选定" in client.get(home).text


def test_a_second_case_of_the_kind_is_refused_with_the_number_of_the_first(world: World, client_of: Clients) -> None:
    platform, held = plant_platform(world), plant_held(world)
    bindings.plant_bound(world, platform, held)
    first, home = opened(client_of(), held, platform.id, CaseKind.binding_reset), f"/bindings/applicants/{held.applicant_id}"
    elsewhere = client_of(Role.clerk, "CY01")
    assert opened(elsewhere, held, platform.id, CaseKind.binding_reset) == home
    page = elsewhere.get(home).text
    assert "已有同类案件" in page
    assert first not in page  # another branch's case: its number and state, no way in


def test_a_relayed_reset_is_tracked_until_the_answer_is_written_down(world: World, client_of: Clients) -> None:
    platform, held, client = plant_platform(world, registry_authority=AUTHORITY), plant_held(world), client_of()
    case = bindings.accepted_at(world, platform, held, CaseKind.credentials_reset)
    url = f"/aftercare/{case.id}"
    page = client.get(url).text
    assert "已转交，登记机关尚未答复" in page
    assert "尚未答复" in slip(client, page)
    assert AUTHORITY in client.get("/bindings/?state=awaiting_answer").text
    refused = client.post(f"/bindings/{case.id}/answer", data={"version": case.version, "answer": "refused", "note": " "})
    assert refused.status_code == 422
    assert 'class="error"' in refused.text
    assert client.post(f"/bindings/{case.id}/answer", data={"version": case.version}).status_code == 422
    fields = {"version": case.version, "answer": "done", "note": "初始密码已发短信"}
    answered = client.post(f"/bindings/{case.id}/answer", data=fields, follow_redirects=True).text
    assert "答复已记下" in answered
    assert "初始密码已发短信" in answered
    assert "已重置" in slip(client, answered)
    again = client.post(f"/bindings/{case.id}/answer", data=fields, follow_redirects=True).text
    assert "答复已记下" not in again
    assert case_now(world, case.id).state is CaseState.closed


def test_a_case_of_another_desk_has_no_answer_to_write_down(world: World, client_of: Clients) -> None:
    held = plant_held(world)
    with world.reading() as session:
        case_id = session.get_one(Certificate, held.certificate_id).item.case_id
    assert client_of().post(f"/bindings/{case_id}/answer", data={"answer": "done"}).status_code == 409


def test_the_desk_counts_what_waits(world: World, client_of: Clients) -> None:
    platform = plant_platform(world, registry_authority=AUTHORITY)
    bindings.accepted_at(world, platform, plant_held(world), CaseKind.credentials_reset)
    desk = client_of().get("/bindings/").text.split('href="/bindings/"', 1)[1].split("</a>", 1)[0]
    assert '<span class="count">1</span>' in desk


def test_the_register_shows_live_bindings_and_on_request_those_that_ended(world: World, client_of: Clients) -> None:
    platform, held, client = plant_platform(world), plant_held(world), client_of()
    bindings.plant_bound(world, platform, held, "association-2015")
    assert held.token_serial in client.get("/bindings/register?platform=inspection").text
    bindings.agreed_at(world, platform, held, CaseKind.binding_reset)
    assert held.token_serial not in client.get("/bindings/register").text
    every = client.get("/bindings/register?every=1").text
    assert "窗口重置" in every
    assert "association-2015" not in every


def test_who_only_reads_is_offered_no_act(world: World, client_of: Clients) -> None:
    platform, held = plant_platform(world), plant_held(world)
    bindings.plant_bound(world, platform, held)
    page = client_of(Role.auditor).get(f"/applicants/{held.applicant_id}").text
    assert "样例平台 inspection" in page
    assert "/open" not in page
    assert f"/bindings/applicants/{held.applicant_id}/open" in client_of().get(f"/applicants/{held.applicant_id}").text


def test_the_casefile_tells_the_platforms_part_and_leads_back_to_the_desk(world: World, client_of: Clients) -> None:
    platform, held = plant_platform(world), plant_held(world)
    bindings.plant_bound(world, platform, held)
    client = client_of()
    draft = bindings.opened_at(world, platform, held, CaseKind.binding_reset)
    assert "到绑定台继续填写" in client.get(f"/cases/{draft.id}").text
    other = plant_held(world)
    bindings.plant_bound(world, platform, other)
    told = bindings.agreed_at(world, platform, other, CaseKind.binding_reset)
    page = client.get(f"/cases/{told.id}").text
    for words in ("到绑定台查看", "平台绑定：结束", "窗口重置", "平台绑定办理单", "尚未送到平台"):
        assert words in page, words


def test_a_case_at_a_platform_stands_in_no_other_cases_way(world: World, client_of: Clients) -> None:
    platform, held = plant_platform(world), plant_held(world, days=60)
    bindings.plant_bound(world, platform, held)
    bindings.opened_at(world, platform, held, CaseKind.binding_reset)
    page = client_of().get(f"/aftercare/certificates/{held.serial}").text
    assert 'name="kind" value="renewal"' in page
    assert "一次只办一件" not in page
