"""The base of every list of supervision: page after page without counting, nothing steered from outside."""

import re
from collections.abc import Callable

import pytest

from app.services.world import World
from app.supervision import base, lists
from models.rulebook.vocabulary import DeliveryState, PlatformState, Role
from tests.builders.clients import OfficeClient
from tests.builders.platforms import plant_binding, plant_event, plant_platform

Clients = Callable[..., OfficeClient]


def cells(text: str) -> list[str]:
    """What the rows begin with."""
    return re.findall(r'<th scope="row" class="mono"><a href="[^"]*">([^<]+)</a></th>', text)


def link(text: str, rel: str) -> str | None:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', text)
    return found[1].replace("&amp;", "&") if found else None


def test_pages_follow_each_other_and_lead_back(client_of: Clients, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "PAGE", 4)
    platform = plant_platform(world)
    binding = plant_binding(world, platform)
    for _ in range(10):
        plant_event(world, platform, binding, delivery=DeliveryState.dead)
    assert [len(page) for page in leafed(client_of(Role.supervisor), "/admin/telling/?state=dead", "state=dead")] == [4, 4, 2]


def test_so_do_those_of_a_list_without_questions(client_of: Clients, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "PAGE", 4)
    for number in range(10):
        plant_platform(world, f"sample{number}", state=PlatformState.disabled)
    plant_platform(world, "other")
    pages = leafed(client_of(Role.administrator), "/admin/platforms/?state=disabled", "state=disabled")
    assert [len(page) for page in pages] == [4, 4, 2]


def leafed(client: OfficeClient, url: str | None, asked: str) -> list[list[str]]:
    """What stands on page after page; the way back shows the same."""
    first, pages, text = url or "", [], ""
    while url:
        text = client.get(url).text
        pages.append(cells(text))
        url = link(text, "next")
        assert url is None or asked in url
    assert link(client.get(first).text, "prev") is None
    back = []
    while (url := link(text, "prev")) is not None:
        text = client.get(url).text
        back.append(cells(text))
    assert back == pages[-2::-1]
    seen = [cell for page in pages for cell in page]
    assert len(set(seen)) == len(seen)
    return pages


@pytest.mark.parametrize(
    "query",
    [
        "_external=1&_scheme=javascript",
        "_anchor=x",
        "endpoint=admin.index",
        "page=3",
        "caller=x",
        "before=99999999999999999999999",
        "before=-1",
        "after=x",
        "a-b=1",
        "self=1",
        "kwargs=1",
    ],
)
def test_no_query_steers_the_links_or_breaks_the_page(
    client_of: Clients, world: World, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    monkeypatch.setattr(lists, "PAGE", 1)
    platform = plant_platform(world)
    binding = plant_binding(world, platform)
    for _ in range(3):
        plant_event(world, platform, binding)
    answer = client_of(Role.supervisor).get(f"/admin/telling/?{query}")
    assert answer.status_code == 200
    for url in (link(answer.text, "next"), link(answer.text, "prev")):
        assert url is None or url.startswith("/admin/telling/?")
