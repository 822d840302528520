"""What a numbered paper says, put down when its number is given: a reprint years later says the same, whatever changed since.

Shape: JSON values only. Personal numbers are in it masked, as they are printed.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.services.examine_case import Verdict
from app.services.paper_words import HOW_TO_APPEAL, SEAL_HERE, both, next_steps, paper_in_words
from app.services.seal_presenter import presenter_id
from app.services.world import BEIJING, World
from models.rulebook.findings import Finding
from models.rulebook.identity import mask_identity
from models.rulebook.permissions import Actor
from models.rulebook.vocabulary import CaseKind, CertificateStatus, DocumentKind, IdentityKind, Use
from models.tables import Applicant, Case, Certificate, Examination, Staff


def head_of(session: Session, case: Case, columns: dict[str, Any]) -> dict[str, str]:
    """What every paper begins with. `columns`: what `file_papers` is about to write, or nothing where it was written."""
    applicant_id = columns.get("applicant_id", case.applicant_id)
    applicant = session.get(Applicant, applicant_id)
    assert applicant is not None  # no paper before the applicant is filed  # noqa: S101
    return {
        "case_number": case.number,
        "branch_name_zh": case.branch.name_zh,
        "branch_name_en": case.branch.name_en,
        "branch_address": case.branch.address,
        "branch_telephone": case.branch.telephone,
        "applicant_name": applicant.name,
        "credit_code": applicant.credit_code,
        "presenter_name": columns.get("presenter_name", case.presenter_name) or "—",
    }


def acceptance_facts(
    session: Session, world: World, actor: Actor, case: Case, columns: dict[str, Any], verdict: Verdict
) -> dict[str, Any]:
    question = verdict.question_json()
    kind, identity_kind = CaseKind(columns["kind"]), IdentityKind(columns["presenter_id_kind"])
    leave = verdict.admission
    admitted = {"admission": f"{leave.number} · {leave.ground} · {leave.by}"} if leave is not None else {}
    return head_of(session, case, columns) | {
        "case_kind": both(kind),
        "clerk_name": actor.called,
        "presenter_identity": f"{both(identity_kind)[0]} {mask_identity(presenter_id(world.vault, case))}",
        "fees_fen": list(verdict.fee.items_fen),
        "next_steps": list(next_steps(kind)),
        "uses": [both(Use(use)) for use in columns["uses"]],
        "sets": [
            {"number": row.position, "label": row.reference or "", "papers": _papers(papers)}
            for row, papers in zip(case.sets, question["sets"], strict=False)
        ],
        **admitted,
    }


def _papers(papers: dict[str, Any]) -> list[tuple[str, str]]:
    seal = [SEAL_HERE] if papers["seal_at_counter"] else []
    return seal + [paper_in_words(document) for document in papers["documents"]]


def correction_facts(session: Session, actor: Actor, case: Case, columns: dict[str, Any], verdict: Verdict) -> dict[str, Any]:
    labels = dict(enumerate(verdict.reading.labels, start=1))
    numbers = sorted({finding.set or 0 for finding in verdict.refusals})
    return head_of(session, case, columns) | {
        "clerk_name": actor.called,
        "groups": [
            {
                "set_number": number,
                "set_label": labels.get(number, ""),
                "defects": [_defect(finding) for finding in verdict.refusals if (finding.set or 0) == number],
            }
            for number in numbers
        ],
        "advice": [_defect(finding) for finding in verdict.advices],
    }


def _defect(finding: Finding) -> dict[str, str]:
    zh, en = both(DocumentKind(finding.document)) if finding.document is not None else ("", "")
    return {
        "message_zh": finding.message_zh,
        "message_en": finding.message_en,
        "document_zh": zh,
        "document_en": en,
        "clause": finding.clause,
    }


def people_of(session: Session, case: Case) -> dict[str, str]:
    """Who handled a case that a second person agreed to, and who that was: whoever was the last to touch it may be either, or a
    third who took the money."""
    examined = select(Staff).join(Examination, Examination.by == Staff.id).where(Examination.case_id == case.id)
    return {
        "clerk_name": session.scalars(examined.order_by(Examination.id.desc()).limit(1)).one().called,
        "agreed_name": session.scalars(select(Staff).where(Staff.id == case.reviewed_by)).one().called,
    }


def status_facts(
    session: Session, case: Case, certificate: Certificate, before: CertificateStatus, at: datetime
) -> dict[str, Any]:
    """What a change of a certificate's status says on its receipt. `before`: the status it had."""
    reason = both(certificate.reason) if certificate.reason is not None else ("", "")
    (kind_zh, kind_en), (before_zh, before_en), (after_zh, after_en) = both(case.kind), both(before), both(certificate.status)
    return head_of(session, case, {}) | {
        **people_of(session, case),
        "kind_zh": kind_zh,
        "kind_en": kind_en,
        "certificate_serial": certificate.serial,
        "token_serial": certificate.token.serial,
        "before_zh": before_zh,
        "before_en": before_en,
        "after_zh": after_zh,
        "after_en": after_en,
        "reason_zh": reason[0],
        "reason_en": reason[1],
        "at_day": at.astimezone(BEIJING).date().isoformat(),
        "valid_until": certificate.not_after.astimezone(BEIJING).date().isoformat(),
    }


def refusal_facts(
    session: Session,
    actor: Actor,
    case: Case,
    columns: dict[str, Any],
    reasons: list[tuple[str, str]],
    remedies: list[tuple[str, str]],
) -> dict[str, Any]:
    return head_of(session, case, columns) | {
        "reviewer_name": actor.called,
        "reasons": reasons,
        "remedies": remedies or [HOW_TO_APPEAL],
    }
