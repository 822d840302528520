"""What the review desk looks at: its queue, and a case's examinations, scans and earlier returns."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from models.rulebook.vocabulary import CaseAction, CaseKind, CaseState
from models.rulebook.workflow import CASE, open_actions
from models.tables import Case, DocumentSet, Examination, JournalLine, Notice, Scan
from models.worklists.counts import Queue, queue_counts
from models.worklists.issuance import Page, keyset

MOST_COUNTED = 999  # a queue is counted no further

# Acts by which a member of staff makes a case his own work: he may not review it then.
OWN_WORK = ("open", "save", "accept", "amend", "attach_scan", "ask_grant")


@dataclass(frozen=True, slots=True)
class QueueRow:
    case: Case
    is_own: bool  # the looker opened it or worked on it: another person must review it


def states_open_to(action: CaseAction) -> tuple[CaseState, ...]:
    return tuple(state for state in CaseState if action in open_actions(CASE, state))


def worked_on_by(session: Session, staff_id: int, case_ids: Iterable[int]) -> frozenset[int]:
    """Which of the cases the member of staff opened, typed or accepted."""
    ids = list(case_ids)
    lines = session.scalars(
        select(JournalLine.case_id)
        .where(JournalLine.case_id.in_(ids), JournalLine.staff_id == staff_id, JournalLine.act.in_(OWN_WORK))
        .distinct()
    )
    opened = session.scalars(select(Case.id).where(Case.id.in_(ids), Case.opened_by == staff_id))
    return frozenset(id_ for id_ in [*lines, *opened] if id_ is not None)


def review_queue(session: Session, branch_id: int, staff_id: int, before: int | None = None, after: int | None = None) -> Page:
    """Cases to be reviewed, in the order they were opened."""
    query = (
        select(Case)
        .where(Case.branch_id == branch_id, Case.state.in_(states_open_to(CaseAction.approve)))
        .options(joinedload(Case.applicant), joinedload(Case.opener))
    )
    page = keyset(session, query, before, after)
    own = worked_on_by(session, staff_id, [case.id for case in page.rows])
    return Page([QueueRow(case, case.id in own) for case in page.rows], page.newer, page.older)


def capped_count(
    session: Session, branch_id: int, states: Sequence[CaseState], kinds: Iterable[CaseKind] = frozenset(CaseKind)
) -> int:
    """Cases of the branch in these states and of these kinds, counted to MOST_COUNTED + 1 and no further."""
    [count] = queue_counts(session, branch_id, [Queue(tuple(states), frozenset(kinds))], MOST_COUNTED + 1)
    return count


def latest_examination(session: Session, case_id: int) -> Examination | None:
    return session.scalars(
        select(Examination).where(Examination.case_id == case_id).order_by(Examination.id.desc()).limit(1)
    ).first()


def latest_return(session: Session, case_id: int) -> JournalLine | None:
    """The line of the last time a reviewer sent the case back: reason and places are in its detail."""
    return session.scalars(
        select(JournalLine)
        .where(JournalLine.case_id == case_id, JournalLine.act == CaseAction.send_back.value)
        .order_by(JournalLine.id.desc())
        .limit(1)
        .options(joinedload(JournalLine.staff))
    ).first()


def scans_of(session: Session, case_id: int) -> list[tuple[int, Scan]]:
    """Every page of every scan, with the place of its set."""
    rows = session.execute(
        select(DocumentSet.position, Scan)
        .join(DocumentSet, Scan.set_id == DocumentSet.id)
        .where(Scan.case_id == case_id)
        .order_by(DocumentSet.position, Scan.id)
    )
    return [(row.position, row.Scan) for row in rows]


def notices_of(session: Session, case_id: int) -> Sequence[Notice]:
    """The numbered papers of a case, the newest first."""
    return session.scalars(select(Notice).where(Notice.case_id == case_id).order_by(Notice.id.desc())).all()


def findings_of(examination: Examination | None) -> list[dict[str, Any]]:
    """The findings of an examination, as the contract writes them."""
    return list(examination.answer["findings"]) if examination is not None else []
