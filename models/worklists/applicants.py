"""Everything about one applicant. Certificates and media are the city's; cases, money and lines are shown as far as a branch may see."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from models.rulebook.kinds import AFTERCARE_KINDS
from models.rulebook.vocabulary import CertificateAction, CertificateStatus, EnvelopeState
from models.rulebook.workflow import CASE_FINAL
from models.tables import Applicant, Case, CaseItem, Certificate, Envelope, Handover, JournalLine, Receipt, Run, Token

MOST = 60  # rows of each sort, the newest; what is older is found by its number
LINES = 40
# What the time line marks besides beginning, end and revocation, which stand in the certificate's own row.
_MARKED = (CertificateAction.suspend.value, CertificateAction.resume.value)


@dataclass(frozen=True)
class HeldToken:
    """`envelopes`: those that belonged to it, the live one first; of cases that may not be seen, the live one only."""

    token: Token
    envelopes: Sequence[Envelope]


@dataclass(frozen=True)
class ApplicantFile:
    """`turns`: lines of suspension and resumption by certificate. `work`: the unfinished cases about a certificate, of any branch.

    `cut`: names of the lists that go on beyond what is shown.
    """

    certificates: Sequence[Certificate]
    handovers: Mapping[int, Handover]
    turns: Mapping[int, Sequence[JournalLine]]
    work: Mapping[int, Sequence[Case]]
    tokens: Sequence[HeldToken]
    cases: Sequence[Case]
    receipts: Sequence[Receipt]
    lines: Sequence[JournalLine]
    cut: frozenset[str]


def applicant_file(session: Session, applicant: Applicant, branch_id: int | None) -> ApplicantFile:
    """`branch_id`: whose cases are told in full; None: every branch's. All lists newest first and bounded."""
    certificates = session.scalars(
        select(Certificate)
        .where(Certificate.applicant_id == applicant.id, Certificate.status != CertificateStatus.prepared)
        .order_by(Certificate.id.desc())
        .limit(MOST + 1)
        .options(joinedload(Certificate.token), joinedload(Certificate.item).joinedload(CaseItem.case).joinedload(Case.branch))
    ).all()
    cases = session.scalars(
        select(Case)
        .where(Case.applicant_id == applicant.id)
        .order_by(Case.id.desc())
        .limit(MOST + 1)
        .options(joinedload(Case.branch))
    ).all()
    seen = [case.id for case in cases[:MOST] if branch_id in (None, case.branch_id)]
    lines = _lines(session, seen)
    shown, ids = certificates[:MOST], [one.id for one in certificates[:MOST]]
    about_them = (Case.certificate_id.in_(ids), Case.kind.in_(tuple(AFTERCARE_KINDS)), Case.state.not_in(tuple(CASE_FINAL)))
    work = select(Case).where(*about_them).options(joinedload(Case.branch))
    full = {"certificates": (certificates, MOST), "cases": (cases, MOST), "lines": (lines, LINES)}
    return ApplicantFile(
        certificates=shown,
        handovers={
            row.certificate_id: row
            for row in session.scalars(select(Handover).where(Handover.item_id.in_([one.item_id for one in shown])))
        },
        turns=_turns(session, ids),
        work=_by_certificate(session.scalars(work)),
        tokens=_tokens(session, shown, seen),
        cases=cases[:MOST],
        receipts=session.scalars(select(Receipt).where(Receipt.case_id.in_(seen)).order_by(Receipt.id.desc())).all(),
        lines=lines[:LINES],
        cut=frozenset(name for name, (rows, most) in full.items() if len(rows) > most),
    )


def _by_certificate(cases: Iterable[Case]) -> dict[int, list[Case]]:
    found: dict[int, list[Case]] = {}
    for case in cases:
        if case.certificate_id is not None:
            found.setdefault(case.certificate_id, []).append(case)
    return found


def _turns(session: Session, certificate_ids: Collection[int]) -> dict[int, list[JournalLine]]:
    found: dict[int, list[JournalLine]] = {}
    lines = select(JournalLine).where(
        JournalLine.subject == Certificate.__tablename__,
        JournalLine.subject_id.in_(certificate_ids),
        JournalLine.act.in_(_MARKED),
    )
    for line in session.scalars(lines.order_by(JournalLine.id)):
        found.setdefault(line.subject_id, []).append(line)
    return found


def _tokens(session: Session, certificates: Sequence[Certificate], case_ids: Collection[int]) -> list[HeldToken]:
    """Every medium once, the newest certificate's first."""
    tokens = {one.token_id: one.token for one in certificates}
    used = (
        select(Run.token_id, Run.envelope_id)
        .join(CaseItem, Run.item_id == CaseItem.id)
        .where(CaseItem.case_id.in_(case_ids), Run.envelope_id.is_not(None))
    )
    pairs = {(token, envelope) for token, envelope in session.execute(used) if token in tokens}
    live = select(Envelope).where(
        Envelope.token_id.in_(list(tokens)), Envelope.state.in_((EnvelopeState.allotted, EnvelopeState.live))
    )
    of: dict[int, dict[int, Envelope]] = {token: {} for token in tokens}
    for envelope in session.scalars(live):
        of[envelope.token_id or 0][envelope.id] = envelope
    earlier = {one.id: one for one in session.scalars(select(Envelope).where(Envelope.id.in_([pair[1] for pair in pairs])))}
    for token, envelope_id in sorted(pairs, key=lambda pair: -(pair[1] or 0)):
        of[token].setdefault(envelope_id or 0, earlier[envelope_id or 0])
    return [HeldToken(token, list(of[token_id].values())) for token_id, token in tokens.items()]


def _lines(session: Session, case_ids: Collection[int]) -> Sequence[JournalLine]:
    return session.scalars(
        select(JournalLine)
        .where(JournalLine.case_id.in_(case_ids))
        .order_by(JournalLine.id.desc())
        .limit(LINES + 1)
        .options(joinedload(JournalLine.staff), joinedload(JournalLine.station), joinedload(JournalLine.case))
    ).all()
