"""The handover desk: found by the stub, compared at the field, receipt at once."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from app.services.world import World
from models.rulebook.identity import IdentityFault, check_character
from models.rulebook.vocabulary import CaseKind, CaseState, Role
from models.tables import Handover
from tests.builders.aftercare import Held
from tests.builders.bindings import plant_bound
from tests.builders.clients import OfficeClient
from tests.builders.holders import plant_holder
from tests.builders.issuance import PRESENTER_ID, Scene, make_items, plant_case, plant_scene, row
from tests.builders.platforms import plant_platform
from tests.reports.reading import ink_of

ClientOf = Callable[..., OfficeClient]
OTHER_ID = "11010119850203204" + check_character("11010119850203204")


@pytest.fixture
def scene(world: World, app: Flask) -> Scene:
    made = plant_scene(world, app)
    made.case_id = plant_case(world, items=2, state=CaseState.awaiting_handover, number="HD01-20261123-0042")
    make_items(world, made.case_id, made.station.id, made.serials[:2], ["HD01E000001", "HD01E000002"])
    return made


@pytest.fixture
def clerk(client_of: ClientOf) -> OfficeClient:
    return client_of(Role.clerk)


def form(scene: Scene, **changes: str) -> dict[str, str]:
    """Everything right, both items; a change to "-" leaves the field out."""
    whole = {
        "version": str(scene.case().version),
        "name": "样例甲",
        "id_kind": "resident_card",
        "id_number": PRESENTER_ID,
        "ground": "",
        "take_1": "y",
        "token_1": "HD01T000001",
        "envelope_1": "HD01E000001",
        "take_2": "y",
        "token_2": "HD01T000002",
        "envelope_2": "HD01E000002",
    } | changes
    return {name: value for name, value in whole.items() if value != "-"}


def hand(clerk: OfficeClient, scene: Scene, **changes: str) -> object:
    return clerk.post(f"/handover/{scene.case_id}", data=form(scene, **changes))


def test_what_was_not_collected_is_listed_with_its_age(scene: Scene, clerk: OfficeClient) -> None:
    scene.world.clock.move(days=8)  # type: ignore[attr-defined]
    page = client_again(clerk)
    assert "HD01-20261123-0042" in page
    assert "8 天" in page
    assert 'class="old"' in page


def client_again(clerk: OfficeClient) -> str:
    """The login idles out over eight days; a fresh one is the same clerk."""
    from tests.builders.people import number_of, open_login

    token = open_login(clerk.application.extensions["world"], number_of(Role.clerk))
    with clerk.session_transaction() as session:
        session["login"] = token
    return clerk.get("/handover/").text


@pytest.mark.parametrize("stub", ["HD01-20261123-0042", "hd01-20261123-0042", "  HD01-20261123-0042\t"])
def test_the_stubs_barcode_opens_the_case(scene: Scene, clerk: OfficeClient, stub: str) -> None:
    answer = clerk.get("/handover/find", query_string={"stub": stub})
    assert answer.headers["Location"] == f"/handover/{scene.case_id}"


@pytest.mark.parametrize("stub", ["", "HD01-20261123-004", "HD01-20261123-00421", "0042", "%"])
def test_no_number_that_only_looks_alike_opens_a_case(scene: Scene, clerk: OfficeClient, stub: str) -> None:
    assert clerk.get("/handover/find", query_string={"stub": stub}).status_code == 404


def test_another_branchs_stub_is_not_known_here(scene: Scene, client_of: ClientOf) -> None:
    other = client_of(Role.clerk, "CY01")
    assert other.get("/handover/find?stub=HD01-20261123-0042").status_code == 404
    assert other.get(f"/handover/{scene.case_id}").status_code == 404
    assert hand(other, scene).status_code == 404  # type: ignore[attr-defined]


def test_the_page_does_not_tell_what_must_be_scanned(scene: Scene, clerk: OfficeClient) -> None:
    page = clerk.get(f"/handover/{scene.case_id}").text
    assert "HD01T000001" not in page
    assert "HD01E000001" not in page
    assert PRESENTER_ID not in page
    assert "110***" in page


def test_everything_right_closes_the_case_and_offers_the_receipts(scene: Scene, clerk: OfficeClient) -> None:
    answer = hand(clerk, scene)
    assert answer.status_code == 303  # type: ignore[attr-defined]
    page = clerk.get(f"/handover/{scene.case_id}").text
    for number in ("HD01-H-2026-000001", "HD01-H-2026-000002"):
        assert number in page
        receipt = row(scene.world, Handover, Handover.number == number)
        paper = clerk.get(f"/cases/handovers/{receipt.id}.pdf")
        assert (paper.mimetype, paper.data[:5]) == ("application/pdf", b"%PDF-")
        assert paper.headers["Cache-Control"] == "no-store"
    assert scene.case().state is CaseState.closed


def test_one_of_two_may_be_taken_today(scene: Scene, clerk: OfficeClient) -> None:
    hand(clerk, scene, take_2="-", token_2="", envelope_2="")
    assert scene.case().state is CaseState.awaiting_handover
    page = clerk.get(f"/handover/{scene.case_id}").text
    assert "HD01-H-2026-000001" in page
    assert 'name="token_2"' in page
    assert 'name="token_1"' not in page


def test_a_swapped_envelope_is_refused_at_both_fields_and_what_was_typed_is_kept(scene: Scene, clerk: OfficeClient) -> None:
    answer = hand(clerk, scene, envelope_1="HD01E000002", envelope_2="HD01E000001")
    assert answer.status_code == 422  # type: ignore[attr-defined]
    page = answer.text  # type: ignore[attr-defined]
    assert page.count("信封号不符") == 4  # summary and field, twice
    assert 'value="样例甲"' in page
    assert scene.case().state is CaseState.awaiting_handover


def test_another_collector_is_warned_of_and_let_through_with_a_ground(scene: Scene, clerk: OfficeClient) -> None:
    warned = hand(clerk, scene, name="样例丁", id_number=OTHER_ID)
    assert (warned.status_code, "领取人不是申请时到场的人" in warned.text) == (422, True)  # type: ignore[attr-defined]
    assert hand(clerk, scene, name="样例丁", id_number=OTHER_ID, ground="介绍信 12 号").status_code == 303  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", ["", "nonsense"])
def test_a_kind_of_document_that_does_not_exist_is_refused(scene: Scene, clerk: OfficeClient, kind: str) -> None:
    assert hand(clerk, scene, id_kind=kind).status_code == 422  # type: ignore[attr-defined]


def test_a_double_click_shows_the_first_ones_result(scene: Scene, clerk: OfficeClient) -> None:
    data = form(scene)
    clerk.post(f"/handover/{scene.case_id}", data=data)
    again = clerk.post(f"/handover/{scene.case_id}", data=data, follow_redirects=True)
    assert again.status_code == 200
    assert "HD01-H-2026-000001" in again.text
    assert "HD01-H-2026-000003" not in again.text


def test_a_rekeyed_token_is_handed_over_by_its_serial_alone(world: World, app: Flask, clerk: OfficeClient) -> None:
    holder = plant_holder(world, app)
    holder.comes(CaseKind.renewal)
    holder.make(holder.begin())
    page = clerk.get(f"/handover/{holder.scene.case_id}").text
    assert 'name="envelope_1"' not in page
    assert "密码没有变，没有信封" in page
    fields = form(holder.scene, envelope_1="-", envelope_2="-", take_2="-", token_2="-")
    wrong = clerk.post(f"/handover/{holder.scene.case_id}", data=fields | {"token_1": "HD01T000002"})
    assert (wrong.status_code, "介质号与登记的不符" in wrong.text) == (422, True)
    done = clerk.post(f"/handover/{holder.scene.case_id}", data=fields, follow_redirects=True)
    assert "旧证书已吊销" in done.text
    receipt = row(world, Handover, Handover.envelope_id.is_(None))
    assert clerk.get(f"/cases/handovers/{receipt.id}.pdf").data[:5] == b"%PDF-"
    assert clerk.get(f"/cases/{holder.scene.case_id}").status_code == 200


def test_an_unlocked_token_goes_with_its_new_envelope(world: World, app: Flask, clerk: OfficeClient) -> None:
    holder = plant_holder(world, app)
    holder.comes(CaseKind.unlock)
    number = holder.make(holder.begin())
    fields = form(holder.scene, envelope_1=number, envelope_2="-", take_2="-", token_2="-")
    old = clerk.post(f"/handover/{holder.scene.case_id}", data=fields | {"envelope_1": holder.envelope})
    assert (old.status_code, "信封号不符" in old.text) == (422, True)
    done = clerk.post(f"/handover/{holder.scene.case_id}", data=fields, follow_redirects=True)
    assert "证书没有变" in done.text
    receipt = row(world, Handover, Handover.number == "HD01-H-2026-000002")
    assert clerk.get(f"/cases/handovers/{receipt.id}.pdf").data[:5] == b"%PDF-"


def test_every_fault_of_an_identity_number_has_a_sentence() -> None:
    from app.desks.refusals import SENTENCES

    assert {fault.value for fault in IdentityFault} <= set(SENTENCES)


def test_what_becomes_of_the_bindings_is_told_before_the_handover_and_on_the_receipt(
    world: World, app: Flask, client_of: ClientOf
) -> None:
    holder = plant_holder(world, app)
    one = holder.certificate()
    held = Held(one.id, one.serial, holder.serial, holder.envelope, one.applicant_id, one.credit_code)
    kept = plant_platform(world, "kept", wanted_use=None, renewal_keeps=True)
    anew = plant_platform(world, "anew", wanted_use=None, renewal_keeps=False)
    for platform in (kept, anew):
        plant_bound(world, platform, held)
    holder.comes(CaseKind.renewal)
    holder.scene.station.poll()
    run = holder.make(holder.begin(holder.serial))
    client, url = client_of(), f"/handover/{holder.scene.case_id}"
    page = client.get(url).text
    for platform, fate in ((kept, "转到新证书"), (anew, "首次登录时重新绑定")):
        assert fate in page.split(platform.name_zh, 1)[1].split("</li>", 1)[0]
    assert "请告诉领取人" in page
    holder.hand_over(run, holder.serial)
    assert "平台已得到通知" in client.get(url).text
    with world.reading() as session:
        receipt = session.scalars(select(Handover.id).order_by(Handover.id.desc())).first()
    ink = ink_of(client.get(f"/cases/handovers/{receipt}.pdf").data)
    assert f"转到新证书kept:{kept.name_zh.replace(' ', '')}" in ink
    assert f"须重新绑定tobeboundanew:{anew.name_zh.replace(' ', '')}" in ink
