"""Handing over: exact comparison, all or nothing, and the certificate off hold with its token."""

from typing import Any

import pytest
from flask import Flask

from app.services.errors import Absent, Faulty, Forbidden, OutOfTurn, Stale
from app.services.hand_over import COLLECTOR_PLACE, Scanned, hand_over
from app.services.print_handover_receipt import print_handover_receipt
from app.services.world import World
from models.rulebook.identity import check_character
from models.rulebook.vocabulary import CaseState, CertificateStatus, IdentityKind, ItemState, Role, TokenState
from models.tables import Case, CaseItem, Certificate, Handover, JournalLine, Token
from tests.builders.issuance import (
    PRESENTER_ID,
    Scene,
    collector,
    hand_all_over,
    make_items,
    plant_case,
    plant_scene,
    row,
    scanned,
    see_all,
)
from tests.builders.people import actor_of

OTHER_ID = "11010119850203204" + check_character("11010119850203204")


@pytest.fixture
def scene(world: World, app: Flask) -> Scene:
    made = plant_scene(world, app)
    make_ready(made, 1)
    return made


def make_ready(scene: Scene, items: int) -> None:
    scene.case_id = plant_case(scene.world, items=items, state=CaseState.awaiting_handover)
    make_items(scene.world, scene.case_id, scene.station.id, scene.serials[:items], ENVELOPES[:items])


ENVELOPES = ["HD01E000001", "HD01E000002", "HD01E000003"]
RIGHT = [("HD01T000001", "HD01E000001")]


def test_what_matches_is_handed_over_and_the_case_closes(scene: Scene) -> None:
    done = hand_all_over(scene, RIGHT)
    assert done.numbers == ("HD01-H-2026-000001",)
    assert done.closed
    assert done.published
    assert scene.case().state is CaseState.closed
    assert row(scene.world, Token, Token.serial == RIGHT[0][0]).state is TokenState.handed_over
    assert row(scene.world, Certificate).status is CertificateStatus.valid
    assert scene.violations() == []


@pytest.mark.parametrize(
    ("pair", "fields"),
    [
        (("HD01T000002", "HD01E000001"), {"token_1": "token_mismatch"}),
        (("hd01t000001", "HD01E000001"), {"token_1": "token_mismatch"}),
        (("HD01T000001", "HD01E000002"), {"envelope_1": "envelope_mismatch"}),
        (("HD01T000001", "HD01E00000"), {"envelope_1": "envelope_mismatch"}),
        (("HD01E000001", "HD01T000001"), {"token_1": "token_mismatch", "envelope_1": "envelope_mismatch"}),
        (("", ""), {"token_1": "required", "envelope_1": "required"}),
    ],
)
def test_any_mismatch_is_named_at_its_field_and_nothing_is_handed_over(
    scene: Scene, pair: tuple[str, str], fields: dict[str, str]
) -> None:
    with pytest.raises(Faulty) as refused:
        hand_all_over(scene, [pair])
    assert refused.value.fields == fields
    assert row(scene.world, Certificate).status is CertificateStatus.on_hold
    assert scene.case().state is CaseState.awaiting_handover


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"name": " "}, {"name": "required"}),
        ({"id_number": ""}, {"id_number": "required"}),
        ({"id_number": PRESENTER_ID[:-1] + "0"}, {"id_number": "wrong_check"}),
        ({"id_number": "1101011990030710"}, {"id_number": "wrong_length"}),
        ({"id_number": OTHER_ID}, {"ground": "collector_differs"}),
    ],
)
def test_the_collectors_papers_are_checked(scene: Scene, changes: dict[str, Any], fields: dict[str, str]) -> None:
    with pytest.raises(Faulty) as refused:
        hand_all_over(scene, RIGHT, **changes)
    assert refused.value.fields == fields


def test_another_collector_is_a_documented_decision(scene: Scene) -> None:
    hand_all_over(scene, RIGHT, name="样例丁", id_number=OTHER_ID, ground="单位介绍信第 12 号")
    line = row(scene.world, JournalLine, JournalLine.subject == "handover")
    assert line.detail["ground"] == "单位介绍信第 12 号"
    assert OTHER_ID not in str(line.detail)


def test_the_presenter_typed_with_blanks_is_the_same_person(scene: Scene) -> None:
    hand_all_over(scene, RIGHT, id_number=f" {PRESENTER_ID[:6]} {PRESENTER_ID[6:]} ".lower())
    assert "ground" not in row(scene.world, JournalLine, JournalLine.subject == "handover").detail


