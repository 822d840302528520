"""Bindings from the first login to their end: what platforms ask for, what the counter does, and who is told."""

import pytest

from app.services.acknowledge_events import acknowledge_events
from app.services.bind_certificate import BindingRefused
from app.services.world import World
from models.rulebook.bindings import BindingCode
from models.rulebook.vocabulary import (
    CaseKind,
    CaseState,
    EventKind,
)
from tests.builders.aftercare import plant_held
from tests.builders.bindings import agreed_at, bind
from tests.builders.cases import case_now
from tests.builders.platforms import events_of, plant_platform


def test_the_manuals_story(world: World) -> None:
    inspection, first = plant_platform(world), plant_held(world)
    bound = bind(world, inspection, first)
    assert bound.outcome is BindingCode.may_bind
    world.clock.move(days=1)
    second = plant_held(world, beside=first)
    assert bind(world, inspection, second).outcome is BindingCode.choose_anew
    with pytest.raises(BindingRefused, match="bound_to_other"):
        bind(world, inspection, first)
    world.clock.move(hours=1)
    case = agreed_at(world, inspection, first, CaseKind.rebinding)
    assert case.state is CaseState.awaiting_acknowledgement
    with pytest.raises(BindingRefused, match="other_chosen"):
        bind(world, inspection, second)
    told = events_of(world, inspection)[-1]
    assert (told.kind, told.case_id) == (EventKind.binding_ended, case.id)
    said = acknowledge_events(world, inspection.id, [told.key])
    assert said.acknowledged == (told.key,)
    assert case_now(world, case.id).state is CaseState.closed
    assert bind(world, inspection, first).outcome is BindingCode.may_bind
