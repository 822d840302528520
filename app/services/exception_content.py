"""What exactly is asked for, put down when it is asked, and held against what is there when it is decided or used."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.services.errors import Faulty, Refusal
from app.services.examine_aftercare import judge_aftercare
from app.services.examine_case import Verdict, judge
from app.services.read_presenter import day_in
from app.services.world import World
from models.rulebook.exceptions import OF_THE_APPLICANT, Correctable, correction_fault
from models.rulebook.kinds import FIRST_KINDS
from models.rulebook.oversight import ExceptionKind
from models.rulebook.workflow import CASE_EDITABLE
from models.tables import Applicant, Case, ExceptionRequest
from models.worklists.exceptions import askable


@dataclass(frozen=True, slots=True)
class Wanted:
    """`amount_fen` of a refund; `field` and `now`, as typed, of a correction. The other kinds want nothing more."""

    amount_fen: int | None = None
    field: Correctable | None = None
    now: str = ""


def content_of(session: Session, world: World, case: Case, kind: ExceptionKind, wanted: Wanted) -> dict[str, Any]:
    """Raises Faulty, Refusal "exception_not_open" or "exception_asked_already"."""
    may = askable(session, case)
    if kind in may.waiting:
        raise Refusal("exception_asked_already")
    if kind is ExceptionKind.admission:
        return admission_wanted(case, verdict_if_admitted(session, world, case))
    if kind not in may.kinds:
        raise Refusal("exception_not_open")
    match kind:
        case ExceptionKind.fee_waiver:
            return {"amount_fen": case.fee_total_fen}
        case ExceptionKind.refund:
            assert may.receipt is not None  # noqa: S101
            return {"amount_fen": _amount(wanted.amount_fen, may.left_fen), "receipt": may.receipt.number}
        case _:
            return _correction(world, case, wanted)


def overtaken(session: Session, world: World, exception: ExceptionRequest) -> bool:
    """Whether what was asked for is no longer what is there: allowing it would allow something else."""
    case, content, may = exception.case, exception.content, askable(session, exception.case)
    match exception.kind:
        case ExceptionKind.fee_waiver:
            return exception.kind not in may.kinds or case.fee_total_fen != content["amount_fen"]
        case ExceptionKind.refund:
            return may.left_fen < content["amount_fen"]
        case ExceptionKind.correction:
            return exception.kind not in may.kinds or value_of(case, Correctable(content["field"])) != content["was"]
        case ExceptionKind.admission:
            return (
                case.state not in CASE_EDITABLE
                or code_to_admit(verdict_if_admitted(session, world, case)) != content["credit_code"]
            )


def value_of(case: Case, field: Correctable) -> str:
    """What the record says now, as text; days as ISO dates."""
    holder: Case | Applicant | None = case.applicant if field in OF_THE_APPLICANT else case
    value = getattr(holder, field.value)
    return "" if value is None else str(value)


def verdict_if_admitted(session: Session, world: World, case: Case) -> Verdict:
    """What would be found about the draft if the applicant were admitted."""
    ask = judge if case.kind in FIRST_KINDS else judge_aftercare
    return ask(session, world, case, suppose_admitted=True)


def code_to_admit(verdict: Verdict) -> str:
    """The credit code of an applicant who may be admitted; empty for one who may not, or who is not named yet."""
    question = verdict.reading.question
    if question is None or not question.applicant.name or question.applicant.has_seal or not question.applicant.admitted:
        return ""
    return verdict.reading.credit_code


def admission_wanted(case: Case, verdict: Verdict) -> dict[str, Any]:
    """`verdict`: as if the applicant were admitted. Raises Refusal "exception_not_open" or "admission_unnamed"."""
    question = verdict.reading.question
    if case.state not in CASE_EDITABLE or verdict.admission is not None or question is None or not question.applicant.admitted:
        raise Refusal("exception_not_open")
    code = code_to_admit(verdict)
    if not code:
        raise Refusal("admission_unnamed")
    return {"credit_code": code, "name": question.applicant.name}


def _amount(fen: int | None, left_fen: int) -> int:
    if fen is None or fen <= 0:
        raise Faulty(fields={"amount": "required" if fen is None else "amount_nothing"})
    if fen > left_fen:
        raise Faulty(fields={"amount": "amount_above"}, left=f"{left_fen / 100:.2f}")
    return fen


def _correction(world: World, case: Case, wanted: Wanted) -> dict[str, Any]:
    if wanted.field is None:
        raise Faulty(fields={"field": "required"})
    now, was = wanted.now.strip(), value_of(case, wanted.field)
    if wanted.field is Correctable.established_on and (day := day_in(now)) is not None:
        now = day.isoformat()
    fault = correction_fault(wanted.field, was, now, world.today())
    if fault is not None:
        raise Faulty(fields={"now": fault})
    return {"field": wanted.field.value, "was": was, "now": now}
