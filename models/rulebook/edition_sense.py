"""What an edition must not ask for: papers that nobody could tick, a fee that no desk would take, a token that the kind works without.

`editions.read` sees to the form of what is written; this sees to its sense, place by place, before anybody publishes it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from models.rulebook.editions import Edition, Paper, Requirement
from models.rulebook.kinds import KINDS, Medium
from models.rulebook.vocabulary import CaseKind

# What can be asked of each paper besides that it is there: names of `Requirement`'s fields.
ASPECTS: Mapping[Paper, tuple[str, ...]] = MappingProxyType(
    {
        Paper.application_form: ("copies", "marked"),
        Paper.licence: ("duplicate", "original", "photocopy", "marked"),
        Paper.identity_document: ("original", "photocopy", "marked"),
        Paper.token: ("if_kept",),
        Paper.statement_of_loss: ("marked",),
    }
)


class Senseless(StrEnum):
    neither_original_nor_copy = "neither_original_nor_copy"  # nothing to tick: the paper could never be there
    mark_without_copy = "mark_without_copy"  # the mark goes onto the photocopy
    token_needed = "token_needed"  # noqa: S105 - the kind works on the token, or takes it in
    token_is_lost = "token_is_lost"  # noqa: S105
    fee_is_never_taken = "fee_is_never_taken"  # relayed at once, past the fee desk


@dataclass(frozen=True, slots=True)
class Fault:
    """`paper` None: the kind's fee."""

    kind: CaseKind
    paper: Paper | None
    code: Senseless


def faults_of(edition: Edition) -> tuple[Fault, ...]:
    """Everything senseless in it, kind by kind."""
    return tuple(fault for kind in edition.requirements for fault in _of_kind(edition, kind))


def _of_kind(edition: Edition, kind: CaseKind) -> Iterator[Fault]:
    asked = {requirement.paper: requirement for requirement in edition.requirements[kind]}
    for paper in (Paper.licence, Paper.identity_document):
        if paper in asked:
            yield from (Fault(kind, paper, code) for code in _of_copied(asked[paper]))
    token = asked.get(Paper.token)
    if KINDS[kind].medium_lost and token is not None:
        yield Fault(kind, Paper.token, Senseless.token_is_lost)
    if _works_on_token(kind) and (token is None or token.if_kept):
        yield Fault(kind, Paper.token, Senseless.token_needed)
    if KINDS[kind].agrees is None and edition.fee_fen(kind):
        yield Fault(kind, None, Senseless.fee_is_never_taken)


def _of_copied(asked: Requirement) -> Iterator[Senseless]:
    if not asked.original and not asked.photocopy:
        yield Senseless.neither_original_nor_copy
    elif asked.marked and not asked.photocopy:
        yield Senseless.mark_without_copy


def _works_on_token(kind: CaseKind) -> bool:
    return KINDS[kind].medium is Medium.holders or KINDS[kind].medium_handed_in
