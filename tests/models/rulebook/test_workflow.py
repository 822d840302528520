"""The workflow tables, every state against every action; and what must hold of each table as a whole."""

from itertools import product

import pytest

from models.rulebook import oversight, oversight_workflow, workflow
from models.rulebook.vocabulary import (
    CaseAction,
    CaseState,
    CertificateAction,
    CertificateStatus,
    DeliveryAction,
    DeliveryState,
    EnvelopeAction,
    EnvelopeState,
    Fault,
    ItemAction,
    ItemState,
    RunAction,
    RunState,
    TokenAction,
    TokenState,
)
from models.rulebook.workflow import NotOpen, next_state, open_actions

# The tables once more, in words, one state a line: action→next. What is not written is not open.
CASE = """
draft: save→draft accept→in_review ask_grant→awaiting_grant request_correction→correction withdraw→withdrawn refuse→refused relay→awaiting_answer
correction: reopen→draft withdraw→withdrawn
in_review: approve→awaiting_payment send_back→returned refuse→refused amend→draft withdraw→withdrawn
awaiting_grant: grant→awaiting_payment send_back→returned refuse→refused amend→draft withdraw→withdrawn
returned: reopen→draft withdraw→withdrawn
refused:
withdrawn:
awaiting_payment: settle→ready_to_issue amend→draft withdraw→withdrawn
ready_to_issue: begin_issuance→issuing ask_grant→awaiting_grant carry_out→closed tell_platform→awaiting_acknowledgement
issuing: ask_grant→awaiting_grant finish_issuance→awaiting_handover
awaiting_handover: resume_issuance→issuing close→closed
awaiting_acknowledgement: acknowledge→closed
awaiting_answer: answer→closed
closed:
"""
RUN = """
queued: take→inspecting stop→stopped cancel→cancelled
inspecting: take→inspecting stop→stopped
awaiting_pin: take→inspecting stop→stopped
initialising: take→inspecting stop→stopped
generating: take→inspecting stop→stopped
certifying: take→inspecting stop→stopped
writing: take→inspecting stop→stopped
proving: take→inspecting stop→stopped
printing: take→inspecting stop→stopped
awaiting_confirmation: confirm→confirmed spoil_envelope→queued cancel→cancelled
confirmed: spoil_envelope→queued cancel→cancelled
stopped: resume→queued cancel→cancelled
cancelled:
"""
ITEM = """
ordered: begin→in_ceremony give_up→given_up
in_ceremony: make→made undo→ordered
made: spoil→in_ceremony undo→ordered hand_over→handed_over
handed_over:
given_up:
"""
TOKEN = """
announced: receive→in_stock
in_stock: begin→in_ceremony spoil→spoiled send_away→in_transit send_back→returned miss→missing
in_ceremony: make→made put_back→in_stock spoil→spoiled give_back→handed_over hand_in→returned
made: reopen→in_ceremony spoil→spoiled hand_over→handed_over give_back→handed_over
handed_over: take_in→in_ceremony hand_in→returned lose→lost
spoiled:
returned:
lost:
in_transit: arrive→in_stock miss→missing
missing: recover→in_stock
"""
ENVELOPE = """
announced: receive→in_stock
in_stock: allot→allotted spoil→spoiled send_away→in_transit send_back→returned miss→missing
allotted: confirm→live void→void
live: void→void
void:
in_transit: arrive→in_stock miss→missing
spoiled:
returned:
missing: recover→in_stock
"""
CERTIFICATE = """
prepared: sign→on_hold revoke→revoked
on_hold: release→valid revoke→revoked
valid: suspend→suspended revoke→revoked
suspended: resume→valid revoke→revoked
revoked:
"""
TRANSFER = """
sent: receive→settled receive_short→differs
differs: receive_short→differs settle→settled
settled:
"""
IMPORT = """
previewed: take_over→taking drop→dropped
taking: finish→imported stop→previewed
imported:
dropped:
"""
EXCEPTION = """
asked: grant→granted refuse→refused withdraw→withdrawn lapse→lapsed
granted: use→used withdraw→withdrawn lapse→lapsed
used:
refused:
withdrawn:
lapsed:
"""
DAY = """
counted: countersign→closed count_again→recounted
closed:
recounted:
"""
SHIFT = """
offered: accept→accepted decline→declined
accepted:
declined:
"""
DRAFT = """
draft: save→draft propose→proposed drop→dropped
proposed: take_back→draft publish→published drop→dropped
published:
dropped:
"""
JOB = """
waiting: take→running cancel→cancelled
running: take→running finish→done fail→failed cancel→cancelled
done:
failed:
cancelled:
"""
HOLD = """
standing: lift→lifted
lifted:
"""
DESTRUCTION = """
proposed: approve→approved_once drop→dropped
approved_once: approve→approved drop→dropped
approved: carry_out→destroyed
destroyed:
dropped:
"""
DELIVERY = """
waiting: deliver→delivered give_up→dead
delivered:
dead: send_again→waiting deliver→delivered
"""
TABLES = [
    pytest.param(workflow.CASE, CASE, CaseState, CaseAction, id="case"),
    pytest.param(workflow.RUN, RUN, RunState, RunAction, id="run"),
    pytest.param(workflow.ITEM, ITEM, ItemState, ItemAction, id="item"),
    pytest.param(workflow.TOKEN, TOKEN, TokenState, TokenAction, id="token"),
    pytest.param(workflow.ENVELOPE, ENVELOPE, EnvelopeState, EnvelopeAction, id="envelope"),
    pytest.param(workflow.CERTIFICATE, CERTIFICATE, CertificateStatus, CertificateAction, id="certificate"),
    pytest.param(workflow.DELIVERY, DELIVERY, DeliveryState, DeliveryAction, id="delivery"),
    pytest.param(oversight_workflow.TRANSFER, TRANSFER, oversight.TransferState, oversight.TransferAction, id="transfer"),
    pytest.param(oversight_workflow.IMPORT, IMPORT, oversight.ImportState, oversight.ImportAction, id="import"),
    pytest.param(oversight_workflow.EXCEPTION, EXCEPTION, oversight.ExceptionState, oversight.ExceptionAction, id="exception"),
    pytest.param(oversight_workflow.DAY, DAY, oversight.DayState, oversight.DayAction, id="day"),
    pytest.param(oversight_workflow.SHIFT, SHIFT, oversight.ShiftState, oversight.ShiftAction, id="shift"),
    pytest.param(oversight_workflow.DRAFT, DRAFT, oversight.DraftState, oversight.DraftAction, id="draft"),
    pytest.param(oversight_workflow.JOB, JOB, oversight.JobState, oversight.JobAction, id="job"),
    pytest.param(oversight_workflow.HOLD, HOLD, oversight.HoldState, oversight.HoldAction, id="hold"),
    pytest.param(
        oversight_workflow.DESTRUCTION, DESTRUCTION, oversight.DestructionState, oversight.DestructionAction, id="destruction"
    ),
]
# States without a way out.
FINAL = {
    "case": workflow.CASE_FINAL,
    "run": workflow.RUN_FINAL - {RunState.confirmed},  # undone as long as its token is here; the item's table ends that
    "item": {ItemState.handed_over, ItemState.given_up},
    "token": {TokenState.spoiled, TokenState.returned, TokenState.lost},
    "envelope": {EnvelopeState.void, EnvelopeState.spoiled, EnvelopeState.returned},
    "certificate": {CertificateStatus.revoked},
    "delivery": {DeliveryState.delivered},
    "transfer": {oversight.TransferState.settled},
    "import": {oversight.ImportState.imported, oversight.ImportState.dropped},
    "exception": frozenset(oversight.ExceptionState) - oversight_workflow.EXCEPTION_OPEN,
    "day": {oversight.DayState.closed, oversight.DayState.recounted},
    "shift": {oversight.ShiftState.accepted, oversight.ShiftState.declined},
    "draft": {oversight.DraftState.published, oversight.DraftState.dropped},
    "job": oversight_workflow.JOB_FINAL,
    "hold": {oversight.HoldState.lifted},
    "destruction": {oversight.DestructionState.destroyed, oversight.DestructionState.dropped},
}
START = {
    "case": CaseState.draft,
    "run": RunState.queued,
    "item": ItemState.ordered,
    "token": TokenState.announced,
    "envelope": EnvelopeState.announced,
    "certificate": CertificateStatus.prepared,
    "delivery": DeliveryState.waiting,
    "transfer": oversight.TransferState.sent,
    "import": oversight.ImportState.previewed,
    "exception": oversight.ExceptionState.asked,
    "day": oversight.DayState.counted,
    "shift": oversight.ShiftState.offered,
    "draft": oversight.DraftState.draft,
    "job": oversight.JobState.waiting,
    "hold": oversight.HoldState.standing,
    "destruction": oversight.DestructionState.proposed,
}


