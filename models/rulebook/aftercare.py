"""Would these papers do for a case about a certificate? A pure function of the question, the edition and the certificate's facts.

All findings are given. The documents are the edition's; how each is judged is the same as for a new application, except that no
paper is spared: the seal at the counter can be put on the form there, but replaces none.
"""

from collections.abc import Callable, Iterator

from models.rulebook.aftercare_words import found, reason
from models.rulebook.editions import Edition, Paper, Requirement
from models.rulebook.facts import (
    AnyDocument,
    ApplicationForm,
    DocumentSet,
    HoldersToken,
    IdentityDocument,
    Licence,
    Question,
    StatementOfLoss,
)
from models.rulebook.fees import Fee
from models.rulebook.findings import Code, Finding, find_under
from models.rulebook.judgement import Answer, best, form_faults, identity_faults, licence_faults, licences_faults, regime_of
from models.rulebook.lifetime import CertificateFacts, open_kinds, renewal_opens_on, why_closed
from models.rulebook.vocabulary import ApplicantKind, CaseKind, DocumentKind, Mark

__all__ = ["CertificateFacts", "examine_aftercare", "open_kinds", "reason", "renewal_opens_on", "why_closed"]

_NOTHING = DocumentSet(reference=None, seal_at_counter=False, documents=())


def examine_aftercare(
    question: Question, edition: Edition, certificate: CertificateFacts | None = None, fee_fen: int | None = None
) -> Answer:
    """The answer to a question whose kind begins with a certificate; its first set is examined, none at all as an empty one.

    `certificate`: what the office knows of it; None where only the papers are known, and then the answer says that the certificate
    was not judged. `fee_fen`: what a verdict on the damage makes of the fee; None where there is no verdict yet.
    """
    kind, regime = question.kind, regime_of(question.applicant)
    findings = list(_whole_case(question, edition, certificate, regime))
    if kind is CaseKind.replacement_damaged and fee_fen is None:
        findings.append(found(Code.fee_depends_on_damage, kind, edition, edition.clause(kind)))
    if regime is not None:
        papers = question.sets[0] if question.sets else _NOTHING
        for item, requirement in enumerate(edition.requirements[kind], start=1):
            findings += _one_paper(question, edition, item, requirement, papers.documents, regime)
    return Answer(tuple(findings), Fee((edition.fee_fen(kind) if fee_fen is None else fee_fen,)))


def _whole_case(
    question: Question, edition: Edition, certificate: CertificateFacts | None, regime: Mark | None
) -> Iterator[Finding]:
    kind, applicant = question.kind, question.applicant
    clause = edition.clause(kind)
    if regime is None:
        yield find_under(clause, Code.applicant_not_covered, None)
    sealless_business = applicant.kind is ApplicantKind.individual_business and not applicant.has_seal
    if sealless_business and not question.presenter.is_proprietor:
        yield find_under(clause, Code.presenter_not_proprietor, None)
    if question.certificates > 1:
        yield found(Code.certificate_one_at_a_time, kind, edition, clause)
    code = Code.certificate_not_judged
    if certificate is not None:
        closed = why_closed(kind, certificate, question.on, edition)
        if closed is None:
            return
        code = closed
    yield found(code, kind, edition, clause)


def _one_paper(
    question: Question,
    edition: Edition,
    item: int,
    asked: Requirement,
    documents: tuple[AnyDocument, ...],
    regime: Mark,
) -> Iterator[Finding]:
    """Every finding about one of the papers that the edition asks for."""
    clause = edition.clause(question.kind, item)
    spared = _spared(asked)

    def judged(codes: list[Code]) -> list[Code]:
        return [code for code in codes if code not in spared]

    def of(code: Code, document: DocumentKind | None) -> Finding:
        return find_under(clause, code, regime, 1, document, asked.copies)

    def of_own(code: Code, document: DocumentKind) -> Finding:
        return found(code, question.kind, edition, clause, regime=regime, set=1, document=document)

    match asked.paper:
        case Paper.application_form:
            forms = [document for document in documents if isinstance(document, ApplicationForm)]
            codes = best(forms, lambda form: judged(form_faults(form, regime, asked.copies)), Code.form_missing)[1]
            yield from (of(code, DocumentKind.application_form) for code in codes)
        case Paper.licence:
            licences = [document for document in documents if isinstance(document, Licence)]
            judge: Callable[[Licence], list[Code]] = lambda licence: judged(licence_faults(licence, regime))  # noqa: E731
            for code, document in licences_faults(licences, question.applicant.holds_code_bearing_licence, regime, judge):
                yield of(code, document)
        case Paper.identity_document:
            identities = [document for document in documents if isinstance(document, IdentityDocument)]
            codes = best(
                identities, lambda identity: judged(identity_faults(identity, question.on, regime)), Code.identity_missing
            )[1]
            yield from (of(code, DocumentKind.identity_document) for code in codes)
        case Paper.token:
            if not any(isinstance(document, HoldersToken) for document in documents):
                yield of_own(Code.token_bring_if_kept if asked.if_kept else Code.token_missing, DocumentKind.token)
        case Paper.statement_of_loss:
            statements = [document for document in documents if isinstance(document, StatementOfLoss)]
            codes = best(statements, lambda statement: judged(_statement_faults(statement, regime)), Code.statement_missing)[1]
            yield from (of_own(code, DocumentKind.statement_of_loss) for code in codes)


def _statement_faults(statement: StatementOfLoss, regime: Mark) -> list[Code]:
    return [] if statement.mark is regime else [Code.statement_unmarked]


def _spared(asked: Requirement) -> frozenset[Code]:
    """What is no fault of the paper because the edition does not ask for it."""
    spared = set[Code]()
    if not asked.duplicate:
        spared.add(Code.licence_not_duplicate)
    if not asked.original:
        spared |= {Code.licence_no_original, Code.identity_no_original}
    if not asked.photocopy:
        spared |= {Code.licence_no_photocopy, Code.identity_no_photocopy}
    if not (asked.photocopy and asked.marked):
        spared |= {Code.licence_photocopy_unmarked, Code.identity_photocopy_unmarked}
    if not asked.marked:
        spared |= {Code.form_unmarked, Code.statement_unmarked}
    return frozenset(spared)


def none_in_force(question: Question, first: Edition) -> Answer:
    """The answer for a day before the first edition: the papers cannot be judged."""
    finding = found(Code.edition_none_in_force, question.kind, first, first.clause(question.kind))
    return Answer((finding,), Fee((first.fee_fen(question.kind),)))
