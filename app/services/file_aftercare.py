"""Turn the examined draft of an aftercare case into rows: its papers, and the case's own columns."""

from dataclasses import asdict
from typing import Any

from sqlalchemy.orm import Session

from app.services.examine_aftercare import AftercareVerdict
from app.services.file_papers import file_sets, presenter_columns
from models.tables import Case


def file_aftercare(session: Session, case: Case, verdict: AftercareVerdict) -> dict[str, Any]:
    """Write the papers; returns the case's columns, for the caller to change along with its state."""
    reading = verdict.reading
    assert reading.question is not None  # the applicant is known: a question can always be asked  # noqa: S101
    file_sets(session, case, reading.question, reading.labels)
    return presenter_columns(case.draft) | {
        "kind": case.kind,
        "uses": case.uses,
        "certificates_asked": 1,
        "edition": verdict.edition.code,
        "new_name": reading.new_name,
        "new_credit_code": reading.new_credit_code,
        "details": _details(verdict),
    }


def _details(verdict: AftercareVerdict) -> dict[str, Any]:
    """What the kind asked besides papers, the verdict on it, and the fee that follows."""
    details: dict[str, Any] = {"fee_fen": verdict.fee.total_fen}
    if verdict.reading.damage is not None and verdict.damage is not None:
        grounds = [{"zh": ground.zh, "en": ground.en} for ground in verdict.damage.sentences]
        details |= {"damage": asdict(verdict.reading.damage), "verdict": verdict.damage.verdict.value, "grounds": grounds}
    if verdict.reading.reason is not None:
        details["reason"] = verdict.reading.reason.value
    return details
