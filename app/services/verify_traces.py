"""Whether the traces of destroyed records are all there, in their order, unchanged, and true: the chain is computed anew."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.services.blank_record import still_told
from app.services.carry_out_destruction import FIRST, SERIES
from app.services.guard import allow
from app.services.jobs import Outcome, Progress, ask_job
from app.services.record_digest import chained
from app.services.world import World
from models.rulebook.oversight import JobKind
from models.rulebook.oversight_workflow import JOB_FINAL
from models.rulebook.permissions import Actor, Permission
from models.tables import Case, Counter, DestructionList, DestructionTrace, Job, Scan, Staff

MOST_FAULTS = 50  # named one by one
TOLD_EVERY = 500  # traces
_LAST_STEPS = 4  # besides the traces, one by one: what is asked of all records at once


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


def ask_check(world: World, actor: Actor) -> int:
    """The id of the background work; of a second click the first one's, as long as that is not done."""
    allow(Permission.read_retention, actor)
    with world.writing() as session:
        session.execute(select(Staff.id).where(Staff.id == actor.staff_id).with_for_update(key_share=True))  # one click at a time
        mine = (Job.kind == JobKind.trace_check, Job.asked_by == actor.staff_id, Job.state.not_in(JOB_FINAL))
        there = session.scalar(select(Job.id).where(*mine).limit(1))
        if there is not None:
            return there
        job = ask_job(session, world.now(), actor, JobKind.trace_check, {}, actor.branch_id)
        session.flush()
        job.question = {"check_id": job.id}  # the page of what came out
        session.commit()
        return job.id


def check_traces(world: World, actor: Actor, question: Mapping[str, Any], progress: Progress) -> Outcome:
    """The work itself. `answer`: as `Verified`; it is kept, so that everybody who looks after records sees when it was done last."""
    allow(Permission.read_retention, actor)
    with world.reading() as session:
        return Outcome(asdict(verify_traces(session, progress)))


def verified(answer: Mapping[str, Any]) -> Verified:
    """What a check that was done found."""
    return Verified(**{**answer, "faults": tuple(TraceFault(**fault) for fault in answer["faults"])})


def verify_traces(session: Session, tell: Callable[[int, int], None] = lambda done, of: None) -> Verified:
    """Reads every trace once, in order. Records may be destroyed meanwhile: looked at is what there was at the beginning."""
    last, steps = session.scalar(select(Counter.value).where(Counter.series == SERIES)) or 0, 0
    faults: list[TraceFault] = []
    before, expected, unfinished = FIRST, 1, 0
    lists = {one.id: (one, frozenset(one.case_ids)) for one in session.scalars(select(DestructionList))}
    wanted = select(DestructionTrace, Case.destroyed_at).join(Case, DestructionTrace.case_id == Case.id)
    wanted = wanted.where(DestructionTrace.number <= last).order_by(DestructionTrace.number)
    for trace, destroyed_at in session.execute(wanted.execution_options(yield_per=TOLD_EVERY)):
        if expected % TOLD_EVERY == 1:
            tell(min(expected - 1, last), last + _LAST_STEPS)
        listed, case_ids = lists[trace.list_id]
        found = {
            "gap": trace.number != expected,
            "chain": trace.chain != chained(before, trace, listed.number),
            "approvals": not _agreed(listed),
            "not_listed": trace.case_id not in case_ids,
            "not_destroyed": destroyed_at is None,
        }
        faults += [TraceFault(code, trace.number, trace.case_number) for code, is_so in found.items() if is_so]
        before, expected = trace.chain, trace.number + 1
        unfinished += not trace.complete
    if expected - 1 != last:
        faults.append(TraceFault("cut_off"))
    for some in _of_the_rest(session):
        tell(last + (steps := steps + 1), last + _LAST_STEPS)
        faults += some
    return Verified(expected - 1, before if expected > 1 else "", unfinished, tuple(faults[:MOST_FAULTS]))


def _agreed(listed: DestructionList) -> bool:
    return listed.first_by is not None and listed.second_by is not None and len(
        {listed.proposed_by, listed.first_by, listed.second_by}
    ) == 3  # fmt: skip


def _of_the_rest(session: Session) -> Iterator[list[TraceFault]]:
    """Each asked in one statement, which sees no destruction half done."""
    counted = select(Counter.value).where(Counter.series == SERIES).scalar_subquery()
    newest = select(func.max(DestructionTrace.number)).scalar_subquery()
    at_once = session.execute(select(func.coalesce(counted, 0), func.coalesce(newest, 0))).one()
    yield [TraceFault("cut_off", at_once[1])] if at_once[1] > at_once[0] else []
    traced = select(DestructionTrace.id).where(DestructionTrace.case_id == Case.id).exists()
    untraced = session.scalars(select(Case.number).where(Case.destroyed_at.is_not(None), ~traced).limit(MOST_FAULTS))
    yield [TraceFault("untraced", case_number=number) for number in untraced]
    numbers = select(Case.number).where(Case.id.in_(still_told(session)[:MOST_FAULTS]))
    yield [TraceFault("still_told", case_number=number) for number in session.scalars(numbers)]
    files = (
        select(DestructionTrace.number, DestructionTrace.case_number)
        .where(DestructionTrace.complete, select(Scan.id).where(Scan.case_id == DestructionTrace.case_id).exists())
        .order_by(DestructionTrace.number)
        .limit(MOST_FAULTS)
    )
    yield [TraceFault("files", number, case_number) for number, case_number in session.execute(files)]
