"""Beginning, confirming, spoiling, cancelling, resuming, giving up: what each does to item, token, envelope, certificate, case."""

import pytest
from flask import Flask

from app.services.begin_runs import begin_runs
from app.services.cancel_run import cancel_run
from app.services.confirm_envelope import confirm_envelope
from app.services.errors import Absent, Faulty, Forbidden, OutOfTurn, Stale
from app.services.give_up_item import give_up_item
from app.services.resume_run import resume_run
from app.services.spoil_envelope import spoil_envelope
from app.services.world import World
from models.rulebook import workflow
from models.rulebook.vocabulary import (
    CaseState,
    CertificateStatus,
    EnvelopeState,
    Fault,
    ItemState,
    Role,
    RunAction,
    RunState,
    TokenState,
)
from models.tables import CaseItem, Certificate, Envelope, Token
from tests.builders.issuance import Scene, hand_all_over, plant_case, plant_scene, plant_stock, row
from tests.builders.people import actor_of


@pytest.fixture
def scene(world: World, app: Flask) -> Scene:
    return plant_scene(world, app, items=2)


def token(scene: Scene, serial: str) -> Token:
    return row(scene.world, Token, Token.serial == serial)


def item(scene: Scene, position: int = 1) -> CaseItem:
    return row(scene.world, CaseItem, CaseItem.case_id == scene.case_id, CaseItem.position == position)


def envelope(scene: Scene, number: str) -> Envelope:
    return row(scene.world, Envelope, Envelope.number == number)


# Begin


@pytest.mark.parametrize(
    ("serial", "fault"),
    [
        ("", "required"),
        ("HD01T00000", "token_unknown"),
        ("hd01t000001", "token_unknown"),
        ("HD01T0000011", "token_unknown"),
        ("CY01T000001", "token_unknown"),
    ],
)
def test_a_token_is_named_by_its_exact_serial_in_this_branchs_stock(scene: Scene, serial: str, fault: str) -> None:
    plant_stock(scene.world, branch="CY01")
    with pytest.raises(Faulty) as refused:
        begin_runs(scene.world, scene.clerk, scene.case_id, scene.orders(serial, items=[1]))
    assert refused.value.fields == {"token_1": fault}
    assert item(scene).state is ItemState.ordered
    assert scene.case().state is CaseState.ready_to_issue


def test_a_token_that_was_used_is_refused(scene: Scene) -> None:
    scene.begin(scene.serials[0], items=[1])
    with pytest.raises(Faulty) as refused:
        begin_runs(scene.world, scene.clerk, scene.case_id, scene.orders(scene.serials[0], items=[2]))
    assert refused.value.fields == {"token_2": "token_not_in_stock"}


def test_one_token_does_not_serve_two_items_and_none_is_begun(scene: Scene) -> None:
    with pytest.raises(Faulty) as refused:
        begin_runs(scene.world, scene.clerk, scene.case_id, scene.orders(scene.serials[0], scene.serials[0]))
    assert refused.value.fields == {"token_2": "token_twice"}
    assert token(scene, scene.serials[0]).state is TokenState.in_stock


def test_the_officers_epoch_is_recorded_before_the_station_hears_of_the_token(scene: Scene) -> None:
    begin_runs(scene.world, scene.clerk, scene.case_id, scene.orders(scene.serials[0], items=[1]))
    assert token(scene, scene.serials[0]).officer_epoch == 1
    (job,) = scene.station.poll()
    assert job["officer"]["epoch"] == 1


def test_another_branchs_case_does_not_exist_and_a_supervisor_does_not_issue(scene: Scene) -> None:
    with pytest.raises(Absent):
        begin_runs(scene.world, actor_of(scene.world, Role.clerk, "CY01"), scene.case_id, scene.orders(scene.serials[0]))
    with pytest.raises(Forbidden):
        begin_runs(scene.world, actor_of(scene.world, Role.supervisor), scene.case_id, scene.orders(scene.serials[0]))


@pytest.mark.parametrize("state", sorted(set(CaseState) - {CaseState.ready_to_issue, CaseState.issuing}))
def test_nothing_is_issued_in_any_other_state_of_the_case(world: World, app: Flask, state: CaseState) -> None:
    scene = plant_scene(world, app)
    scene.case_id = plant_case(world, state=state)
    with pytest.raises(OutOfTurn):
        begin_runs(world, scene.clerk, scene.case_id, scene.orders(scene.serials[0]))
    assert token(scene, scene.serials[0]).state is TokenState.in_stock


def test_a_second_click_finds_the_first_ones_run(scene: Scene) -> None:
    orders = scene.orders(scene.serials[0], items=[1])
    begin_runs(scene.world, scene.clerk, scene.case_id, orders)
    with pytest.raises((Stale, OutOfTurn, Faulty)):
        begin_runs(scene.world, scene.clerk, scene.case_id, orders)
    other = scene.orders(scene.serials[1], items=[1])
    with pytest.raises(OutOfTurn):
        begin_runs(scene.world, scene.clerk, scene.case_id, other)
    assert token(scene, scene.serials[1]).state is TokenState.in_stock


