"""What is wrong with one document, and which document of a set serves: what the manual's rules and the editions have in common.

Source: the pre-check contract, sections *The rules*, *Licences* and *Best document*.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from models.rulebook.facts import ApplicantFacts, ApplicationForm, IdentityDocument, Licence, StatementOfLoss
from models.rulebook.fees import Fee
from models.rulebook.findings import Code, Finding, Level
from models.rulebook.vocabulary import ApplicantKind, DocumentKind, Holder, Mark

COPIES_OF_FORM = 2
EITHER_LICENCE = frozenset(
    {DocumentKind.organisation_code_certificate, DocumentKind.business_licence, DocumentKind.tax_registration}
)
BOTH_LICENCES = (DocumentKind.business_licence, DocumentKind.tax_registration)

D = TypeVar("D", ApplicationForm, Licence, IdentityDocument, StatementOfLoss)


@dataclass(frozen=True, slots=True)
class Answer:
    """All findings, in the order of the sets, and the fee, which is computed whether or not the papers do."""

    findings: tuple[Finding, ...]
    fee: Fee

    @property
    def accepted(self) -> bool:
        return all(finding.level is not Level.refuse for finding in self.findings)


def regime_of(applicant: ApplicantFacts) -> Mark | None:
    """The mark that form and photocopies must bear; None where the manual has no rule for such an applicant.

    Whom a supervisor admitted is judged as a proprietor whose business is named after him.
    """
    if applicant.has_seal:
        return Mark.seal
    if applicant.kind is ApplicantKind.individual_business and (applicant.named_after_proprietor or applicant.admitted):
        return Mark.signature
    return None


def best(documents: Iterable[D], judge: Callable[[D], list[Code]], missing: Code) -> tuple[D | None, list[Code]]:
    """The document with the fewest findings, the earliest on a tie, and its findings; none at all: the `missing` one."""
    judged = [(document, judge(document)) for document in documents]
    return min(judged, key=lambda pair: len(pair[1]), default=(None, [missing]))


def form_faults(form: ApplicationForm, regime: Mark, copies: int = COPIES_OF_FORM) -> list[Code]:
    codes = []
    if not form.complete:
        codes.append(Code.form_incomplete)
    if form.copies < copies:
        codes.append(Code.form_too_few_copies)
    if form.mark is not regime:
        codes.append(Code.form_unmarked)
    return codes


def licence_faults(licence: Licence, regime: Mark) -> list[Code]:
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


def identity_faults(identity: IdentityDocument, on: date, regime: Mark) -> list[Code]:
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


def licences_faults(
    licences: Sequence[Licence], holds_code_bearing: bool, regime: Mark, judge: Callable[[Licence], list[Code]]
) -> Iterator[tuple[Code, DocumentKind | None]]:
    """Which licences the set must hold, and what `judge` finds wrong with the best of them; the kind is None for any one."""
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
        serving, codes = best(candidates, judge, Code.licence_missing)
        for code in codes:
            yield code, serving.kind if serving is not None else kind_if_missing
