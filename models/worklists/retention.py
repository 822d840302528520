"""Whose time is over, what is held, what was destroyed: read for the retention room and for those who destroy."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from models.rulebook.oversight import DestructionAction, HoldState, JobKind, JobState
from models.rulebook.oversight_workflow import DESTRUCTION
from models.rulebook.retention import Clock, ClockState, Hold, Kept, clock_of, newest_beginning
from models.rulebook.vocabulary import CertificateStatus
from models.tables import Branch, Case, CaseItem, Certificate, DestructionList, DestructionTrace, Job, LegalHold, Scan
from models.tables.base import BEIJING

PAGE = 50
_CHUNK = 200  # candidates read at once: nearly all of them are due
_MOST_CHUNKS = 20

OPEN_LISTS = frozenset(before for before, _ in DESTRUCTION)
_TO_APPROVE = [state for state, action in DESTRUCTION if action is DestructionAction.approve]


@dataclass(frozen=True)
class Timed:
    """A case with its clock."""

    case: Case
    clock: Clock
    scans: int = 0


@dataclass(frozen=True)
class DuePage:
    """Oldest first. `after`: the cursor of the next page, "" on the last."""

    rows: Sequence[Timed]
    after: str = ""


def clocks_of(session: Session, cases: Sequence[Case], today: date) -> Mapping[int, Clock]:
    """By the case's id. `today`: the calendar date at the counters."""
    lapses, holds = _lapses(session, cases), _holds(session, cases)
    return {
        case.id: clock_of(
            Kept(
                closed_on=_day(case.closed_at),
                lapses=lapses[case.id],
                holds=[*holds["case", case.id], *(holds["applicant", case.applicant_id] if case.applicant_id else ())],
                destroyed=case.destroyed_at is not None,
            ),
            today,
        )
        for case in cases
    }


def due_page(session: Session, branch_id: int | None, today: date, after: str = "", size: int = PAGE) -> DuePage:
    """Cases that may be destroyed and are on no open list, by the day on which they were closed."""
    listed = on_open_lists(session)
    rows: list[Timed] = []
    cursor = _cursor(after)
    for _ in range(_MOST_CHUNKS):
        some = session.scalars(_candidates(branch_id, today, cursor).limit(_CHUNK)).all()
        clocks = clocks_of(session, some, today)
        for case in some:
            if clocks[case.id].state is ClockState.due and case.id not in listed:
                if len(rows) == size:
                    return DuePage(_with_scans(session, rows), _cursor_of(rows[-1].case))
                rows.append(Timed(case, clocks[case.id]))
        if len(some) < _CHUNK:
            return DuePage(_with_scans(session, rows))
        cursor = _cursor(_cursor_of(some[-1]))
    return DuePage(_with_scans(session, rows), _cursor_of(some[-1]))


def timed(session: Session, case_ids: Iterable[int], today: date) -> Sequence[Timed]:
    """These cases with their clocks, in order of their numbers."""
    cases = session.scalars(
        select(Case).where(Case.id.in_(list(case_ids))).order_by(Case.number).options(joinedload(Case.branch))
    ).all()
    clocks = clocks_of(session, cases, today)
    return _with_scans(session, [Timed(case, clocks[case.id]) for case in cases])


def on_open_lists(session: Session) -> frozenset[int]:
    """The cases of every list that is neither carried out nor dropped."""
    lists = session.scalars(select(DestructionList.case_ids).where(DestructionList.state.in_(OPEN_LISTS)))
    return frozenset(case_id for case_ids in lists for case_id in case_ids)


def lists_to_approve(staff_id: int) -> Select[DestructionList]:
    """Of whatever branch, but for what he proposed or approved himself."""
    return select(DestructionList).where(
        DestructionList.state.in_(_TO_APPROVE),
        DestructionList.proposed_by != staff_id,
        or_(DestructionList.first_by.is_(None), DestructionList.first_by != staff_id),
    )


def lists_seen(branch_id: int | None, approver: int | None) -> Select[DestructionList]:
    """Those of one branch (None: of all); for who may approve, by his staff id, those of other branches that wait for it or that he
    signed."""
    if branch_id is None:
        return select(DestructionList)
    mine = DestructionList.branch_id == branch_id
    if approver is None:
        return select(DestructionList).where(mine)
    signed = or_(DestructionList.first_by == approver, DestructionList.second_by == approver)
    return select(DestructionList).where(or_(mine, DestructionList.state.in_(_TO_APPROVE), signed))


def holds_seen(branch_id: int | None) -> Select[LegalHold]:
    """Those set at one branch, or (None) at all."""
    query = select(LegalHold)
    return query if branch_id is None else query.where(LegalHold.branch_id == branch_id)


def standing_holds_on(case: Case) -> Select[LegalHold]:
    return holds_on(case).where(LegalHold.state == HoldState.standing)


def holds_on(case: Case) -> Select[LegalHold]:
    """On the case itself, and on its applicant."""
    about = LegalHold.case_id == case.id
    if case.applicant_id is not None:
        about = or_(about, LegalHold.applicant_id == case.applicant_id)
    return select(LegalHold).where(about)


