"""What of a record is personal, and how it is blanked: column by column, in the caller's transaction.

What stays says nothing of anybody: numbers, kinds, states, times, fees, serials. The books of money keep theirs by the accounting
rules; labels of used-up sets, a credit code and how many certificates it had stay, since those rules hold for ever.
"""

from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from models.tables import (
    Applicant,
    Binding,
    Case,
    CaseItem,
    Certificate,
    CertificateCheck,
    Document,
    DocumentSet,
    Examination,
    ExceptionRequest,
    Grant,
    Handover,
    JournalLine,
    Notice,
    PlatformEvent,
    Relay,
)

BLANK_CASE: dict[str, Any] = {
    "draft": {},
    "details": {},
    "computer_code": "",
    "presenter_is_proprietor": False,
    "presenter_name": "",
    "presenter_id_kind": None,
    "presenter_id_sealed": None,
    "presenter_id_digest": None,
    "presenter_mobile_sealed": None,
    "remark": "",
    "new_name": "",
    "new_credit_code": "",
}
BLANK_APPLICANT: dict[str, Any] = {"name": "", "legal_representative": "", "address": "", "established_on": None}
_BLANK_CERTIFICATE: dict[str, Any] = {"subject_name": "", "credit_code": "", "der": None, "to_be_signed": b"", "lint": []}

# What people typed into the journal. A certificate's reason is one of a closed list, and so are those of the program itself.
TYPED = frozenset({"reason", "ground", "note", "advice", "explanation", "remark", "decision", "was", "now", "name"})
_REASON_IS_A_CODE = frozenset({"certificate"})


def blank_case(session: Session, case: Case) -> None:
    """Of a case that is marked as destroyed. Everything but the scans: their rows name the files, and go when those are gone."""
    for name, value in BLANK_CASE.items():
        setattr(case, name, value)
    for papers in case.sets:
        papers.reference, papers.documents = None, []
    session.flush()
    of_case = case.id
    _set(session, Examination, Examination.case_id == of_case, question={}, answer={})
    _set(session, Notice, Notice.case_id == of_case, content={})
    _set(session, ExceptionRequest, ExceptionRequest.case_id == of_case, content={}, reason="", decision="")
    _set(session, Grant, Grant.case_id == of_case, reason="")
    _set(session, Relay, Relay.case_id == of_case, note="")
    _set(session, Binding, Binding.case_id == of_case, end_note="")
    items = select(CaseItem.id).where(CaseItem.case_id == of_case)
    _set(session, Handover, Handover.item_id.in_(items), collector_name="", collector_id_sealed=b"")
    for line in session.scalars(select(JournalLine).where(JournalLine.case_id == of_case)):
        kept = {key: value for key, value in line.detail.items() if key not in TYPED or line.subject in _REASON_IS_A_CODE}
        if kept != line.detail:
            line.detail = kept
    session.flush()


def blank_applicant(session: Session, applicant: Applicant) -> None:
    """Once no record of his is left. The row stays, since certificates and bindings name it."""
    for name, value in BLANK_APPLICANT.items():  # through the mapper: the index of names follows the name
        setattr(applicant, name, value)
    applicant.version += 1
    session.flush()
    certificates = select(Certificate.id).where(Certificate.applicant_id == applicant.id)
    bindings = select(Binding.id).where(Binding.applicant_id == applicant.id)
    _set(session, CertificateCheck, CertificateCheck.certificate_id.in_(certificates), facts={})
    for event in session.scalars(select(PlatformEvent).where(PlatformEvent.binding_id.in_(bindings))):
        if event.body.get("binding"):
            event.body = {**event.body, "binding": {**event.body["binding"], "account_reference": ""}}
    _set(session, Binding, Binding.applicant_id == applicant.id, account_reference="", end_note="")
    _set(session, Certificate, Certificate.applicant_id == applicant.id, **_BLANK_CERTIFICATE)


def still_told(session: Session) -> list[int]:
    """Destroyed cases of which something personal is there all the same: none, ever."""
    told = or_(
        Case.presenter_name != "",
        Case.presenter_id_kind.is_not(None),
        Case.presenter_id_sealed.is_not(None),
        Case.presenter_id_digest.is_not(None),
        Case.presenter_mobile_sealed.is_not(None),
        Case.remark != "",
        Case.new_name != "",
        select(Document.id).join(DocumentSet, Document.set_id == DocumentSet.id).where(DocumentSet.case_id == Case.id).exists(),
    )
    return list(session.scalars(select(Case.id).where(Case.destroyed_at.is_not(None), told)))


def _set(session: Session, table: type[Any], condition: Any, **values: Any) -> None:
    session.execute(update(table).where(condition).values(**values).execution_options(synchronize_session=False))
