"""Give a run up: whatever it made is made worthless, and its item waits for another token."""

from sqlalchemy.orm import Session

from app.services.errors import Faulty, OutOfTurn
from app.services.guard import allow
from app.services.pick_run import pick_run
from app.services.publish_crl import publish_crl
from app.services.road import advance_case, advance_item, advance_run
from app.services.stock import Who, move_certificate, move_envelope, move_token
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
    RunState,
    TokenAction,
)
from models.tables import Run

_UNTOUCHED = {RunState.queued.value, RunState.inspecting.value}


def cancel_run(world: World, actor: Actor, run_id: int, version: int, reason: str) -> None:
    """Cancel with a reason: envelope void, certificate revoked, token spoiled (or back in stock if it was never touched)."""
    if not reason.strip():
        raise Faulty(fields={"reason": "required"})
    with world.writing() as session:
        now = world.now()
        run = pick_run(session, run_id)
        item, case = run.item, run.item.case
        allow(Permission.issue_token, actor, Subject(case.branch_id, case.opened_by))
        if workflow.ITEM.get((item.state, ItemAction.undo)) is None:
            raise OutOfTurn(state=item.state.value, action=ItemAction.undo.value)
        advance_run(session, now, actor, run, RunAction.cancel, version=version, reason=reason.strip())
        if run.envelope is not None:
            move_envelope(session, now, actor, run.envelope, EnvelopeAction.void, case, void_reason=reason.strip())
        way = TokenAction.put_back if is_untouched(run) else TokenAction.spoil
        note = {} if way is TokenAction.put_back else {"note": reason.strip()}
        move_token(session, now, actor, run.token, way, case, **note)
        revoked = revoke_certificate_of(session, world, actor, run)
        advance_item(session, now, actor, item, ItemAction.undo)
        if workflow.CASE.get((case.state, CaseAction.resume_issuance)):
            advance_case(session, now, actor, case, CaseAction.resume_issuance)
        session.commit()
    if revoked:
        publish_crl(world)


def is_untouched(run: Run) -> bool:
    """Whether the station never got past looking: it reports a step before it takes it, and no step was reported."""
    return run.fault is not Fault.token_not_blank and all(step["state"] in _UNTOUCHED for step in run.steps)


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
