"""The administrator's page of signing keys: what it shows, and that a key is renewed by a reason and a fresh login."""

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.services.office_key import ensure_office_key, keys_told, published_keys, signing_key
from app.services.world import World
from models.rulebook.signing_keys import ANNOUNCED
from models.rulebook.vocabulary import Role
from models.tables import JournalLine
from tests.builders.clients import OfficeClient

Clients = Callable[..., OfficeClient]
ROOM = "/admin/signing_keys/"


@pytest.fixture
def administrator(client_of: Clients, world: World) -> OfficeClient:
    ensure_office_key(world)
    return client_of(Role.administrator)


def order(world: World, reason: str = "每年例行更换") -> dict[str, str]:
    return {"version": str(keys_told(world)[0].id), "reason": reason}


def test_a_key_is_shown_with_its_life_and_the_thumbprint_that_a_platform_computes(
    administrator: OfficeClient, world: World
) -> None:
    [public] = published_keys(world)["keys"]
    members = json.dumps({name: public[name] for name in ("crv", "kty", "x")}, separators=(",", ":"), sort_keys=True)
    thumbprint = base64.urlsafe_b64encode(hashlib.sha256(members.encode()).digest()).rstrip(b"=").decode()
    page = administrator.get(ROOM).text
    assert all(part in page for part in ("office-1", thumbprint, "签名中", "http://127.0.0.1:8600/api/platforms/v1/keys"))


def test_a_renewal_asks_says_what_follows_and_shows_when(client_of: Clients, administrator: OfficeClient, world: World) -> None:
    asked = administrator.get(f"{ROOM}renew").text
    assert "office-1" in asked
    assert "4 小时" in asked
    assert administrator.post(f"{ROOM}renew", data=order(world)).status_code == 303
    assert [key.name for key in keys_told(world)] == ["office-2", "office-1"]
    page = administrator.get(ROOM).text
    assert "新密钥 office-2 已公布" in page
    assert f'href="{ROOM}renew"' not in page, "one waits for its time"
    world.clock.move(seconds=ANNOUNCED.total_seconds())
    assert "只供核对" in client_of(Role.administrator).get(ROOM).text


def test_a_second_renewal_while_one_waits_is_refused_in_words(administrator: OfficeClient, world: World) -> None:
    administrator.post(f"{ROOM}renew", data=order(world))
    again = administrator.post(f"{ROOM}renew", data=order(world))
    assert again.status_code == 422
    assert "不能再换" in again.text
    assert len(keys_told(world)) == 2


def test_an_exposed_key_is_withdrawn(administrator: OfficeClient, world: World) -> None:
    assert administrator.post(f"{ROOM}withdraw", data=order(world, "备份磁盘遗失")).status_code == 303
    assert signing_key(world).name == "office-2"
    assert "已撤下" in administrator.get(ROOM).text
    with world.reading() as session:
        by_staff = (JournalLine.subject == "office_key", JournalLine.staff_id.is_not(None))
        lines = session.scalars(select(JournalLine).where(*by_staff).order_by(JournalLine.id))
        assert [(line.act, line.detail["reason"]) for line in lines] == [("withdraw", "备份磁盘遗失"), ("renew", "备份磁盘遗失")]


@pytest.mark.parametrize("step", ["renew", "withdraw"])
def test_without_a_reason_or_from_a_stale_page_nothing_happens(administrator: OfficeClient, world: World, step: str) -> None:
    empty = administrator.post(f"{ROOM}{step}", data=order(world, " "))
    assert empty.status_code == 422
    assert 'id="reason"' in empty.text
    seen = order(world)
    administrator.post(f"{ROOM}withdraw", data=order(world))
    assert administrator.post(f"{ROOM}{step}", data=seen).status_code == 409
    assert len(keys_told(world)) == 2


@pytest.mark.parametrize("step", ["renew", "withdraw"])
def test_whoever_renews_proves_himself_once_more(administrator: OfficeClient, world: World, step: str) -> None:
    world.clock.move(seconds=timedelta(minutes=20).total_seconds())
    answer = administrator.get(f"{ROOM}{step}")
    assert answer.status_code in (302, 303)
    assert len(keys_told(world)) == 1


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.administrator}))
def test_nobody_else_sees_or_renews_them(client_of: Clients, world: World, role: Role) -> None:
    ensure_office_key(world)
    client = client_of(role)
    assert client.get(ROOM).status_code == 403
    assert client.post(f"{ROOM}withdraw", data=order(world)).status_code == 403
    assert [key.name for key in keys_told(world)] == ["office-1"]
