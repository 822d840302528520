"""The rows of the checklist: which documents a set of papers may hold, what is ticked off on each, and which ones can be needed.

The rules themselves are in `precheck`; this says only what is worth showing for an applicant, so that nobody reads past papers
that cannot matter. Whatever else lies on the counter can be added and is examined all the same.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from models.rulebook.editions import Paper, Requirement
from models.rulebook.facts import ApplicantFacts
from models.rulebook.precheck import BOTH_LICENCES, EITHER_LICENCE, regime_of
from models.rulebook.vocabulary import DocumentKind, Mark, TaxAuthority


class Tick(StrEnum):
    two_copies = "two_copies"
    complete = "complete"
    duplicate = "duplicate"  # 副本
    own = "own"  # the identity document is that of the person at the counter
    original = "original"
    photocopy = "photocopy"
    mark = "mark"  # seal or signature, whichever the regime asks for


@dataclass(frozen=True, slots=True)
class Row:
    """One document of a set. `name` is its stable name in drafts and forms."""

    name: str
    kind: DocumentKind
    ticks: tuple[Tick, ...]
    authority: TaxAuthority | None = None


_FORM_TICKS = (Tick.two_copies, Tick.complete, Tick.mark)
_LICENCE_TICKS = (Tick.duplicate, Tick.original, Tick.photocopy, Tick.mark)
_IDENTITY_TICKS = (Tick.own, Tick.original, Tick.photocopy, Tick.mark)

ROWS: Mapping[str, Row] = MappingProxyType(
    {
        row.name: row
        for row in (
            Row("application_form", DocumentKind.application_form, _FORM_TICKS),
            Row("code_bearing_licence", DocumentKind.code_bearing_licence, _LICENCE_TICKS),
            Row("business_licence", DocumentKind.business_licence, _LICENCE_TICKS),
            Row("organisation_code_certificate", DocumentKind.organisation_code_certificate, _LICENCE_TICKS),
            Row("tax_registration", DocumentKind.tax_registration, _LICENCE_TICKS),
            Row("tax_registration_state", DocumentKind.tax_registration, _LICENCE_TICKS, TaxAuthority.state),
            Row("tax_registration_local", DocumentKind.tax_registration, _LICENCE_TICKS, TaxAuthority.local),
            Row("identity_document", DocumentKind.identity_document, _IDENTITY_TICKS),
        )
    }
)


# What a case about a certificate may hold besides: the medium itself is not ticked, its serial is scanned.
STATEMENT_ROW = Row("statement_of_loss", DocumentKind.statement_of_loss, (Tick.original, Tick.mark))
AFTERCARE_ROWS: Mapping[str, Row] = MappingProxyType({**ROWS, STATEMENT_ROW.name: STATEMENT_ROW})


def rows_needed(applicant: ApplicantFacts, seal_at_counter: bool, both_registrations: bool) -> tuple[str, ...]:
    """Names of the rows that can matter, in the order of the clauses. None at all where no rule covers the applicant.

    `both_registrations`: the tax function is asked for and the state and local numbers differ.
    """
    regime = regime_of(applicant)
    if regime is None:
        return ()
    kinds = {DocumentKind.identity_document}
    if not (regime is Mark.seal and seal_at_counter):
        kinds.add(DocumentKind.application_form)
    if applicant.holds_code_bearing_licence:
        kinds.add(DocumentKind.code_bearing_licence)
    else:
        kinds |= EITHER_LICENCE if regime is Mark.seal else set(BOTH_LICENCES)
    return tuple(name for name, row in ROWS.items() if _is_needed(row, kinds, both_registrations))


def _is_needed(row: Row, kinds: set[DocumentKind], both_registrations: bool) -> bool:
    if row.kind is not DocumentKind.tax_registration:
        return row.kind in kinds
    if row.authority is not None:
        return both_registrations
    return row.kind in kinds and not both_registrations


def rows_asked(requirements: Iterable[Requirement], applicant: ApplicantFacts, seal_at_counter: bool) -> dict[str, Requirement]:
    """Names of the rows that an edition's requirements can need, in their order, with what is asked of each. The medium has none."""
    needed = rows_needed(applicant, seal_at_counter, both_registrations=False)
    asked: dict[str, Requirement] = {}
    for requirement in requirements:
        names = _ROWS_OF.get(requirement.paper, ())
        asked |= {name: requirement for name in names if name in needed or name == STATEMENT_ROW.name}
    return asked


def ticks_asked(row: Row, requirement: Requirement) -> tuple[Tick, ...]:
    """Those of a row's ticks that the requirement asks about."""
    optional = {
        Tick.two_copies: requirement.copies > 1,
        Tick.duplicate: requirement.duplicate,
        Tick.original: requirement.original or row is STATEMENT_ROW,
        Tick.photocopy: requirement.photocopy,
        Tick.mark: requirement.marked,
    }
    return tuple(tick for tick in row.ticks if optional.get(tick, True))


_ROWS_OF: Mapping[Paper, tuple[str, ...]] = {
    Paper.application_form: ("application_form",),
    Paper.licence: tuple(
        name
        for name, row in ROWS.items()
        if row.kind in {DocumentKind.code_bearing_licence, *EITHER_LICENCE} and row.authority is None
    ),
    Paper.identity_document: ("identity_document",),
    Paper.statement_of_loss: (STATEMENT_ROW.name,),
}


def folded_label(label: str) -> str | None:
    """The label on a set as it is compared: width, case and blanks do not count. None for an empty one."""
    text = "".join(unicodedata.normalize("NFKC", label).upper().split())
    return text or None
