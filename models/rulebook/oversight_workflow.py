"""The workflow tables of supervision, as `workflow` has those of the counters, and which movement of stock a change of state is."""

from collections.abc import Mapping
from types import MappingProxyType

from models.rulebook.oversight import (
    DayAction,
    DayState,
    DestructionAction,
    DestructionState,
    DraftAction,
    DraftState,
    ExceptionAction,
    ExceptionState,
    HoldAction,
    HoldState,
    ImportAction,
    ImportState,
    JobAction,
    JobState,
    MovementKind,
    ShiftAction,
    ShiftState,
    TransferAction,
    TransferState,
)
from models.rulebook.vocabulary import EnvelopeAction, EnvelopeState, TokenAction, TokenState

TRANSFER: Mapping[tuple[TransferState, TransferAction], TransferState] = MappingProxyType(
    {
        (TransferState.sent, TransferAction.receive): TransferState.settled,
        (TransferState.sent, TransferAction.receive_short): TransferState.differs,
        (TransferState.differs, TransferAction.receive_short): TransferState.differs,  # some of the missing pieces turned up
        (TransferState.differs, TransferAction.settle): TransferState.settled,
    }
)

IMPORT: Mapping[tuple[ImportState, ImportAction], ImportState] = MappingProxyType(
    {
        (ImportState.previewed, ImportAction.take_over): ImportState.taking,
        (ImportState.taking, ImportAction.finish): ImportState.imported,
        (ImportState.taking, ImportAction.stop): ImportState.previewed,
        (ImportState.previewed, ImportAction.drop): ImportState.dropped,
    }
)

EXCEPTION: Mapping[tuple[ExceptionState, ExceptionAction], ExceptionState] = MappingProxyType(
    {
        (ExceptionState.asked, ExceptionAction.grant): ExceptionState.granted,
        (ExceptionState.asked, ExceptionAction.refuse): ExceptionState.refused,
        (ExceptionState.asked, ExceptionAction.withdraw): ExceptionState.withdrawn,
        (ExceptionState.asked, ExceptionAction.lapse): ExceptionState.lapsed,
        (ExceptionState.granted, ExceptionAction.use): ExceptionState.used,
        (ExceptionState.granted, ExceptionAction.withdraw): ExceptionState.withdrawn,
        (ExceptionState.granted, ExceptionAction.lapse): ExceptionState.lapsed,
    }
)
EXCEPTION_OPEN = frozenset(before for before, action in EXCEPTION if action is ExceptionAction.lapse)

DAY: Mapping[tuple[DayState, DayAction], DayState] = MappingProxyType(
    {
        (DayState.counted, DayAction.countersign): DayState.closed,
        (DayState.counted, DayAction.count_again): DayState.recounted,
    }
)

SHIFT: Mapping[tuple[ShiftState, ShiftAction], ShiftState] = MappingProxyType(
    {
        (ShiftState.offered, ShiftAction.accept): ShiftState.accepted,
        (ShiftState.offered, ShiftAction.decline): ShiftState.declined,
    }
)

DRAFT: Mapping[tuple[DraftState, DraftAction], DraftState] = MappingProxyType(
    {
        (DraftState.draft, DraftAction.save): DraftState.draft,
        (DraftState.draft, DraftAction.propose): DraftState.proposed,
        (DraftState.draft, DraftAction.drop): DraftState.dropped,
        (DraftState.proposed, DraftAction.take_back): DraftState.draft,
        (DraftState.proposed, DraftAction.publish): DraftState.published,
        (DraftState.proposed, DraftAction.drop): DraftState.dropped,
    }
)

JOB: Mapping[tuple[JobState, JobAction], JobState] = MappingProxyType(
    {
        (JobState.waiting, JobAction.take): JobState.running,
        (JobState.running, JobAction.take): JobState.running,  # whoever worked on it has gone
        (JobState.running, JobAction.finish): JobState.done,
        (JobState.running, JobAction.fail): JobState.failed,
        (JobState.waiting, JobAction.cancel): JobState.cancelled,
        (JobState.running, JobAction.cancel): JobState.cancelled,
    }
)
JOB_FINAL = frozenset(JobState) - frozenset(before for before, _ in JOB)

