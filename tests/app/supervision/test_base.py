"""The base of every list of supervision: page after page without counting, found by the beginning, nothing steered from outside."""

import re
from collections.abc import Callable

import pytest

from app.services.world import World
from app.supervision import base
from models.rulebook.vocabulary import DeliveryState, Role
from tests.builders.clients import OfficeClient
from tests.builders.platforms import plant_binding, plant_event, plant_platform

Clients = Callable[..., OfficeClient]


def numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r'<th scope="row" class="mono"><a href="[^"]*">(\d+)</a></th>', text)]


def link(text: str, rel: str) -> str | None:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', text)
    return found[1].replace("&amp;", "&") if found else None


def test_pages_follow_each_other_and_lead_back(client_of: Clients, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "PAGE", 4)
    platform = plant_platform(world)
    binding = plant_binding(world, platform)
    for _ in range(10):
        plant_event(world, platform, binding, delivery=DeliveryState.dead)
    client = client_of(Role.supervisor)
    url, seen, pages = "/admin/telling/?state=dead", [], []
    while url:
        text = client.get(url).text
        pages.append(numbers(text))
        seen += pages[-1]
        url = link(text, "next")
        assert url is None or "state=dead" in url
    assert seen == sorted(seen, reverse=True)
    assert [len(page) for page in pages] == [4, 4, 2]
    back, text = [], client.get("/admin/telling/?state=dead").text
    assert link(text, "prev") is None
    last = client.get(link(client.get(link(text, "next") or "").text, "next") or "").text
    while (url := link(last, "prev")) is not None:
        last = client.get(url).text
        back.append(numbers(last))
    assert back == [pages[1], pages[0]]


def test_a_list_is_searched_by_the_beginning(client_of: Clients, world: World) -> None:
    binding = plant_binding(world, plant_platform(world))
    with world.reading() as session:
        session.add(binding)
        code, serial = binding.applicant.credit_code, binding.certificate.serial
    client = client_of(Role.supervisor)
    for text, found in (
        (code, True),
        (code[:6].lower(), True),
        (serial[:5].upper(), True),
        (code[1:], False),
        ("%", False),
        ("_", False),
    ):
        assert (code in client.get("/admin/register/", query_string={"search": text}).text.split("<tbody>")[1]) is found, text


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
    monkeypatch.setattr(base, "PAGE", 1)
    platform = plant_platform(world)
    binding = plant_binding(world, platform)
    for _ in range(3):
        plant_event(world, platform, binding)
    answer = client_of(Role.supervisor).get(f"/admin/telling/?{query}")
    assert answer.status_code == 200
    for url in (link(answer.text, "next"), link(answer.text, "prev")):
        assert url is None or url.startswith("/admin/telling/?")
