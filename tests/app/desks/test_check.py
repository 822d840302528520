"""The check desk through the browser's eyes: a serial typed or a token in the station, what is wrong, what to do next, a paper."""

import re
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from flask import Flask

from app.services.world import World
from models.rulebook.vocabulary import CertificateStatus, RevocationReason, Role, TokenState
from models.tables import Case, Certificate, CertificateCheck, JournalLine, Station, Token
from tests.builders import aftercare, bindings
from tests.builders.aftercare import Held
from tests.builders.clients import OfficeClient
from tests.builders.holders import Holding, plant_holder
from tests.builders.issuance import row
from tests.builders.platforms import plant_platform
from tests.reports.reading import text_of

Clients = Callable[..., OfficeClient]


def change(world: World, thing: type, thing_id: int, **columns: Any) -> None:
    with world.writing() as session:
        found = session.get_one(thing, thing_id)
        for name, value in columns.items():
            setattr(found, name, value)
        session.commit()


@pytest.fixture
def held(world: World) -> Held:
    return aftercare.plant_held(world)


def checked(client: OfficeClient, world: World, **form: str) -> tuple[CertificateCheck, str]:
    """The newest report, and its page."""
    answer = client.post("/check/", data={"version": "0", **form})
    assert answer.status_code == 303, answer.text
    with world.reading() as session:
        check = session.query(CertificateCheck).order_by(CertificateCheck.id.desc()).first()
    assert check is not None
    assert answer.location.endswith(f"/check/{check.number}")
    return check, client.get(answer.location).text


@pytest.mark.parametrize("by", ["token_serial", "serial"])
def test_a_serial_that_was_typed_leads_to_a_numbered_report(world: World, client_of: Clients, held: Held, by: str) -> None:
    check, page = checked(client_of(), world, serial=f" {getattr(held, by)} ")
    assert check.number == "HD01-C-2026-000001"
    assert check.findings == ["well.on_file", "tax.not_opened", "token.not_seen"]
    assert (check.certificate_id, check.token_serial) == (held.certificate_id, held.token_serial)
    assert "证书登记情况正常" in page
    line = row(world, JournalLine, JournalLine.subject == "certificate_check")
    assert (line.act, line.subject_id, line.detail["number"]) == ("check", check.id, check.number)


def test_reports_are_numbered_within_their_branch(world: World, client_of: Clients, held: Held) -> None:
    numbers = [checked(client_of(branch=branch), world, serial=held.serial)[0].number for branch in ("HD01", "HD01", "CY01")]
    assert numbers == ["HD01-C-2026-000001", "HD01-C-2026-000002", "CY01-C-2026-000001"]


@pytest.mark.parametrize(
    ("columns", "code", "helps"),
    [
        ({"status": CertificateStatus.suspended}, "certificate.suspended", "resumption"),
        ({"status": CertificateStatus.on_hold}, "certificate.on_hold", ""),
        ({"status": CertificateStatus.revoked, "reason": RevocationReason.key_compromise}, "certificate.revoked", ""),
    ],
)
def test_a_status_is_told_and_the_case_that_helps_is_one_click_away(
    world: World, client_of: Clients, held: Held, columns: dict[str, Any], code: str, helps: str
) -> None:
    change(world, Certificate, held.certificate_id, **columns)
    check, page = checked(client_of(), world, serial=held.serial)
    assert check.findings[0] == code
    offered = re.search(rf'action="/aftercare/certificates/{held.serial}/open".*?name="kind" value="(\w+)"', page, re.DOTALL)
    assert (offered[1] if offered else "") == helps


def test_one_that_expires_soon_can_be_renewed_at_once(world: World, client_of: Clients) -> None:
    held, client = aftercare.plant_held(world, days=20), client_of()
    check, page = checked(client, world, serial=held.serial)
    assert check.findings[0] == "certificate.expiring"
    assert "办理更新" in page
    answer = client.post(f"/aftercare/certificates/{held.serial}/open", data={"version": "0", "kind": "renewal"})
    assert re.search(r"/aftercare/\d+$", answer.location)


def test_an_unknown_number_is_told_as_unknown(world: World, client_of: Clients) -> None:
    check, page = checked(client_of(), world, serial="HD01T999999")
    assert check.findings == ["certificate.unknown", "token.not_seen"]
    assert (check.certificate_id, check.token_serial) == (None, "HD01T999999")
    assert "登记中没有" in page


def test_the_complaints_are_answered(world: World, client_of: Clients, held: Held) -> None:
    check, _ = checked(client_of(), world, serial=held.serial, asks_tax="y", asks_platform="y", name_not_shown="y")
    assert check.findings[:2] == ["tax.not_opened", "environment.name_not_shown"]
    assert "platform.not_named" in check.findings


