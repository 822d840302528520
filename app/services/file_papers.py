"""Turn a draft that was examined into rows: the applicant's record, the sets, their documents, the case's own columns."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.services.errors import Faulty
from app.services.examine_case import Verdict, known_applicant
from app.services.read_draft import PROPRIETOR
from app.services.road import claim, write_line
from app.services.world import World
from models.rulebook import facts
from models.rulebook.facts import ApplicantFacts, ApplicationForm, HoldersToken, IdentityDocument, Question, StatementOfLoss
from models.rulebook.permissions import Actor
from models.rulebook.vocabulary import CaseKind, IdentityKind
from models.rulebook.workflow import CASE_FINAL
from models.tables import Applicant, Case, Document, DocumentSet


def file_papers(session: Session, world: World, actor: Actor, case: Case, verdict: Verdict) -> dict[str, Any]:
    """Write applicant and sets; returns the case's columns, for the caller to change along with its state.

    Raises Faulty where name or kind differ from those under which certificates were promised before: that is an amendment.
    """
    question = verdict.reading.question
    assert question is not None  # the callers have checked the verdict  # noqa: S101
    applicant = _file_applicant(session, world, actor, case, verdict.reading.credit_code, question.applicant)
    file_sets(session, case, question, verdict.reading.labels)
    draft = case.draft
    return {
        "applicant_id": applicant.id,
        "kind": CaseKind.additional if applicant.certificates_promised else CaseKind.new,
        "certificates_asked": question.certificates,
        "uses": [use.value for use in question.uses],
        "computer_code": str(draft.get("computer_code") or "").strip(),
        "tax_numbers_differ": question.tax_numbers_differ,
        **presenter_columns(draft),
    }


def presenter_columns(draft: Mapping[str, Any]) -> dict[str, Any]:
    """Who stood at the counter, and what was remarked."""
    return {
        "presenter_is_proprietor": draft.get("presenter_role") == PROPRIETOR,
        "presenter_name": str(draft.get("presenter_name") or "").strip(),
        "presenter_id_kind": IdentityKind(draft["presenter_id_kind"]) if draft.get("presenter_id_kind") else None,
        "remark": str(draft.get("remark") or "").strip(),
    }


def _file_applicant(session: Session, world: World, actor: Actor, case: Case, code: str, stated: ApplicantFacts) -> Applicant:
    record = {
        "kind": stated.kind,
        "name": stated.name,
        "has_seal": stated.has_seal,
        "named_after_proprietor": stated.named_after_proprietor,
        "holds_code_bearing_licence": stated.holds_code_bearing_licence,
        "established_on": stated.established_on,
        "legal_representative": str(case.draft.get("legal_representative") or "").strip(),
        "address": str(case.draft.get("address") or "").strip(),
    }
    at = world.now()
    try:
        with session.begin_nested():
            applicant = known_applicant(session, code)
            if applicant is None and _is_promised(session, code):
                raise Faulty(fields={"credit_code": "code_promised"})
            if applicant is None:
                applicant = Applicant(credit_code=code, certificates_promised=0, **record)
                session.add(applicant)
                session.flush()
                write_line(session, at, actor, applicant, "enter", case_id=case.id, branch_id=case.branch_id)
                return applicant
    except IntegrityError:  # another counter entered it in the same moment
        applicant = known_applicant(session, code)
        assert applicant is not None  # noqa: S101
    session.refresh(applicant, with_for_update=True)
    changed = {field: value for field, value in record.items() if getattr(applicant, field) != value}
    unnamed = not applicant.name  # his earlier records are destroyed: what he is called now is what he is called
    if applicant.certificates_promised and not unnamed and (named := {"name", "kind"} & set(changed)):
        raise Faulty(fields=dict.fromkeys(sorted(named), "differs_from_record"))
    if changed:
        name = changed.pop("name", applicant.name)
        claim(session, applicant, applicant.version, **changed)
        applicant.name = name  # through the mapper: the index of names follows it
        write_line(session, at, actor, applicant, "correct", case_id=case.id, branch_id=case.branch_id, fields=sorted(changed))
    return applicant


def _is_promised(session: Session, code: str) -> bool:
    """Whether an applicant of record is about to change to this code."""
    open_case = select(Case.id).where(Case.new_credit_code == code, Case.state.not_in(tuple(CASE_FINAL))).limit(1)
    return session.scalar(open_case) is not None


def file_sets(session: Session, case: Case, question: Question, labels: tuple[str, ...]) -> None:
    """Write the sets that were examined; `labels` as typed."""
    there = {row.position: row for row in case.sets}
    for position, papers in enumerate(question.sets, start=1):
        row = there.pop(position, None)
        if row is None:
            row = DocumentSet(position=position)
            case.sets.append(row)
        row.reference = (labels[position - 1].strip() or None) if position <= len(labels) else papers.reference
        row.seal_at_counter = papers.seal_at_counter
        row.documents = [_document(document) for document in papers.documents]
    for row in there.values():  # a set that is not on the counter any more
        if row.scans:
            row.documents = []
        else:
            case.sets.remove(row)
    session.flush()


def _document(stated: facts.AnyDocument) -> Document:
    if isinstance(stated, HoldersToken):
        return Document(kind=stated.kind, original=True)
    if isinstance(stated, StatementOfLoss):
        return Document(kind=stated.kind, original=True, mark=stated.mark)
    if isinstance(stated, ApplicationForm):
        return Document(kind=stated.kind, copies=stated.copies, complete=stated.complete, mark=stated.mark)
    common = {"original": stated.original, "photocopy": stated.photocopy, "mark": stated.mark}
    if isinstance(stated, IdentityDocument):
        return Document(kind=stated.kind, holder=stated.holder, expires_on=stated.expires_on, **common)
    return Document(kind=stated.kind, authority=stated.authority, duplicate=stated.duplicate, **common)
