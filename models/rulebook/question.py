"""The pre-check's wire format: a question read strictly into facts, and questions and answers written as JSON values."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from models.rulebook.facts import (
    LICENCE_KINDS,
    AnyDocument,
    ApplicantFacts,
    ApplicationForm,
    BranchFacts,
    DocumentSet,
    HoldersToken,
    IdentityDocument,
    Licence,
    Presenter,
    Question,
    StatementOfLoss,
)
from models.rulebook.fees import yuan
from models.rulebook.kinds import FIRST_KINDS
from models.rulebook.precheck import Answer
from models.rulebook.strict_json import Defect, Fields, Malformed
from models.rulebook.vocabulary import ApplicantKind, CaseKind, DocumentKind, Holder, Mark, TaxAuthority, Use

MOST_CERTIFICATES = 99
MOST_SETS = 99

E = TypeVar("E", bound=StrEnum)


def _words(kind: type[E]) -> Mapping[str, E]:
    return {member.value: member for member in kind}


_APPLICANT_KINDS = _words(ApplicantKind)
_USES = _words(Use)
_MARKS = _words(Mark)
_AUTHORITIES = _words(TaxAuthority)
_HOLDERS = _words(Holder)
_CASE_KINDS = _words(CaseKind)
_AFTERCARE_DOCUMENTS = _words(DocumentKind)
# A new application has no token to bring: there the contract knows no such words.
_OF_A_CERTIFICATE = {HoldersToken.kind, StatementOfLoss.kind}
_DOCUMENTS = {word: kind for word, kind in _AFTERCARE_DOCUMENTS.items() if kind not in _OF_A_CERTIFICATE}

# The contract's fields have the names of the facts.
_QUESTION = frozenset(Question.__slots__) - {"kind"}
_QUESTION_WITH_KIND = _QUESTION | {"kind"}
_APPLICANT = frozenset(ApplicantFacts.__slots__) - {"admitted"}
_PRESENTER = frozenset(Presenter.__slots__)
_BRANCH = frozenset(BranchFacts.__slots__)
_SET = frozenset(DocumentSet.__slots__)
_LICENCE = frozenset(Licence.__slots__) - {"authority"}
_DOCUMENT: Mapping[DocumentKind, frozenset[str]] = {
    DocumentKind.application_form: frozenset({"kind", *ApplicationForm.__slots__}),
    DocumentKind.identity_document: frozenset({"kind", *IdentityDocument.__slots__}),
    **dict.fromkeys(LICENCE_KINDS, _LICENCE),
    DocumentKind.tax_registration: _LICENCE | {"authority"},
    DocumentKind.token: frozenset({"kind"}),
    DocumentKind.statement_of_loss: frozenset({"kind", *StatementOfLoss.__slots__}),
}


def parse(value: Any) -> Question:
    """The question in a JSON value, as `strict_json.read` gives it. Raises Malformed with every fault."""
    faults: list[Defect] = []
    names_a_kind = isinstance(value, dict) and "kind" in value
    fields = Fields(value, _QUESTION_WITH_KIND if names_a_kind else _QUESTION, "", faults)
    kind = fields.word("kind", _CASE_KINDS) if names_a_kind else CaseKind.new
    documents = _DOCUMENTS if kind in FIRST_KINDS else _AFTERCARE_DOCUMENTS
    question = Question(
        on=fields.day("on"),
        applicant=_applicant(fields.object("applicant", _APPLICANT)),
        presenter=Presenter(fields.object("presenter", _PRESENTER).truth("is_proprietor")),
        uses=fields.words("uses", _USES),
        branch=BranchFacts(fields.object("branch", _BRANCH).truth("is_local_tax")),
        computer_code_known=fields.truth("computer_code_known"),
        tax_numbers_differ=fields.truth("tax_numbers_differ"),
        certificates=fields.whole("certificates", 1, MOST_CERTIFICATES),
        sets=tuple(
            _set(Fields(entry, _SET, f"/sets/{position}", faults), documents, faults)
            for position, entry in enumerate(fields.entries("sets", MOST_SETS))
        ),
        kind=kind or CaseKind.new,
    )
    if faults:
        raise Malformed(faults)
    return question


def _applicant(fields: Fields) -> ApplicantFacts:
    return ApplicantFacts(
        kind=fields.word("kind", _APPLICANT_KINDS) or ApplicantKind.enterprise,
        name=fields.text("name"),
        has_seal=fields.truth("has_seal"),
        named_after_proprietor=fields.truth("named_after_proprietor"),
        holds_code_bearing_licence=fields.truth("holds_code_bearing_licence"),
        established_on=fields.day_or_null("established_on"),
        certificates_issued=fields.whole("certificates_issued", 0),
    )


def _set(fields: Fields, kinds: Mapping[str, DocumentKind], faults: list[Defect]) -> DocumentSet:
    at = fields.pointer("documents")
    documents = (
        _document(entry, kinds, f"{at}/{position}", faults) for position, entry in enumerate(fields.entries("documents"))
    )
    return DocumentSet(
        reference=fields.text_or_null("reference"),
        seal_at_counter=fields.truth("seal_at_counter"),
        documents=tuple(document for document in documents if document is not None),
    )


def _document(value: Any, kinds: Mapping[str, DocumentKind], pointer: str, faults: list[Defect]) -> AnyDocument | None:
    """None only after a fault: which fields a document has depends on its kind, so without one of `kinds` no more can be read."""
    word = value.get("kind") if isinstance(value, dict) else None
    kind = kinds.get(word) if isinstance(word, str) else None
    if kind is None:
        names = frozenset({"kind", *value}) if isinstance(value, dict) else frozenset({"kind"})
        Fields(value, names, pointer, faults).word("kind", kinds)
        return None
    fields = Fields(value, _DOCUMENT[kind], pointer, faults)
    if kind is DocumentKind.application_form:
        return ApplicationForm(fields.whole("copies", 0), fields.truth("complete"), fields.word_or_null("mark", _MARKS))
    if kind is DocumentKind.identity_document:
        return IdentityDocument(
            holder=fields.word("holder", _HOLDERS) or Holder.other,
            expires_on=fields.day_or_null("expires_on"),
            original=fields.truth("original"),
            photocopy=fields.truth("photocopy"),
            mark=fields.word_or_null("mark", _MARKS),
        )
    if kind is DocumentKind.token:
        return HoldersToken()
    if kind is DocumentKind.statement_of_loss:
        return StatementOfLoss(fields.word_or_null("mark", _MARKS))
    return Licence(
        kind=kind,
        duplicate=fields.truth("duplicate"),
        original=fields.truth("original"),
        photocopy=fields.truth("photocopy"),
        mark=fields.word_or_null("mark", _MARKS),
        authority=fields.word_or_null("authority", _AUTHORITIES) if kind is DocumentKind.tax_registration else None,
    )


def _written(value: Any) -> Any:
    """Facts as a JSON value."""
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_written(entry) for entry in value]
    if isinstance(value, AnyDocument):
        allowed = _DOCUMENT[value.kind]
        return {name: _written(getattr(value, name)) for name in dict.fromkeys(("kind", *value.__slots__)) if name in allowed}
    if hasattr(value, "__slots__"):
        return {name: _written(getattr(value, name)) for name in value.__slots__}
    return value


def question_json(question: Question) -> dict[str, Any]:
    """The question as the contract writes it; `parse` reads it back. The kind `new` goes without saying; of an admission the contract
    knows nothing, that stands beside the answer."""
    written: dict[str, Any] = _written(question)
    del written["applicant"]["admitted"]
    if question.kind is CaseKind.new:
        del written["kind"]
    return written


def answer_json(answer: Answer) -> dict[str, Any]:
    """The answer as the contract writes it."""
    return {
        "accepted": answer.accepted,
        "findings": [
            {
                "code": finding.code.value,
                "level": finding.level.value,
                "set": finding.set,
                "document": finding.document.value if finding.document is not None else None,
                "clause": finding.clause,
                "message": {"zh": finding.message_zh, "en": finding.message_en},
            }
            for finding in answer.findings
        ],
        "fee": {
            "currency": "CNY",
            "items": [yuan(fen) for fen in answer.fee.items_fen],
            "total": yuan(answer.fee.total_fen),
        },
    }
