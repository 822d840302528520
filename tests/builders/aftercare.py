"""Certificates in their holders' hands, and cases about them; every state is reached through the use cases themselves."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.services.accept_aftercare import accept_aftercare
from app.services.approve_case import approve_case
from app.services.grant_case import grant_case
from app.services.hand_over import COLLECTOR_PLACE
from app.services.open_aftercare import open_aftercare
from app.services.save_aftercare import save_aftercare
from app.services.world import World
from models.rulebook.checklist import AFTERCARE_ROWS
from models.rulebook.kinds import KINDS
from models.rulebook.permissions import Actor
from models.rulebook.vocabulary import (
    ApplicantKind,
    CaseKind,
    CaseState,
    CertificateStatus,
    EnvelopeState,
    IdentityKind,
    ItemState,
    KeyProfile,
    Role,
    RunState,
    StationState,
    TokenState,
)
from models.tables import (
    Applicant,
    Branch,
    Case,
    CaseItem,
    Certificate,
    Envelope,
    Handover,
    JournalLine,
    Run,
    Staff,
    Station,
    Token,
)
from tests.builders.cases import MOBILE, case_now, resident_number, unified_code
from tests.builders.people import actor_of


@dataclass(frozen=True)
class Held:
    """A certificate in its holder's hands."""

    certificate_id: int
    serial: str
    token_serial: str
    envelope_number: str
    applicant_id: int
    credit_code: str


def plant_held(
    world: World,
    branch: str = "HD01",
    *,
    days: int = 365,
    name: str = "北京样例贸易有限公司",
    credit_code: str = "",
    status: CertificateStatus = CertificateStatus.valid,
    by: Actor | None = None,
    beside: "Held | None" = None,
    uses: Sequence[str] = ("annual_inspection",),
    **applicant: Any,
) -> Held:
    """By rows alone: a certificate valid for so many `days` from now, on a token handed over today, with its envelope.

    `beside`: another one of the same applicant.
    """
    code, mark, now = credit_code or unified_code(), secrets.token_hex(4).upper(), world.now()
    with world.writing() as session:
        clerk = session.get_one(Staff, (by or actor_of(world, Role.clerk, branch)).staff_id)
        place = session.scalars(select(Branch.id).where(Branch.code == branch)).one()
        station = session.scalars(select(Station).where(Station.branch_id == place).limit(1)).first()
        if station is None:
            station = Station(name="工位零", branch_id=place, state=StationState.enrolled, seen_at=now)
            session.add(station)
        facts = {"kind": ApplicantKind.enterprise, "name": name, "has_seal": True, "holds_code_bearing_licence": True}
        if beside is not None:
            holder = session.get_one(Applicant, beside.applicant_id)
            holder.certificates_promised += 1
            code = holder.credit_code
        else:
            holder = Applicant(**facts | {"credit_code": code, "certificates_promised": 1} | applicant)
        token = Token(serial=f"{branch}T{mark}", branch_id=place, state=TokenState.handed_over, state_since=now, officer_epoch=1)
        session.add_all([holder, token])
        session.flush()
        envelope = Envelope(
            number=f"{branch}E{mark}", branch_id=place, state=EnvelopeState.live, state_since=now, token_id=token.id
        )
        item = CaseItem(position=1, state=ItemState.handed_over, state_since=now, fee_fen=0)
        case = Case(
            number=f"{branch}-20261101-{mark}",
            state=CaseState.closed,
            state_since=now,
            closed_at=now,
            branch_id=place,
            opened_by=clerk.id,
            opened_at=now,
            applicant_id=holder.id,
            uses=list(uses),
            fee_total_fen=0,
            items=[item],
        )
        session.add_all([envelope, case])
        session.flush()
        run = Run(
            key=secrets.token_hex(16),
            item_id=item.id,
            attempt=1,
            station_id=station.id,
            token_id=token.id,
            envelope_id=envelope.id,
            state=RunState.confirmed,
            state_since=now,
            lease=1,
            profile=KeyProfile.p_256,
            input_digest="0" * 64,
            created_by=clerk.id,
            created_at=now,
        )
        session.add(run)
        session.flush()
        signed = secrets.token_bytes(32)
        certificate = Certificate(
            serial=f"7{secrets.token_hex(15)}",
            branch_id=place,
            run_id=run.id,
            item_id=item.id,
            applicant_id=holder.id,
            token_id=token.id,
            status=status,
            status_since=now,
            subject_name=holder.name,
            credit_code=code,
            public_key_digest=secrets.token_hex(32),
            not_before=now - timedelta(days=365) + timedelta(days=days),
            not_after=now + timedelta(days=days),
            to_be_signed=signed,
            lint=[],
            der=b"0" + signed,
            prepared_at=now,
        )
        session.add(certificate)
        session.flush()
        number = f"{branch}-H-2026-{mark}"
        session.add(
            Handover(
                number=number,
                item_id=item.id,
                token_id=token.id,
                envelope_id=envelope.id,
                certificate_id=certificate.id,
                collector_name="样例甲",
                collector_id_kind=IdentityKind.resident_card,
                collector_id_sealed=world.vault.seal(resident_number(), COLLECTOR_PLACE.format(number=number)),
                by=clerk.id,
                at=now,
            )
        )
        for thing in (case, item, run, token, envelope, certificate):
            state = thing.status if isinstance(thing, Certificate) else thing.state
            line = JournalLine(
                at=now, case_id=case.id, subject=thing.__tablename__, subject_id=thing.id, act="planted", detail={}
            )
            line.after = state.value
            session.add(line)
        session.commit()
        return Held(certificate.id, certificate.serial, token.serial, envelope.number, holder.id, code)


