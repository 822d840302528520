"""Each kind the whole way: opened at the aftercare desk, agreed to, made at the station, handed over. Nothing planted between."""

import pytest
from flask import Flask

from app.services.amend_case import amend_case
from app.services.ask_grant import ask_grant
from app.services.cancel_run import cancel_run
from app.services.errors import OutOfTurn
from app.services.settle_fee import settle_fee
from app.services.world import World
from models.rulebook.kinds import AFTERCARE_KINDS, KINDS, Medium
from models.rulebook.vocabulary import CaseKind, CaseState, CertificateStatus, PaymentMethod, RunKind, TokenState
from models.tables import Applicant, Certificate
from tests.builders import aftercare
from tests.builders.aftercare import Held
from tests.builders.cases import case_now, resident_number, unified_code
from tests.builders.holders import Holding, plant_holder
from tests.builders.issuance import hand_all_over, row
from tests.builders.people import actor_of

WORK = [kind for kind in CaseKind if kind in AFTERCARE_KINDS and KINDS[kind].work is not None]

PRESENTER = {"name": "样例乙", "id_number": resident_number()}  # whom the builder's drafts name


@pytest.fixture
def holder(world: World, app: Flask) -> Holding:
    return plant_holder(world, app)


def comes(holder: Holding, kind: CaseKind, **changes: object) -> None:
    """The holder's case, agreed to and paid, by the use cases of the desks."""
    held = Held(holder.certificate_id, holder.certificate().serial, holder.serial, holder.envelope, 0, "")
    case = aftercare.agreed(holder.world, held, kind, **changes)
    if case.state is CaseState.awaiting_payment:
        settle_fee(holder.world, actor_of(holder.world), case.id, case.version, PaymentMethod.cash)
    holder.scene.case_id = case.id
    assert case_now(holder.world, case.id).state is CaseState.ready_to_issue


def new_certificate(holder: Holding) -> Certificate:
    made: Certificate = row(holder.world, Certificate, Certificate.replaces_id == holder.certificate_id)
    return made


@pytest.mark.parametrize("kind", WORK)
def test_a_kind_goes_the_whole_road(holder: Holding, kind: CaseKind) -> None:
    holder.world.clock.move(days=300)  # type: ignore[attr-defined]
    holder.scene.station.poll()
    changes = {"damage_visible": "yes"} if kind is CaseKind.replacement_damaged else {}
    if kind is CaseKind.amendment:
        changes = {"new_credit_code": unified_code()}
    comes(holder, kind, **changes)
    serial = holder.scene.serials[1] if KINDS[kind].medium is Medium.new else holder.serial
    number = holder.make(holder.begin(serial))
    assert holder.scene.violations() == []
    hand_all_over(holder.scene, [(serial, number)], **PRESENTER)
    assert holder.scene.case().state is CaseState.closed
    assert holder.scene.violations() == []
    old = holder.certificate()
    if KINDS[kind].work is RunKind.unlock:
        assert old.status is CertificateStatus.valid
        return
    assert (old.status, old.reason) == (CertificateStatus.revoked, KINDS[kind].reason)
    made = new_certificate(holder)
    assert made.status is CertificateStatus.valid
    assert (made.not_after == old.not_after) is KINDS[kind].keeps_expiry
    wanted = {CaseKind.replacement_damaged: TokenState.returned, CaseKind.replacement_lost: TokenState.lost}
    assert holder.token().state is wanted.get(kind, TokenState.handed_over)


def test_an_amended_certificate_names_the_new_name_before_the_applicant_does(holder: Holding) -> None:
    code = unified_code()
    comes(holder, CaseKind.amendment, new_credit_code=code)
    number = holder.make(holder.begin())
    made = new_certificate(holder)
    assert (made.subject_name, made.credit_code) == ("北京样例新名贸易有限公司", code)
    applicant = row(holder.world, Applicant)
    assert (applicant.name, applicant.credit_code) != (made.subject_name, made.credit_code)
    hand_all_over(holder.scene, [(holder.serial, number)], **PRESENTER)
    applicant = row(holder.world, Applicant)
    assert (applicant.name, applicant.credit_code) == (made.subject_name, made.credit_code)


def test_an_unlock_taken_back_to_its_papers_is_accepted_anew_before_a_leave_is_asked_for(holder: Holding) -> None:
    comes(holder, CaseKind.unlock)
    world, clerk, case_id = holder.world, holder.scene.clerk, holder.scene.case_id
    job = holder.begin()
    holder.scene.station.stop(job, "wrong_token")
    run = holder.scene.run(job)
    cancel_run(world, clerk, run.id, run.version, "改日再来")
    ask_grant(world, clerk, case_id, case_now(world, case_id).version)
    amend_case(world, clerk, case_id, case_now(world, case_id).version)
    with pytest.raises(OutOfTurn):
        ask_grant(world, clerk, case_id, case_now(world, case_id).version)
    assert case_now(world, case_id).state is CaseState.draft
