"""The numbers beside the desks: what waits there, of the desk's own kinds, at the own branch, and no further than it is shown."""

import re
from collections.abc import Callable

from app.config import HOUSE
from app.desks.shell import MOST_SHOWN
from app.services.send_back_case import send_back_case
from app.services.world import World
from models.rulebook.vocabulary import CaseKind, CaseState, Role
from models.worklists.counts import Queue, queue_counts
from tests.builders.aftercare import accepted, plant_held
from tests.builders.cases import awaiting_payment, case_now, in_review
from tests.builders.clients import OfficeClient
from tests.builders.people import actor_of, branch_id_of

Clients = Callable[..., OfficeClient]


def beside(client: OfficeClient) -> dict[str, str]:
    """Desk by its name: what stands beside it, "" for nothing."""
    desks = client.get("/account/").text.split('<nav class="desks')[1].split("</nav>")[0]
    found = re.findall(r"<span>([^<]+)</span>(?:<span class=\"count\">([^<]+)</span>)?</a>", desks)
    return dict(found)


def test_each_desk_counts_its_own_states_and_kinds(client_of: Clients, world: World) -> None:
    for branch, count in (("HD01", 2), ("CY01", 3)):
        for _ in range(count):
            awaiting_payment(world, branch)
            in_review(world, branch)
            accepted(world, plant_held(world, branch, days=60), CaseKind.renewal, branch)
    first, renewal = in_review(world), accepted(world, plant_held(world, days=60), CaseKind.renewal)
    for case in (first, renewal):
        version = case_now(world, case.id).version
        send_back_case(world, actor_of(world, Role.reviewer), case.id, version, "复印件不清", [])
    clerk, reviewer = beside(client_of(Role.clerk)), beside(client_of(Role.reviewer))
    assert (clerk["受理台"], clerk["证书服务台"], clerk["收费台"], clerk["制证台"]) == ("1", "1", "2", "")
    assert reviewer["复核台"] == "4"
    assert beside(client_of(Role.reviewer, "CY01"))["复核台"] == "6"


def test_a_count_goes_no_further_than_it_is_shown(client_of: Clients, world: World) -> None:
    for _ in range(3):
        in_review(world)
    with world.reading() as session:
        queues = [Queue((CaseState.in_review,)), Queue(), Queue((CaseState.in_review,), frozenset({CaseKind.renewal}))]
        assert queue_counts(session, branch_id_of(world), queues, 100) == [3, 0, 0]
        assert queue_counts(session, branch_id_of(world), queues, 2) == [2, 0, 0]
        assert queue_counts(session, branch_id_of(world), [Queue()], 2) == [0]
    assert MOST_SHOWN == 99


def test_a_page_that_looks_by_itself_keeps_no_login_alive(client_of: Clients, world: World) -> None:
    """Left open on a counter's screen, the page of the stations asks every two seconds; nobody sits there."""
    client, watching = client_of(Role.clerk), {"HX-Request": "true", "X-Watching": "yes"}
    for _ in range(5):
        world.clock.move(minutes=6)  # type: ignore[attr-defined]
        assert client.get("/issuance/stations", headers=watching).status_code == 200
    world.clock.move(minutes=1)  # type: ignore[attr-defined]
    gone = client.get("/issuance/stations", headers=watching)
    assert (gone.status_code, gone.headers["HX-Redirect"]) == (204, "/login")
    client = client_of(Role.clerk)
    for _ in range(6):  # somebody sits there
        world.clock.move(minutes=6)  # type: ignore[attr-defined]
        assert client.get("/issuance/").status_code == 200
    assert 'headers: { "X-Watching": "yes" }' in (HOUSE / "app/static/office.js").read_text(encoding="utf-8")
