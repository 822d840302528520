"""Tokens, envelopes and certificates change their state here only: claimed by the state they were read in, with a journal line.

They carry no page version: whoever comes second finds another state and is refused.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.services.book_movement import book_movements
from app.services.errors import OutOfTurn, Stale
from app.services.follow_bindings import follow_status
from app.services.road import Who, write_line
from models.rulebook import workflow
from models.rulebook.oversight import StockKind
from models.rulebook.oversight_workflow import ENVELOPE_MOVEMENTS, TOKEN_MOVEMENTS
from models.rulebook.vocabulary import (
    CertificateAction,
    EnvelopeAction,
    EnvelopeState,
    RevocationReason,
    TokenAction,
)
from models.tables import Case, Certificate, Envelope, Handover, Token


def move_token(
    session: Session,
    at: datetime,
    who: Who,
    token: Token,
    action: TokenAction,
    case: Case | None,
    *,
    transfer_id: int | None = None,
    reason: str = "",
    **changes: Any,
) -> None:
    """Move a token along its table. Raises OutOfTurn, or Stale where somebody else was first.

    An envelope of a token that nobody will use again is void with it. `case`: none for a blank one in the drawer; `reason` is told
    by journal and ledger then.
    """
    before = token.state
    after = _next(workflow.TOKEN, before, action)
    if after in workflow.TOKEN_GONE and case is not None:
        void_envelopes(session, at, who, token, case, "token_gone")
    _claim(session, token, Token.state, before, state=after, state_since=at, **changes)
    book_movements(
        session,
        at,
        who,
        StockKind.token,
        (token.serial,),
        token.branch_id,
        TOKEN_MOVEMENTS.get((before, action), ()),
        case_id=case.id if case else None,
        transfer_id=transfer_id,
        reason=reason,
    )
    write_line(
        session,
        at,
        who,
        token,
        action.value,
        before=before,
        after=after,
        case_id=case.id if case else None,
        branch_id=token.branch_id,
        serial=token.serial,
        **({"reason": reason} if reason else {}),
    )


def move_envelope(
    session: Session,
    at: datetime,
    who: Who,
    envelope: Envelope,
    action: EnvelopeAction,
    case: Case | None,
    *,
    transfer_id: int | None = None,
    reason: str = "",
    **changes: Any,
) -> None:
    """Move an envelope along its table; errors and `case` as for a token. `void_reason` is a code of this program's or typed text."""
    before = envelope.state
    after = _next(workflow.ENVELOPE, before, action)
    booked = () if _is_out(session, envelope, before) else ENVELOPE_MOVEMENTS.get((before, action), ())
    _claim(session, envelope, Envelope.state, before, state=after, state_since=at, **changes)
    book_movements(
        session,
        at,
        who,
        StockKind.envelope,
        (envelope.number,),
        envelope.branch_id,
        booked,
        case_id=case.id if case else None,
        transfer_id=transfer_id,
        reason=reason or str(changes.get("void_reason", "")),
    )
    told = reason or changes.get("void_reason")
    why = {"reason": told} if told else {}
    write_line(
        session,
        at,
        who,
        envelope,
        action.value,
        before=before,
        after=after,
        case_id=case.id if case else None,
        branch_id=envelope.branch_id,
        number=envelope.number,
        **why,
    )


def _is_out(session: Session, envelope: Envelope, state: EnvelopeState) -> bool:
    """Whether its holder has it: it is no stock then, whatever becomes of its number."""
    live = workflow.ENVELOPE.get((EnvelopeState.allotted, EnvelopeAction.confirm))
    return state is live and session.scalar(select(Handover.id).where(Handover.envelope_id == envelope.id).limit(1)) is not None


def void_envelopes(session: Session, at: datetime, who: Who, token: Token, case: Case, reason: str) -> None:
    """Whatever envelopes still speak of the token's PIN."""
    speaking = [state for state in EnvelopeState if workflow.ENVELOPE.get((state, EnvelopeAction.void))]
    for envelope in session.scalars(select(Envelope).where(Envelope.token_id == token.id, Envelope.state.in_(speaking))).all():
        move_envelope(session, at, who, envelope, EnvelopeAction.void, case, void_reason=reason)


def move_certificate(
    session: Session,
    at: datetime,
    who: Who,
    certificate: Certificate,
    action: CertificateAction,
    *,
    case: Case | None = None,
    reason: RevocationReason | None = None,
    **changes: Any,
) -> None:
    """Move a certificate along its table, and its bindings with it; errors as for a token. The caller publishes the list after its
    commit.

    `case`: in which it happens, if that is not the one that ordered the certificate.
    """
    case = case or certificate.item.case
    before = certificate.status
    after = _next(workflow.CERTIFICATE, before, action)
    if action is CertificateAction.revoke:
        changes |= {"reason": reason or RevocationReason.unspecified, "revoked_at": at}
    _claim(
        session,
        certificate,
        Certificate.status,
        before,
        status=after,
        status_since=at,
        version=certificate.version + 1,
        **changes,
    )
    why = {"reason": reason.value} if reason else {}
    write_line(
        session,
        at,
        who,
        certificate,
        action.value,
        before=before,
        after=after,
        case_id=case.id,
        branch_id=case.branch_id,
        serial=certificate.serial,
        **why,
    )
    follow_status(session, at, who, certificate, action, case)


def lowest_envelope(session: Session, branch_id: int) -> Envelope | None:
    """The next envelope of a branch: lowest number first, so that a gap in the drawer is seen at once."""
    return session.scalar(
        select(Envelope)
        .where(Envelope.branch_id == branch_id, Envelope.state == EnvelopeState.in_stock)
        .order_by(Envelope.number)
        .limit(1)
        .with_for_update(skip_locked=True)  # two stations asking at once get two numbers
    )


def _next(table: Any, state: StrEnum, action: StrEnum) -> Any:
    try:
        return workflow.next_state(table, state, action)
    except workflow.NotOpen:
        raise OutOfTurn(state=state.value, action=action.value) from None


def _claim(session: Session, thing: Any, column: Any, before: StrEnum, **changes: Any) -> None:
    session.flush()
    kind = type(thing)
    outcome = session.execute(
        update(kind).where(kind.id == thing.id, column == before).values(**changes).execution_options(synchronize_session=False)
    )
    if outcome.rowcount != 1:
        raise Stale()
    session.refresh(thing)
