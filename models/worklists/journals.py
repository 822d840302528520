"""What stands around a journal: of a token its certificates, envelopes and the ledger of stock."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from models.rulebook.oversight import StockKind
from models.rulebook.vocabulary import EnvelopeState
from models.tables import Case, CaseItem, Certificate, Envelope, Movement, Run, Token

MOST = 50  # rows of each sort, the newest
_LIVE = (EnvelopeState.allotted, EnvelopeState.live)


@dataclass(frozen=True)
class TokenFile:
    certificates: Sequence[Certificate]
    envelopes: Sequence[Envelope]
    movements: Sequence[Movement]


def has_worked_on(session: Session, token: Token, branch_id: int) -> bool:
    """Whether a branch has had a case about a token, or with a holder of it."""
    holders = select(Certificate.applicant_id).where(Certificate.token_id == token.id)
    here = select(Case.id).where(Case.branch_id == branch_id)
    met = (here.where(Case.token_id == token.id), here.where(Case.applicant_id.in_(holders)))
    return any(session.scalar(found.limit(1)) is not None for found in met)


def token_file(session: Session, token: Token, branch_id: int | None) -> TokenFile:
    """`branch_id`: whose movements are told; None: every branch's. Of another branch's envelopes the live one only. Newest first."""
    moved = select(Movement).where(Movement.serial == token.serial, Movement.kind == StockKind.token)
    if branch_id is not None:
        moved = moved.where(Movement.branch_id == branch_id)
    envelopes = select(Envelope).where(Envelope.token_id == token.id)
    if branch_id not in (None, token.branch_id):
        own = (
            select(Run.envelope_id)
            .join(CaseItem, Run.item_id == CaseItem.id)
            .join(Case, CaseItem.case_id == Case.id)
            .where(Run.token_id == token.id, Run.envelope_id.is_not(None), Case.branch_id == branch_id)
        )
        envelopes = envelopes.where(or_(Envelope.state.in_(_LIVE), Envelope.id.in_(own)))
    return TokenFile(
        certificates=session.scalars(
            select(Certificate)
            .where(Certificate.token_id == token.id)
            .order_by(Certificate.id.desc())
            .limit(MOST)
            .options(joinedload(Certificate.applicant), joinedload(Certificate.item).joinedload(CaseItem.case))
        ).all(),
        envelopes=session.scalars(envelopes.order_by(Envelope.id.desc()).limit(MOST)).all(),
        movements=session.scalars(moved.order_by(Movement.id.desc()).limit(MOST).options(joinedload(Movement.branch))).all(),
    )