def traces_seen(branch_id: int | None) -> Select[DestructionTrace]:
    query = select(DestructionTrace).join(DestructionTrace.destruction)
    return query if branch_id is None else query.where(DestructionList.branch_id == branch_id)


def checks_done(session: Session, most: int) -> Sequence[Job]:
    """Checks of the traces that came to their end, whoever asked for them, the newest first."""
    done = select(Job).where(Job.kind == JobKind.trace_check, Job.state == JobState.done)
    return session.scalars(done.order_by(Job.id.desc()).limit(most).options(joinedload(Job.asker))).all()


def lapse_of(certificate: Certificate) -> date:
    """The day on which it ends or ended: by itself, or by being revoked before."""
    ended = certificate.not_after
    if certificate.status is CertificateStatus.revoked and certificate.revoked_at is not None:
        ended = min(ended, certificate.revoked_at)
    return ended.astimezone(BEIJING).date()


def _lapses(session: Session, cases: Sequence[Case]) -> Mapping[int, list[date]]:
    """Of the certificates that a case made, and of the one that it was about. What was only prepared never began."""
    found: dict[int, list[date]] = defaultdict(list)
    made = (
        select(CaseItem.case_id, Certificate)
        .join(Certificate, Certificate.item_id == CaseItem.id)
        .where(CaseItem.case_id.in_([case.id for case in cases]), Certificate.status != CertificateStatus.prepared)
    )
    for case_id, certificate in session.execute(made):
        found[case_id].append(lapse_of(certificate))
    wanted = {case.certificate_id for case in cases if case.certificate_id is not None}
    about = {one.id: lapse_of(one) for one in session.scalars(select(Certificate).where(Certificate.id.in_(wanted)))}
    for case in cases:
        if case.certificate_id is not None:
            found[case.id].append(about[case.certificate_id])
    return found


def _holds(session: Session, cases: Sequence[Case]) -> Mapping[tuple[str, int], list[Hold]]:
    found: dict[tuple[str, int], list[Hold]] = defaultdict(list)
    applicants = {case.applicant_id for case in cases if case.applicant_id is not None}
    rows = session.scalars(
        select(LegalHold).where(or_(LegalHold.case_id.in_([case.id for case in cases]), LegalHold.applicant_id.in_(applicants)))
    )
    for row in rows:
        hold = Hold(row.set_at.astimezone(BEIJING).date(), _day(row.lifted_at))
        about = ("case", row.case_id) if row.case_id is not None else ("applicant", row.applicant_id)
        found[about].append(hold)  # type: ignore[index]
    return found


def _candidates(branch_id: int | None, today: date, cursor: tuple[datetime, int] | None) -> Select[Case]:
    """Whoever is not among these is not due; who is among them, his clock says."""
    edge = datetime.combine(newest_beginning(today), time.min, BEIJING)
    lives = and_(
        Certificate.not_after >= edge,
        or_(Certificate.status != CertificateStatus.revoked, Certificate.revoked_at.is_(None), Certificate.revoked_at >= edge),
    )
    made = exists().where(
        CaseItem.case_id == Case.id, Certificate.item_id == CaseItem.id, Certificate.status != CertificateStatus.prepared, lives
    )
    about = exists().where(Certificate.id == Case.certificate_id, lives)
    held: ColumnElement[bool] = exists().where(
        LegalHold.state == HoldState.standing,
        or_(LegalHold.case_id == Case.id, LegalHold.applicant_id == Case.applicant_id),
    )
    query = select(Case).where(Case.closed_at < edge, Case.destroyed_at.is_(None), ~made, ~about, ~held)
    # All branches are named one by one, so that the index by branch serves.
    query = query.where(Case.branch_id == branch_id if branch_id is not None else Case.branch_id.in_(select(Branch.id)))
    if cursor is not None:
        closed_at, case_id = cursor
        query = query.where(or_(Case.closed_at > closed_at, and_(Case.closed_at == closed_at, Case.id > case_id)))
    return query.order_by(Case.closed_at, Case.id).options(joinedload(Case.branch))


def _with_scans(session: Session, rows: Sequence[Timed]) -> Sequence[Timed]:
    ids = [row.case.id for row in rows]
    query = select(Scan.case_id, func.count()).where(Scan.case_id.in_(ids)).group_by(Scan.case_id)
    counted = {case_id: count for case_id, count in session.execute(query)}  # noqa: C416 - typed rows
    return [Timed(row.case, row.clock, counted.get(row.case.id, 0)) for row in rows]


def _day(instant: datetime | None) -> date | None:
    return instant.astimezone(BEIJING).date() if instant is not None else None


_EPOCH = datetime(1970, 1, 1, tzinfo=BEIJING)


def _cursor_of(case: Case) -> str:
    assert case.closed_at is not None  # noqa: S101 - it is closed, or it would have no clock
    return f"{(case.closed_at - _EPOCH) // timedelta(microseconds=1)}.{case.id}"


def _cursor(text: str) -> tuple[datetime, int] | None:
    """None for what is no cursor: the first page."""
    instant, _, case_id = text.partition(".")
    if not (instant.isascii() and instant.isdigit() and case_id.isascii() and case_id.isdigit() and len(text) < 40):
        return None
    try:
        return _EPOCH + timedelta(microseconds=int(instant)), int(case_id)
    except OverflowError:
        return None
