"""An envelope is spoiled: its number is void, and the run goes back to its station for a new PIN. There is no reprint."""

from app.services.errors import Faulty, OutOfTurn
from app.services.guard import allow
from app.services.pick_run import pick_run
from app.services.road import advance_case, advance_item, advance_run
from app.services.stock import move_envelope, move_token
from app.services.world import World
from models.rulebook import workflow
from models.rulebook.permissions import Actor, Permission, Subject
from models.rulebook.vocabulary import CaseAction, EnvelopeAction, ItemAction, RunAction, TokenAction


def spoil_envelope(world: World, actor: Actor, run_id: int, version: int, reason: str) -> None:
    """Before confirmation, or after it while the token is not handed over. `reason` is kept with the number."""
    if not reason.strip():
        raise Faulty(fields={"reason": "required"})
    with world.writing() as session:
        now = world.now()
        run = pick_run(session, run_id)
        item, case = run.item, run.item.case
        allow(Permission.issue_token, actor, Subject(case.branch_id, case.opened_by))
        if run.kind not in workflow.RUN_SETS_PIN:
            raise OutOfTurn(state=run.state.value, action=RunAction.spoil_envelope.value)
        if run.state in workflow.RUN_MADE and workflow.ITEM.get((item.state, ItemAction.spoil)) is None:
            raise OutOfTurn(state=item.state.value, action=ItemAction.spoil.value)  # it is in the holder's hands
        envelope = run.envelope
        advance_run(
            session,
            now,
            actor,
            run,
            RunAction.spoil_envelope,
            version=version,
            changes={"envelope_id": None, "envelope_url": ""},
            reason=reason.strip(),
        )
        if envelope is not None:
            move_envelope(session, now, actor, envelope, EnvelopeAction.void, case, void_reason=reason.strip())
        if workflow.ITEM.get((item.state, ItemAction.spoil)):
            move_token(session, now, actor, run.token, TokenAction.reopen, case)
            advance_item(session, now, actor, item, ItemAction.spoil)
            if workflow.CASE.get((case.state, CaseAction.resume_issuance)):
                advance_case(session, now, actor, case, CaseAction.resume_issuance)
        session.commit()
