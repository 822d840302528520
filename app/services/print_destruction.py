"""Print a destruction list; once it was carried out, the record of it. Equal bytes at every reprint."""

from datetime import date, datetime

from sqlalchemy import select

from app.services.errors import Absent
from app.services.guard import allow
from app.services.paper_words import both
from app.services.print_notice import PrintedPaper, printed
from app.services.world import BEIJING, World
from models.rulebook.permissions import Actor, Permission
from models.tables import DestructionList, DestructionTrace, Staff
from models.worklists.retention import Timed, timed
from reports.destruction_record import DestroyedRecord, DestructionRecord, render


def print_destruction(world: World, actor: Actor, list_id: int) -> PrintedPaper:
    """For the branch, for who sees all, and for who may approve. Raises Absent, Forbidden."""
    allow(Permission.read_retention, actor)
    with world.reading() as session:
        found = session.get(DestructionList, list_id)
        if found is None:
            raise Absent()
        if not actor.sees_branch(found.branch_id):
            allow(Permission.approve_destruction, actor)
        traces = session.scalars(select(DestructionTrace).where(DestructionTrace.list_id == list_id)).all()
        by_case = {trace.case_id: trace for trace in traces}
        rows = timed(session, found.case_ids, world.today())
        facts = DestructionRecord(
            number=found.number,
            branch_name_zh=found.branch.name_zh,
            branch_name_en=found.branch.name_en,
            reason=found.reason,
            digest=found.digest,
            proposer=_name(found.proposer),
            proposed_on=_on(found.proposed_at),
            first=_name(found.first),
            first_on=_on(found.first_at) if found.first_at else None,
            second=_name(found.second),
            second_on=_on(found.second_at) if found.second_at else None,
            destroyed_on=_on(found.destroyed_at) if found.destroyed_at else None,
            chain=max(traces, key=lambda trace: trace.number).chain if traces else "",
            records=tuple(_record(row, by_case.get(row.case.id), row.case.id in found.spared_ids) for row in rows),
        )
        return printed(found.number, lambda: render(facts))


def _record(row: Timed, trace: DestructionTrace | None, spared: bool) -> DestroyedRecord:
    zh, en = both(row.case.kind)
    assert row.case.closed_at is not None  # noqa: S101 - only closed cases are proposed
    return DestroyedRecord(
        case_number=row.case.number,
        kind_zh=zh,
        kind_en=en,
        closed_on=_on(row.case.closed_at),
        kept_until=trace.kept_until if trace is not None else row.clock.until,
        scans=trace.scans if trace is not None else row.scans,
        trace=trace.number if trace is not None else 0,
        digest=trace.record_digest[:16] if trace is not None else "",
        spared=spared,
    )


def _name(staff: Staff | None) -> str:
    """With his number: two may have one name."""
    return f"{staff.number} {staff.name}" if staff is not None else ""


def _on(instant: datetime) -> date:
    return instant.astimezone(BEIJING).date()
