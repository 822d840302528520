"""Whether the traces of destroyed records are all there, in their order, unchanged, and true: the chain is computed anew."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.services.blank_record import still_told
from app.services.carry_out_destruction import FIRST, SERIES
from app.services.record_digest import chained
from models.tables import Case, Counter, DestructionList, DestructionTrace, Scan

MOST_FAULTS = 50  # named one by one


@dataclass(frozen=True, slots=True)
class TraceFault:
    """`code`: gap, chain, approvals, not_listed, not_destroyed, untraced, still_told, files, cut_off. `number`: of the trace; 0 where
    it is about none. `case_number`: "" where it is about none."""

    code: str
    number: int = 0
    case_number: str = ""


@dataclass(frozen=True, slots=True)
class Verified:
    """`chain`: of the last trace; it stands on the paper record of the last list, too. `unfinished`: files may still be there."""

    traces: int
    chain: str
    unfinished: int
    faults: tuple[TraceFault, ...]

    @property
    def sound(self) -> bool:
        return not self.faults


def verify_traces(session: Session) -> Verified:
    """Reads every trace once, in order."""
    faults: list[TraceFault] = []
    before, expected, unfinished = FIRST, 1, 0
    lists = {one.id: one for one in session.scalars(select(DestructionList))}
    wanted = select(DestructionTrace, Case.destroyed_at).join(Case, DestructionTrace.case_id == Case.id)
    for trace, destroyed_at in session.execute(wanted.order_by(DestructionTrace.number).execution_options(yield_per=1000)):
        listed = lists[trace.list_id]
        if trace.number != expected:
            faults.append(TraceFault("gap", trace.number, trace.case_number))
        if trace.chain != chained(before, trace, listed.number):
            faults.append(TraceFault("chain", trace.number, trace.case_number))
        if not _agreed(listed):
            faults.append(TraceFault("approvals", trace.number, trace.case_number))
        if trace.case_id not in listed.case_ids:
            faults.append(TraceFault("not_listed", trace.number, trace.case_number))
        if destroyed_at is None:
            faults.append(TraceFault("not_destroyed", trace.number, trace.case_number))
        before, expected = trace.chain, trace.number + 1
        unfinished += not trace.complete
    faults += _of_the_rest(session, expected - 1)
    return Verified(expected - 1, before if expected > 1 else "", unfinished, tuple(faults[:MOST_FAULTS]))


def _agreed(listed: DestructionList) -> bool:
    return listed.first_by is not None and listed.second_by is not None and len(
        {listed.proposed_by, listed.first_by, listed.second_by}
    ) == 3  # fmt: skip


def _of_the_rest(session: Session, last: int) -> list[TraceFault]:
    faults = []
    if (session.scalar(select(Counter.value).where(Counter.series == SERIES)) or 0) != last:
        faults.append(TraceFault("cut_off"))
    traced = select(DestructionTrace.id).where(DestructionTrace.case_id == Case.id).exists()
    for number in session.scalars(select(Case.number).where(Case.destroyed_at.is_not(None), ~traced)):
        faults.append(TraceFault("untraced", case_number=number))
    told = still_told(session)
    numbers = select(Case.number).where(Case.id.in_(told[:MOST_FAULTS]))
    faults += [TraceFault("still_told", case_number=number) for number in session.scalars(numbers)]
    files = (
        select(DestructionTrace.number, DestructionTrace.case_number)
        .where(DestructionTrace.complete, select(Scan.id).where(Scan.case_id == DestructionTrace.case_id).exists())
        .order_by(DestructionTrace.number)
    )
    faults += [TraceFault("files", number, case_number) for number, case_number in session.execute(files)]
    return faults
