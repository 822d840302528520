"""What takes effect the moment a case is settled: nothing that follows can be withdrawn any more."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.services.give_notice import NoticeKind, give_notice
from app.services.paper_facts import status_facts
from app.services.reset_binding import reset_binding
from app.services.road import advance_case
from app.services.stock import move_certificate, move_token
from models.rulebook.kinds import KINDS
from models.rulebook.permissions import Actor
from models.rulebook.vocabulary import CaseAction, CertificateAction, RevocationReason, TokenAction, TokenState
from models.tables import Case, Certificate, Token


def take_effect(session: Session, at: datetime, who: Actor | None, case: Case) -> None:
    """Book the medium that was handed in; carry out a change of status; end a binding. Whoever commits publishes the list afterwards."""
    rules = KINDS[case.kind]
    if rules.medium_handed_in:
        _hand_in(session, at, who, case)
    if rules.status is not None:
        assert who is not None  # only new certificates are settled by the program itself  # noqa: S101
        _carry_out(session, at, who, case, rules.status)
    if rules.ends_binding is not None:
        assert who is not None  # noqa: S101
        reset_binding(session, at, who, case, rules.ends_binding)


def old_certificate(session: Session, case: Case) -> Certificate:
    """The certificate that an aftercare case is about."""
    return session.get_one(Certificate, case.certificate_id)


def _hand_in(session: Session, at: datetime, who: Actor | None, case: Case) -> None:
    token = session.get_one(Token, case.token_id)
    if token.state is not TokenState.returned:
        move_token(session, at, who, token, TokenAction.hand_in, case, note=case.number)


def _carry_out(session: Session, at: datetime, who: Actor, case: Case, action: CertificateAction) -> None:
    """The certificate moves, the numbered receipt says so, the case is closed: one transaction."""
    certificate = old_certificate(session, case)
    before = certificate.status
    reason = RevocationReason(case.details["reason"]) if action is CertificateAction.revoke else None
    move_certificate(session, at, who, certificate, action, case=case, reason=reason)
    facts = status_facts(session, case, certificate, before, at)
    notice = give_notice(session, at, who, case, NoticeKind.status, facts)
    advance_case(session, at, who, case, CaseAction.carry_out, changes={"closed_at": at}, notice=notice.number)
