"""The workflow table: state × action → next state. Buttons, services, Flask-Admin and tests read it; nobody else compares states. Those
of supervision are in `oversight_workflow`.

An action that has no row for a state is refused there. `open_actions` is what a page may offer, `next_state` what a service does.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

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
    RunKind,
    RunState,
    TokenAction,
    TokenState,
)

S = TypeVar("S", bound=StrEnum)
A = TypeVar("A", bound=StrEnum)


class NotOpen(Exception):
    """The action is not open in this state."""

    def __init__(self, state: StrEnum, action: StrEnum) -> None:
        super().__init__(f"{action.value} is not open in {state.value}")
        self.state = state
        self.action = action


CASE: Mapping[tuple[CaseState, CaseAction], CaseState] = MappingProxyType(
    {
        (CaseState.draft, CaseAction.save): CaseState.draft,
        (CaseState.draft, CaseAction.accept): CaseState.in_review,
        (CaseState.draft, CaseAction.request_correction): CaseState.correction,
        (CaseState.draft, CaseAction.withdraw): CaseState.withdrawn,
        (CaseState.draft, CaseAction.refuse): CaseState.refused,  # no rule covers the applicant; papers are corrected instead
        (CaseState.draft, CaseAction.ask_grant): CaseState.awaiting_grant,
        (CaseState.awaiting_grant, CaseAction.grant): CaseState.awaiting_payment,
        (CaseState.awaiting_grant, CaseAction.send_back): CaseState.returned,
        (CaseState.awaiting_grant, CaseAction.refuse): CaseState.refused,
        (CaseState.awaiting_grant, CaseAction.amend): CaseState.draft,
        (CaseState.awaiting_grant, CaseAction.withdraw): CaseState.withdrawn,
        (CaseState.correction, CaseAction.reopen): CaseState.draft,
        (CaseState.correction, CaseAction.withdraw): CaseState.withdrawn,
        (CaseState.in_review, CaseAction.approve): CaseState.awaiting_payment,
        (CaseState.in_review, CaseAction.send_back): CaseState.returned,
        (CaseState.in_review, CaseAction.refuse): CaseState.refused,
        (CaseState.in_review, CaseAction.amend): CaseState.draft,
        (CaseState.in_review, CaseAction.withdraw): CaseState.withdrawn,
        (CaseState.returned, CaseAction.reopen): CaseState.draft,
        (CaseState.returned, CaseAction.withdraw): CaseState.withdrawn,
        (CaseState.awaiting_payment, CaseAction.settle): CaseState.ready_to_issue,
        (CaseState.awaiting_payment, CaseAction.amend): CaseState.draft,
        (CaseState.awaiting_payment, CaseAction.withdraw): CaseState.withdrawn,
        (CaseState.ready_to_issue, CaseAction.begin_issuance): CaseState.issuing,
        (CaseState.ready_to_issue, CaseAction.ask_grant): CaseState.awaiting_grant,  # the grant lapsed before it was used
        (CaseState.ready_to_issue, CaseAction.carry_out): CaseState.closed,
        (CaseState.ready_to_issue, CaseAction.tell_platform): CaseState.awaiting_acknowledgement,
        (CaseState.awaiting_acknowledgement, CaseAction.acknowledge): CaseState.closed,
        (CaseState.draft, CaseAction.relay): CaseState.awaiting_answer,
        (CaseState.awaiting_answer, CaseAction.answer): CaseState.closed,
        (CaseState.issuing, CaseAction.ask_grant): CaseState.awaiting_grant,  # the run that used it was cancelled
        (CaseState.issuing, CaseAction.finish_issuance): CaseState.awaiting_handover,
        (CaseState.awaiting_handover, CaseAction.resume_issuance): CaseState.issuing,
        (CaseState.awaiting_handover, CaseAction.close): CaseState.closed,
    }
)

CASE_FINAL = frozenset({CaseState.refused, CaseState.withdrawn, CaseState.closed})

# Every item is made or given up.
CASE_ISSUED = frozenset({CaseState.awaiting_handover, CaseState.closed})

# The reviewer sent it back: his reasons are shown.
CASE_RETURNED = frozenset(after for (_, action), after in CASE.items() if action is CaseAction.send_back)

# States in which the clerk's form is open for typing.
CASE_EDITABLE = frozenset(state for state, action in CASE if action is CaseAction.save)

_UNDERWAY = (
    RunState.queued,
    RunState.inspecting,
    RunState.awaiting_pin,
    RunState.initialising,
    RunState.generating,
    RunState.certifying,
    RunState.writing,
    RunState.proving,
    RunState.printing,
)

# The states a station may report, in order. A report never goes back within one lease; a new lease starts at inspecting.
RUN_STEPS = (*_UNDERWAY[1:], RunState.awaiting_confirmation)
# What a station does in each kind of run, in order. It may report these and nothing else: a holder's token is never initialised,
# its keys are on it; `initialising` of an unlock is the officer's new PIN.
RUN_STEPS_OF: Mapping[RunKind, tuple[RunState, ...]] = MappingProxyType(
    {
        RunKind.issue: tuple(step for step in RUN_STEPS if step is not RunState.awaiting_pin),
        RunKind.rekey: (
            RunState.inspecting,
            RunState.awaiting_pin,
            RunState.generating,
            RunState.certifying,
            RunState.writing,
            RunState.proving,
            RunState.awaiting_confirmation,
        ),
        RunKind.unlock: (
            RunState.inspecting,
            RunState.initialising,
            RunState.proving,
            RunState.printing,
            RunState.awaiting_confirmation,
        ),
    }
)
# Up to here a station has only looked at the token.
RUN_UNTOUCHED = frozenset({RunState.queued, RunState.inspecting, RunState.awaiting_pin})
# Kinds that set a PIN, which then goes into an envelope; the others leave the holder the PIN that he has.
RUN_SETS_PIN = frozenset(kind for kind, steps in RUN_STEPS_OF.items() if RunState.initialising in steps)
RUN_CERTIFIES = frozenset(kind for kind, steps in RUN_STEPS_OF.items() if RunState.certifying in steps)
RUN_UNDERWAY = frozenset(_UNDERWAY)
# No station works on it. A confirmed run is taken up again only while its item is not handed over (the item's table decides).
RUN_FINAL = frozenset({RunState.confirmed, RunState.cancelled})
RUN_OPEN = frozenset(RunState) - RUN_FINAL
RUN_WAITING = frozenset({RunState.queued})  # for its station to take it
RUN_ASKS_PIN = frozenset({RunState.awaiting_pin})  # the holder is to type it, at the station
RUN_MADE = frozenset({RunState.confirmed})

# `report` carries its own target state, checked by `may_report`; the other actions have one.
RUN: Mapping[tuple[RunState, RunAction], RunState] = MappingProxyType(
    {
        **{(state, RunAction.take): RunState.inspecting for state in _UNDERWAY},
        **{(state, RunAction.stop): RunState.stopped for state in _UNDERWAY},
        (RunState.stopped, RunAction.resume): RunState.queued,
        (RunState.stopped, RunAction.cancel): RunState.cancelled,
        (RunState.queued, RunAction.cancel): RunState.cancelled,
        (RunState.awaiting_confirmation, RunAction.confirm): RunState.confirmed,
        (RunState.awaiting_confirmation, RunAction.spoil_envelope): RunState.queued,
        (RunState.awaiting_confirmation, RunAction.cancel): RunState.cancelled,
        (RunState.confirmed, RunAction.spoil_envelope): RunState.queued,
        (RunState.confirmed, RunAction.cancel): RunState.cancelled,
    }
)

RUN_TO_CONFIRM = frozenset(state for state, action in RUN if action is RunAction.confirm)
RUN_STOPPED = frozenset(state for state, action in RUN if action is RunAction.resume)

ITEM: Mapping[tuple[ItemState, ItemAction], ItemState] = MappingProxyType(
    {
        (ItemState.ordered, ItemAction.begin): ItemState.in_ceremony,
        (ItemState.in_ceremony, ItemAction.make): ItemState.made,
        (ItemState.in_ceremony, ItemAction.undo): ItemState.ordered,
        (ItemState.made, ItemAction.spoil): ItemState.in_ceremony,  # the envelope was spoiled after confirmation: new PIN
        (ItemState.made, ItemAction.undo): ItemState.ordered,
        (ItemState.made, ItemAction.hand_over): ItemState.handed_over,
        (ItemState.ordered, ItemAction.give_up): ItemState.given_up,
    }
)

ITEM_SETTLED = frozenset({ItemState.made, ItemState.handed_over, ItemState.given_up})

TOKEN: Mapping[tuple[TokenState, TokenAction], TokenState] = MappingProxyType(
    {
        (TokenState.announced, TokenAction.receive): TokenState.in_stock,
        (TokenState.in_stock, TokenAction.begin): TokenState.in_ceremony,
        (TokenState.in_ceremony, TokenAction.make): TokenState.made,
        (TokenState.in_ceremony, TokenAction.put_back): TokenState.in_stock,
        (TokenState.in_ceremony, TokenAction.spoil): TokenState.spoiled,
        (TokenState.made, TokenAction.reopen): TokenState.in_ceremony,
        (TokenState.made, TokenAction.spoil): TokenState.spoiled,
        (TokenState.made, TokenAction.hand_over): TokenState.handed_over,
        (TokenState.handed_over, TokenAction.take_in): TokenState.in_ceremony,
        (TokenState.in_ceremony, TokenAction.give_back): TokenState.handed_over,
        (TokenState.in_ceremony, TokenAction.hand_in): TokenState.returned,  # it died while a new PIN was being set
        (TokenState.made, TokenAction.give_back): TokenState.handed_over,
        (TokenState.handed_over, TokenAction.hand_in): TokenState.returned,
        (TokenState.handed_over, TokenAction.lose): TokenState.lost,
        (TokenState.in_stock, TokenAction.spoil): TokenState.spoiled,
        (TokenState.in_stock, TokenAction.send_away): TokenState.in_transit,
        (TokenState.in_transit, TokenAction.arrive): TokenState.in_stock,
        (TokenState.in_stock, TokenAction.send_back): TokenState.returned,
        (TokenState.in_stock, TokenAction.miss): TokenState.missing,
        (TokenState.in_transit, TokenAction.miss): TokenState.missing,
        (TokenState.missing, TokenAction.recover): TokenState.in_stock,
    }
)

# Nobody uses it again.
TOKEN_GONE = frozenset({TokenState.spoiled, TokenState.returned, TokenState.lost})

ENVELOPE: Mapping[tuple[EnvelopeState, EnvelopeAction], EnvelopeState] = MappingProxyType(
    {
        (EnvelopeState.announced, EnvelopeAction.receive): EnvelopeState.in_stock,
        (EnvelopeState.in_stock, EnvelopeAction.allot): EnvelopeState.allotted,
        (EnvelopeState.allotted, EnvelopeAction.confirm): EnvelopeState.live,
        (EnvelopeState.allotted, EnvelopeAction.void): EnvelopeState.void,
        (EnvelopeState.live, EnvelopeAction.void): EnvelopeState.void,
        (EnvelopeState.in_stock, EnvelopeAction.spoil): EnvelopeState.spoiled,
        (EnvelopeState.in_stock, EnvelopeAction.send_away): EnvelopeState.in_transit,
        (EnvelopeState.in_transit, EnvelopeAction.arrive): EnvelopeState.in_stock,
        (EnvelopeState.in_stock, EnvelopeAction.send_back): EnvelopeState.returned,
        (EnvelopeState.in_stock, EnvelopeAction.miss): EnvelopeState.missing,
        (EnvelopeState.in_transit, EnvelopeAction.miss): EnvelopeState.missing,
        (EnvelopeState.missing, EnvelopeAction.recover): EnvelopeState.in_stock,
    }
)

CERTIFICATE: Mapping[tuple[CertificateStatus, CertificateAction], CertificateStatus] = MappingProxyType(
    {
        (CertificateStatus.prepared, CertificateAction.sign): CertificateStatus.on_hold,
        # Whether it was signed cannot be known after a crash, so its serial is listed as if it had been.
        (CertificateStatus.prepared, CertificateAction.revoke): CertificateStatus.revoked,
        (CertificateStatus.on_hold, CertificateAction.release): CertificateStatus.valid,
        (CertificateStatus.on_hold, CertificateAction.revoke): CertificateStatus.revoked,
        (CertificateStatus.valid, CertificateAction.revoke): CertificateStatus.revoked,
        (CertificateStatus.valid, CertificateAction.suspend): CertificateStatus.suspended,
        (CertificateStatus.suspended, CertificateAction.resume): CertificateStatus.valid,
        (CertificateStatus.suspended, CertificateAction.revoke): CertificateStatus.revoked,
    }
)

DELIVERY: Mapping[tuple[DeliveryState, DeliveryAction], DeliveryState] = MappingProxyType(
    {
        (DeliveryState.waiting, DeliveryAction.deliver): DeliveryState.delivered,
        (DeliveryState.waiting, DeliveryAction.give_up): DeliveryState.dead,
        (DeliveryState.dead, DeliveryAction.send_again): DeliveryState.waiting,
        (DeliveryState.dead, DeliveryAction.deliver): DeliveryState.delivered,  # read from the feed after all
    }
)

# Still to be told; given up for now; and both together: they hold back what comes after them.
DELIVERY_WAITING = frozenset(before for before, action in DELIVERY if action is DeliveryAction.give_up)
DELIVERY_DEAD = frozenset(before for before, action in DELIVERY if action is DeliveryAction.send_again)
DELIVERY_OPEN = frozenset(before for before, action in DELIVERY if action is DeliveryAction.deliver)

# The ways out of a stopped run, as far as the fault decides. `resume` sends the same run to the station again (same token, same
# certificate if one was signed); `cancel` gives it up and lets a new run begin. `ways_out` asks for the kind of run, too.
WAYS_OUT: Mapping[Fault, frozenset[RunAction]] = MappingProxyType(
    {
        fault: frozenset({RunAction.cancel})
        if fault in {Fault.token_not_blank, Fault.key_lost, Fault.wrong_key}
        else frozenset({RunAction.resume, RunAction.cancel})
        for fault in Fault
    }
)

# The medium itself is no more good.
_MEDIUM_FAILED = frozenset({Fault.driver_failed, Fault.driver_hung, Fault.proof_failed, Fault.wrong_key, Fault.key_lost})


def ways_out(kind: RunKind, state: RunState, fault: Fault | None, touched: bool) -> frozenset[RunAction]:
    """What is open to a run. `touched`: the station got further than looking at the token.

    An unlock whose PIN may have been changed is not cancelled: nobody would know the token's PIN. It is resumed until its new
    PIN lies in an envelope; only where the medium itself fails it can be given up, and the medium stays here (`after_cancel`).
    """
    ways = open_actions(RUN, state)
    if kind not in RUN_SETS_PIN:
        ways -= {RunAction.spoil_envelope}
    if kind is RunKind.unlock and touched and fault not in _MEDIUM_FAILED:
        return ways - {RunAction.cancel}
    if fault is not None and state in RUN_STOPPED:
        ways &= WAYS_OUT[fault]
    if kind is RunKind.rekey and fault is Fault.pin_locked:
        ways -= {RunAction.resume}  # an unlock comes first, and the token must be free for it
    return ways


def after_cancel(kind: RunKind, touched: bool) -> TokenAction:
    """What becomes of the token of a run that is given up: a holder's token goes back to him as it was, or, where its PIN may
    have been changed, stays here as a medium to be replaced. It is never spoiled and never put into stock."""
    if kind is RunKind.issue:
        return TokenAction.spoil if touched else TokenAction.put_back
    return TokenAction.hand_in if kind is RunKind.unlock and touched else TokenAction.give_back


def next_state(table: Mapping[tuple[S, A], S], state: S, action: A) -> S:
    """The state after the action. Raises NotOpen where the table has no row."""
    try:
        return table[state, action]
    except KeyError:
        raise NotOpen(state, action) from None


def open_actions(table: Mapping[tuple[S, A], S], state: S) -> frozenset[A]:
    """The actions that are open in a state."""
    return frozenset(action for at, action in table if at == state)


def may_report(current: RunState, reported: RunState) -> bool:
    """Whether a station's report moves a run on: forward in RUN_STEPS, or a repeat of where it is."""
    return (
        current in RUN_UNDERWAY
        and reported in RUN_STEPS
        and current is not RunState.queued
        and RUN_STEPS.index(reported) >= RUN_STEPS.index(current)
    )
