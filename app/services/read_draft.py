"""What a draft says: the clerk's typing read into the rulebook's facts, with everything that does not do yet named by field.

Pure: no database, no clock. A draft is as typed; `Draft` below says its shape. Its personal numbers are not in it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.services.read_presenter import Draft, day_in, read_presenter
from models.rulebook import credit_code
from models.rulebook.checklist import ROWS, Row, Tick, folded_label
from models.rulebook.facts import (
    AnyDocument,
    ApplicantFacts,
    ApplicationForm,
    BranchFacts,
    DocumentSet,
    IdentityDocument,
    Licence,
    Presenter,
    Question,
)
from models.rulebook.precheck import COPIES_OF_FORM, regime_of
from models.rulebook.question import MOST_CERTIFICATES
from models.rulebook.vocabulary import ApplicantKind, DocumentKind, Holder, Mark, Use

YES, NO, PROPRIETOR, AGENT = "yes", "no", "proprietor", "agent"


@dataclass(frozen=True, slots=True)
class Reading:
    """`faults`: field → code of what is wrong with it. `question`: None while the applicant's kind or seal is not known."""

    faults: Mapping[str, str]
    question: Question | None
    credit_code: str
    established_on: date | None
    certificates: int
    uses: tuple[Use, ...]
    labels: tuple[str, ...]  # of the sets that count, as typed

    @property
    def is_complete(self) -> bool:
        return not self.faults and self.question is not None


def sets_here(draft: Draft) -> list[Mapping[str, Any]]:
    """The sets that lie on the counter: the first always, a further one once anything of it is ticked or typed."""
    sets = list(draft.get("sets") or [{}])
    while len(sets) > 1 and not _anything_in(sets[-1]):
        sets.pop()
    return sets


def _anything_in(papers: Mapping[str, Any]) -> bool:
    return bool(papers.get("reference") or papers.get("seal_at_counter")) or any(
        any(papers.get(name, {}).values()) for name in ROWS
    )


def read_draft(
    draft: Draft,
    id_number: str,
    mobile: str,
    *,
    on: date,
    is_local_tax: bool,
    certificates_issued: int,
    admitted: bool = False,
) -> Reading:
    """Everything the draft says. `id_number` and `mobile` are the presenter's, opened by the caller; `admitted` by a supervisor."""
    faults: dict[str, str] = {}
    code = _code(draft, faults)
    established_on = _established(draft, on, faults)
    certificates = _certificates(draft, faults)
    uses = tuple(use for use in Use if use.value in (draft.get("uses") or ()))
    if Use.tax in uses and established_on is None:
        faults.setdefault("established_on", "required_for_tax")
    id_until = read_presenter(draft, id_number, mobile, on, faults)
    for field in ("kind", "name", "has_seal", "holds_code_bearing_licence"):
        if not str(draft.get(field) or "").strip():
            faults[field] = "required"
    sets = sets_here(draft)
    return Reading(
        faults,
        _question(draft, sets, on, established_on, certificates, uses, id_until, is_local_tax, certificates_issued, admitted),
        code,
        established_on,
        certificates,
        uses,
        tuple(str(papers.get("reference") or "") for papers in sets[:certificates]),
    )


def _code(draft: Draft, faults: dict[str, str]) -> str:
    read = credit_code.read(str(draft.get("credit_code") or ""))
    if isinstance(read, credit_code.CreditCode):
        return read.code
    faults["credit_code"] = read.value
    return ""


def _established(draft: Draft, on: date, faults: dict[str, str]) -> date | None:
    typed = str(draft.get("established_on") or "").strip()
    found = day_in(typed) if typed else None
    if typed and found is None:
        faults["established_on"] = "not_a_date"
    elif found is not None and found > on:
        faults["established_on"] = "in_the_future"
    return found


def _certificates(draft: Draft, faults: dict[str, str]) -> int:
    typed = str(draft.get("certificates", "1")).strip()
    if typed.isascii() and typed.isdigit() and len(typed) <= 4 and 1 <= int(typed) <= MOST_CERTIFICATES:
        return int(typed)
    faults["certificates"] = "not_1_to_99"
    return 1


def _question(
    draft: Draft,
    sets: Sequence[Mapping[str, Any]],
    on: date,
    established_on: date | None,
    certificates: int,
    uses: tuple[Use, ...],
    id_until: date | None,
    is_local_tax: bool,
    certificates_issued: int,
    admitted: bool,
) -> Question | None:
    if not draft.get("kind") or not draft.get("has_seal"):
        return None
    applicant = ApplicantFacts(
        kind=ApplicantKind(draft["kind"]),
        name=str(draft.get("name") or "").strip(),
        has_seal=draft["has_seal"] == YES,
        named_after_proprietor=bool(draft.get("named_after_proprietor")),
        holds_code_bearing_licence=draft.get("holds_code_bearing_licence") == YES,
        established_on=established_on,
        certificates_issued=certificates_issued,
        admitted=admitted,
    )
    return Question(
        on=on,
        applicant=applicant,
        presenter=Presenter(is_proprietor=draft.get("presenter_role") == PROPRIETOR),
        uses=uses,
        branch=BranchFacts(is_local_tax=is_local_tax),
        computer_code_known=bool(str(draft.get("computer_code") or "").strip()),
        tax_numbers_differ=bool(draft.get("tax_numbers_differ")),
        certificates=certificates,
        sets=tuple(_set(papers, regime_of(applicant), id_until) for papers in sets),
    )


def _set(papers: Mapping[str, Any], regime: Mark | None, id_until: date | None) -> DocumentSet:
    return DocumentSet(
        reference=folded_label(str(papers.get("reference") or "")),
        seal_at_counter=bool(papers.get("seal_at_counter")),
        documents=tuple(_documents(papers, regime or Mark.seal, id_until)),
    )


def _documents(papers: Mapping[str, Any], mark_asked: Mark, id_until: date | None) -> Iterator[AnyDocument]:
    for row in ROWS.values():
        ticks = {tick: bool(papers.get(row.name, {}).get(tick.value)) for tick in row.ticks}
        if any(ticks.values()):  # a document of which nothing is ticked is not here
            yield document_of(row, ticks, mark_asked, id_until)


def document_of(row: Row, ticks: Mapping[Tick, bool], mark_asked: Mark, id_until: date | None) -> AnyDocument:
    mark = mark_asked if ticks[Tick.mark] else None
    if row.kind is DocumentKind.application_form:
        return ApplicationForm(COPIES_OF_FORM if ticks[Tick.two_copies] else 1, ticks[Tick.complete], mark)
    original, photocopy = ticks[Tick.original], ticks[Tick.photocopy]
    if row.kind is DocumentKind.identity_document:
        holder = Holder.presenter if ticks[Tick.own] else Holder.other
        return IdentityDocument(holder, id_until, original, photocopy, mark)
    return Licence(row.kind, ticks[Tick.duplicate], original, photocopy, mark, row.authority)
