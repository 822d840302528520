"""What the draft of an aftercare case says, read into the rulebook's facts, with everything that does not do yet named by field.

Pure: no database, no clock. The applicant is known, so a question can always be asked.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from app.services.read_draft import PROPRIETOR, YES, Draft, Reading, document_of
from app.services.read_presenter import read_presenter
from models.rulebook import credit_code
from models.rulebook.checklist import AFTERCARE_ROWS, STATEMENT_ROW, Tick
from models.rulebook.damage import QUESTIONS, Damage
from models.rulebook.editions import Paper, Requirement
from models.rulebook.facts import (
    AnyDocument,
    ApplicantFacts,
    ApplicationForm,
    BranchFacts,
    DocumentSet,
    HoldersToken,
    Presenter,
    Question,
    StatementOfLoss,
)
from models.rulebook.judgement import regime_of
from models.rulebook.vocabulary import CaseKind, Mark, RevocationReason

# What a holder may give as his reason. A hold is a suspension, a case of its own.
REASONS = tuple(reason for reason in RevocationReason if reason is not RevocationReason.certificate_hold)


@dataclass(frozen=True, slots=True)
class AftercareReading(Reading):
    """`damage`, `reason`, `new_name`, `new_credit_code`: what the case's kind asks besides papers; None or empty where it does not,
    or where it is not answered."""

    damage: Damage | None
    reason: RevocationReason | None
    new_name: str
    new_credit_code: str


def read_aftercare(
    draft: Draft,
    id_number: str,
    mobile: str,
    *,
    kind: CaseKind,
    on: date,
    applicant: ApplicantFacts,
    code: str,
    requirements: tuple[Requirement, ...],
    token_serial: str,
    is_local_tax: bool,
) -> AftercareReading:
    """Everything the draft says. `token_serial`: of the medium that the certificate is on; `code`: the applicant's."""
    faults: dict[str, str] = {}
    id_until = read_presenter(draft, id_number, mobile, on, faults)
    documents = [*_papers(draft, requirements, regime_of(applicant) or Mark.seal, id_until)]
    if any(requirement.paper is Paper.token for requirement in requirements) and _token_is_here(draft, token_serial, faults):
        documents.append(HoldersToken())
    damage = _damage(draft, faults) if kind is CaseKind.replacement_damaged else None
    reason = _reason(draft, faults) if kind is CaseKind.revocation else None
    new_name, new_code = _renamed(draft, applicant.name, code, faults) if kind is CaseKind.amendment else ("", "")
    question = Question(
        on=on,
        applicant=applicant,
        presenter=Presenter(is_proprietor=draft.get("presenter_role") == PROPRIETOR),
        uses=(),
        branch=BranchFacts(is_local_tax=is_local_tax),
        computer_code_known=False,
        tax_numbers_differ=False,
        certificates=1,
        sets=(DocumentSet(None, False, tuple(documents)),),
        kind=kind,
    )
    return AftercareReading(
        faults=faults,
        question=question,
        credit_code=code,
        established_on=applicant.established_on,
        certificates=1,
        uses=(),
        labels=("",),
        damage=damage,
        reason=reason,
        new_name=new_name,
        new_credit_code=new_code,
    )


def _papers(
    draft: Draft, requirements: tuple[Requirement, ...], mark_asked: Mark, id_until: date | None
) -> Iterator[AnyDocument]:
    papers: Mapping[str, Any] = draft.get("papers") or {}
    for row in AFTERCARE_ROWS.values():
        ticks = {tick: bool((papers.get(row.name) or {}).get(tick.value)) for tick in row.ticks}
        if not any(ticks.values()):
            continue  # a document of which nothing is ticked is not here
        if row is STATEMENT_ROW:
            yield StatementOfLoss(mark_asked if ticks[Tick.mark] else None)
            continue
        document = document_of(row, ticks, mark_asked, id_until)
        if isinstance(document, ApplicationForm) and ticks[Tick.two_copies]:
            asked = (one.copies for one in requirements if one.paper is Paper.application_form)
            document = replace(document, copies=max(document.copies, *asked, 1))
        yield document


def _token_is_here(draft: Draft, serial: str, faults: dict[str, str]) -> bool:
    """The serial on the medium was scanned or typed, exactly; another medium is a fault, none is a missing paper."""
    scanned = str(draft.get("token_serial") or "").strip()
    if scanned and scanned != serial:
        faults["token_serial"] = "not_this_token"  # noqa: S105
    return scanned == serial


def _damage(draft: Draft, faults: dict[str, str]) -> Damage | None:
    answers = {name: str(draft.get(f"damage_{name}") or "") for name in QUESTIONS}
    faults |= {f"damage_{name}": "required" for name, answer in answers.items() if not answer}
    return Damage(**{name: answer == YES for name, answer in answers.items()}) if all(answers.values()) else None


def _reason(draft: Draft, faults: dict[str, str]) -> RevocationReason | None:
    typed = str(draft.get("reason") or "")
    if typed not in REASONS:
        faults["reason"] = "required"
        return None
    return RevocationReason(typed)


def _renamed(draft: Draft, name: str, code: str, faults: dict[str, str]) -> tuple[str, str]:
    """The new name and the new code, each empty where it stays as it is. At least one must be new."""
    new_name, typed = (str(draft.get(field) or "").strip() for field in ("new_name", "new_credit_code"))
    new_name = "" if new_name == name else new_name
    new_code = ""
    if typed:
        read = credit_code.read(typed)
        if isinstance(read, credit_code.CreditCode):
            new_code = "" if read.code == code else read.code
        else:
            faults["new_credit_code"] = read.value
    if not new_name and not new_code and "new_credit_code" not in faults:
        faults["new_name"] = "nothing_new"
    return new_name, new_code
