"""Confirm a run: the number typed or scanned back proves that the clerk holds what the station made.

Where a PIN was set it is the control number of the envelope; where the holder kept his own, the token's serial.
"""

import hmac

from app.services.errors import Faulty, OutOfTurn
from app.services.guard import allow
from app.services.pick_run import pick_run
from app.services.road import advance_item, advance_run
from app.services.settle_case import settle_case
from app.services.stock import move_envelope, move_token
from app.services.world import World
from models.rulebook import workflow
from models.rulebook.permissions import Actor, Permission, Subject
from models.rulebook.vocabulary import (
    CertificateStatus,
    EnvelopeAction,
    ItemAction,
    RunAction,
    TokenAction,
)
from models.tables import Envelope, Run


def confirm_envelope(world: World, actor: Actor, run_id: int, version: int, control_number: str) -> None:
    """Run confirmed, envelope live, token and item made; the case moves on if it was the last.

    Raises Faulty(`control_number`: required, envelope_mismatch, token_not_of_run).
    """
    typed = control_number.strip()
    if not typed:
        raise Faulty(fields={"control_number": "required"})
    with world.writing() as session:
        now = world.now()
        run = pick_run(session, run_id)
        item, case = run.item, run.item.case
        allow(Permission.issue_token, actor, Subject(case.branch_id, case.opened_by))
        advance_run(session, now, actor, run, RunAction.confirm, version=version)
        envelope = _what_was_made(run, typed)
        if envelope is not None:
            move_envelope(session, now, actor, envelope, EnvelopeAction.confirm, case)
        move_token(session, now, actor, run.token, TokenAction.make, case)
        advance_item(session, now, actor, item, ItemAction.make)
        settle_case(session, now, actor, case)
        session.commit()


def _what_was_made(run: Run, typed: str) -> Envelope | None:
    """The envelope to go live; None where there is none to be."""
    certificate = run.certificate
    if run.kind in workflow.RUN_CERTIFIES and (certificate is None or certificate.status is not CertificateStatus.on_hold):
        raise OutOfTurn(state=run.state.value, action=RunAction.confirm.value)
    if run.kind not in workflow.RUN_SETS_PIN:
        if not hmac.compare_digest(typed.encode(), run.token.serial.encode()):
            raise Faulty(fields={"control_number": "token_not_of_run"})
        return None
    envelope = run.envelope
    if envelope is None or envelope.token_id != run.token_id:
        raise OutOfTurn(state=run.state.value, action=RunAction.confirm.value)
    if not hmac.compare_digest(typed.encode(), envelope.number.encode()):
        raise Faulty(fields={"control_number": "envelope_mismatch"})
    return envelope
