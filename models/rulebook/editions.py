"""Dated editions of what the manuals do not fix: documents, fees and limits of the kinds that begin with a certificate.

An edition is data: it ships with the program, is kept in the database, and can be followed by another one from a day on. A case
keeps the code of the edition it was judged by. Source of the first: practice of the trade, not the manuals' rule.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from models.rulebook.kinds import FIRST_KINDS, KINDS, Medium
from models.rulebook.strict_json import Defect, Fields, Malformed
from models.rulebook.vocabulary import CaseKind


class Paper(StrEnum):
    """What a kind may ask for. Which licence serves as *the* licence is the manual's rule, see `judgement.licences_faults`."""

    application_form = "application_form"
    licence = "licence"
    identity_document = "identity_document"
    token = "token"  # noqa: S105 - a thing of the trade
    statement_of_loss = "statement_of_loss"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One paper that a kind asks for, and what of it.

    `copies`: of a form, at least. `duplicate`: the 副本. `original`, `photocopy`: it is here. `marked`: seal or signature, whichever
    the applicant's regime asks for, on the photocopy, or on the paper itself where there is none to copy (form, statement).
    `if_kept`: only if the holder still has it; without it he is told, not refused.
    """

    paper: Paper
    copies: int = 1
    duplicate: bool = False
    original: bool = False
    photocopy: bool = False
    marked: bool = False
    if_kept: bool = False


@dataclass(frozen=True, slots=True)
class Edition:
    """`fees_fen`: what a kind costs where no new medium is given out; one that gives out a new medium costs `medium_fen`.

    `renewal_opens_days`: so many days before the last valid day a renewal becomes possible. `warranty_days`: so many days after the
    medium was handed over its own faults are free of charge. `grant_minutes`: how long a supervisor's leave to unlock can be used.
    """

    code: str
    effective_from: date
    requirements: Mapping[CaseKind, tuple[Requirement, ...]]
    fees_fen: Mapping[CaseKind, int]
    medium_fen: int
    renewal_opens_days: int
    warranty_days: int
    grant_minutes: int

    def fee_fen(self, kind: CaseKind) -> int:
        """What the kind costs in whole fen, before any verdict on a damaged medium."""
        return self.medium_fen if kind in MEDIUM_KINDS else self.fees_fen[kind]

    def clause(self, kind: CaseKind, item: int | None = None) -> str:
        """How a finding names the rule: "P1-2026.renewal.2" is the second paper that a renewal asks for."""
        return f"{self.code}.{kind.value}" if item is None else f"{self.code}.{kind.value}.{item}"


class NoEdition(LookupError):
    """No edition is in force on that day, or none has that code."""


_KINDS = tuple(kind for kind in CaseKind if kind not in FIRST_KINDS)
# Kinds that give out a new medium, and so cost one.
MEDIUM_KINDS = frozenset(kind for kind in _KINDS if KINDS[kind].medium is Medium.new)
_FLAT_KINDS = tuple(kind for kind in _KINDS if kind not in MEDIUM_KINDS)

_FORM = Requirement(Paper.application_form, copies=2, marked=True)
_LICENCE = Requirement(Paper.licence, duplicate=True, original=True, photocopy=True, marked=True)
_IDENTITY = Requirement(Paper.identity_document, original=True, photocopy=True, marked=True)
_TOKEN = Requirement(Paper.token)
_TOKEN_IF_KEPT = Requirement(Paper.token, if_kept=True)
_STATEMENT = Requirement(Paper.statement_of_loss, marked=True)

P1 = Edition(
    code="P1-2026",
    effective_from=date(2026, 1, 1),
    requirements=MappingProxyType(
        {
            CaseKind.renewal: (_LICENCE, _IDENTITY, _TOKEN),
            CaseKind.amendment: (_FORM, _LICENCE, _IDENTITY, _TOKEN),
            CaseKind.replacement_damaged: (_FORM, _LICENCE, _IDENTITY, _TOKEN),
            CaseKind.replacement_lost: (_FORM, _IDENTITY, _STATEMENT),
            CaseKind.unlock: (_LICENCE, _IDENTITY, _TOKEN),
            CaseKind.suspension: (_LICENCE, _IDENTITY),
            CaseKind.resumption: (_LICENCE, _IDENTITY),
            CaseKind.revocation: (_LICENCE, _IDENTITY, _TOKEN_IF_KEPT),
            CaseKind.binding_reset: (_LICENCE, _IDENTITY),
            CaseKind.rebinding: (_LICENCE, _IDENTITY),
            CaseKind.credentials_reset: (_LICENCE, _IDENTITY),
        }
    ),
    fees_fen=MappingProxyType(dict.fromkeys(_FLAT_KINDS, 0)),
    medium_fen=80_00,
    renewal_opens_days=90,
    warranty_days=365,
    grant_minutes=15,
)

# What the program brings along, the earliest first. Never changed: what is to be otherwise is a new edition.
SHIPPED: tuple[Edition, ...] = (P1,)


def edition_on(editions: Iterable[Edition], day: date) -> Edition:
    """The edition in force on a day: the one that began last. Raises NoEdition for a day before the first."""
    begun = [edition for edition in editions if edition.effective_from <= day]
    if not begun:
        raise NoEdition(day.isoformat())
    return max(begun, key=lambda edition: edition.effective_from)


def edition_called(editions: Iterable[Edition], code: str) -> Edition:
    """The edition that a case was judged by. Raises NoEdition where none of them has the code."""
    for edition in editions:
        if edition.code == code:
            return edition
    raise NoEdition(code)


_PAPERS = {paper.value: paper for paper in Paper}
_EDITION = frozenset(field.name for field in fields(Edition))
_REQUIREMENT = frozenset(field.name for field in fields(Requirement))
LONGEST_CODE = 20
MOST_COPIES = 7
MOST_FEN = 100_000_00
MOST_DAYS = 3650
MOST_MINUTES = 24 * 60


def read(content: Any) -> Edition:
    """The edition in a JSON value, as `write` made it. Raises Malformed with every fault: an edition is never read by halves."""
    faults: list[Defect] = []
    given = Fields(content, _EDITION, "", faults)
    asked = given.object("requirements", frozenset(_KINDS))
    fees = given.object("fees_fen", frozenset(_FLAT_KINDS))
    code = given.text("code")
    if isinstance(content, dict) and isinstance(content.get("code"), str) and not 0 < len(code) <= LONGEST_CODE:
        given.complain("code", f"须为 1 至 {LONGEST_CODE} 个字符", f"must have 1 to {LONGEST_CODE} characters")
    edition = Edition(
        code=code,
        effective_from=given.day("effective_from"),
        requirements=MappingProxyType({kind: _requirements(asked, kind, faults) for kind in _KINDS}),
        fees_fen=MappingProxyType({kind: fees.whole(kind, 0, MOST_FEN) for kind in _FLAT_KINDS}),
        medium_fen=given.whole("medium_fen", 0, MOST_FEN),
        renewal_opens_days=given.whole("renewal_opens_days", 1, MOST_DAYS),
        warranty_days=given.whole("warranty_days", 0, MOST_DAYS),
        grant_minutes=given.whole("grant_minutes", 1, MOST_MINUTES),
    )
    if faults:
        raise Malformed(faults)
    return edition


def _requirements(asked: Fields, kind: CaseKind, faults: list[Defect]) -> tuple[Requirement, ...]:
    found: list[Requirement] = []
    seen: set[Paper] = set()
    for position, entry in enumerate(asked.entries(kind)):
        given = Fields(entry, _REQUIREMENT, f"{asked.pointer(kind)}/{position}", faults)
        paper = given.word("paper", _PAPERS)
        requirement = Requirement(
            paper=paper or Paper.token,
            copies=given.whole("copies", 1, MOST_COPIES),
            duplicate=given.truth("duplicate"),
            original=given.truth("original"),
            photocopy=given.truth("photocopy"),
            marked=given.truth("marked"),
            if_kept=given.truth("if_kept"),
        )
        found.append(requirement)
        if paper is None:
            continue
        if paper in seen:
            given.complain("paper", "这种材料已经列过", "is listed already")
        seen.add(paper)
        if requirement.copies > 1 and paper is not Paper.application_form:
            given.complain("copies", "只有申请表可以要求多份", "can be more than 1 for an application form only")
        if requirement.if_kept and paper is not Paper.token:
            given.complain("if_kept", "只有介质可以“仍在的才带”", "can be true for the token only")
    return tuple(found)


def write(edition: Edition) -> dict[str, Any]:
    """The edition as a JSON value, for keeping; `read` reads it back."""
    content: dict[str, Any] = {field.name: getattr(edition, field.name) for field in fields(Edition)}
    return content | {
        "effective_from": edition.effective_from.isoformat(),
        "requirements": {
            kind.value: [
                {field.name: getattr(asked, field.name) for field in fields(Requirement)} | {"paper": asked.paper.value}
                for asked in edition.requirements[kind]
            ]
            for kind in _KINDS
        },
        "fees_fen": {kind.value: edition.fees_fen[kind] for kind in _FLAT_KINDS},
    }