def written(text):
    rows = {}
    for line in text.strip().splitlines():
        state, _, moves = line.partition(":")
        rows[state] = dict(move.split("→") for move in moves.split())
    return rows


@pytest.mark.parametrize(("table", "text", "states", "actions"), TABLES)
def test_every_state_against_every_action(table, text, states, actions):
    rows = written(text)
    assert set(rows) == {state.value for state in states}
    for state, action in product(states, actions):
        expected = rows[state].get(action)
        if expected is None:
            with pytest.raises(NotOpen) as refusal:
                next_state(table, state, action)
            assert (refusal.value.state, refusal.value.action) == (state, action)
        else:
            assert next_state(table, state, action) == expected
        assert (action in open_actions(table, state)) == (expected is not None)


def moves(table):
    """Where each state may go; a run also goes forward by its station's reports."""
    ways = {}
    for (state, _), after in table.items():
        ways.setdefault(state, set()).add(after)
    if table is workflow.RUN:
        for current, reported in product(RunState, RunState):
            if workflow.may_report(current, reported):
                ways.setdefault(current, set()).add(reported)
    return ways


def reached(ways, start):
    seen, todo = {start}, [start]
    while todo:
        for after in ways.get(todo.pop(), ()):
            if after not in seen:
                seen.add(after)
                todo.append(after)
    return seen


