"""A holder with a token and a valid certificate, and the cases he comes back with, ready for the station."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

from flask import Flask
from sqlalchemy import select

from app.services.road import write_line
from app.services.seal_presenter import ID_PLACE
from app.services.stock import move_certificate, move_token
from app.services.world import World
from models.rulebook.kinds import KINDS, OldCertificate
from models.rulebook.vocabulary import (
    CaseKind,
    CaseState,
    CertificateAction,
    IdentityKind,
    KeyProfile,
    Role,
    RunKind,
    TokenAction,
)
from models.tables import Case, CaseItem, Certificate, Envelope, Grant, Token
from tests.builders.issuance import PRESENTER_ID, Scene, hand_all_over, make_items, plant_case, plant_scene, row
from tests.builders.people import actor_of

GRANTED_FOR = timedelta(minutes=15)
_numbers = count(100_000)  # of cases, far above those that an office counts itself


@dataclass
class Holding:
    """What the holder has, and the scene at whose counter he stands. `scene.case_id` is the case that he came with last."""

    scene: Scene
    token_id: int
    serial: str
    certificate_id: int
    envelope: str

    @property
    def world(self) -> World:
        return self.scene.world

    def token(self) -> Token:
        return row(self.world, Token, Token.id == self.token_id)

    def certificate(self) -> Certificate:
        return row(self.world, Certificate, Certificate.id == self.certificate_id)

    def former_envelope(self) -> Envelope:
        return row(self.world, Envelope, Envelope.number == self.envelope)

    def item(self) -> CaseItem:
        return row(self.world, CaseItem, CaseItem.case_id == self.scene.case_id)

    def comes(self, kind: CaseKind, *, granted: bool = True, **columns: Any) -> int:
        """His case of this kind, agreed to and paid."""
        self.scene.case_id = plant_aftercare(self.world, self.certificate_id, kind, granted=granted, **columns)
        return self.scene.case_id

    def begin(self, serial: str = "") -> dict[str, Any]:
        """Begin the case's run on his token (or another) and let the station take it."""
        (job,) = self.scene.begin(serial or self.serial)
        return job

    def make(self, job: dict[str, Any]) -> str:
        """The whole run, confirmed; what must be scanned at handover: the envelope's number, or "" where the PIN stays."""
        number = self.scene.station.perform(job)
        self.scene.confirm(job, number or job["token"])
        return number

    def hand_over(self, number: str, serial: str = "") -> None:
        hand_all_over(self.scene, [(serial or self.serial, number)])


def plant_holder(world: World, app: Flask, **stock: int) -> Holding:
    """The first token of the stock was handed over; more stock lies ready; the token is in the station's slot."""
    scene = plant_scene(world, app, **stock)
    scene.case_id = plant_case(world, state=CaseState.awaiting_handover)
    make_items(world, scene.case_id, scene.station.id, scene.serials[:1], ["HD01E000001"])
    hand_all_over(scene, [(scene.serials[0], "HD01E000001")])
    certificate = row(world, Certificate)
    return Holding(scene, certificate.token_id, scene.serials[0], certificate.id, "HD01E000001")


def plant_aftercare(
    world: World, certificate_id: int, kind: CaseKind, *, branch: str = "HD01", granted: bool = True, **columns: Any
) -> int:
    """A case about this certificate at the moment when the station's work may begin, with what the agreement brought about."""
    rules = KINDS[kind]
    clerk = actor_of(world, Role.clerk, branch)
    with world.writing() as session:
        now, certificate = world.now(), session.get_one(Certificate, certificate_id)
        number = f"{branch}-20261124-{next(_numbers)}"
        case = Case(
            number=number,
            kind=kind,
            state=CaseState.ready_to_issue,
            state_since=now,
            branch_id=clerk.branch_id,
            opened_by=clerk.staff_id,
            opened_at=now,
            applicant_id=certificate.applicant_id,
            key_profile=KeyProfile.p_256.value,
            presenter_name="样例甲",
            presenter_id_kind=IdentityKind.resident_card,
            presenter_id_sealed=world.vault.seal(PRESENTER_ID, ID_PLACE.format(number=number)),
            presenter_id_digest=world.vault.digest(PRESENTER_ID),
            certificate_id=certificate.id,
            token_id=certificate.token_id,
            fee_total_fen=0,
            items=[CaseItem(position=1, state_since=now, fee_fen=0, work=rules.work)],
            **columns,
        )
        session.add(case)
        session.flush()
        write_line(session, now, clerk, case, "settle", before=CaseState.awaiting_payment, after=case.state, case_id=case.id)
        if rules.old is OldCertificate.revoked_at_agreement:
            move_certificate(session, now, clerk, certificate, CertificateAction.revoke, case=case, reason=rules.reason)
        if rules.medium_handed_in or rules.medium_lost:
            way = TokenAction.hand_in if rules.medium_handed_in else TokenAction.lose
            move_token(session, now, clerk, certificate.token, way, case)
        session.commit()
        case_id = case.id
    if granted and rules.work is RunKind.unlock:
        grant(world, case_id)
    return case_id


def grant(world: World, case_id: int, branch: str = "HD01", lasts: timedelta = GRANTED_FOR) -> int:
    """A supervisor's leave, from now on."""
    supervisor = actor_of(world, Role.supervisor, branch)
    with world.writing() as session:
        case, now = session.get_one(Case, case_id), world.now()
        leave = Grant(
            branch_id=case.branch_id,
            case_id=case.id,
            token_id=case.token_id,
            granted_by=supervisor.staff_id,
            granted_at=now,
            expires_at=now + lasts,
            reason="本人到场，忘记密码",
        )
        session.add(leave)
        session.flush()
        write_line(session, now, supervisor, leave, "grant", case_id=case.id, branch_id=case.branch_id)
        session.commit()
        return leave.id


def grants_of(world: World, case_id: int) -> list[Grant]:
    with world.reading() as session:
        return list(session.scalars(select(Grant).where(Grant.case_id == case_id).order_by(Grant.id)))
