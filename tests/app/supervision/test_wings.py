"""The way into supervision: the rooms under their headings, each shown to who may enter it."""

import re
from collections.abc import Callable

from models.rulebook.vocabulary import Role
from tests.builders.clients import OfficeClient

Clients = Callable[..., OfficeClient]


def headings(page: str) -> dict[str, list[str]]:
    nav = page.split('<nav class="desks', 1)[1].split("</nav>", 1)[0]
    found: dict[str, list[str]] = {}
    for part in nav.split("<h2>")[1:]:
        title, rest = part.split("</h2>", 1)
        found[title] = re.findall(r"</svg><span>([^<]+)</span>", rest)
    return found


def test_rooms_stand_under_their_headings_and_nobody_sees_a_locked_one(client_of: Clients) -> None:
    supervisor = headings(client_of(Role.supervisor).get("/admin/").text)
    assert list(supervisor)[:2] == ["管理", "业务"]
    assert "案件" in supervisor["业务"]
    assert {"介质库存", "信封库存"} <= set(supervisor["库存管理"])
    assert "工作人员" in supervisor["规则与人员"]
    assert "业务平台" not in supervisor["规则与人员"]
    administrator = headings(client_of(Role.administrator).get("/admin/places/").text)
    assert "业务" not in administrator
    assert {"工作人员", "网点与工位", "业务平台"} <= set(administrator["规则与人员"])
    clerk = headings(client_of(Role.clerk).get("/intake/").text)
    assert set(clerk) <= {"管理"}


def test_only_the_wing_of_the_open_room_is_unfolded(client_of: Clients) -> None:
    client = client_of(Role.supervisor)
    for address, open_wings in (("/admin/", []), ("/admin/cases/", ["业务"]), ("/admin/days/", ["钱款与日结"])):
        nav = client.get(address).text.split('<nav class="desks', 1)[1].split("</nav>", 1)[0]
        wings = re.findall(r'<details class="wing"( open)?>\s*<summary><h2>([^<]+)</h2>', nav)
        assert len(wings) == 5
        assert [title for is_open, title in wings if is_open] == open_wings
