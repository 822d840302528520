"""The amendment takes effect: from the handover of the certificate that says so, the applicant is called otherwise."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.services.errors import Refusal
from app.services.road import claim, write_line
from models.rulebook.permissions import Actor
from models.tables import Applicant, Case


def apply_amendment(session: Session, at: datetime, actor: Actor, case: Case) -> None:
    """Inside the transaction of the handover. Nothing happens to a case that changes neither name nor code.

    Raises Refusal "code_taken" where another applicant was entered under the new code meanwhile; Stale.
    """
    codes = {"credit_code": case.new_credit_code} if case.new_credit_code else {}
    if not codes and not case.new_name:
        return
    applicant = session.get_one(Applicant, case.applicant_id, with_for_update=True)
    before = {"name": applicant.name, "credit_code": applicant.credit_code}
    try:
        with session.begin_nested():
            claim(session, applicant, applicant.version, **codes)
    except IntegrityError:
        raise Refusal("code_taken") from None
    applicant.name = case.new_name or applicant.name  # through the mapper: the index of names follows it
    now = {"name": applicant.name, "credit_code": applicant.credit_code}
    changed = {field: f"{before[field]} → {now[field]}" for field in now if now[field] != before[field]}
    write_line(session, at, actor, applicant, "amend", case_id=case.id, branch_id=case.branch_id, **changed)
