"""The feed of what a platform is told, and its word that it obeyed."""

from contextlib import suppress
from typing import Any

from app.api.platforms.admission import admitted, caller
from app.api.platforms.fields import no_parameters
from app.api.platforms.problems import Problem
from app.api.platforms.room import kept, operation, room
from app.api.platforms.schemas_told import Acknowledged, AcknowledgeRequest, EventPage, EventQuery
from app.desks.door import world
from app.services.acknowledge_events import acknowledge_events, take_from_feed
from app.services.errors import Stale
from models.rulebook.vocabulary import Scope
from models.tables import Platform
from models.worklists.bindings import events_after

TAG = ["Events"]


@room.get("/events", tags=TAG)
@admitted(Scope.read_events)
@operation("listEvents", "request_faulty", "cursor_ahead")
@kept(0)
@room.arguments(EventQuery, location="query")
@room.response(200, EventPage, description="What came after it.")
def events(query: dict[str, int]) -> dict[str, Any]:
    """What the platform is told, since a cursor (变动通知)

    Keep what you read, then send its `next` as `after`: that, and not the reading, says that you have it. Whoever has a webhook
    reads here what the webhook missed; an event is the same in both, and may come twice.
    """
    after, limit, platform_id = query["after"], query["limit"], caller().platform_id
    with world().reading() as session:
        told = session.get_one(Platform, platform_id).events_told
        if after > told:
            raise Problem("cursor_ahead", facts={"last": told})
        found = events_after(session, platform_id, after, limit + 1)
        page = [event.body for event in found[:limit]]
    if after:
        with suppress(Stale):  # a webhook brought one of them in this moment: noted with the next page
            take_from_feed(world(), platform_id, after)
    return {"events": page, "next": page[-1]["number"] if page else after, "more": len(found) > limit}


@room.post("/events/acknowledgements", tags=TAG)
@admitted(Scope.read_events)
@room.arguments(AcknowledgeRequest)
@operation("acknowledgeEvents", "stale")
@room.response(200, Acknowledged, description="What became of each.")
def acknowledge(body: dict[str, list[str]]) -> dict[str, Any]:
    """Say that you obeyed (确认)

    Only when it is done on your side: a reset (绑定重置) that the counter waits for is closed by this call, and its holder is told
    that he may log in again. Repeat it as often as you like.
    """
    no_parameters()
    done = acknowledge_events(world(), caller().platform_id, body["ids"])
    return {"acknowledged": list(done.acknowledged), "already": list(done.already), "unknown": list(done.unknown)}
