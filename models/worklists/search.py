"""One box finds everything: case number, credit code, applicant's name, token serial, envelope number, certificate serial."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

from sqlalchemy import Select, exists, func, select, union
from sqlalchemy.orm import Session, aliased, joinedload

from models.tables import (
    Applicant,
    ApplicantBigram,
    Case,
    CaseItem,
    Certificate,
    Envelope,
    Handover,
    Run,
    Token,
    bigrams,
    folded,
)
from models.worklists.looking import aside

MOST = 50  # rows shown of each sort
MOST_CANDIDATES = 3000  # names that share a pair; how many more there are does not matter


@dataclass(frozen=True)
class Medium:
    """A token, envelope or certificate found by its number, with the case it belongs to, if any."""

    table: str
    number: str
    state: object
    branch_id: int
    case: Case | None


@dataclass(frozen=True)
class Found:
    cases: Sequence[Case] = ()
    applicants: Sequence[Applicant] = ()
    media: Sequence[Medium] = field(default=())

    @property
    def only_case(self) -> Case | None:
        """The one case that is meant, when nothing else was found."""
        if len(self.cases) == 1 and not self.media and len(self.applicants) <= 1:
            return self.cases[0]
        if len(self.media) == 1 and not self.cases and not self.applicants:
            return self.media[0].case
        return None


def find(session: Session, text: str, branch_id: int | None) -> Found:
    """Everything the text may mean. Cases and media of `branch_id` only (None: every branch); applicants are the city's."""
    text = text.strip()
    if not text:
        return Found()
    upper = text.upper()
    applicants = applicants_called(session, text)
    meant = union(
        select(Case.id).where(Case.number == upper),
        select(Case.id).where(Case.applicant_id.in_([applicant.id for applicant in applicants])),
    )
    cases = _visible_cases(branch_id).where(Case.id.in_(select(meant.subquery().c.id)))
    return Found(
        cases=session.scalars(cases.order_by(Case.id.desc()).limit(MOST)).all(),
        applicants=applicants,
        media=_media(session, text, branch_id),
    )


def _visible_cases(branch_id: int | None) -> Select[tuple[Case]]:
    query = select(Case).options(joinedload(Case.applicant), joinedload(Case.branch))
    # Not by the branch's index, which would be walked from end to end: few cases are meant.
    return query if branch_id is None else query.where(aside(Case.branch_id == branch_id))


def applicants_called(session: Session, text: str) -> Sequence[Applicant]:
    """By credit code, exactly; otherwise by a part of the name, the newest first."""
    exact = session.scalars(select(Applicant).where(Applicant.credit_code == text.upper())).all()
    if exact or len(pairs := pairs_by_rarity(session, text)) == 0:
        return exact
    (_, rarest), *others = pairs
    if not others:  # whoever has the pair is meant
        with_it = select(ApplicantBigram.applicant_id).where(ApplicantBigram.bigram == rarest)
        ids = session.scalars(with_it.order_by(ApplicantBigram.applicant_id.desc()).limit(MOST)).all()
        return session.scalars(select(Applicant).where(Applicant.id.in_(ids)).order_by(Applicant.id.desc())).all()
    # The rarest pair leads; the others and the name itself decide.
    shared = [
        exists().where(pair_of.applicant_id == ApplicantBigram.applicant_id, pair_of.bigram == pair)
        for pair, pair_of in ((pair, aliased(ApplicantBigram)) for _, pair in others)
    ]
    candidates = session.execute(
        select(ApplicantBigram.applicant_id, Applicant.name)
        .join(Applicant, Applicant.id == ApplicantBigram.applicant_id)
        .where(ApplicantBigram.bigram == rarest, *shared)
        .order_by(ApplicantBigram.applicant_id.desc())
        .execution_options(yield_per=MOST)
    )
    found = list(islice((id_ for id_, name in candidates if folded(text) in folded(name)), MOST))
    return session.scalars(select(Applicant).where(Applicant.id.in_(found)).order_by(Applicant.id.desc())).all()


def pairs_by_rarity(session: Session, text: str) -> list[tuple[int, str]]:
    """How many names have each pair of the text, counted no further than it matters; the rarest first."""

    def names_with(pair: str) -> int:
        some = select(ApplicantBigram.applicant_id).where(ApplicantBigram.bigram == pair).limit(MOST_CANDIDATES).subquery()
        return session.scalar(select(func.count()).select_from(some)) or 0

    return sorted((names_with(pair), pair) for pair in bigrams(text))


def _media(session: Session, text: str, branch_id: int | None) -> list[Medium]:
    found: list[Medium] = []
    for token in session.scalars(select(Token).where(Token.serial == text)):
        found.append(Medium("token", token.serial, token.state, token.branch_id, _case_of_run(session, Run.token_id, token.id)))
    for envelope in session.scalars(select(Envelope).where(Envelope.number == text.upper())):
        case = _case_of_run(session, Run.envelope_id, envelope.id) or session.scalar(
            select(Case).join(CaseItem).join(Handover, Handover.item_id == CaseItem.id).where(Handover.envelope_id == envelope.id)
        )
        found.append(Medium("envelope", envelope.number, envelope.state, envelope.branch_id, case))
    serial = text.lower().replace(":", "").replace(" ", "").lstrip("0")
    for certificate in session.scalars(select(Certificate).where(Certificate.serial == serial)):
        case = certificate.item.case
        found.append(Medium("certificate", certificate.serial, certificate.status, case.branch_id, case))
    return [medium for medium in found if branch_id is None or medium.branch_id == branch_id]


def _case_of_run(session: Session, column: object, value: int) -> Case | None:
    return session.scalar(
        select(Case)
        .join(CaseItem, CaseItem.case_id == Case.id)
        .join(Run, Run.item_id == CaseItem.id)
        .where(column == value)  # type: ignore[arg-type]
        .order_by(Run.id.desc())
        .limit(1)
    )
