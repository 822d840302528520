"""A supervisor agrees, for a recorded reason: to one token, one act, one use, for a few minutes.

A lost token's certificate is revoked by the grant itself, before anything else is done for its holder.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.services.agree import agree
from app.services.case_at_hand import case_to_decide, must_be_open
from app.services.edition_at_hand import edition_of
from app.services.errors import Faulty
from app.services.order_work import end_grants
from app.services.promise_certificates import settle_if_free
from app.services.publish_crl import publish_crl
from app.services.road import advance_case, write_line
from app.services.stock import move_certificate, move_token
from app.services.take_effect import old_certificate
from app.services.world import World
from models.rulebook.kinds import KINDS
from models.rulebook.permissions import Actor, Permission
from models.rulebook.vocabulary import CaseAction, CaseState, CertificateAction, TokenAction
from models.rulebook.workflow import CASE, open_actions
from models.tables import Case, Grant, Token
from models.worklists.exceptions import was_charged

LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class GrantedCase:
    number: str
    grant_id: int
    expires_at: datetime
    state: CaseState
    total_fen: int
    published: bool  # False: a certificate was revoked, and the list that says so could not be signed yet

    @property
    def settled(self) -> bool:
        return CaseAction.settle not in open_actions(CASE, self.state)


def grant_case(world: World, actor: Actor, case_id: int, version: int, reason: str) -> GrantedCase:
    """Raises Faulty (a reason of 1 to 200 characters is needed), Forbidden to whoever opened, typed or asked; Refusal
    "kind_not_open" where the certificate has changed meanwhile; OutOfTurn and Stale where another was first."""
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise Faulty(fields={"reason": "required" if not reason else "too_long"})
    at = world.now()
    with world.writing() as session:
        case = case_to_decide(session, actor, case_id, Permission.grant_exception)
        must_be_open(case, CaseAction.grant, version)
        fee = agree(session, world, at, actor, case, CaseAction.grant, version, reason=reason)
        grant = _give_leave(session, at, actor, case, reason)
        if KINDS[case.kind].medium_lost:
            _book_the_loss(session, at, actor, case, grant)
        if KINDS[case.kind].ends_binding is not None:
            _use_at_once(session, at, actor, case, grant)
        # Under an earlier grant that lapsed, the fee was taken: it is charged once.
        if not settle_if_free(session, at, actor, case) and was_charged(session, case.id):
            advance_case(session, at, actor, case, CaseAction.settle, fee_fen=fee.total_fen)
        session.commit()
    published = publish_crl(world) if KINDS[case.kind].medium_lost else True
    return GrantedCase(case.number, grant.id, grant.expires_at, case.state, fee.total_fen, published)


def _give_leave(session: Session, at: datetime, actor: Actor, case: Case, reason: str) -> Grant:
    end_grants(session, at, case)  # one use: an older one that was not used is worth nothing beside this one
    grant = Grant(
        branch_id=case.branch_id,
        case_id=case.id,
        token_id=case.token_id,
        granted_by=actor.staff_id,
        granted_at=at,
        expires_at=at + timedelta(minutes=edition_of(session, case).grant_minutes),
        reason=reason,
    )
    session.add(grant)
    token = session.get_one(Token, case.token_id)
    facts = {"token": token.serial, "until": grant.expires_at.isoformat(), "reason": reason}
    write_line(session, at, actor, grant, "give", case_id=case.id, branch_id=case.branch_id, **facts)
    return grant


def _book_the_loss(session: Session, at: datetime, actor: Actor, case: Case, grant: Grant) -> None:
    """The grant is used here and now."""
    certificate, token = old_certificate(session, case), session.get_one(Token, case.token_id)
    move_certificate(session, at, actor, certificate, CertificateAction.revoke, case=case, reason=KINDS[case.kind].reason)
    move_token(session, at, actor, token, TokenAction.lose, case, note=case.number)
    grant.used_at = at
    write_line(session, at, actor, grant, "book_loss", case_id=case.id, branch_id=case.branch_id, token=token.serial)


def _use_at_once(session: Session, at: datetime, actor: Actor, case: Case, grant: Grant) -> None:
    """No station works on anything: what was agreed to takes effect once it is settled."""
    grant.used_at = at
    write_line(session, at, actor, grant, "use", case_id=case.id, branch_id=case.branch_id)
