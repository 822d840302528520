"""What the rulebook is told of platforms, certificates and bindings: rows turned into its facts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from models.rulebook.bindings import AskedCertificate, Bound, Choice, Policy, Relation
from models.rulebook.vocabulary import BindingEnd, CertificateStatus, PlatformState, Use
from models.tables import Binding, BindingChoice, CaseItem, Certificate, Handover, Platform

WHOLE = (
    joinedload(Binding.platform),
    joinedload(Binding.applicant),
    joinedload(Binding.certificate).joinedload(Certificate.token),
)
_IN_HANDS = frozenset({CertificateStatus.valid, CertificateStatus.suspended})


def policy_of(platform: Platform) -> Policy:
    """What the rulebook is told of a platform."""
    return Policy(
        active=platform.state is PlatformState.active,
        renewal_keeps=platform.renewal_keeps,
        replacement_keeps=platform.replacement_keeps,
        one_of_several=platform.one_of_several,
        wanted_use=platform.wanted_use,
    )


@dataclass(frozen=True)
class Line:
    """A certificate and all that took over from it, the oldest first. `out_since`: first handed over; None: it never was."""

    id: int
    certificates: tuple[Certificate, ...]
    out_since: datetime | None

    def is_alive(self, at: datetime) -> bool:
        """Whether one of its certificates is in somebody's hands and has not expired."""
        return any(one.status in _IN_HANDS and one.not_after >= at for one in self.certificates)


def lines_of(session: Session, applicant_id: int) -> tuple[Line, ...]:
    """All lines of an applicant, over all branches, in the order in which they began. A line is called by its first certificate."""
    rows = session.scalars(
        select(Certificate)
        .where(Certificate.applicant_id == applicant_id)
        .order_by(Certificate.id)
        .options(joinedload(Certificate.item).joinedload(CaseItem.case), joinedload(Certificate.token))
    ).all()
    first: dict[int, int] = {}
    lines: dict[int, list[Certificate]] = {}
    for row in rows:  # what a certificate takes over from is older, so it was met before
        first[row.id] = first.get(row.replaces_id, row.replaces_id) if row.replaces_id is not None else row.id
        lines.setdefault(first[row.id], []).append(row)
    out: dict[int, datetime] = {}
    handovers = select(Handover.certificate_id, Handover.at).where(Handover.certificate_id.in_(list(first)))
    for certificate_id, at in session.execute(handovers.order_by(Handover.at.desc())):
        out[first[certificate_id]] = at  # the earliest is met last
    return tuple(Line(line, tuple(members), out.get(line)) for line, members in lines.items())


def asked_of(certificate: Certificate, lines: Iterable[Line]) -> AskedCertificate:
    """What the rulebook is told of a certificate. `lines`: those of its applicant."""
    return AskedCertificate(
        id=certificate.id,
        line=_line_of(certificate.id, lines),
        status=certificate.status,
        not_before=certificate.not_before,
        not_after=certificate.not_after,
        uses=frozenset(Use(use) for use in certificate.item.case.uses),
    )


def _line_of(certificate_id: int, lines: Iterable[Line]) -> int:
    return next(line.id for line in lines if any(one.id == certificate_id for one in line.certificates))


def relation_of(
    session: Session,
    platform_id: int,
    applicant_id: int,
    lines: Sequence[Line],
    at: datetime,
    rows: Sequence[Binding] | None = None,
) -> Relation:
    """What the rulebook is told of an applicant at a platform. `lines`: of the applicant; `rows`: his bindings there, where they
    were read before: who acts on the answer must act on the rows that were judged."""
    rows = history_of(session, platform_id, applicant_id) if rows is None else rows
    by_id = {row.id: row for row in rows}
    history = tuple(
        Bound(row.certificate_id, _line_of(row.certificate_id, lines), row.since, _chosen_at(row, by_id), row.until, row.end)
        for row in rows
    )
    chosen = choice_of(session, platform_id, applicant_id)
    choice = None
    if chosen is not None:
        line = next(line for line in lines if line.id == _line_of(chosen.certificate_id, lines))
        choice = Choice(line.id, chosen.at, line.is_alive(at))
    out = sorted(line.out_since for line in lines if line.out_since is not None)
    return Relation(history, choice, out[1] if len(out) > 1 else None)


def _chosen_at(row: Binding, by_id: Mapping[int, Binding]) -> datetime:
    """When the holder chose: a binding that moved along with its certificate was chosen when the first of them was."""
    before = by_id.get(row.follows_id) if row.follows_id is not None else None
    while before is not None and before.end is BindingEnd.moved:
        row = before
        before = by_id.get(row.follows_id) if row.follows_id is not None else None
    return row.since


def history_of(session: Session, platform_id: int, applicant_id: int) -> Sequence[Binding]:
    """All bindings of an applicant at a platform, the newest first."""
    return session.scalars(
        select(Binding)
        .where(Binding.platform_id == platform_id, Binding.applicant_id == applicant_id)
        .order_by(Binding.id.desc())
        .options(*WHOLE)
    ).all()


def choice_of(session: Session, platform_id: int, applicant_id: int) -> BindingChoice | None:
    """The newest choice made at the counter, whether or not it still counts."""
    return session.scalars(
        select(BindingChoice)
        .where(BindingChoice.platform_id == platform_id, BindingChoice.applicant_id == applicant_id)
        .order_by(BindingChoice.id.desc())
        .limit(1)
    ).first()
