"""What the supervisor's first page shows: how much lies where since when, today's flow, times, what is not collected.

Every figure is bounded: by a day, by CAP, or by a sample. `branch_id` None stands for all branches.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select
from sqlalchemy.orm import Session

from models.rulebook.service_times import CounterTime, Step, counter_time
from models.rulebook.vocabulary import CaseKind, CaseState
from models.tables import Branch, Case, JournalLine
from models.tables.base import BEIJING
from models.worklists.counts import CAP

MEASURED = 120  # finished cases that times are taken from, the newest; shared among the branches where there are several


@dataclass(frozen=True, slots=True)
class Lying:
    """Cases in one state: how many (up to CAP at a branch), and since when the one that has been there longest."""

    state: CaseState
    count: int
    since: datetime | None


def lying(session: Session, branch_id: int | None, states: Sequence[CaseState]) -> list[Lying]:
    """One entry a state, in the order asked for."""
    columns = []
    for state in states:
        there = (Case.branch_id == Branch.id, Case.state == state)
        columns += [_count(*there), select(func.min(Case.state_since)).where(*there).correlate(Branch).scalar_subquery()]
    rows = session.execute(select(*columns).select_from(Branch).where(_which(branch_id))).all()
    return [
        Lying(
            state,
            sum(row[2 * at] for row in rows),
            min((row[2 * at + 1] for row in rows if row[2 * at + 1] is not None), default=None),
        )
        for at, state in enumerate(states)
    ]


def lying_since(session: Session, branch_id: int | None, state: CaseState, marks: Sequence[datetime]) -> list[int]:
    """How many came into a state after the first of the marks, between it and the second, …, before the last: one count more than
    marks, which are given the latest first."""
    begins, ends = [*marks, None], [None, *marks]
    columns = []
    for since, until in zip(begins, ends, strict=True):
        within = [Case.branch_id == Branch.id, Case.state == state]
        within += [Case.state_since >= since] if since is not None else []
        within += [Case.state_since < until] if until is not None else []
        columns.append(_count(*within))
    rows = session.execute(select(*columns).select_from(Branch).where(_which(branch_id))).all()
    return [sum(row[at] for row in rows) for at in range(len(columns))]


@dataclass(frozen=True, slots=True)
class Flow:
    """What came in and what was finished, by branch and hour of the counters' clock."""

    opened: Mapping[tuple[int, int], int]
    finished: Mapping[tuple[int, int], int]

    def by_hour(self, hours: Sequence[int]) -> tuple[list[int], list[int]]:
        return _summed(self.opened, hours, 1), _summed(self.finished, hours, 1)

    def by_branch(self, branch_ids: Sequence[int]) -> tuple[list[int], list[int]]:
        return _summed(self.opened, branch_ids, 0), _summed(self.finished, branch_ids, 0)

    @property
    def hours(self) -> set[int]:
        return {hour for _, hour in [*self.opened, *self.finished]}


def flow(session: Session, branch_id: int | None, since: datetime, until: datetime) -> Flow:
    """Of a stretch of time, a day say. Finished is what went its whole road, not what was refused or withdrawn."""
    came = select(Case.branch_id, Case.opened_at).where(_of(branch_id), Case.opened_at >= since, Case.opened_at < until)
    went = select(Case.branch_id, Case.closed_at).where(_of(branch_id), Case.closed_at >= since, Case.closed_at < until)
    return Flow(_by_hour(session, came), _by_hour(session, went.where(Case.state == CaseState.closed)))


@dataclass(frozen=True, slots=True)
class Measured:
    """One finished case."""

    kind: CaseKind
    finished_at: datetime
    time: CounterTime


def measured(session: Session, branch_ids: Sequence[int], since: datetime, until: datetime) -> list[Measured]:
    """The time that the newest finished cases took, at most MEASURED over all these branches."""
    cases: dict[int, tuple[CaseKind, datetime]] = {}
    for branch_id in branch_ids:
        newest = (
            select(Case.id, Case.kind, Case.closed_at)
            .where(Case.branch_id == branch_id, Case.closed_at >= since, Case.closed_at < until, Case.state == CaseState.closed)
            .order_by(Case.closed_at.desc())
            .limit(max(MEASURED // len(branch_ids), 1))
        )
        cases |= {id_: (kind, closed_at) for id_, kind, closed_at in session.execute(newest)}
    steps: dict[int, list[Step]] = {}
    lines = (
        select(JournalLine.case_id, JournalLine.at, JournalLine.after)
        .where(JournalLine.case_id.in_(list(cases)), JournalLine.subject == Case.__tablename__, JournalLine.after.is_not(None))
        .order_by(JournalLine.case_id, JournalLine.id)
    )
    for id_, at, after in session.execute(lines):
        steps.setdefault(id_, []).append(Step(at, CaseState(after)))
    return [Measured(kind, closed_at, counter_time(steps.get(id_, ()))) for id_, (kind, closed_at) in cases.items()]


def _of(branch_id: int | None) -> ColumnElement[bool]:
    """Named one by one where all are meant, so that the indexes by branch serve."""
    return Case.branch_id == branch_id if branch_id is not None else Case.branch_id.in_(select(Branch.id))


def _which(branch_id: int | None) -> ColumnElement[bool]:
    return Branch.id == branch_id if branch_id is not None else Branch.id.is_not(None)


def _count(*conditions: ColumnElement[bool]) -> Any:
    """Of one branch's cases, up to CAP."""
    rows = select(literal(1).label("one")).select_from(Case).where(*conditions).limit(CAP).correlate(Branch).subquery()
    return select(func.count()).select_from(rows).correlate(Branch).scalar_subquery()


def _by_hour(session: Session, query: Select[Any]) -> Mapping[tuple[int, int], int]:
    found: dict[tuple[int, int], int] = {}
    for branch_id, at in session.execute(query):
        key = branch_id, at.astimezone(BEIJING).hour
        found[key] = found.get(key, 0) + 1
    return found


def _summed(counts: Mapping[tuple[int, int], int], keys: Sequence[int], part: int) -> list[int]:
    return [sum(count for key, count in counts.items() if key[part] == wanted) for wanted in keys]