def papers(**rows: Any) -> dict[str, Any]:
    """Everything ticked; `row=None` leaves that paper out, `row={"mark": False}` takes a tick off."""
    filled = {name: {tick.value: True for tick in row.ticks} for name, row in AFTERCARE_ROWS.items() if name in _USUAL}
    for name, changes in rows.items():
        filled[name] = filled[name] | changes if changes is not None else {}
    return filled


_USUAL = {"application_form", "code_bearing_licence", "identity_document", "statement_of_loss"}


def draft(held: Held, kind: CaseKind, **changes: Any) -> dict[str, Any]:
    """An agent at the counter with everything that the kind asks for."""
    own: dict[str, Any] = {}
    if kind is CaseKind.replacement_damaged:
        own = {"damage_visible": "no", "damage_altered": "no", "damage_read_here": "no"}
    elif kind is CaseKind.revocation:
        own = {"reason": "cessation_of_operation"}
    elif kind is CaseKind.amendment:
        own = {"new_name": "北京样例新名贸易有限公司"}
    return {
        "presenter_role": "agent",
        "presenter_name": "样例乙",
        "presenter_id_kind": "resident_card",
        "presenter_id_until": "2030-01-01",
        "presenter_id_long_term": False,
        "remark": "",
        "token_serial": "" if kind is CaseKind.replacement_lost else held.token_serial,
        "papers": papers(),
        **own,
    } | changes


def opened(world: World, held: Held, kind: CaseKind, branch: str = "HD01") -> Case:
    return case_now(world, open_aftercare(world, actor_of(world, Role.clerk, branch), held.serial, kind).id)


def drafted(world: World, held: Held, kind: CaseKind, branch: str = "HD01", **changes: Any) -> Case:
    case = opened(world, held, kind, branch)
    clerk = actor_of(world, Role.clerk, branch)
    save_aftercare(world, clerk, case.id, case.version, draft(held, kind, **changes), resident_number(), MOBILE)
    return case_now(world, case.id)


def accepted(world: World, held: Held, kind: CaseKind, branch: str = "HD01", **changes: Any) -> Case:
    """In review, or awaiting a supervisor's leave, as the kind has it."""
    case = drafted(world, held, kind, branch, **changes)
    accept_aftercare(world, actor_of(world, Role.clerk, branch), case.id, case.version)
    return case_now(world, case.id)


def agreed(world: World, held: Held, kind: CaseKind, branch: str = "HD01", **changes: Any) -> Case:
    """Ready to issue where it costs nothing, awaiting payment where it does, closed for a change of status."""
    case = accepted(world, held, kind, branch, **changes)
    if KINDS[kind].agrees is Role.supervisor:
        grant_case(world, actor_of(world, Role.supervisor, branch), case.id, case.version, "证件核对无误")
    else:
        approve_case(world, actor_of(world, Role.reviewer, branch), case.id, case.version)
    return case_now(world, case.id)


def certificate_now(world: World, held: Held) -> Certificate:
    with world.reading() as session:
        certificate = session.get_one(Certificate, held.certificate_id)
        _ = certificate.token
        session.expunge_all()
        return certificate
