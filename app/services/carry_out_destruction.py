"""Destroy what a list names, case by case. It may be cut off anywhere and begun again: what is done is not done twice.

Of each case, one transaction: judged once more, its trace written, its personal columns blanked. Then its pictures go from the
disk, and with their rows the trace is complete. A case that is held by now, or not due any more, is spared.
"""

import logging
import os
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.services.approve_destruction import advance_list
from app.services.blank_record import blank_applicant, blank_case
from app.services.errors import OutOfTurn
from app.services.guard import allow
from app.services.jobs import Outcome, Progress
from app.services.numbering import next_number
from app.services.record_digest import chained, record_digest
from app.services.road import write_line
from app.services.world import BEIJING, World
from models.rulebook.oversight import DestructionAction, DestructionState
from models.rulebook.oversight_workflow import DESTRUCTION
from models.rulebook.permissions import Actor, Permission
from models.rulebook.retention import Clock, ClockState
from models.rulebook.workflow import open_actions
from models.tables import Applicant, Case, DestructionList, DestructionTrace, DocumentSet, Scan
from models.worklists.retention import clocks_of

SERIES = "destruction-trace"  # counts the traces: who takes the last ones away leaves the count behind
FIRST = "0" * 64  # what the first trace is chained to

_log = logging.getLogger("office.destruction")


def carry_out_destruction(world: World, actor: Actor, question: Mapping[str, Any], progress: Progress) -> Outcome:
    """A job's work. Raises OutOfTurn for a list that two have not agreed to."""
    allow(Permission.approve_destruction, actor)
    list_id: int = question["list_id"]
    with world.reading() as session:
        listed = session.get_one(DestructionList, list_id)
        case_ids, state = list(listed.case_ids), listed.state
    if state is not DestructionState.destroyed:
        if DestructionAction.carry_out not in open_actions(DESTRUCTION, state):
            raise OutOfTurn("destruction_out_of_turn")
        for done, case_id in enumerate(case_ids):
            progress(done, len(case_ids))
            destroy_record(world, actor, list_id, case_id)
        progress(len(case_ids), len(case_ids))
        _finish(world, actor, list_id)
    forget_old_pages(world)  # also where the power went between the end and this: the job is begun again
    with world.reading() as session:
        spared = len(session.get_one(DestructionList, list_id).spared_ids)
    return Outcome({"list_id": list_id, "destroyed": len(case_ids) - spared, "spared": spared})


def destroy_record(world: World, actor: Actor, list_id: int, case_id: int) -> bool:
    """Whether the case is destroyed, now or before; False for one that is spared."""
    if not _blank(world, actor, list_id, case_id):
        return False
    with world.reading() as session:
        names = session.scalars(select(Scan.file_name).where(Scan.case_id == case_id)).all()
    for name in names:
        (world.scans / name).unlink(missing_ok=True)
    if names:
        _sync(world)
    with world.writing() as session:
        trace = session.scalars(select(DestructionTrace).where(DestructionTrace.case_id == case_id)).one()
        if not trace.complete:
            session.execute(delete(Scan).where(Scan.case_id == case_id))
            session.execute(delete(DocumentSet).where(DocumentSet.case_id == case_id))
            trace.complete = True
            session.commit()
    return True


def _blank(world: World, actor: Actor, list_id: int, case_id: int) -> bool:
    at = world.now()
    with world.writing() as session:
        case, applicant = _held_rows(session, case_id)
        if case.destroyed_at is not None:
            return True
        clock = clocks_of(session, [case], world.today())[case.id]
        if clock.state is not ClockState.due:
            return False
        listed = session.get_one(DestructionList, list_id)
        trace = _trace(session, world, listed, case, clock)
        session.add(trace)
        case.destroyed_at = at  # first: only a destroyed case's lines of the journal may be blanked, the table sees to it
        case.version += 1
        blank_case(session, case)
        if applicant is not None and not _has_others(session, applicant):
            blank_applicant(session, applicant)
        facts: dict[str, Any] = {"number": listed.number, "trace": trace.number, "chain": trace.chain}
        write_line(session, at, actor, case, "destroy", case_id=case.id, branch_id=case.branch_id, **facts)
        session.commit()
    return True


def _held_rows(session: Session, case_id: int) -> tuple[Case, Applicant | None]:
    """The applicant first: whoever files a case of his, or holds them all, waits for the same row."""
    applicant_id = session.scalar(select(Case.applicant_id).where(Case.id == case_id))
    applicant = session.get_one(Applicant, applicant_id, with_for_update=True) if applicant_id is not None else None
    return session.get_one(Case, case_id, with_for_update=True), applicant


def _has_others(session: Session, applicant: Applicant) -> bool:
    others = select(Case.id).where(Case.applicant_id == applicant.id, Case.destroyed_at.is_(None))
    return session.scalar(others.limit(1)) is not None


def _trace(session: Session, world: World, listed: DestructionList, case: Case, clock: Clock) -> DestructionTrace:
    assert case.closed_at is not None and clock.until is not None  # it is due  # noqa: S101, PT018
    number = next_number(session, SERIES)  # held to the commit: nobody else writes a trace meanwhile
    before = session.scalar(select(DestructionTrace.chain).where(DestructionTrace.number == number - 1))
    trace = DestructionTrace(
        number=number,
        list_id=listed.id,
        case_id=case.id,
        case_number=case.number,
        kind=case.kind.value,
        closed_on=case.closed_at.astimezone(BEIJING).date(),
        kept_until=clock.until,
        record_digest=record_digest(session, world.vault, case),
        scans=len(session.scalars(select(Scan.id).where(Scan.case_id == case.id)).all()),
        at=world.now(),
    )
    trace.chain = chained(before or FIRST, trace, listed.number)
    return trace


def _finish(world: World, actor: Actor, list_id: int) -> None:
    at = world.now()
    with world.writing() as session:
        listed = session.get_one(DestructionList, list_id, with_for_update=True)
        if DestructionAction.carry_out not in open_actions(DESTRUCTION, listed.state):
            return  # another worker was first
        gone = set(session.scalars(select(DestructionTrace.case_id).where(DestructionTrace.list_id == list_id)))
        spared = [case_id for case_id in listed.case_ids if case_id not in gone]
        changes = {"spared_ids": spared, "destroyed_at": at}
        facts: dict[str, Any] = {"cases": len(gone), "spared": len(spared)}
        advance_list(session, at, actor, listed, DestructionAction.carry_out, listed.version, changes, **facts)
        session.commit()


def _sync(world: World) -> None:
    folder = os.open(world.scans, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def forget_old_pages(world: World) -> None:
    """What was blanked is still in the write-ahead log (SQLite), or in dead rows (PostgreSQL), until these are cleared. What is
    in the way now is cleared by the database's own care later."""
    clearing = "PRAGMA wal_checkpoint(TRUNCATE)" if world.engine.dialect.name == "sqlite" else "VACUUM"
    try:
        with world.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(clearing)
    except Exception:
        _log.warning("old pages could not be cleared yet", exc_info=True)