# Confirm


def test_both_items_confirmed_make_the_case_ready_for_handover(scene: Scene) -> None:
    first, second = scene.begin()
    scene.make(first)
    assert scene.case().state is CaseState.issuing
    number = scene.make(second)
    assert scene.case().state is CaseState.awaiting_handover
    assert envelope(scene, number).state is EnvelopeState.live
    assert token(scene, second["token"]).state is TokenState.made
    assert scene.violations() == []


@pytest.mark.parametrize("typed", ["HD01E000002", "hd01e000001", "HD01E00001", "HD01E0000010", "1"])
def test_a_number_that_is_not_exactly_the_envelopes_confirms_nothing(scene: Scene, typed: str) -> None:
    job = scene.begin(scene.serials[0], items=[1])[0]
    assert scene.station.perform(job) == "HD01E000001"
    run = scene.run(job)
    with pytest.raises(Faulty) as refused:
        confirm_envelope(scene.world, scene.clerk, run.id, run.version, typed)
    assert refused.value.fields == {"control_number": "envelope_mismatch"}
    assert scene.run(job).state is RunState.awaiting_confirmation
    assert envelope(scene, "HD01E000001").state is EnvelopeState.allotted


def test_the_envelope_of_the_other_run_does_not_confirm_this_one(scene: Scene) -> None:
    first, second = scene.begin()
    scene.station.perform(first)
    others = scene.station.perform(second)
    run = scene.run(first)
    with pytest.raises(Faulty):
        confirm_envelope(scene.world, scene.clerk, run.id, run.version, others)


def test_the_other_clerks_page_is_stale_after_a_new_envelope(scene: Scene) -> None:
    job = scene.begin(scene.serials[0], items=[1])[0]
    old = scene.station.perform(job)
    seen = scene.run(job)
    spoil_envelope(scene.world, scene.clerk, seen.id, seen.version, "打印不清")
    scene.station.perform(scene.station.poll()[0])
    with pytest.raises(Stale):
        confirm_envelope(scene.world, scene.clerk, seen.id, seen.version, old)


# Spoil


def test_a_spoiled_envelope_is_void_and_the_station_sets_a_new_pin_on_the_same_key(scene: Scene) -> None:
    job = scene.begin(scene.serials[0], items=[1])[0]
    old = scene.station.perform(job)
    run = scene.run(job)
    spoil_envelope(scene.world, scene.clerk, run.id, run.version, "打印不清")
    assert (envelope(scene, old).state, envelope(scene, old).void_reason) == (EnvelopeState.void, "打印不清")
    (again,) = scene.station.poll()
    assert again["lease"] == job["lease"] + 1
    assert again["certificate"] is not None
    new = scene.make(again)
    assert new != old
    assert row(scene.world, Certificate).status is CertificateStatus.on_hold
    assert scene.violations() == []


def test_an_envelope_lost_after_confirmation_takes_the_case_back_to_issuance(world: World, app: Flask) -> None:
    scene = plant_scene(world, app)
    job = scene.begin()[0]
    old = scene.make(job)
    assert scene.case().state is CaseState.awaiting_handover
    run = scene.run(job)
    spoil_envelope(world, scene.clerk, run.id, run.version, "信封遗失")
    assert scene.case().state is CaseState.issuing
    assert (item(scene).state, token(scene, scene.serials[0]).state) == (ItemState.in_ceremony, TokenState.in_ceremony)
    assert envelope(scene, old).state is EnvelopeState.void
    assert scene.violations(settled=False) == []
    scene.make(scene.station.poll()[0])
    assert scene.case().state is CaseState.awaiting_handover
    assert scene.violations() == []


def test_spoiling_and_cancelling_need_a_reason(scene: Scene) -> None:
    job = scene.begin(scene.serials[0], items=[1])[0]
    scene.station.perform(job)
    run = scene.run(job)
    for act in (spoil_envelope, cancel_run):
        with pytest.raises(Faulty) as refused:
            act(scene.world, scene.clerk, run.id, run.version, "  ")
        assert refused.value.fields == {"reason": "required"}


# Cancel


def test_a_run_that_touched_nothing_gives_its_token_back(scene: Scene) -> None:
    job = scene.begin(scene.serials[0], items=[1])[0]
    scene.station.stop(job, "wrong_token")
    run = scene.run(job)
    cancel_run(scene.world, scene.clerk, run.id, run.version, "介质号选错")
    assert token(scene, scene.serials[0]).state is TokenState.in_stock
    assert item(scene).state is ItemState.ordered
    assert scene.violations() == []


