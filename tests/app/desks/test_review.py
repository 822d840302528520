"""The review desk's pages: who waits how long, what is decided by whom, what is shown masked."""

import re

from app.services.world import World
from models.rulebook.vocabulary import CaseState, Role
from tests.builders import cases


def test_the_queue_shows_what_waits_and_how_long(world: World, client_of) -> None:
    case = cases.in_review(world)
    cases.in_review(world, "CY01")
    world.clock.move(minutes=42)
    page = client_of(Role.reviewer).get("/review/").text
    assert case.number in page
    assert "42 分钟" in page
    assert "待复核 1 件" in page
    assert page.count("/review/") >= 1
    assert "CY01-" not in page


def test_the_queue_pages_by_the_last_case_seen(world: World, client_of) -> None:
    numbers = [cases.in_review(world).number for _ in range(27)]
    client = client_of(Role.reviewer)
    first = client.get("/review/").text
    assert [number in first for number in (numbers[0], numbers[24], numbers[25])] == [True, True, False]
    older = re.search(r'rel="next" href="([^"]+)"', first).group(1).replace("&amp;", "&")
    second = client.get(older).text
    assert [number in second for number in (numbers[24], numbers[25], numbers[26])] == [False, True, True]


def test_papers_findings_and_fee_lie_side_by_side(world: World, client_of) -> None:
    case = cases.in_review(world, **cases.with_certificates(2), uses=["tax"], established_on="2020-01-01")
    page = client_of(Role.reviewer).get(f"/review/{case.id}").text
    for words in ("多证合一执照", "建议优先到地税网点办理", "首张免费", "180.00", "110***********0011"):
        assert words in page
    assert cases.resident_number() not in page


def test_approving_freezes_the_fee_and_a_second_click_changes_nothing(world: World, client_of) -> None:
    case, client = cases.in_review(world, **cases.with_certificates(2)), client_of(Role.reviewer)
    first = client.post(f"/review/{case.id}/approve", data={"version": case.version})
    second = client.post(f"/review/{case.id}/approve", data={"version": case.version})
    assert (first.location, second.location) == ("/review/", f"/review/{case.id}")
    assert cases.case_now(world, case.id).fee_total_fen == 18000


def test_approving_asks_for_the_password_again_after_a_while(world: World, client_of) -> None:
    case, client = cases.in_review(world), client_of(Role.reviewer)
    world.clock.move(minutes=11)
    answer = client.post(f"/review/{case.id}/approve", data={"version": case.version})
    assert answer.status_code == 401
    assert cases.case_now(world, case.id).state is CaseState.in_review


def test_a_reviewer_is_not_offered_his_own_case(world: World, client_of) -> None:
    client = client_of(Role.reviewer)
    opened = client.post("/intake/open", data={})
    case_id = int(opened.location.rsplit("/", 1)[1])
    from app.services.accept_case import accept_case
    from app.services.save_draft import save_draft
    from tests.builders.people import actor_of

    who = actor_of(world, Role.reviewer)
    save_draft(world, who, case_id, 1, cases.draft(), cases.resident_number(), cases.MOBILE)
    accept_case(world, who, case_id, 2)
    page = client.get(f"/review/{case_id}").text
    assert "须由他人复核" in page
    assert "/approve" not in page
    answer = client.post(f"/review/{case_id}/approve", data={"version": 3})
    assert answer.status_code == 403


def test_sending_back_needs_a_reason_and_keeps_the_page(world: World, client_of) -> None:
    case, client = cases.in_review(world), client_of(Role.reviewer)
    answer = client.post(f"/review/{case.id}/send-back", data={"version": case.version, "reason": ""})
    assert answer.status_code == 422
    assert "请写明原因" in answer.text
    sent = {"version": case.version, "reason": "证件不清楚", "places": ["1:identity_document"]}
    assert client.post(f"/review/{case.id}/send-back", data=sent).status_code == 303
    assert cases.case_now(world, case.id).state is CaseState.returned
    assert "证件不清楚" in client_of().get(f"/intake/{case.id}").text


def test_what_the_reviewer_named_is_what_the_revisit_opens_at(world: World, client_of) -> None:
    case = cases.in_review(world)
    sent = {"version": case.version, "reason": "证件不清楚", "places": ["1:identity_document"]}
    client_of(Role.reviewer).post(f"/review/{case.id}/send-back", data=sent)
    clerk = client_of()
    clerk.post(f"/intake/{case.id}/reopen", data={"version": cases.case_now(world, case.id).version})
    open_rows = clerk.get(f"/intake/{case.id}").text.split('<details class="others"')[0]
    assert 'id="row-1-identity_document"' in open_rows
    assert 'id="row-1-code_bearing_licence"' not in open_rows


def test_a_place_that_is_not_in_the_case_is_refused(world: World, client_of) -> None:
    case = cases.in_review(world)
    sent = {"version": case.version, "reason": "错", "places": ["9:passport"]}
    assert client_of(Role.reviewer).post(f"/review/{case.id}/send-back", data=sent).status_code == 422


def test_refusing_gives_a_notice(world: World, client_of) -> None:
    case, client = cases.in_review(world), client_of(Role.reviewer)
    sent = {"version": case.version, "reason": "执照已吊销", "advice": ""}
    assert client.post(f"/review/{case.id}/refuse", data=sent).status_code == 303
    page = client_of().get(f"/intake/{case.id}").text
    paper = client_of().get(re.search(r'href="(/cases/notices/\d+\.pdf)"', page).group(1))
    assert paper.data.startswith(b"%PDF-")


def test_reasons_without_a_place_are_shown_and_leave_everything_open(world: World, client_of) -> None:
    case = cases.in_review(world)
    client_of(Role.reviewer).post(f"/review/{case.id}/send-back", data={"version": case.version, "reason": "名称写错"})
    clerk = client_of()
    clerk.post(f"/intake/{case.id}/reopen", data={"version": cases.case_now(world, case.id).version})
    page = clerk.get(f"/intake/{case.id}").text
    assert "名称写错" in page
    assert 'class="panel fold"' not in page
