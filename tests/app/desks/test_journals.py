"""The journals of one applicant and of one token: what each branch reads of them."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from app.services.road import write_line
from app.services.world import World
from models.rulebook.vocabulary import CaseKind, EnvelopeState, Role
from models.tables import Envelope, Token
from tests.builders.cases import case_now, in_review
from tests.builders.clients import OfficeClient
from tests.builders.holders import plant_aftercare
from tests.builders.people import actor_of
from tests.builders.road import travel

Clients = Callable[..., OfficeClient]


def test_a_token_tells_its_life_from_the_drawer_to_the_holder(client_of: Clients, app: Flask, world: World) -> None:
    ids = travel(world, app).ids
    text = client_of(Role.supervisor).get(f"/journals/tokens/{ids['token_id']}").text
    for words in ("介质：出库制作", "介质：制好", "介质：发放", "证书：签发前存档", "证书：启用", "信封：领用", "制作过程：下单"):
        assert words in text, words
    assert ids["serial"] in text
    assert "库存台账" in text
    assert "领用" in text
    for role, branch, status in ((Role.clerk, "HD01", 200), (Role.auditor, "HD01", 200), (Role.supervisor, "CY01", 404)):
        assert client_of(role, branch).get(f"/journals/tokens/{ids['token_id']}").status_code == status
    assert client_of(Role.administrator).get(f"/journals/tokens/{ids['token_id']}").status_code == 403


def test_an_applicant_tells_each_branch_its_own_part(client_of: Clients, world: World) -> None:
    here = case_now(world, in_review(world).id)
    assert here.applicant is not None
    there = in_review(world, "CY01", credit_code=here.applicant.credit_code)
    url = f"/journals/applicants/{here.applicant_id}"
    mine, theirs, all_ = (
        client_of(role, branch).get(url).text
        for role, branch in ((Role.clerk, "HD01"), (Role.clerk, "CY01"), (Role.auditor, "HD01"))
    )
    assert here.number in mine
    assert there.number not in mine
    assert there.number in theirs
    assert here.number not in theirs
    assert here.number in all_
    assert there.number in all_
    assert "日志列表" not in mine
    assert "日志列表" in all_


def test_another_branch_reads_its_own_part_of_a_token_whose_holder_came_to_it(
    client_of: Clients, app: Flask, world: World
) -> None:
    ids = travel(world, app).ids
    url, page = f"/journals/tokens/{ids['token_id']}", f"/applicants/{ids['applicant_id']}"
    there = client_of(Role.clerk, "CY01")
    assert there.get(url).status_code == 404
    assert url not in there.get(page).text
    plant_aftercare(world, ids["certificate_id"], CaseKind.unlock, branch="CY01", granted=False)
    with world.writing() as session:
        clerk, token = actor_of(world, branch="CY01"), session.get_one(Token, ids["token_id"])
        write_line(session, world.now(), clerk, token, "begin", branch_id=clerk.branch_id)
        session.commit()
    text = there.get(url).text
    assert url in there.get(page).text
    assert "介质：出库制作" in text, "what was done here"
    for words in ("介质：制好", "介质：发放", "证书：启用", "库存台账"):
        assert words not in text, words
    assert ids["serial"] in text
    assert case_now(world, ids["case_id"]).number in text
    assert f"/cases/{ids['case_id']}" not in text
    assert "只列本网点的流水" in text
    with world.reading() as session:
        [live] = session.scalars(select(Envelope.number).where(Envelope.token_id == ids["token_id"]))
    assert live in text
    with world.writing() as session:
        session.scalars(select(Envelope).where(Envelope.number == live)).one().state = EnvelopeState.void
        session.commit()
    assert live not in there.get(url).text
    assert live in client_of(Role.clerk).get(url).text


def test_the_pages_lead_to_the_journals(client_of: Clients, app: Flask, world: World) -> None:
    ids = travel(world, app).ids
    client = client_of(Role.supervisor)
    applicant = client.get(f"/applicants/{ids['applicant_id']}").text
    assert f"/journals/applicants/{ids['applicant_id']}" in applicant
    assert f"/journals/tokens/{ids['token_id']}" in applicant
    assert f"/journals/tokens/{ids['token_id']}" in client.get("/admin/tokens/").text


@pytest.mark.parametrize("cursor", ["before=1", "after=1", "before=99999999999999999999", "before=x", "after=-3"])
def test_no_cursor_breaks_a_journal(client_of: Clients, world: World, cursor: str) -> None:
    case = case_now(world, in_review(world).id)
    assert client_of(Role.clerk).get(f"/journals/applicants/{case.applicant_id}?{cursor}").status_code == 200


def test_what_is_not_there_is_not_there(client_of: Clients) -> None:
    client = client_of(Role.clerk)
    assert client.get("/journals/applicants/999").status_code == 404
    assert client.get("/journals/tokens/999").status_code == 404
