"""What is open to a run of each kind, in each state, after each fault; and what becomes of its token when it is given up."""

from itertools import pairwise, product

import pytest

from models.rulebook import workflow
from models.rulebook.vocabulary import Fault, RunAction, RunKind, RunState, TokenAction, TokenState
from models.rulebook.workflow import after_cancel, may_report, open_actions, ways_out

WHOLE = list(product(RunKind, RunState, [None, *Fault], [False, True]))


def written(kind, state, fault, touched):
    """The rule once more, in other words."""
    ways = set(open_actions(workflow.RUN, state))
    if kind is RunKind.rekey:
        ways.discard(RunAction.spoil_envelope)
    pin_in_doubt = kind is RunKind.unlock and touched
    dead = fault is not None and fault.value in {"driver_failed", "driver_hung", "proof_failed", "wrong_key", "key_lost"}
    if state is RunState.stopped and fault is not None and (dead or not pin_in_doubt):
        if fault.value in {"token_not_blank", "key_lost", "wrong_key"}:
            ways.discard(RunAction.resume)
        if kind is RunKind.rekey and fault is Fault.pin_locked:
            ways.discard(RunAction.resume)
    if pin_in_doubt and not dead:
        ways.discard(RunAction.cancel)
    return ways


@pytest.mark.parametrize("kind", RunKind)
def test_every_kind_in_every_state_after_every_fault(kind):
    for state, fault, touched in product(RunState, [None, *Fault], [False, True]):
        if (fault is None) == (state is RunState.stopped):
            continue  # a run has a fault while it is stopped, and only then
        assert ways_out(kind, state, fault, touched) == written(kind, state, fault, touched), (state, fault, touched)


def test_a_stopped_run_always_has_a_button():
    for kind, fault, touched in product(RunKind, Fault, [False, True]):
        assert ways_out(kind, RunState.stopped, fault, touched) & {RunAction.resume, RunAction.cancel}


def test_a_holders_token_is_never_spoiled_nor_put_into_stock():
    for kind, touched in product((RunKind.rekey, RunKind.unlock), [False, True]):
        assert after_cancel(kind, touched) in {TokenAction.give_back, TokenAction.hand_in}


def test_a_token_goes_back_to_its_holder_only_with_the_pin_that_he_knows():
    for kind, state, fault, touched in WHOLE:
        if RunAction.cancel in ways_out(kind, state, fault, touched) and after_cancel(kind, touched) is TokenAction.give_back:
            assert kind is RunKind.rekey or not touched


@pytest.mark.parametrize(("kind", "touched"), list(product(RunKind, [False, True])))
def test_what_becomes_of_the_token_is_open_where_the_run_can_be_given_up(kind, touched):
    """The token of a made run is made; of every other one in the station's hands."""
    for state, fault in product(RunState, [None, *Fault]):
        if RunAction.cancel not in ways_out(kind, state, fault, touched) or (state is RunState.confirmed and not touched):
            continue
        if (fault is None) == (state is RunState.stopped):
            continue
        token = TokenState.made if state is RunState.confirmed else TokenState.in_ceremony
        assert after_cancel(kind, touched) in open_actions(workflow.TOKEN, token), (state, fault)


def test_the_steps_of_each_kind_are_in_the_order_of_all_and_go_forward():
    for steps in workflow.RUN_STEPS_OF.values():
        assert list(steps) == [step for step in workflow.RUN_STEPS if step in steps]
        assert steps[0] is RunState.inspecting
        assert steps[-1] is RunState.awaiting_confirmation
        assert all(may_report(before, after) for before, after in pairwise(steps))


def test_nothing_is_initialised_or_keyed_but_where_the_kind_says_so():
    assert set(workflow.RUN_STEPS_OF) == set(RunKind)
    assert {RunKind.issue, RunKind.unlock} == workflow.RUN_SETS_PIN
    assert {RunKind.issue, RunKind.rekey} == workflow.RUN_CERTIFIES
    assert RunState.generating not in workflow.RUN_STEPS_OF[RunKind.unlock]
    assert RunState.initialising not in workflow.RUN_STEPS_OF[RunKind.rekey]
    assert [kind for kind, steps in workflow.RUN_STEPS_OF.items() if RunState.awaiting_pin in steps] == [RunKind.rekey]
