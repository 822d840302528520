"""The feed and the acknowledgement: what a platform is told, in order, and when the counter hears that it obeyed."""

from typing import Any

import pytest
from sqlalchemy import select

from app.services.world import World
from models.rulebook.vocabulary import CaseKind, CaseState, DeliveryState
from models.tables import PlatformEvent
from tests.builders.aftercare import Held, plant_held
from tests.builders.bindings import agreed_at
from tests.builders.cases import case_now
from tests.builders.platform_calls import Caller


def told(world: World) -> list[PlatformEvent]:
    with world.reading() as session:
        return list(session.scalars(select(PlatformEvent).order_by(PlatformEvent.id)))


def acknowledge(caller: Caller, *ids: str) -> Any:
    return caller.send("/events/acknowledgements", {"ids": list(ids)})


def test_the_feed_tells_everything_once_in_order_page_by_page(inspection: Caller, world: World) -> None:
    for which in range(5):
        inspection.bind(plant_held(world).serial, f"u-{which}")
    seen: list[str] = []
    after, pages = 0, 0
    while True:
        page = inspection.ask(f"/events?after={after}&limit=2").json
        seen += [event["binding"]["account_reference"] for event in page["events"]]
        assert page["next"] == after + len(page["events"])
        after, pages = page["next"], pages + 1
        if not page["more"]:
            break
    assert (seen, pages) == ([f"u-{which}" for which in range(5)], 3)
    rest = inspection.ask(f"/events?after={after}").json
    assert rest == {"events": [], "next": 5, "more": False}


def test_reading_on_says_that_the_earlier_ones_arrived(inspection: Caller, held: Held, world: World) -> None:
    made = inspection.bind(held.serial).json
    inspection.send(f"/bindings/{made['id']}/end", {})
    inspection.ask("/events")
    assert {event.delivery for event in told(world)} == {DeliveryState.waiting}, "reading alone says nothing"
    inspection.ask("/events?after=1")
    assert [event.delivery for event in told(world)] == [DeliveryState.delivered, DeliveryState.waiting]
    assert all(event.acknowledged_at is None for event in told(world))


def test_a_cursor_beyond_the_last_event_is_an_error_and_delivers_nothing(inspection: Caller, held: Held, world: World) -> None:
    inspection.bind(held.serial)
    answer = inspection.ask("/events?after=2")
    assert (answer.status_code, answer.json["code"]) == (409, "cursor_ahead")
    assert "number 1" in answer.json["detail"]
    assert told(world)[0].delivery is DeliveryState.waiting


def test_a_poll_that_brings_nothing_new_costs_nothing(inspection: Caller, held: Held) -> None:
    inspection.bind(held.serial)
    first = inspection.ask("/events?after=1")
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = inspection.ask("/events?after=1", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_reset_counts_as_done_when_the_platform_says_so(inspection: Caller, held: Held, world: World) -> None:
    inspection.bind(held.serial, "shzz-20417")
    case = agreed_at(world, inspection.platform, held, CaseKind.binding_reset)
    assert case.state is CaseState.awaiting_acknowledgement
    made, ended = inspection.ask("/events").json["events"]
    assert (made["type"], ended["type"], ended["number"]) == ("binding.made", "binding.ended", 2)
    assert (ended["binding"]["end"], ended["binding"]["account_reference"]) == ("reset", "shzz-20417")
    assert ended["reason_zh"]
    assert ended["reason_en"]
    assert acknowledge(inspection, made["id"]).json["acknowledged"] == [made["id"]]
    assert case_now(world, case.id).state is CaseState.awaiting_acknowledgement
    answer = acknowledge(inspection, ended["id"], made["id"], "0" * 32)
    assert answer.json == {"acknowledged": [ended["id"]], "already": [made["id"]], "unknown": ["0" * 32]}
    assert case_now(world, case.id).state is CaseState.closed
    again = acknowledge(inspection, ended["id"])
    assert again.json == {"acknowledged": [], "already": [ended["id"]], "unknown": []}


def test_a_platform_acknowledges_its_own_events_only(inspection: Caller, other: Caller, held: Held, world: World) -> None:
    inspection.bind(held.serial)
    (event,) = inspection.ask("/events").json["events"]
    assert other.ask("/events").json["events"] == []
    assert acknowledge(other, event["id"]).json == {"acknowledged": [], "already": [], "unknown": [event["id"]]}
    assert told(world)[0].acknowledged_at is None


@pytest.mark.parametrize(
    ("body", "place", "code"),
    [
        ({}, "/ids", "missing"),
        ({"ids": []}, "/ids", "wrong_length"),
        ({"ids": ["0" * 32] * 201}, "/ids", "wrong_length"),
        ({"ids": "0" * 32}, "/ids", "no_list"),
        ({"ids": None}, "/ids", "no_list"),
        ({"ids": ["0" * 32, 7]}, "/ids/1", "no_text"),
        ({"ids": ["0" * 31]}, "/ids/0", "wrong_form"),
        ({"ids": ["0" * 32], "up_to": 7}, "/up_to", "unknown_field"),
    ],
)
def test_a_faulty_acknowledgement_is_refused_with_its_place(refused: Caller, body: Any, place: str, code: str) -> None:
    answer = refused.send("/events/acknowledgements", body)
    assert (answer.status_code, answer.json["code"]) == (422, "request_faulty")
    assert [(fault["pointer"], fault["code"]) for fault in answer.json["faults"]] == [(place, code)]


@pytest.mark.parametrize(
    "query", ["after=-1", "after=2147483648", "after=99999999999", "after=x", "limit=201", "after=1&after=1"]
)
def test_faulty_cursors_are_refused(refused: Caller, query: str) -> None:
    assert refused.ask(f"/events?{query}").json["code"] == "request_faulty"
