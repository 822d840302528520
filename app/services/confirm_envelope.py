"""Confirm a run: the control number typed or scanned back proves that the clerk holds the envelope whose PIN was proven."""

import hmac

from app.services.errors import Faulty, OutOfTurn
from app.services.guard import allow
from app.services.pick_run import pick_run
from app.services.road import advance_item, advance_run
from app.services.settle_case import settle_case
from app.services.stock import move_envelope, move_token
from app.services.world import World
from models.rulebook.permissions import Actor, Permission, Subject
from models.rulebook.vocabulary import (
    CertificateStatus,
    EnvelopeAction,
    ItemAction,
    RunAction,
    TokenAction,
)


def confirm_envelope(world: World, actor: Actor, run_id: int, version: int, control_number: str) -> None:
    """Run confirmed, envelope live, token and item made; the case moves on if it was the last.

    Raises Faulty(`control_number`: required, envelope_mismatch).
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
        envelope, certificate = run.envelope, run.certificate
        if envelope is None or envelope.token_id != run.token_id:
            raise OutOfTurn(state=run.state.value, action=RunAction.confirm.value)
        if certificate is None or certificate.status is not CertificateStatus.on_hold:
            raise OutOfTurn(state=run.state.value, action=RunAction.confirm.value)
        if not hmac.compare_digest(typed.encode(), envelope.number.encode()):
            raise Faulty(fields={"control_number": "envelope_mismatch"})
        move_envelope(session, now, actor, envelope, EnvelopeAction.confirm, case)
        move_token(session, now, actor, run.token, TokenAction.make, case)
        advance_item(session, now, actor, item, ItemAction.make)
        settle_case(session, now, actor, case)
        session.commit()
