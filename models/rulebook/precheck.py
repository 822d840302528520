"""Would these papers be accepted, and what would it cost? A pure function of the question.

Source: the tax service's certificate manual, chapter 1, as laid down in the pre-check contract. All findings are given.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from models.rulebook.facts import (
    ApplicantFacts,
    ApplicationForm,
    DocumentSet,
    IdentityDocument,
    Licence,
    Question,
)
from models.rulebook.fees import Fee, fee_for
from models.rulebook.findings import Code, Finding, Level, find
from models.rulebook.vocabulary import ApplicantKind, DocumentKind, Holder, Mark, TaxAuthority, Use

# An applicant established before this day has a computer code that the tax function needs. B1.N1
CODES_UNIFIED_ON = date(2016, 8, 8)
COPIES_OF_FORM = 2
EITHER_LICENCE = frozenset(
    {DocumentKind.organisation_code_certificate, DocumentKind.business_licence, DocumentKind.tax_registration}
)
BOTH_LICENCES = (DocumentKind.business_licence, DocumentKind.tax_registration)

D = TypeVar("D", ApplicationForm, Licence, IdentityDocument)


@dataclass(frozen=True, slots=True)
class Answer:
    """All findings, in the order of the sets, and the fee, which is computed whether or not the papers do."""

    findings: tuple[Finding, ...]
    fee: Fee

    @property
    def accepted(self) -> bool:
        return all(finding.level is not Level.refuse for finding in self.findings)


def regime_of(applicant: ApplicantFacts) -> Mark | None:
    """The mark that form and photocopies must bear; None where the manual has no rule for such an applicant."""
    if applicant.has_seal:
        return Mark.seal
    if applicant.kind is ApplicantKind.individual_business and applicant.named_after_proprietor:
        return Mark.signature
    return None


def examine(question: Question) -> Answer:
    """The answer to a question. Never raises for a question that `question.parse` let through."""
    regime = regime_of(question.applicant)
    examined = question.sets[: question.certificates]
    findings = [*_whole_application(question, regime), *_reused(examined, regime)]
    if regime is not None:
        for number, papers in enumerate(examined, start=1):
            findings += _papers_of_one_set(question, regime, number, papers)
    return Answer(tuple(findings), fee_for(question.applicant.certificates_issued, question.certificates))


def _whole_application(question: Question, regime: Mark | None) -> Iterator[Finding]:
    applicant = question.applicant
    if regime is None:
        yield find(Code.applicant_not_covered, regime)
    sealless_business = applicant.kind is ApplicantKind.individual_business and not applicant.has_seal
    if sealless_business and not question.presenter.is_proprietor:
        yield find(Code.presenter_not_proprietor, regime)
    if len(question.sets) < question.certificates:
        yield find(Code.sets_too_few, regime)
    if Use.tax in question.uses:
        if not question.branch.is_local_tax:
            yield find(Code.tax_prefer_local_tax_branch, regime)
        established = applicant.established_on
        if established is not None and established < CODES_UNIFIED_ON and not question.computer_code_known:
            yield find(Code.tax_computer_code_unknown, regime)


def _reused(examined: Iterable[DocumentSet], regime: Mark | None) -> Iterator[Finding]:
    seen: set[str] = set()
    for number, papers in enumerate(examined, start=1):
        if papers.reference is None:
            continue
        if papers.reference in seen:
            yield find(Code.sets_reused, regime, number)
        seen.add(papers.reference)


def _papers_of_one_set(question: Question, regime: Mark, number: int, papers: DocumentSet) -> Iterator[Finding]:
    """Every finding about one examined set, in the order of the clauses: form, licences, identity, tax."""
    forms: list[ApplicationForm] = []
    licences: list[Licence] = []
    identities: list[IdentityDocument] = []
    for document in papers.documents:
        match document:
            case ApplicationForm():
                forms.append(document)
            case Licence():
                licences.append(document)
            case IdentityDocument():
                identities.append(document)

    if not (regime is Mark.seal and papers.seal_at_counter):  # with the seal here, no form is needed. B1.1.1
        for code in _best(forms, lambda form: _form(form, regime), Code.form_missing)[1]:
            yield find(code, regime, number, DocumentKind.application_form)
    for code, kind in _licences(licences, regime, question.applicant.holds_code_bearing_licence):
        yield find(code, regime, number, kind)
    for code in _best(identities, lambda identity: _identity(identity, question.on, regime), Code.identity_missing)[1]:
        yield find(code, regime, number, DocumentKind.identity_document)
    if Use.tax in question.uses:
        for code, kind in _tax(licences, question.tax_numbers_differ):
            yield find(code, regime, number, kind)


def _best(documents: Iterable[D], judge: Callable[[D], list[Code]], missing: Code) -> tuple[D | None, list[Code]]:
    """The document with the fewest findings, the earliest on a tie, and its findings; none at all: the `missing` one."""
    judged = [(document, judge(document)) for document in documents]
    return min(judged, key=lambda pair: len(pair[1]), default=(None, [missing]))


def _form(form: ApplicationForm, regime: Mark) -> list[Code]:
    codes = []
    if not form.complete:
        codes.append(Code.form_incomplete)
    if form.copies < COPIES_OF_FORM:
        codes.append(Code.form_too_few_copies)
    if form.mark is not regime:
        codes.append(Code.form_unmarked)
    return codes


def _licence(licence: Licence, regime: Mark) -> list[Code]:
    codes = []
    if not licence.duplicate:
        codes.append(Code.licence_not_duplicate)
    if not licence.original:
        codes.append(Code.licence_no_original)
    if not licence.photocopy:
        codes.append(Code.licence_no_photocopy)
    elif licence.mark is not regime:
        codes.append(Code.licence_photocopy_unmarked)
    return codes


def _identity(identity: IdentityDocument, on: date, regime: Mark) -> list[Code]:
    codes = []
    if identity.holder is not Holder.presenter:
        codes.append(Code.identity_not_presenter)
    if identity.expires_on is not None and identity.expires_on < on:
        codes.append(Code.identity_expired)
    if not identity.original:
        codes.append(Code.identity_no_original)
    if not identity.photocopy:
        codes.append(Code.identity_no_photocopy)
    elif identity.mark is not regime:
        codes.append(Code.identity_photocopy_unmarked)
    return codes


def _licences(licences: list[Licence], regime: Mark, holds_code_bearing: bool) -> Iterator[tuple[Code, DocumentKind | None]]:
    """Which licences the set must hold, and what is wrong with them."""
    code_bearing = [licence for licence in licences if licence.kind is DocumentKind.code_bearing_licence]
    required: list[tuple[list[Licence], DocumentKind | None]]
    if code_bearing:
        required = [(code_bearing, DocumentKind.code_bearing_licence)]
    elif holds_code_bearing:
        yield (
            Code.licence_code_bearing_only if licences else Code.licence_missing,
            DocumentKind.code_bearing_licence,
        )
        return
    elif regime is Mark.seal:
        required = [([licence for licence in licences if licence.kind in EITHER_LICENCE], None)]
    else:
        required = [([licence for licence in licences if licence.kind is kind], kind) for kind in BOTH_LICENCES]
    for candidates, kind_if_missing in required:
        best, codes = _best(candidates, lambda licence: _licence(licence, regime), Code.licence_missing)
        for code in codes:
            yield code, best.kind if best is not None else kind_if_missing


def _tax(licences: list[Licence], numbers_differ: bool) -> Iterator[tuple[Code, DocumentKind | None]]:
    """The evidence the tax function needs, once per set. B1.N1"""
    kinds = {licence.kind for licence in licences}
    if kinds.isdisjoint({DocumentKind.tax_registration, DocumentKind.code_bearing_licence}):
        yield Code.tax_evidence_missing, None
    authorities = {licence.authority for licence in licences if licence.kind is DocumentKind.tax_registration}
    if numbers_differ and not authorities >= {TaxAuthority.state, TaxAuthority.local}:
        yield Code.tax_both_registrations, DocumentKind.tax_registration
