"""What a destroyed record was, as one number: a copy that survived somewhere can be recognised by it, and nothing can be read from it."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from enum import Enum
from typing import Any

from sqlalchemy import Select, inspect, select
from sqlalchemy.orm import Session

from app.services.vault import Vault
from models.tables import (
    Applicant,
    Base,
    Case,
    CaseItem,
    DestructionTrace,
    Document,
    DocumentSet,
    Examination,
    Handover,
    Notice,
    Scan,
)

_FORM = "record 1"  # which rows and columns are in it
_APART = {Case: {"version", "destroyed_at"}, Applicant: {"version", "certificates_promised"}}


def record_digest(session: Session, vault: Vault, case: Case) -> str:
    """64 hex characters, keyed: who does not hold the office's key cannot try out numbers until one fits."""
    rows = [_row(case), *([_row(case.applicant)] if case.applicant is not None else ())]
    for query in _parts(case.id):
        rows += [_row(one) for one in session.scalars(query)]
    content = json.dumps([_FORM, *rows], sort_keys=True, ensure_ascii=True, separators=(",", ":"), default=_plain)
    return vault.digest(f"{_FORM} {hashlib.sha256(content.encode()).hexdigest()}")


def chained(before: str, trace: DestructionTrace, list_number: str) -> str:
    """SHA-256 over the chain so far and this trace, but for whether its files are gone yet."""
    content = [
        before,
        trace.number,
        list_number,
        trace.case_number,
        trace.kind,
        trace.closed_on,
        trace.kept_until,
        trace.record_digest,
        trace.scans,
        trace.at,
    ]
    return hashlib.sha256(json.dumps(content, separators=(",", ":"), default=_plain).encode()).hexdigest()


def _parts(case_id: int) -> Sequence[Select[Any]]:
    return (
        select(DocumentSet).where(DocumentSet.case_id == case_id).order_by(DocumentSet.id),
        select(Document)
        .join(DocumentSet, Document.set_id == DocumentSet.id)
        .where(DocumentSet.case_id == case_id)
        .order_by(Document.id),
        select(Scan).where(Scan.case_id == case_id).order_by(Scan.id),
        select(Examination).where(Examination.case_id == case_id).order_by(Examination.id),
        select(Notice).where(Notice.case_id == case_id).order_by(Notice.id),
        select(Handover).join(CaseItem, Handover.item_id == CaseItem.id).where(CaseItem.case_id == case_id).order_by(Handover.id),
    )


def _row(thing: Base) -> dict[str, Any]:
    left_out: Iterable[str] = _APART.get(type(thing), ())
    columns = {column.key: getattr(thing, column.key) for column in inspect(type(thing)).column_attrs}
    return {"table": thing.__tablename__, **{name: value for name, value in columns.items() if name not in left_out}}


def _plain(value: Any) -> str:
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)
