"""The counters' pages of the day: what is counted blind, what is shown afterwards, and the drawer from hand to hand."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from app.services.world import World
from models.rulebook.oversight import DayState, ShiftState
from models.rulebook.vocabulary import Role
from models.tables import DayClose, ShiftHandover
from tests.builders.clients import OfficeClient
from tests.builders.day import count, counted, countersign, deliver, float_in, offer
from tests.builders.people import actor_of

Clients = Callable[..., OfficeClient]


def found(world: World, query: Any) -> Any:
    with world.reading() as session:
        return session.scalars(query).one()


def right(**changes: str) -> dict[str, str]:
    """What lies in a drawer with ten tokens, ten envelopes and two hundred yuan."""
    return {"tokens": "10", "envelopes": "10", "note_10000": "1", "note_5000": "2", "other": "", "version": "0"} | changes


@pytest.fixture
def drawer(world: World) -> World:
    deliver(world)
    float_in(world, 200)
    return world


def test_who_counts_is_not_told_what_there_should_be(drawer: World, client_of: Clients) -> None:
    for url in ("/shift/", "/shift/count", "/shift/hand-over"):
        text = client_of().get(url).text
        assert "200.00" not in text
        assert "HD01-T00001" not in text


def test_a_count_shows_its_equations_and_its_differences(drawer: World, client_of: Clients) -> None:
    client = client_of()
    answer = client.post("/shift/count", data=right(day="2026-11-23", tokens="９", note_5000="1", remark="少了一只"))
    assert answer.status_code == 303
    text = client.get(answer.location).text
    assert "盘点与账面不符" in text
    assert "HD01-T00001…HD01-T00010" in text
    assert re.search(r'class="bad">−1<', text)
    assert re.search(r'class="bad">−50.00<', text)
    assert "少了一只" in text
    made = found(drawer, select(DayClose))
    assert made.counted["notes"] == {"10000": 1, "5000": 1}
    assert made.number in client.get("/shift/").text


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"tokens": ""}, "tokens"),
        ({"envelopes": "ten"}, "envelopes"),
        ({"note_500": "-1"}, "note_500"),
        ({"other": "x"}, "other"),
    ],
)
def test_what_is_typed_wrong_is_said_at_its_field_and_all_is_kept(
    drawer: World, client_of: Clients, typed: dict[str, str], field: str
) -> None:
    form = right(day="2026-11-23", remark="样例备注", note_1000="7") | typed
    answer = client_of().post("/shift/count", data=form)
    assert answer.status_code == 422
    assert f'id="{field}-error-1"' in answer.text
    assert "样例备注" in answer.text
    assert re.search(r'name="note_1000"[^>]*value="7"', answer.text)


def test_a_day_that_is_not_offered_is_not_counted(drawer: World, client_of: Clients) -> None:
    answer = client_of().post("/shift/count", data=right(day="2026-11-20"))
    assert answer.status_code == 422


def test_a_second_count_is_shown_the_first_one(drawer: World, client_of: Clients) -> None:
    client = client_of()
    client.post("/shift/count", data=right(day="2026-11-23"))
    answer = client.post("/shift/count", data=right(day="2026-11-23"))
    assert answer.location == "/shift/"
    assert "已经有一次盘点在等主管签字" in client.get("/shift/").text


def test_a_count_is_thrown_away_with_a_reason(drawer: World, client_of: Clients) -> None:
    made, client = count(drawer), client_of(which=2)
    assert client.post(f"/shift/days/{made.id}/again", data={"version": "1", "reason": " "}).status_code == 422
    answer = client.post(f"/shift/days/{made.id}/again", data={"version": "1", "reason": "点错了"})
    assert answer.location == "/shift/count"
    assert found(drawer, select(DayClose)).state is DayState.recounted
    assert client.get(f"/shift/days/{made.id}").status_code == 200


def test_in_the_morning_the_day_before_is_offered_and_todays_close_is_told(drawer: World, client_of: Clients) -> None:
    drawer.clock.move(days=1)
    text = client_of().get("/shift/count").text
    assert re.search(r'<input checked[^>]*value="2026-11-23"', text)
    assert 'value="2026-11-24"' in text
    drawer.clock.move(hours=8)
    assert re.search(r'<input checked[^>]*value="2026-11-24"', client_of().get("/shift/count").text)
    countersign(drawer, count(drawer))
    assert "今天已经日结" in client_of().get("/shift/count").text


def test_the_drawer_goes_from_hand_to_hand(drawer: World, client_of: Clients) -> None:
    giver, taker = client_of(which=1), client_of(which=2)
    form = right(taker=str(actor_of(drawer, which=2).staff_id))
    answer = giver.post("/shift/hand-over", data=form)
    assert answer.status_code == 303
    assert "要把班交给您" in taker.get("/shift/").text
    assert "等对方确认" in giver.get("/shift/").text
    page = answer.location
    assert "接班" not in re.findall(r"<button[^>]*>(.*?)</button>", giver.get(page).text)
    assert taker.post(f"{page}/accept", data={"version": "1"}).status_code == 303
    assert found(drawer, select(ShiftHandover)).state is ShiftState.accepted
    late = taker.post(f"{page}/accept", data={"version": "1"}, follow_redirects=True)
    assert "已经有了结果" in late.text


def test_a_difference_is_shown_and_asks_for_its_reason_before_the_drawer_is_offered(drawer: World, client_of: Clients) -> None:
    client = client_of()
    form = right(taker=str(actor_of(drawer, which=2).staff_id), tokens="9")
    answer = client.post("/shift/hand-over", data=form)
    assert answer.status_code == 422
    assert "应有 10，实点 9" in answer.text
    assert client.post("/shift/hand-over", data=form | {"remark": "一只找不到"}).status_code == 303


def test_nobody_takes_over_what_has_moved_since_or_is_not_his(drawer: World, client_of: Clients) -> None:
    made = offer(drawer)
    assert (
        "不是交给您的" in client_of().post(f"/shift/handovers/{made}/accept", data={"version": "1"}, follow_redirects=True).text
    )
    float_in(drawer, 10)
    late = client_of(which=2).post(f"/shift/handovers/{made}/accept", data={"version": "1"}, follow_redirects=True)
    assert "点数之后又有出入库或收付款" in late.text
    assert found(drawer, select(ShiftHandover)).state is ShiftState.offered


@pytest.mark.parametrize("which", [1, 2])
def test_either_of_the_two_ends_an_offer_with_a_reason(drawer: World, client_of: Clients, which: int) -> None:
    made, client = offer(drawer), client_of(which=which)
    assert client.get(f"/shift/handovers/{made}/decline").status_code == 200
    assert client.post(f"/shift/handovers/{made}/decline", data={"version": "1", "reason": ""}).status_code == 422
    client.post(f"/shift/handovers/{made}/decline", data={"version": "1", "reason": "点数不对"})
    ended = found(drawer, select(ShiftHandover))
    assert (ended.state, ended.sheet["declined"]) == (ShiftState.declined, "点数不对")
    offer(drawer)  # and another may be made


def test_a_third_clerk_ends_nobodys_offer(drawer: World, client_of: Clients) -> None:
    made = offer(drawer)
    text = (
        client_of(Role.reviewer)
        .post(f"/shift/handovers/{made}/decline", data={"version": "1", "reason": "样例"}, follow_redirects=True)
        .text
    )
    assert "不是交给您的" in text
    assert found(drawer, select(ShiftHandover)).state is ShiftState.offered


def test_one_offer_at_a_time_and_to_a_colleague_of_the_branch(drawer: World, client_of: Clients) -> None:
    offer(drawer)
    answer = client_of().post(
        "/shift/hand-over", data=right(taker=str(actor_of(drawer, which=2).staff_id)), follow_redirects=True
    )
    assert "已有一次交班" in answer.text
    for stranger in (actor_of(drawer, branch="CY01"), actor_of(drawer, Role.supervisor), actor_of(drawer)):
        answer = client_of().post("/shift/hand-over", data=right(taker=str(stranger.staff_id)))
        assert answer.status_code == 422


def test_sheets_are_printed_alike_each_time(drawer: World, client_of: Clients) -> None:
    made, shift = count(drawer, counted(drawer, tokens=-1, fen=55)), offer(drawer)
    for url in (f"/shift/days/{made.id}/sheet.pdf", f"/shift/handovers/{shift}/sheet.pdf"):
        first, second = (client_of().get(url) for _ in range(2))
        assert first.mimetype == "application/pdf"
        assert first.data == second.data
        assert first.data.startswith(b"%PDF")


def test_another_branchs_drawer_does_not_exist(drawer: World, client_of: Clients) -> None:
    made, shift, elsewhere = count(drawer), offer(drawer), client_of(branch="CY01")
    for url in (f"/shift/days/{made.id}", f"/shift/days/{made.id}/sheet.pdf", f"/shift/handovers/{shift}"):
        assert elsewhere.get(url).status_code == 404
