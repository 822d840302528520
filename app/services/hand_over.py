"""Hand tokens over: what lies on the counter is compared with what is written, exactly; then the certificate comes off hold.

In the same breath the certificate that it takes over from is revoked, and an amended applicant is called by his new name: until
the new one is in the holder's hands the old one stays good.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.services.amend_applicant import apply_amendment
from app.services.case_at_hand import case_at_hand
from app.services.choose_token import old_certificate
from app.services.errors import Absent, Faulty, OutOfTurn, Stale
from app.services.follow_bindings import follow_bindings
from app.services.numbering import next_number
from app.services.publish_crl import publish_crl
from app.services.road import advance_item, write_line
from app.services.settle_case import settle_case
from app.services.stock import move_certificate, move_token
from app.services.world import World
from models.rulebook import workflow
from models.rulebook.identity import fault_of, normalised
from models.rulebook.kinds import KINDS, OldCertificate
from models.rulebook.permissions import Actor, Permission
from models.rulebook.vocabulary import (
    CaseKind,
    CertificateAction,
    EnvelopeState,
    IdentityKind,
    ItemAction,
    RunState,
    TokenAction,
)
from models.tables import Case, CaseItem, Certificate, Envelope, Handover, Run

COLLECTOR_PLACE = "handover.collector_id:{number}"


@dataclass(frozen=True)
class Scanned:
    """What the clerk scanned off the counter for one item; no envelope where the PIN stayed as it was."""

    item_id: int
    token_serial: str
    envelope_number: str = ""


@dataclass(frozen=True)
class Collector:
    """Who stands here. `ground`: why he may collect though he is not who applied."""

    name: str
    id_kind: IdentityKind
    id_number: str
    ground: str = ""


@dataclass(frozen=True)
class HandedOver:
    numbers: tuple[str, ...]  # of the handovers, in order of the items
    closed: bool
    published: bool  # False: the list that takes the certificates off hold could not be signed yet


def hand_over(
    world: World, actor: Actor, case_id: int, version: int, collector: Collector, scanned: Sequence[Scanned]
) -> HandedOver:
    """All of the items, or none. `version`: of the case, as the page saw it.

    Raises Faulty naming the fields: `name`, `id_number`, `ground` (collector_differs), and for the item at position n
    `token_n` (required, token_mismatch) and `envelope_n` (required, envelope_mismatch); OutOfTurn or Stale for what is handed over already.
    """
    with world.writing() as session:
        now = world.now()
        case = case_at_hand(session, actor, Permission.hand_over_token, case_id)
        if case.version != version:
            raise Stale()
        if not scanned:
            raise Faulty("nothing_chosen")
        chosen = [_made(session, case, each) for each in sorted(scanned, key=lambda each: each.item_id)]
        differs = _check(world, case, collector, chosen)
        rows = [_release(session, world, actor, case, collector, run, now) for run, _ in chosen]
        for row, (run, _) in zip(rows, chosen, strict=True):
            ground = {"ground": collector.ground.strip()} if differs else {}
            write_line(
                session,
                now,
                actor,
                row,
                "hand_over",
                case_id=case.id,
                branch_id=case.branch_id,
                number=row.number,
                item=run.item.position,
                token=run.token.serial,
                **ground,
            )
        _take_over(session, now, actor, case, [run.certificate for run, _ in chosen])
        settle_case(session, now, actor, case)
        closed = case.closed_at is not None
        session.commit()
    return HandedOver(tuple(row.number for row in rows), closed, publish_crl(world))


def _made(session: Session, case: Case, scanned: Scanned) -> tuple[Run, Scanned]:
    """The confirmed run that made the item."""
    item = session.get(CaseItem, scanned.item_id)
    if item is None or item.case_id != case.id:
        raise Absent()
    if workflow.ITEM.get((item.state, ItemAction.hand_over)) is None:
        raise OutOfTurn(state=item.state.value, action=ItemAction.hand_over.value)
    run = session.scalar(select(Run).where(Run.item_id == item.id, Run.state == RunState.confirmed))
    if run is None or (run.envelope is None and run.kind in workflow.RUN_SETS_PIN):
        raise OutOfTurn(state=item.state.value, action=ItemAction.hand_over.value)
    return run, scanned


def _check(world: World, case: Case, collector: Collector, chosen: Sequence[tuple[Run, Scanned]]) -> bool:
    """Every fault at once. Returns whether the collector is another than the presenter."""
    fields: dict[str, str] = {}
    if not collector.name.strip():
        fields["name"] = "required"
    fault = fault_of(collector.id_kind, collector.id_number, world.today())
    if fault is not None:
        fields["id_number"] = fault
    differs = case.presenter_id_digest != world.vault.digest(collector.id_number)
    if fault is None and differs and len(collector.ground.strip()) < 2:
        fields["ground"] = "collector_differs"
    for run, scanned in chosen:
        position = run.item.position
        if not _same(scanned.token_serial, run.token.serial):
            fields[f"token_{position}"] = "token_mismatch" if scanned.token_serial.strip() else "required"
        if run.kind in workflow.RUN_SETS_PIN and not _is_its_envelope(run, scanned.envelope_number):
            fields[f"envelope_{position}"] = "envelope_mismatch" if scanned.envelope_number.strip() else "required"
    if fields:
        raise Faulty(fields=fields)
    return differs


def _same(scanned: str, written: str) -> bool:
    return hmac.compare_digest(scanned.strip().encode(), written.encode())


def _is_its_envelope(run: Run, scanned: str) -> bool:
    envelope: Envelope | None = run.envelope
    return (
        envelope is not None
        and envelope.state is EnvelopeState.live
        and envelope.token_id == run.token_id
        and _same(scanned, envelope.number)
    )


def _release(session: Session, world: World, actor: Actor, case: Case, collector: Collector, run: Run, now: datetime) -> Handover:
    """One item leaves the house: token and item handed over, a new certificate off hold, the row that proves it."""
    certificate = run.certificate if run.kind in workflow.RUN_CERTIFIES else old_certificate(session, case)
    if certificate is None:
        raise OutOfTurn(state=run.item.state.value, action=ItemAction.hand_over.value)
    advance_item(session, now, actor, run.item, ItemAction.hand_over)
    move_token(session, now, actor, run.token, TokenAction.hand_over, case)
    if run.kind in workflow.RUN_CERTIFIES:
        move_certificate(session, now, actor, certificate, CertificateAction.release)
    year = world.today().year
    number = f"{case.branch.code}-H-{year}-{next_number(session, f'{case.branch.code}-H-{year}'):06d}"
    row = Handover(
        number=number,
        item_id=run.item_id,
        token_id=run.token_id,
        envelope_id=run.envelope_id,
        certificate_id=certificate.id,
        collector_name=collector.name.strip(),
        collector_id_kind=collector.id_kind,
        collector_id_sealed=world.vault.seal(normalised(collector.id_number), COLLECTOR_PLACE.format(number=number)),
        by=actor.staff_id,
        at=now,
    )
    session.add(row)
    return row


def _take_over(session: Session, now: datetime, actor: Actor, case: Case, made: Sequence[Certificate | None]) -> None:
    """The new certificate stands for the old one, which is revoked even where it has expired: nobody shall renew it once more.

    Its bindings go on with the new one, or end, as each platform wants it; `made`: what was handed over.
    """
    rules = KINDS[case.kind]
    old = old_certificate(session, case)
    if old is not None:
        for new in made:
            if new is not None and new.replaces_id == old.id:
                follow_bindings(session, now, actor, case, old, new)
    live = old is not None and workflow.CERTIFICATE.get((old.status, CertificateAction.revoke))
    if old is not None and live and rules.old is OldCertificate.revoked_at_handover:
        move_certificate(session, now, actor, old, CertificateAction.revoke, case=case, reason=rules.reason)
    if case.kind is CaseKind.amendment:
        apply_amendment(session, now, actor, case)
