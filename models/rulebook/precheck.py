"""Would these papers be accepted, and what would it cost? A pure function of the question.

Source: the tax service's certificate manual, chapter 1, as laid down in the pre-check contract. All findings are given.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from models.rulebook.aftercare import examine_aftercare, none_in_force
from models.rulebook.editions import SHIPPED, Edition, NoEdition, edition_on
from models.rulebook.facts import (
    ApplicationForm,
    DocumentSet,
    IdentityDocument,
    Licence,
    Question,
)
from models.rulebook.fees import fee_for
from models.rulebook.findings import Code, Finding, find
from models.rulebook.judgement import (
    BOTH_LICENCES,
    COPIES_OF_FORM,
    EITHER_LICENCE,
    Answer,
    best,
    form_faults,
    identity_faults,
    licence_faults,
    licences_faults,
    regime_of,
)
from models.rulebook.kinds import FIRST_KINDS
from models.rulebook.vocabulary import ApplicantKind, DocumentKind, Mark, TaxAuthority, Use

__all__ = ["BOTH_LICENCES", "CODES_UNIFIED_ON", "COPIES_OF_FORM", "EITHER_LICENCE", "Answer", "examine", "regime_of"]

# An applicant established before this day has a computer code that the tax function needs. B1.N1
CODES_UNIFIED_ON = date(2016, 8, 8)


def examine(question: Question, editions: Iterable[Edition] = SHIPPED) -> Answer:
    """The answer to a question. Never raises for a question that `question.parse` let through.

    The kinds that the manual does not fix are judged by the one of `editions` that is in force on the question's day.
    """
    if question.kind not in FIRST_KINDS:
        return _about_a_certificate(question, tuple(editions))
    regime = regime_of(question.applicant)
    examined = question.sets[: question.certificates]
    findings = [*_whole_application(question, regime), *_reused(examined, regime)]
    if regime is not None:
        for number, papers in enumerate(examined, start=1):
            findings += _papers_of_one_set(question, regime, number, papers)
    return Answer(tuple(findings), fee_for(question.applicant.certificates_issued, question.certificates))


def _about_a_certificate(question: Question, editions: tuple[Edition, ...]) -> Answer:
    try:
        return examine_aftercare(question, edition_on(editions, question.on))
    except NoEdition:
        return none_in_force(question, min(editions, key=lambda edition: edition.effective_from))


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
        for code in best(forms, lambda form: form_faults(form, regime), Code.form_missing)[1]:
            yield find(code, regime, number, DocumentKind.application_form)
    for code, kind in licences_faults(
        licences, question.applicant.holds_code_bearing_licence, regime, lambda licence: licence_faults(licence, regime)
    ):
        yield find(code, regime, number, kind)
    for code in best(identities, lambda identity: identity_faults(identity, question.on, regime), Code.identity_missing)[1]:
        yield find(code, regime, number, DocumentKind.identity_document)
    if Use.tax in question.uses:
        for code, kind in _tax(licences, question.tax_numbers_differ):
            yield find(code, regime, number, kind)


def _tax(licences: list[Licence], numbers_differ: bool) -> Iterator[tuple[Code, DocumentKind | None]]:
    """The evidence the tax function needs, once per set. B1.N1"""
    kinds = {licence.kind for licence in licences}
    if kinds.isdisjoint({DocumentKind.tax_registration, DocumentKind.code_bearing_licence}):
        yield Code.tax_evidence_missing, None
    authorities = {licence.authority for licence in licences if licence.kind is DocumentKind.tax_registration}
    if numbers_differ and not authorities >= {TaxAuthority.state, TaxAuthority.local}:
        yield Code.tax_both_registrations, DocumentKind.tax_registration
