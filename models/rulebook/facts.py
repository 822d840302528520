"""What the rulebook is told: one question as frozen facts. Shapes and meanings are those of the pre-check contract."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from models.rulebook.vocabulary import ApplicantKind, CaseKind, DocumentKind, Holder, Mark, TaxAuthority, Use

LICENCE_KINDS = (
    DocumentKind.organisation_code_certificate,
    DocumentKind.business_licence,
    DocumentKind.tax_registration,
    DocumentKind.code_bearing_licence,
)


@dataclass(frozen=True, slots=True)
class ApplicantFacts:
    """The legal entity that applies. `certificates_issued` counts what was ever issued to it, at any branch.

    `admitted`: a supervisor admits him in person although no rule covers him. No word of the contract: nobody can ask for it there.
    """

    kind: ApplicantKind
    name: str
    has_seal: bool
    named_after_proprietor: bool
    holds_code_bearing_licence: bool
    established_on: date | None
    certificates_issued: int
    admitted: bool = False


@dataclass(frozen=True, slots=True)
class Presenter:
    """Who stands at the counter: the proprietor (经营者) or an agent (经办人)."""

    is_proprietor: bool


@dataclass(frozen=True, slots=True)
class BranchFacts:
    is_local_tax: bool


@dataclass(frozen=True, slots=True)
class ApplicationForm:
    """`mark` is what all copies bear."""

    kind: ClassVar = DocumentKind.application_form
    copies: int
    complete: bool
    mark: Mark | None


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence document; `kind` is one of LICENCE_KINDS. `authority` belongs to a tax registration only (None: 不分).

    `duplicate`: it is the 副本. `original`, `photocopy`: it is here. `mark`: what the photocopy bears.
    """

    kind: DocumentKind
    duplicate: bool
    original: bool
    photocopy: bool
    mark: Mark | None
    authority: TaxAuthority | None = None


@dataclass(frozen=True, slots=True)
class IdentityDocument:
    """`expires_on` is its last valid day; None: 长期, it never expires."""

    kind: ClassVar = DocumentKind.identity_document
    holder: Holder
    expires_on: date | None
    original: bool
    photocopy: bool
    mark: Mark | None


@dataclass(frozen=True, slots=True)
class HoldersToken:
    """The medium that the certificate is on is here. Only for kinds that begin with a certificate."""

    kind: ClassVar = DocumentKind.token


@dataclass(frozen=True, slots=True)
class StatementOfLoss:
    """The holder's own statement that the medium is lost, and what it bears. Only for kinds that begin with a certificate."""

    kind: ClassVar = DocumentKind.statement_of_loss
    mark: Mark | None


AnyDocument = ApplicationForm | Licence | IdentityDocument | HoldersToken | StatementOfLoss


@dataclass(frozen=True, slots=True)
class DocumentSet:
    """The papers that support one certificate. `reference` identifies the physical set, None if nothing does."""

    reference: str | None
    seal_at_counter: bool
    documents: tuple[AnyDocument, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """Would these papers be accepted on the day `on`, and what would `certificates` (1 to 99) cost?

    A `kind` that begins with a certificate is about one certificate: its papers are the first set.
    """

    on: date
    applicant: ApplicantFacts
    presenter: Presenter
    uses: tuple[Use, ...]
    branch: BranchFacts
    computer_code_known: bool
    tax_numbers_differ: bool
    certificates: int
    sets: tuple[DocumentSet, ...]
    kind: CaseKind = CaseKind.new
