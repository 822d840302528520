"""The supervisor's desk through the browser's eyes: what waits, what it rests on, the leave and what became of it."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.services.world import World
from models.rulebook.vocabulary import CaseKind, CaseState, CertificateStatus, Role
from models.tables import Grant
from tests.builders import aftercare
from tests.builders.cases import case_now, resident_number
from tests.builders.clients import OfficeClient

Clients = Callable[..., OfficeClient]


def test_what_waits_is_counted_beside_the_desk_and_listed(world: World, client_of: Clients) -> None:
    case = aftercare.accepted(world, aftercare.plant_held(world), CaseKind.unlock)
    page = client_of(Role.supervisor).get("/grants/").text
    assert case.number in page
    assert "解锁" in page
    assert "待批准 1 件" in page
    desk = page.split('href="/grants/"', 1)[1].split("</a>", 1)[0]
    assert '<span class="count">1</span>' in desk


def test_the_supervisor_sees_the_papers_the_certificate_and_what_his_leave_does(world: World, client_of: Clients) -> None:
    held = aftercare.plant_held(world)
    case = aftercare.accepted(world, held, CaseKind.replacement_lost)
    page = client_of(Role.supervisor).get(f"/grants/{case.id}").text
    for words in (held.serial, held.token_serial, "遗失声明", "一经批准，旧证书立即吊销", "80.00", "110***********0011"):
        assert words in page, words
    assert resident_number() not in page


def test_a_leave_is_shown_with_the_time_that_is_left(world: World, client_of: Clients) -> None:
    case = aftercare.accepted(world, aftercare.plant_held(world), CaseKind.unlock)
    boss = client_of(Role.supervisor)
    sent = {"version": case.version, "reason": "法定代表人本人到场"}
    assert boss.post(f"/grants/{case.id}/grant", data=sent).location == "/grants/"
    world.clock.move(minutes=5)  # type: ignore[attr-defined]
    for page in (boss.get("/grants/").text, boss.get(f"/grants/{case.id}").text, client_of().get(f"/aftercare/{case.id}").text):
        assert 'data-left="600"' in page
    world.clock.move(minutes=11)  # type: ignore[attr-defined]
    assert "未用，已过期" in boss.get("/grants/").text
    clerk = client_of().get(f"/aftercare/{case.id}").text
    assert "未用，已过期" in clerk
    assert "再请主管批准" in clerk


def test_the_clerk_asks_again_from_the_page_of_the_case(world: World, client_of: Clients) -> None:
    case = aftercare.agreed(world, aftercare.plant_held(world), CaseKind.unlock)
    client_of().post(f"/aftercare/{case.id}/ask-grant", data={"version": case.version})
    assert case_now(world, case.id).state is CaseState.awaiting_grant


def test_a_leave_needs_a_fresh_login(world: World, client_of: Clients) -> None:
    case, boss = aftercare.accepted(world, aftercare.plant_held(world), CaseKind.unlock), client_of(Role.supervisor)
    world.clock.move(minutes=11)  # type: ignore[attr-defined]
    answer = boss.post(f"/grants/{case.id}/grant", data={"version": case.version, "reason": "理由"})
    assert answer.status_code == 401
    assert case_now(world, case.id).state is CaseState.awaiting_grant


def test_a_leave_without_a_reason_is_asked_for_one(world: World, client_of: Clients) -> None:
    case, boss = aftercare.accepted(world, aftercare.plant_held(world), CaseKind.unlock), client_of(Role.supervisor)
    answer = boss.post(f"/grants/{case.id}/grant", data={"version": case.version, "reason": " "})
    assert answer.status_code == 422
    assert "请写明理由" in answer.text
    with world.reading() as session:
        assert session.scalars(select(Grant)).all() == []


def test_a_second_click_is_shown_the_first_ones_result(world: World, client_of: Clients) -> None:
    held = aftercare.plant_held(world)
    case, boss = aftercare.accepted(world, held, CaseKind.replacement_lost), client_of(Role.supervisor)
    sent = {"version": case.version, "reason": "声明与证件核对无误"}
    first = boss.post(f"/grants/{case.id}/grant", data=sent)
    second = boss.post(f"/grants/{case.id}/grant", data=sent)
    assert (first.location, second.location) == ("/grants/", f"/grants/{case.id}")
    assert aftercare.certificate_now(world, held).status is CertificateStatus.revoked
    with world.reading() as session:
        assert len(session.scalars(select(Grant)).all()) == 1


@pytest.mark.parametrize("way", ["send-back", "refuse"])
def test_a_refusal_and_a_return_need_their_reasons(world: World, client_of: Clients, way: str) -> None:
    case, boss = aftercare.accepted(world, aftercare.plant_held(world), CaseKind.unlock), client_of(Role.supervisor)
    url = f"/grants/{case.id}/{way}"
    answer = boss.post(url, data={"version": case.version, "reason": ""})
    assert answer.status_code == 422
    assert "请写明原因" in answer.text
    assert boss.post(url, data={"version": case.version, "reason": "证件不清楚", "advice": ""}).status_code == 303
    page = client_of().get(f"/aftercare/{case.id}").text
    assert ("证件不清楚" in page) if way == "send-back" else ("不予受理告知单" in page)


def test_the_fault_of_a_certificate_that_changed_meanwhile_is_told(world: World, client_of: Clients) -> None:
    case = aftercare.accepted(world, aftercare.plant_held(world, days=1), CaseKind.replacement_lost)
    world.clock.move(days=3)  # type: ignore[attr-defined]
    boss = client_of(Role.supervisor)
    sent = {"version": case.version, "reason": "理由"}
    answer = boss.post(f"/grants/{case.id}/grant", data=sent, follow_redirects=True)
    assert "按证书现在的状态" in answer.text
    assert case_now(world, case.id).state is CaseState.awaiting_grant
