"""Everything about one case, read for its page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from models.tables import (
    Case,
    CaseItem,
    Certificate,
    Handover,
    JournalLine,
    Notice,
    Receipt,
    Run,
    Scan,
    Station,
)
from models.worklists.handover import handovers_of
from models.worklists.issuance import ItemView, items_of

LINES = 120


@dataclass(frozen=True)
class CaseFile:
    case: Case
    items: Sequence[ItemView]
    certificates: Sequence[Certificate]  # also those that were revoked on the way
    handovers: Sequence[Handover]
    notices: Sequence[Notice]
    receipt: Receipt | None
    scans: Sequence[Scan]
    lines: Sequence[JournalLine]  # newest first
    older: int | None  # cursor of the lines before these
    stations: Mapping[int, str]


def case_file(session: Session, case: Case, before: int | None = None) -> CaseFile:
    """`before`: journal lines older than this one."""
    query = select(JournalLine).where(JournalLine.case_id == case.id).options(joinedload(JournalLine.staff))
    if before is not None:
        query = query.where(JournalLine.id < before)
    lines = list(session.scalars(query.order_by(JournalLine.id.desc()).limit(LINES + 1)))
    shown = lines[:LINES]
    named = {line.station_id for line in shown if line.station_id is not None}
    return CaseFile(
        case=case,
        items=items_of(session, case),
        certificates=session.scalars(
            select(Certificate)
            .join(CaseItem, Certificate.item_id == CaseItem.id)
            .where(CaseItem.case_id == case.id)
            .options(
                joinedload(Certificate.item), joinedload(Certificate.token), joinedload(Certificate.run).joinedload(Run.envelope)
            )
            .order_by(CaseItem.position, Certificate.id)
        ).all(),
        handovers=handovers_of(session, case),
        notices=session.scalars(select(Notice).where(Notice.case_id == case.id).order_by(Notice.id)).all(),
        receipt=session.scalar(select(Receipt).where(Receipt.case_id == case.id)),
        scans=session.scalars(select(Scan).where(Scan.case_id == case.id).order_by(Scan.id)).all(),
        lines=shown,
        older=shown[-1].id if len(lines) > LINES else None,
        stations=dict(session.execute(select(Station.id, Station.name).where(Station.id.in_(named))).all()),
    )
