"""One set of supporting documents supports one certificate, for ever, over all branches (B1.N2).

A set is known by the label on it, if it has one, and by the digest of every scan of it. What it is known by is claimed when the
case is accepted; the claim's primary key is the referee, so of two clerks at once one is refused.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.services.errors import Refusal
from models.rulebook.checklist import folded_label
from models.tables import Case, DocumentSet, Scan, SetClaim


@dataclass(frozen=True, slots=True)
class Mark:
    """What a set is known by: the stored form of a label or a scan, and the set's place in the case, from 1."""

    reference: str
    position: int


@dataclass(frozen=True, slots=True)
class UsedUp:
    """A set that an earlier case used: the set's place in this case, and that case's number."""

    position: int
    case_number: str


def marks_of_set(session: Session, case: Case, labels: Sequence[str]) -> list[Mark]:
    """What the first sets of a case are known by; `labels` as typed, one for each set that is asked about."""
    marks = [Mark(f"label:{text}", at) for at, label in enumerate(labels, start=1) if (text := folded_label(label)) is not None]
    scans = session.execute(
        select(Scan.original_digest, DocumentSet.position)
        .join(DocumentSet, Scan.set_id == DocumentSet.id)
        .where(Scan.case_id == case.id, DocumentSet.position <= len(labels))
        .distinct()
        .order_by(DocumentSet.position)
    )
    return marks + [Mark(f"scan:{digest}", position) for digest, position in scans]


def used_up(session: Session, case: Case, marks: Iterable[Mark]) -> list[UsedUp]:
    """The sets that were used before: by another case, or by an earlier set of this one. One line a set."""
    marks = list(marks)
    rows = session.execute(
        select(SetClaim.reference, Case.number)
        .join(Case, SetClaim.case_id == Case.id)
        .where(SetClaim.reference.in_([mark.reference for mark in marks]), SetClaim.case_id != case.id)
    )
    claimed = {row.reference: row.number for row in rows}
    found: dict[int, UsedUp] = {}
    first: dict[str, int] = {}
    for mark in marks:
        earlier = first.setdefault(mark.reference, mark.position)
        if mark.reference in claimed:
            found.setdefault(mark.position, UsedUp(mark.position, claimed[mark.reference]))
        elif earlier != mark.position:
            found.setdefault(mark.position, UsedUp(mark.position, case.number))
    return sorted(found.values(), key=lambda used: used.position)


def allot_labels(case: Case, certificates: int) -> list[Mark]:
    """A set that came without a label gets the case's number and its own place; the slip says it, the clerk writes it on the set.

    So every set that supported a certificate is known by something when it is laid on a counter again.
    """
    bare = [papers for papers in case.sets[:certificates] if papers.reference is None]
    for papers in bare:
        papers.reference = f"{case.number}-{papers.position}"
    return [Mark(f"label:{folded_label(papers.reference or '')}", papers.position) for papers in bare]


def claim_sets(session: Session, case: Case, marks: Iterable[Mark]) -> None:
    """Use the sets up for this case. Raises Refusal("set_reused") where another case was first."""
    release_sets(session, case)
    for mark in sorted(marks, key=lambda mark: mark.reference):  # one order for all: no two wait for each other
        try:
            with session.begin_nested():
                session.add(SetClaim(reference=mark.reference, case_id=case.id, set_position=mark.position))
        except IntegrityError:
            raise Refusal("set_reused", position=mark.position) from None


def release_sets(session: Session, case: Case) -> None:
    """Give the sets back: the case is refused or withdrawn, or its papers are filed anew."""
    session.execute(delete(SetClaim).where(SetClaim.case_id == case.id))
