"""Characters that no keyboard types: named at their field, whatever the form, and looked for by nobody."""

from collections.abc import Callable

import pytest

from app.services.jobs import ask_job
from app.services.world import World
from models.rulebook.oversight import JobKind
from models.rulebook.vocabulary import Role
from tests.builders.cases import drafted
from tests.builders.clients import OfficeClient
from tests.builders.people import actor_of

Clients = Callable[..., OfficeClient]
BRANCH = {"code": "XX07", "name_zh": "样例\0网点", "name_en": "Sample", "address": "样例路 1 号", "telephone": ""}


def test_a_field_with_a_character_that_no_table_takes_says_so_and_keeps_what_was_typed(client_of: Clients) -> None:
    answer = client_of(Role.administrator).post("/admin/places/branch", data=BRANCH)
    assert answer.status_code == 422
    assert "有不能识别的字符" in answer.text
    assert "样例路 1 号" in answer.text


@pytest.mark.parametrize("version", ["x", "-1", "٣", "9" * 5000, str(2**63), ""])
def test_a_version_that_no_page_ever_bore_is_out_of_date(client_of: Clients, world: World, version: str) -> None:
    boss = actor_of(world, Role.supervisor)
    with world.writing() as session:
        job = ask_job(session, world.now(), boss, JobKind.list_export, {}, boss.branch_id)
        session.commit()
    answer = client_of(Role.supervisor).post(f"/jobs/{job.id}/cancel", data={"version": version}, follow_redirects=True)
    assert answer.status_code == 200
    assert "刚刚被别人改动过" in answer.text
    answer = client_of().post(f"/intake/{drafted(world).id}/withdraw", data={"version": version})
    assert answer.status_code in (303, 409, 422)


def test_a_search_leaves_it_out(client_of: Clients) -> None:
    assert client_of().get("/search?q=%00样例").status_code == 200