HOLD: Mapping[tuple[HoldState, HoldAction], HoldState] = MappingProxyType(
    {(HoldState.standing, HoldAction.lift): HoldState.lifted}
)

DESTRUCTION: Mapping[tuple[DestructionState, DestructionAction], DestructionState] = MappingProxyType(
    {
        (DestructionState.proposed, DestructionAction.approve): DestructionState.approved_once,
        (DestructionState.approved_once, DestructionAction.approve): DestructionState.approved,
        (DestructionState.approved, DestructionAction.carry_out): DestructionState.destroyed,
        (DestructionState.proposed, DestructionAction.drop): DestructionState.dropped,
        (DestructionState.approved_once, DestructionAction.drop): DestructionState.dropped,
    }
)

# What a change of state does to the number of blank pieces in the branch's drawer. A piece that is spoiled in a ceremony had been
# issued to it: the issue is taken back and the piece counts as spoiled, so that the day sheet says what became of it.
_AFTER_ALL_SPOILED = ((MovementKind.issued, 1), (MovementKind.spoiled, -1))
TOKEN_MOVEMENTS: Mapping[tuple[TokenState, TokenAction], tuple[tuple[MovementKind, int], ...]] = MappingProxyType(
    {
        (TokenState.announced, TokenAction.receive): ((MovementKind.received, 1),),
        (TokenState.in_stock, TokenAction.begin): ((MovementKind.issued, -1),),
        (TokenState.in_ceremony, TokenAction.put_back): ((MovementKind.issued, 1),),
        (TokenState.in_ceremony, TokenAction.spoil): _AFTER_ALL_SPOILED,
        (TokenState.made, TokenAction.spoil): _AFTER_ALL_SPOILED,
        (TokenState.in_stock, TokenAction.spoil): ((MovementKind.spoiled, -1),),
        (TokenState.in_stock, TokenAction.send_away): ((MovementKind.sent, -1),),
        (TokenState.in_transit, TokenAction.arrive): ((MovementKind.arrived, 1),),
        (TokenState.in_stock, TokenAction.send_back): ((MovementKind.returned, -1),),
        (TokenState.in_stock, TokenAction.miss): ((MovementKind.lost, -1),),
        (TokenState.missing, TokenAction.recover): ((MovementKind.found, 1),),
    }
)
# A live envelope that is void once it was handed over, because a new PIN overtook it, is no stock: see `services/stock`.
ENVELOPE_MOVEMENTS: Mapping[tuple[EnvelopeState, EnvelopeAction], tuple[tuple[MovementKind, int], ...]] = MappingProxyType(
    {
        (EnvelopeState.announced, EnvelopeAction.receive): ((MovementKind.received, 1),),
        (EnvelopeState.in_stock, EnvelopeAction.allot): ((MovementKind.issued, -1),),
        (EnvelopeState.allotted, EnvelopeAction.void): _AFTER_ALL_SPOILED,
        (EnvelopeState.live, EnvelopeAction.void): _AFTER_ALL_SPOILED,
        (EnvelopeState.in_stock, EnvelopeAction.spoil): ((MovementKind.spoiled, -1),),
        (EnvelopeState.in_stock, EnvelopeAction.send_away): ((MovementKind.sent, -1),),
        (EnvelopeState.in_transit, EnvelopeAction.arrive): ((MovementKind.arrived, 1),),
        (EnvelopeState.in_stock, EnvelopeAction.send_back): ((MovementKind.returned, -1),),
        (EnvelopeState.in_stock, EnvelopeAction.miss): ((MovementKind.lost, -1),),
        (EnvelopeState.missing, EnvelopeAction.recover): ((MovementKind.found, 1),),
    }
)