def test_the_collectors_number_is_sealed_to_its_row(scene: Scene) -> None:
    hand_all_over(scene, RIGHT)
    kept = row(scene.world, Handover)
    assert PRESENTER_ID.encode() not in kept.collector_id_sealed
    assert scene.world.vault.open(kept.collector_id_sealed, COLLECTOR_PLACE.format(number=kept.number)) == PRESENTER_ID


def test_items_may_be_handed_over_one_by_one(scene: Scene, world: World) -> None:
    scene.case_id = plant_case(world, items=2, state=CaseState.awaiting_handover)
    make_items(world, scene.case_id, scene.station.id, scene.serials[1:3], ENVELOPES[1:3])
    first, second = scanned(world, scene.case_id, [("HD01T000002", "HD01E000002"), ("HD01T000003", "HD01E000003")])
    assert not hand_over(world, scene.clerk, scene.case_id, scene.case().version, collector(), [first]).closed
    assert scene.case().state is CaseState.awaiting_handover
    assert hand_over(world, scene.clerk, scene.case_id, scene.case().version, collector(), [second]).closed
    numbers = see_all(world, lambda session: [each.number for each in session.query(Handover).order_by(Handover.id)])
    assert numbers == ["HD01-H-2026-000001", "HD01-H-2026-000002"]


def test_one_wrong_number_holds_back_all_of_them(scene: Scene, world: World) -> None:
    scene.case_id = plant_case(world, items=2, state=CaseState.awaiting_handover)
    make_items(world, scene.case_id, scene.station.id, scene.serials[1:3], ENVELOPES[1:3])
    with pytest.raises(Faulty) as refused:
        hand_all_over(scene, [("HD01T000002", "HD01E000002"), ("HD01T000003", "HD01E000002")])
    assert refused.value.fields == {"envelope_2": "envelope_mismatch"}
    assert {item.state for item in see_all(world, lambda s: s.get_one(Case, scene.case_id).items)} == {ItemState.made}


def test_the_second_click_is_refused_and_changes_nothing(scene: Scene) -> None:
    things = scanned(scene.world, scene.case_id, RIGHT)
    version = scene.case().version
    hand_over(scene.world, scene.clerk, scene.case_id, version, collector(), things)
    with pytest.raises(Stale):
        hand_over(scene.world, scene.clerk, scene.case_id, version, collector(), things)
    with pytest.raises(OutOfTurn):
        hand_over(scene.world, scene.clerk, scene.case_id, scene.case().version, collector(), things)


def test_only_the_counter_of_this_branch_hands_over(scene: Scene) -> None:
    things = scanned(scene.world, scene.case_id, RIGHT)
    for role, branch, refusal in ((Role.clerk, "CY01", Absent), (Role.supervisor, "HD01", Forbidden)):
        with pytest.raises(refusal):
            hand_over(scene.world, actor_of(scene.world, role, branch), scene.case_id, 1, collector(), things)


def test_a_token_is_not_handed_over_while_its_run_waits_for_the_envelope(world: World, app: Flask) -> None:
    scene = plant_scene(world, app)
    number = scene.station.perform(scene.begin()[0])
    item = row(world, CaseItem, CaseItem.case_id == scene.case_id)
    things = [Scanned(item.id, scene.serials[0], number)]
    with pytest.raises(OutOfTurn):
        hand_over(world, scene.clerk, scene.case_id, scene.case().version, collector(), things)


def test_the_receipt_masks_the_number_and_is_the_same_at_every_print(scene: Scene) -> None:
    hand_all_over(scene, RIGHT)
    kept = row(scene.world, Handover)
    first = print_handover_receipt(scene.world, scene.clerk, kept.id)
    assert first.pdf.startswith(b"%PDF-")
    assert first == print_handover_receipt(scene.world, scene.clerk, kept.id)
    assert first.file_name == "HD01-H-2026-000001.pdf"
    with pytest.raises(Absent):
        print_handover_receipt(scene.world, actor_of(scene.world, Role.clerk, "CY01"), kept.id)


def test_a_number_of_another_kind_is_checked_by_its_own_rule(scene: Scene) -> None:
    with pytest.raises(Faulty) as refused:
        hand_all_over(scene, RIGHT, id_kind=IdentityKind.passport, id_number="!!")
    assert "id_number" in refused.value.fields
