"""The token that a run is to work on, by its exact serial: a blank one of the stock, or the holder's own, never one that looks alike."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.services.errors import Faulty
from models.rulebook import workflow
from models.rulebook.kinds import KINDS
from models.rulebook.vocabulary import CertificateAction, RunKind, TokenAction
from models.tables import Case, Certificate, Token


def choose_token(session: Session, now: datetime, case: Case, work: RunKind, typed: str) -> Token | str:
    """The token, or what is wrong with the serial: required, token_unknown, token_not_in_stock; for a holder's token
    token_not_of_case, token_busy, certificate_not_valid.

    Raises Faulty("certificate_lapsed") where the new certificate would end with one that has ended already.
    """
    old = old_certificate(session, case)
    if old is not None and KINDS[case.kind].keeps_expiry and old.not_after <= now:
        raise Faulty("certificate_lapsed")
    serial = typed.strip()
    if not serial:
        return "required"
    if work is RunKind.issue:
        return _of_stock(session, case.branch_id, serial)
    return _of_holder(session, case, work, serial, old)


def old_certificate(session: Session, case: Case) -> Certificate | None:
    """What an aftercare case is about; None for an application."""
    return session.get_one(Certificate, case.certificate_id) if case.certificate_id is not None else None


def _of_stock(session: Session, branch_id: int, serial: str) -> Token | str:
    token = session.scalar(select(Token).where(Token.serial == serial))
    if token is None or token.branch_id != branch_id:
        return "token_unknown"
    return token if workflow.TOKEN.get((token.state, TokenAction.begin)) else "token_not_in_stock"


def _of_holder(session: Session, case: Case, work: RunKind, serial: str, certificate: Certificate | None) -> Token | str:
    """Whichever branch's stock it came from: the holder may come to any counter."""
    token = session.get(Token, case.token_id) if case.token_id is not None else None
    if token is None or certificate is None or certificate.token_id != token.id or token.serial != serial:
        return "token_not_of_case"
    if workflow.TOKEN.get((token.state, TokenAction.take_in)) is None:
        return "token_busy"
    # A suspended certificate may have its PIN set anew; it is not taken over by another one meanwhile.
    wanted = CertificateAction.revoke if work is RunKind.unlock else CertificateAction.suspend
    return token if workflow.CERTIFICATE.get((certificate.status, wanted)) else "certificate_not_valid"
