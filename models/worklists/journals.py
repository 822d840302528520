"""What stands around a journal: of a token its certificates, envelopes and the ledger of stock."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from models.rulebook.oversight import StockKind
from models.tables import CaseItem, Certificate, Envelope, Movement, Token

MOST = 50  # rows of each sort, the newest


@dataclass(frozen=True)
class TokenFile:
    certificates: Sequence[Certificate]
    envelopes: Sequence[Envelope]
    movements: Sequence[Movement]


def token_file(session: Session, token: Token, branch_id: int | None) -> TokenFile:
    """`branch_id`: whose movements are told; None: every branch's. Newest first."""
    moved = select(Movement).where(Movement.serial == token.serial, Movement.kind == StockKind.token)
    if branch_id is not None:
        moved = moved.where(Movement.branch_id == branch_id)
    return TokenFile(
        certificates=session.scalars(
            select(Certificate)
            .where(Certificate.token_id == token.id)
            .order_by(Certificate.id.desc())
            .limit(MOST)
            .options(joinedload(Certificate.applicant), joinedload(Certificate.item).joinedload(CaseItem.case))
        ).all(),
        envelopes=session.scalars(
            select(Envelope).where(Envelope.token_id == token.id).order_by(Envelope.id.desc()).limit(MOST)
        ).all(),
        movements=session.scalars(moved.order_by(Movement.id.desc()).limit(MOST).options(joinedload(Movement.branch))).all(),
    )