def test_uses_are_those_of_the_first_certificate_of_the_line(world: World, client_of: Clients, held: Held) -> None:
    with world.reading() as session:
        case_id = session.get_one(Certificate, held.certificate_id).item.case_id
    change(world, Case, case_id, uses=["annual_inspection", "tax"])
    newer = aftercare.plant_held(world)
    change(world, Certificate, newer.certificate_id, replaces_id=held.certificate_id)
    check, _ = checked(client_of(), world, serial=newer.serial)
    assert "tax.not_opened" not in check.findings
    older, _ = checked(client_of(), world, serial=held.serial)
    assert older.facts["certificate"]["has_tax"] is True


@pytest.fixture
def holding(world: World, app: Flask) -> Holding:
    return plant_holder(world, app)


def lies_in_slot(holding: Holding, **told: Any) -> str:
    """The holder's token in the station, which has just told of it; names the slot in the form."""
    slot = {"slot": "0", "serial": holding.serial, "label": "", "state": "initialised", "model": "demo"} | told
    station = holding.scene.station
    change(holding.world, Station, station.id, report={"slots": [slot], "page": "", "printer": {}}, seen_at=holding.world.now())
    return f"{station.id}:0"


def seen_on(holding: Holding) -> dict[str, Any]:
    certificate = holding.certificate()
    with holding.world.reading() as session:
        key = session.get_one(Certificate, certificate.id).run.key
    assert certificate.der is not None
    return {
        "keys": [{"id": key, "digest": certificate.public_key_digest}],
        "certificates": [sha256(certificate.der).hexdigest()],
        "tries_left": 10,
        "locked": False,
    }


def test_a_token_in_the_station_is_looked_at_without_its_pin(holding: Holding, client_of: Clients) -> None:
    client, key = client_of(), lies_in_slot(holding, **seen_on(holding))
    assert f'value="{key}"' in client.get("/check/").text
    check, page = checked(client, holding.world, slot=key)
    assert "well.all" in check.findings
    assert check.token_serial == holding.serial
    assert "还可试 10 次" in page


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"keys": []}, "key.missing"),
        ({"certificates": []}, "certificate.not_on_token"),
        ({"locked": True, "tries_left": 0}, "pin.locked"),
        ({"tries_left": 2}, "pin.few_tries"),
        ({"state": "blank"}, "token.blank"),
    ],
)
def test_what_is_wrong_with_the_token_is_found(holding: Holding, client_of: Clients, told: dict[str, Any], code: str) -> None:
    key = lies_in_slot(holding, **seen_on(holding) | told)
    check, _ = checked(client_of(), holding.world, slot=key)
    assert check.findings[0] == code


def test_a_station_that_tells_no_more_than_serials_is_enough(holding: Holding, client_of: Clients) -> None:
    check, page = checked(client_of(), holding.world, slot=lies_in_slot(holding))
    assert "well.all" in check.findings
    assert "没有查" in page


def test_a_serial_that_was_typed_finds_the_token_in_the_station(holding: Holding, client_of: Clients) -> None:
    lies_in_slot(holding, **seen_on(holding) | {"keys": []})
    check, _ = checked(client_of(), holding.world, serial=holding.serial)
    assert check.findings[0] == "key.missing"
    assert check.facts["slot"]["serial"] == holding.serial


def test_a_token_of_another_authority_is_told_from_an_unknown_one(holding: Holding, client_of: Clients) -> None:
    foreign = {"keys": [{"id": "01", "digest": "ab" * 32}], "certificates": ["cd" * 32]}
    check, _ = checked(client_of(), holding.world, slot=lies_in_slot(holding, serial="X-77", **foreign))
    assert check.findings[0] == "certificate.other_issuer"
    empty, _ = checked(client_of(), holding.world, slot=lies_in_slot(holding, serial="X-78"))
    assert empty.findings[0] == "certificate.unknown"


def test_a_token_whose_serial_nobody_knows_is_recognised_by_its_key(holding: Holding, client_of: Clients) -> None:
    check, _ = checked(client_of(), holding.world, slot=lies_in_slot(holding, **seen_on(holding) | {"serial": "X-79"}))
    assert check.certificate_id == holding.certificate_id


def test_an_unreadable_token_is_checked_with_the_number_on_it(holding: Holding, client_of: Clients) -> None:
    key = lies_in_slot(holding, serial=None, state="unreadable")
    check, page = checked(client_of(), holding.world, slot=key, serial=holding.serial)
    assert check.findings[0] == "token.unreadable"
    assert "损坏" in page


def test_a_lost_token_that_turns_up_is_told_as_lost(holding: Holding, client_of: Clients) -> None:
    change(holding.world, Token, holding.token_id, state=TokenState.lost)
    check, _ = checked(client_of(), holding.world, slot=lies_in_slot(holding, **seen_on(holding)))
    assert "token.lost" in check.findings


