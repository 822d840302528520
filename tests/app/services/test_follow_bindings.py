"""A renewed, amended or replaced certificate at its handover: where its binding goes on, and where it is to be made anew."""

from itertools import product

import pytest
from flask import Flask

from app.services.cancel_run import cancel_run
from app.services.examine_binding import examine_binding
from app.services.world import World
from models.rulebook.bindings import BindingCode
from models.rulebook.vocabulary import BindingEnd, CaseKind, CertificateStatus, EventKind, RunState
from models.tables import Certificate, Run
from models.worklists.bindings import ended_by, live_binding
from tests.builders.aftercare import Held, plant_held
from tests.builders.bindings import bind, binding_now, bindings_at, plant_bound
from tests.builders.holders import Holding, plant_holder
from tests.builders.issuance import row
from tests.builders.platforms import events_of, plant_platform

_NEW_TOKEN = {CaseKind.replacement_damaged}


@pytest.fixture
def holder(world: World, app: Flask) -> Holding:
    return plant_holder(world, app)


def held_by(holder: Holding, certificate: Certificate | None = None) -> Held:
    one = certificate or holder.certificate()
    return Held(one.id, one.serial, holder.serial, holder.envelope, one.applicant_id, one.credit_code)


def successor(holder: Holding) -> Certificate:
    return row(holder.world, Certificate, Certificate.replaces_id == holder.certificate_id)


def renewed(holder: Holding, kind: CaseKind) -> Certificate:
    """Came with a case of this kind, and went home with a new certificate."""
    holder.comes(kind)
    holder.scene.station.poll()
    serial = holder.scene.serials[1] if kind in _NEW_TOKEN else holder.serial
    holder.hand_over(holder.make(holder.begin(serial)), serial)
    return successor(holder)


@pytest.mark.parametrize(
    ("kind", "keeps"), list(product([CaseKind.renewal, CaseKind.amendment, CaseKind.replacement_damaged], [True, False]))
)
def test_the_platforms_policy_says_whether_the_binding_goes_on(holder: Holding, kind: CaseKind, keeps: bool) -> None:
    world = holder.world
    others = not keeps  # what the policy says of the other kinds makes no difference
    policy = (
        {"replacement_keeps": keeps, "renewal_keeps": others}
        if kind in _NEW_TOKEN
        else {
            "renewal_keeps": keeps,
            "replacement_keeps": others,
        }
    )
    platform = plant_platform(world, wanted_use=None, **policy)
    bound = plant_bound(world, platform, held_by(holder), "u-1")
    world.clock.move(days=1)
    new = renewed(holder, kind)
    old, told = binding_now(world, bound.key), events_of(world, platform)[-1]
    assert (old.until, old.case_id) == (world.now(), holder.scene.case_id)
    with world.reading() as session:
        assert [one.key for one in ended_by(session, holder.scene.case_id)] == [bound.key]
        live = live_binding(session, platform.id, new.applicant_id)
    if keeps:
        assert live is not None
        assert old.end is BindingEnd.moved
        assert (live.certificate_id, live.account_reference, live.follows_id) == (new.id, "u-1", bound.id)
        assert told.kind is EventKind.binding_moved
        assert told.body["binding"]["id"] == bound.key
        assert told.body["moved_to"] == {"binding": live.key, "certificate": new.serial}
        assert bind(world, platform, held_by(holder, new), "u-1").outcome is BindingCode.already_bound
    else:
        assert live is None
        assert old.end is BindingEnd.certificate_replaced
        assert told.kind is EventKind.binding_ended
        assert told.body["binding"]["end"] == "certificate_replaced"
        assert bind(world, platform, held_by(holder, new), "u-1").outcome is BindingCode.may_bind
    assert told.case_id is None  # no case waits for it
    assert holder.scene.violations() == []


def test_until_the_handover_the_old_certificate_is_bound_and_the_new_one_may_not_be(holder: Holding) -> None:
    world = holder.world
    platform = plant_platform(world, wanted_use=None)
    bound = plant_bound(world, platform, held_by(holder))
    holder.comes(CaseKind.renewal)
    number = holder.make(holder.begin())
    new = successor(holder)
    assert (new.status, binding_now(world, bound.key).until) == (CertificateStatus.on_hold, None)
    refused = examine_binding(world, platform.id, new.serial).verdict
    assert refused.code is BindingCode.not_handed_over
    holder.hand_over(number)
    assert examine_binding(world, platform.id, new.serial).verdict.code is BindingCode.already_bound
    assert examine_binding(world, platform.id, holder.certificate().serial).verdict.codes[0] is BindingCode.revoked


def test_a_cancelled_run_leaves_the_binding_as_it_was(holder: Holding) -> None:
    world = holder.world
    platform = plant_platform(world, wanted_use=None)
    bound = plant_bound(world, platform, held_by(holder))
    holder.comes(CaseKind.renewal)
    holder.make(holder.begin())
    run = row(world, Run, Run.id == successor(holder).run_id)
    assert run.state is RunState.confirmed
    cancel_run(world, holder.scene.clerk, run.id, run.version, "申请人放弃")
    assert successor(holder).status is CertificateStatus.revoked
    assert binding_now(world, bound.key).until is None
    assert len(events_of(world, platform)) == 1
    assert holder.scene.violations() == []


def test_a_lost_token_is_bound_anew_whatever_the_policy_says(holder: Holding) -> None:
    world = holder.world
    platform = plant_platform(world, wanted_use=None, replacement_keeps=True, renewal_keeps=True)
    bound = plant_bound(world, platform, held_by(holder))
    holder.comes(CaseKind.replacement_lost)
    assert binding_now(world, bound.key).end is BindingEnd.certificate_revoked
    serial = holder.scene.serials[1]
    holder.hand_over(holder.make(holder.begin(serial)), serial)
    assert bind(world, platform, held_by(holder, successor(holder))).outcome is BindingCode.may_bind


def test_a_renewal_is_no_second_certificate_and_renews_no_choice(holder: Holding) -> None:
    """One certificate ever issued, renewed: nothing to rebind. Several by now: the renewal does not make an old choice newer."""
    world = holder.world
    platform = plant_platform(world, wanted_use=None)
    bind(world, platform, held_by(holder))
    world.clock.move(days=1)
    new = renewed(holder, CaseKind.renewal)
    assert bind(world, platform, held_by(holder, new)).outcome is BindingCode.already_bound
    world.clock.move(days=1)
    second = plant_held(world, beside=held_by(holder))
    assert bind(world, platform, held_by(holder, new)).outcome is BindingCode.choose_anew
    assert [one.end for one in bindings_at(world, platform)] == [BindingEnd.moved, BindingEnd.chosen_anew, None]
    assert examine_binding(world, platform.id, second.serial).verdict.code is BindingCode.bound_to_other