@pytest.mark.parametrize("steps", [1, 2, 3, 4, 5, 6])
def test_a_run_that_went_further_spoils_its_token_and_revokes_its_certificate(scene: Scene, steps: int) -> None:
    job = scene.begin(scene.serials[0], items=[1])[0]
    for state in ("initialising", "generating", "certifying", "writing", "proving", "printing")[:steps]:
        scene.station.report(job, state)
        if state == "certifying":
            scene.station.certify(job)
        if state == "proving":
            scene.station.envelope(job, "pin")
    scene.station.stop(job, "token_removed")
    run = scene.run(job)
    cancel_run(scene.world, scene.clerk, run.id, run.version, "介质损坏")
    assert token(scene, scene.serials[0]).state is TokenState.spoiled
    if steps >= 3:
        assert row(scene.world, Certificate).status is CertificateStatus.revoked
    assert scene.violations() == []
    again = scene.begin(scene.serials[1], items=[1])[0]
    scene.make(again)
    assert item(scene).state is ItemState.made
    assert scene.violations() == []


def test_a_token_that_was_not_blank_is_not_put_back(scene: Scene) -> None:
    job = scene.begin(scene.serials[0], items=[1])[0]
    scene.station.stop(job, "token_not_blank")
    run = scene.run(job)
    cancel_run(scene.world, scene.clerk, run.id, run.version, "不是空白")
    assert token(scene, scene.serials[0]).state is TokenState.spoiled


def test_a_made_item_can_be_undone_until_it_is_handed_over(world: World, app: Flask) -> None:
    scene = plant_scene(world, app)
    job = scene.begin()[0]
    number = scene.make(job)
    run = scene.run(job)
    cancel_run(world, scene.clerk, run.id, run.version, "介质损坏")
    assert (scene.case().state, item(scene).state) == (CaseState.issuing, ItemState.ordered)
    assert envelope(scene, number).state is EnvelopeState.void
    assert scene.violations() == []


def test_a_station_under_way_cannot_be_cancelled_from_under_its_hands(scene: Scene) -> None:
    job = scene.begin(scene.serials[0], items=[1])[0]
    scene.station.report(job, "initialising")
    run = scene.run(job)
    with pytest.raises(OutOfTurn):
        cancel_run(scene.world, scene.clerk, run.id, run.version, "等不及")


# Ways out


@pytest.mark.parametrize("fault", list(Fault))
def test_every_fault_has_the_ways_out_that_the_table_says(scene: Scene, fault: Fault) -> None:
    job = scene.begin(scene.serials[0], items=[1])[0]
    scene.station.report(job, "initialising")
    scene.station.stop(job, fault.value)
    run = scene.run(job)
    if RunAction.resume in workflow.WAYS_OUT[fault]:
        resume_run(scene.world, scene.clerk, run.id, run.version)
        (again,) = scene.station.poll()
        assert again["lease"] == job["lease"] + 1
        assert scene.run(job).fault is None
    else:
        with pytest.raises(OutOfTurn):
            resume_run(scene.world, scene.clerk, run.id, run.version)
        cancel_run(scene.world, scene.clerk, run.id, run.version, "换一只")
    assert scene.violations(settled=False) == []


# Give up


def test_giving_up_what_is_left_moves_the_case_on(scene: Scene) -> None:
    scene.make(scene.begin(scene.serials[0], items=[1])[0])
    left = item(scene, 2)
    give_up_item(scene.world, scene.clerk, left.id, left.version, "只要一份")
    assert scene.case().state is CaseState.awaiting_handover
    assert scene.violations() == []


def test_a_case_whose_every_item_is_given_up_closes(scene: Scene) -> None:
    for position in (1, 2):
        left = item(scene, position)
        give_up_item(scene.world, scene.clerk, left.id, left.version, "不办了")
    assert scene.case().state is CaseState.closed
    assert scene.case().closed_at == scene.world.now()


def test_an_item_with_a_token_is_not_given_up(scene: Scene) -> None:
    scene.begin(scene.serials[0], items=[1])
    busy = item(scene)
    with pytest.raises(OutOfTurn):
        give_up_item(scene.world, scene.clerk, busy.id, busy.version, "不办了")


def test_nothing_is_given_up_before_the_fee_is_settled(world: World, app: Flask) -> None:
    scene = plant_scene(world, app)
    scene.case_id = plant_case(world, state=CaseState.awaiting_payment)
    left = item(scene)
    with pytest.raises(OutOfTurn):
        give_up_item(world, scene.clerk, left.id, left.version, "不办了")
    assert item(scene).state is ItemState.ordered


def test_the_envelope_of_a_token_in_its_holders_hands_is_not_spoiled(world: World, app: Flask) -> None:
    scene = plant_scene(world, app)
    job = scene.begin()[0]
    number = scene.make(job)
    hand_all_over(scene, [(scene.serials[0], number)])
    run = scene.run(job)
    with pytest.raises(OutOfTurn):
        spoil_envelope(world, scene.clerk, run.id, run.version, "信封遗失")
    assert (scene.run(job).state, envelope(scene, number).state) == (RunState.confirmed, EnvelopeState.live)
    assert scene.violations() == []
