"""Give a run up: whatever it made is made worthless, and its item waits for another run.

A blank token that was touched is spoiled. A holder's token is given back as it was, its old certificate as good as before; only
where the medium failed while its PIN was being set anew does it stay here (`workflow.after_cancel`).
"""

from sqlalchemy.orm import Session

from app.services.errors import Faulty, OutOfTurn
from app.services.guard import allow
from app.services.pick_run import pick_run
from app.services.publish_crl import publish_crl
from app.services.road import Who, advance_case, advance_item, advance_run
from app.services.run_grant import is_touched
from app.services.stock import move_certificate, move_envelope, move_token
from app.services.world import World
from models.rulebook import workflow
from models.rulebook.permissions import Actor, Permission, Subject
from models.rulebook.vocabulary import (
    CaseAction,
    CertificateAction,
    EnvelopeAction,
    Fault,
    ItemAction,
    RevocationReason,
    RunAction,
    RunKind,
    TokenAction,
)
from models.tables import Run

_STAYS_HERE = {TokenAction.spoil, TokenAction.hand_in}  # and the reason is noted on it


def cancel_run(world: World, actor: Actor, run_id: int, version: int, reason: str) -> None:
    """Cancel with a reason: envelope void, new certificate revoked, token spoiled, put back or given back.

    Raises OutOfTurn where the run has no such way out, Stale where somebody was faster.
    """
    if not reason.strip():
        raise Faulty(fields={"reason": "required"})
    with world.writing() as session:
        run = pick_run(session, run_id)
        case = run.item.case
        allow(Permission.issue_token, actor, Subject(case.branch_id, case.opened_by))
        if workflow.ITEM.get((run.item.state, ItemAction.undo)) is None:
            raise OutOfTurn(state=run.item.state.value, action=ItemAction.undo.value)
        revoked = undo_run(session, world, actor, run, reason.strip(), version)
        session.commit()
    if revoked:
        publish_crl(world)


def undo_run(session: Session, world: World, who: Who, run: Run, reason: str, version: int | None = None) -> bool:
    """Everything but the commit. Returns whether a certificate was revoked, so that the list must be published."""
    now, case, touched = world.now(), run.item.case, _is_spent(run)
    if RunAction.cancel not in workflow.ways_out(run.kind, run.state, run.fault, touched):
        raise OutOfTurn(state=run.state.value, action=RunAction.cancel.value)
    advance_run(session, now, who, run, RunAction.cancel, version=version, reason=reason)
    if run.envelope is not None and workflow.ENVELOPE.get((run.envelope.state, EnvelopeAction.void)):
        move_envelope(session, now, who, run.envelope, EnvelopeAction.void, case, void_reason=reason)
    way = workflow.after_cancel(run.kind, touched)
    note = {"note": reason} if way in _STAYS_HERE else {}
    move_token(session, now, who, run.token, way, case, **note)
    revoked = revoke_certificate_of(session, world, who, run)
    advance_item(session, now, who, run.item, ItemAction.undo)
    if workflow.CASE.get((case.state, CaseAction.resume_issuance)):
        advance_case(session, now, who, case, CaseAction.resume_issuance)
    return revoked


def _is_spent(run: Run) -> bool:
    """Whether the token is no longer what it was when the run began, or was never what it should have been."""
    return is_touched(run) or (run.kind is RunKind.issue and run.fault is Fault.token_not_blank)


def revoke_certificate_of(session: Session, world: World, who: Who, run: Run) -> bool:
    """Revoke what a dead run left, signed or about to be. Returns whether there was anything to revoke."""
    certificate = run.certificate
    if certificate is None or workflow.CERTIFICATE.get((certificate.status, CertificateAction.revoke)) is None:
        return False
    move_certificate(
        session,
        world.now(),
        who,
        certificate,
        CertificateAction.revoke,
        reason=RevocationReason.cessation_of_operation,
    )
    return True
