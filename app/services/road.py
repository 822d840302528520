"""The one method that writes a state: it claims the row by state and version and appends the journal line in the same breath."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.services.errors import OutOfTurn, Stale
from models.rulebook import oversight_workflow, workflow
from models.rulebook.oversight import ExceptionAction
from models.rulebook.permissions import Actor
from models.rulebook.vocabulary import CaseAction, ItemAction, RunAction, RunState
from models.tables import Base, Case, CaseItem, ExceptionRequest, JournalLine, Platform, Run, Station

Who = Actor | Station | Platform | None  # a member of staff, a station, a platform, or the program itself


def write_line(
    session: Session,
    at: datetime,
    who: Who,
    thing: Base,
    act: str,
    *,
    before: StrEnum | None = None,
    after: StrEnum | None = None,
    case_id: int | None = None,
    branch_id: int | None = None,
    **detail: Any,
) -> None:
    """Append a journal line.

    `detail` must hold no identity number and no PIN.
    """
    session.flush()
    session.add(
        JournalLine(
            at=at,
            staff_id=who.staff_id if isinstance(who, Actor) else None,
            station_id=who.id if isinstance(who, Station) else None,
            platform_id=who.id if isinstance(who, Platform) else None,
            branch_id=branch_id if branch_id is not None or who is None or isinstance(who, Platform) else who.branch_id,
            case_id=case_id,
            subject=thing.__tablename__,
            subject_id=thing.id,  # type: ignore[attr-defined]
            act=act,
            before=before.value if before else None,
            after=after.value if after else None,
            detail=detail,
        )
    )


def claim(session: Session, thing: Any, version: int, **changes: Any) -> None:
    """Change a row only if it is as the page or the plan saw it: same version, same state. Raises Stale otherwise.

    A conditional UPDATE whose row count must be 1; a read followed by a write would let two through.
    """
    session.flush()
    kind = type(thing)
    conditions = [kind.id == thing.id, kind.version == version]
    if hasattr(kind, "state"):
        conditions.append(kind.state == thing.state)
    outcome = session.execute(
        update(kind).where(*conditions).values(version=version + 1, **changes).execution_options(synchronize_session=False)
    )
    if outcome.rowcount != 1:
        raise Stale()
    session.refresh(thing)


def _advance(
    session: Session,
    at: datetime,
    who: Who,
    thing: Any,
    table: Any,
    action: StrEnum,
    version: int | None,
    case: Case,
    changes: dict[str, Any],
    detail: dict[str, Any],
) -> None:
    before = thing.state
    try:
        after = workflow.next_state(table, before, action)
    except workflow.NotOpen as error:
        raise OutOfTurn(state=error.state.value, action=error.action.value) from None
    claim(session, thing, thing.version if version is None else version, state=after, state_since=at, **changes)
    write_line(
        session, at, who, thing, action.value, before=before, after=after, case_id=case.id, branch_id=case.branch_id, **detail
    )


def advance_case(
    session: Session,
    at: datetime,
    who: Who,
    case: Case,
    action: CaseAction,
    *,
    version: int | None = None,
    changes: dict[str, Any] | None = None,
    **detail: Any,
) -> None:
    """Move a case along the workflow table. `version`: what the page saw (default: what was just read).

    Raises OutOfTurn where the table has no row, Stale where somebody else was first.
    """
    _advance(session, at, who, case, workflow.CASE, action, version, case, changes or {}, detail)


def advance_item(
    session: Session,
    at: datetime,
    who: Who,
    item: CaseItem,
    action: ItemAction,
    *,
    version: int | None = None,
    changes: dict[str, Any] | None = None,
    **detail: Any,
) -> None:
    """Move an item; errors as for a case."""
    _advance(session, at, who, item, workflow.ITEM, action, version, item.case, changes or {}, detail)


def advance_run(
    session: Session,
    at: datetime,
    who: Who,
    run: Run,
    action: RunAction,
    *,
    version: int | None = None,
    changes: dict[str, Any] | None = None,
    **detail: Any,
) -> None:
    """Move a run; errors as for a case. For a station's report of progress see `report_run`."""
    _advance(session, at, who, run, workflow.RUN, action, version, run.item.case, changes or {}, detail)


def advance_exception(
    session: Session,
    at: datetime,
    who: Who,
    exception: ExceptionRequest,
    action: ExceptionAction,
    *,
    version: int | None = None,
    changes: dict[str, Any] | None = None,
    **detail: Any,
) -> None:
    """Move a request for an exception; errors as for a case."""
    told = {"exception": exception.kind.value, "number": exception.number} | detail
    _advance(session, at, who, exception, oversight_workflow.EXCEPTION, action, version, exception.case, changes or {}, told)


def report_run(session: Session, at: datetime, station: Station, run: Run, reported: RunState, changes: dict[str, Any]) -> None:
    """Take down a station's report of a step. Raises OutOfTurn for a report that goes back, or is of another kind of run."""
    before = run.state
    if reported not in workflow.RUN_STEPS_OF[run.kind] or not workflow.may_report(before, reported):
        raise OutOfTurn(state=before.value, action=reported.value)
    if before is reported and not changes:
        return
    steps = [*run.steps, {"state": reported.value, "at": at.isoformat()}]
    claim(session, run, run.version, state=reported, state_since=at, steps=steps, **changes)
    case = run.item.case
    write_line(
        session,
        at,
        station,
        run,
        RunAction.report.value,
        before=before,
        after=reported,
        case_id=case.id,
        branch_id=case.branch_id,
    )