@pytest.mark.parametrize(("table", "text", "states", "actions"), TABLES)
def test_every_state_is_reached_and_leads_to_an_end(table, text, states, actions, request):
    name = request.node.callspec.id
    ways = moves(table)
    assert reached(ways, START[name]) == set(states)
    for state in set(states) - set(FINAL[name]):
        assert reached(ways, state) & set(FINAL[name]), f"{state} leads nowhere"


@pytest.mark.parametrize(("table", "text", "states", "actions"), TABLES)
def test_final_states_have_no_way_out_and_all_others_have_one(table, text, states, actions, request):
    final = FINAL[request.node.callspec.id]
    for state in states:
        assert bool(open_actions(table, state)) == (state not in final), state


@pytest.mark.parametrize(("table", "text", "states", "actions"), TABLES)
def test_every_action_is_of_use_somewhere(table, text, states, actions):
    used = {action for _, action in table}
    assert set(actions) - used <= {RunAction.report}


def test_a_case_is_typed_in_only_while_a_save_is_open():
    assert frozenset({CaseState.draft}) == workflow.CASE_EDITABLE


def test_nothing_is_issued_before_it_is_paid_nor_paid_before_it_is_approved():
    ways = moves(workflow.CASE)
    for gates, beyond in (
        ({CaseState.awaiting_payment}, CaseState.ready_to_issue),
        ({CaseState.in_review, CaseState.awaiting_grant}, CaseState.awaiting_payment),
    ):
        without = {state: after - gates for state, after in ways.items() if state not in gates}
        assert beyond not in reached(without, CaseState.draft)


def test_an_edit_after_approval_needs_a_new_approval():
    ways = moves(workflow.CASE)
    after_edit = next_state(workflow.CASE, CaseState.awaiting_payment, CaseAction.amend)
    agreements = {CaseState.in_review, CaseState.awaiting_grant}
    unagreed = {state: after - agreements for state, after in ways.items()}
    assert CaseState.ready_to_issue not in reached(unagreed, after_edit)


def test_a_report_goes_forward_or_repeats_and_never_starts_or_ends_a_run():
    steps = list(workflow.RUN_STEPS)
    for current, reported in product(RunState, RunState):
        forward = current in steps[:-1] and reported in steps and steps.index(reported) >= steps.index(current)
        assert workflow.may_report(current, reported) == forward


def test_the_sets_of_runs_are_what_they_are_called():
    underway = {RunState.queued, *workflow.RUN_STEPS} - {RunState.awaiting_confirmation}
    assert underway == workflow.RUN_UNDERWAY
    assert set(RunState) == workflow.RUN_OPEN | workflow.RUN_FINAL
    assert not workflow.RUN_OPEN & workflow.RUN_FINAL


@pytest.mark.parametrize("fault", Fault)
def test_every_fault_has_a_way_out_that_the_table_opens(fault):
    ways = workflow.WAYS_OUT[fault]
    assert RunAction.cancel in ways
    assert ways <= open_actions(workflow.RUN, RunState.stopped)
    # The same token again would be no use: it is not blank, it lost the certified key, or never held it.
    assert (RunAction.resume in ways) == (fault not in {Fault.token_not_blank, Fault.key_lost, Fault.wrong_key})


def test_a_certificate_is_valid_only_after_it_was_on_hold_and_never_comes_back_from_revocation():
    assert {state for (state, _), after in workflow.CERTIFICATE.items() if after is CertificateStatus.valid} == {
        CertificateStatus.on_hold,
        CertificateStatus.suspended,
    }
    assert {state for (state, _), after in workflow.CERTIFICATE.items() if after is CertificateStatus.suspended} == {
        CertificateStatus.valid
    }
    assert open_actions(workflow.CERTIFICATE, CertificateStatus.revoked) == frozenset()


def test_a_void_envelope_stays_so_and_a_holders_token_never_goes_back_into_stock():
    assert open_actions(workflow.ENVELOPE, EnvelopeState.void) == frozenset()
    ways = moves(workflow.TOKEN)
    ways[TokenState.in_ceremony] -= {TokenState.in_stock}  # put_back: of a blank one that was never touched
    assert TokenState.in_stock not in reached(ways, TokenState.handed_over)


def test_states_and_actions_are_called_what_they_are_stored_as():
    for kinds in ((state, action) for _, _, state, action in (param.values for param in TABLES)):
        for kind in kinds:
            assert all(member.name == member.value for member in kind)