def test_what_a_sleeping_station_said_is_not_believed(holding: Holding, client_of: Clients) -> None:
    key = lies_in_slot(holding, **seen_on(holding))
    holding.world.clock.move(minutes=1)  # type: ignore[attr-defined]
    client = client_of()
    assert key not in client.get("/check/").text
    assert client.post("/check/", data={"version": "0", "slot": key}).status_code == 422


def test_another_branchs_slots_are_not_offered(holding: Holding, client_of: Clients) -> None:
    key, client = lies_in_slot(holding, **seen_on(holding)), client_of(branch="CY01")
    assert key not in client.get("/check/").text
    assert client.post("/check/", data={"version": "0", "slot": key}).status_code == 422


def test_nothing_named_is_told_at_the_field(client_of: Clients) -> None:
    answer = client_of().post("/check/", data={"version": "0", "asks_tax": "y"})
    assert answer.status_code == 422
    assert "请输入号码，或选插在工位上的介质。" in answer.text
    assert re.search(r'name="asks_tax"[^>]*checked|checked[^>]*name="asks_tax"', answer.text)


def test_another_branchs_report_does_not_exist(world: World, client_of: Clients, held: Held) -> None:
    check, _ = checked(client_of(), world, serial=held.serial)
    elsewhere = client_of(branch="CY01")
    assert elsewhere.get(f"/check/{check.number}").status_code == 404
    assert elsewhere.get(f"/check/{check.number}.pdf").status_code == 404
    assert check.number not in elsewhere.get("/check/").text
    assert client_of(Role.auditor).get("/check/").status_code == 403


def test_the_report_stays_as_it_was_given_out(world: World, client_of: Clients, held: Held) -> None:
    client = client_of()
    check, _ = checked(client, world, serial=held.serial)
    paper = client.get(f"/check/{check.number}.pdf")
    assert paper.mimetype == "application/pdf"
    change(world, Certificate, held.certificate_id, status=CertificateStatus.revoked)
    world.clock.move(timedelta(minutes=5))  # type: ignore[attr-defined]
    assert client.get(f"/check/{check.number}.pdf").data == paper.data
    assert "证书登记情况正常" in client.get(f"/check/{check.number}").text
    text = text_of(paper.data)
    for words in (check.number, held.token_serial, "证书检测报告", "证书登记情况正常", "没有发现问题"):
        assert words in text


def test_the_page_speaks_english_to_who_reads_english(world: World, client_of: Clients, held: Held) -> None:
    client = client_of()
    client.post("/account/language", data={"language": "en", "back": "/check/"})
    _, page = checked(client, world, serial=held.serial)
    assert "entry in the register is in order" in page
    main = re.search(r"<main.*</main>", page, re.DOTALL)
    assert main
    assert re.findall(r"[\u4e00-\u9fff]+", re.sub("北京样例贸易有限公司|样例", "", main[0])) == []


def test_more_reports_than_a_page_are_leafed_through(world: World, client_of: Clients, held: Held) -> None:
    client = client_of()
    for _ in range(22):
        check, _page = checked(client, world, serial=held.serial)
    first = client.get("/check/").text
    assert check.number in first
    assert "HD01-C-2026-000001<" not in first
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older
    second = client.get(older[1].replace("&amp;", "&")).text
    assert "HD01-C-2026-000001<" in second
    newer = re.search(r'rel="prev" href="([^"]+)"', second)
    assert newer
    assert check.number in client.get(newer[1].replace("&amp;", "&")).text


def test_a_certificate_that_is_not_bound_to_the_named_platform_is_told_with_the_case_that_helps(
    world: World, client_of: Clients
) -> None:
    platform, held = plant_platform(world), aftercare.plant_held(world)
    bindings.plant_bound(world, platform, held)
    world.clock.move(days=1)  # type: ignore[attr-defined]
    other = aftercare.plant_held(world, beside=held)
    client = client_of()
    sent = {"serial": other.serial, "platform": str(platform.id)}
    page = client.get(client.post("/check/", data=sent).location).text
    assert "原来的绑定不再有效" in page
    bindings.plant_bound(world, platform, held)  # chosen anew
    page = client.get(client.post("/check/", data=sent).location).text
    assert "那里绑定的是单位的另一张证书" in page
    form = page.split(f'action="/bindings/applicants/{held.applicant_id}/open"', 1)[1].split("</form>", 1)[0]
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    assert fields["kind"] == "rebinding"
    opened = client.post(f"/bindings/applicants/{held.applicant_id}/open", data=fields)
    assert re.fullmatch(r"/aftercare/\d+", opened.location)
    assert other.token_serial in client.get(opened.location).text
