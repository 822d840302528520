"""Runs on the holder's own token, and replacements: what each kind takes, makes, leaves alone, and gives back."""

import pytest
from cryptography import x509
from flask import Flask
from sqlalchemy import select

from app.services.begin_runs import begin_runs
from app.services.cancel_run import cancel_run
from app.services.confirm_envelope import confirm_envelope
from app.services.errors import Faulty, OutOfTurn, Refusal, Stale
from app.services.reconcile import reconcile
from app.services.resume_run import resume_run
from app.services.run_grant import GrantLapsed
from app.services.spoil_envelope import spoil_envelope
from app.services.stock import move_certificate
from app.services.world import World
from models.rulebook import workflow
from models.rulebook.kinds import KINDS
from models.rulebook.vocabulary import (
    CaseKind,
    CaseState,
    CertificateAction,
    CertificateStatus,
    EnvelopeState,
    Fault,
    ItemState,
    RevocationReason,
    Role,
    RunAction,
    RunKind,
    RunState,
    TokenState,
)
from models.tables import Case, Certificate, Envelope, Handover, JournalLine, RevocationList, Run, Token
from tests.builders.holders import Holding, grant, grants_of, plant_aftercare, plant_holder
from tests.builders.issuance import hand_all_over, plant_station, row, see_all
from tests.builders.people import actor_of

REKEYED = (CaseKind.renewal, CaseKind.amendment)
REPLACED = (CaseKind.replacement_damaged, CaseKind.replacement_lost)


@pytest.fixture
def holder(world: World, app: Flask) -> Holding:
    return plant_holder(world, app)


def new_certificate(holder: Holding) -> Certificate:
    return row(holder.world, Certificate, Certificate.replaces_id == holder.certificate_id)


def published(holder: Holding) -> dict[str, x509.ReasonFlags]:
    """The newest list: serial → reason."""
    newest = see_all(holder.world, lambda s: s.scalars(select(RevocationList).order_by(RevocationList.number.desc())).first())
    return {
        f"{entry.serial_number:x}": entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
        for entry in x509.load_der_x509_crl(newest.der)
        if list(entry.extensions)
    }


# What the job says


@pytest.mark.parametrize("kind", [*REKEYED, CaseKind.unlock])
def test_the_job_names_the_key_and_the_certificate_that_the_token_must_hold(holder: Holding, kind: CaseKind) -> None:
    holder.comes(kind)
    job = holder.begin()
    old = holder.certificate()
    with holder.world.reading() as session:
        key = session.get_one(Certificate, old.id).run.key
    assert job["kind"] == KINDS[kind].work
    assert (job["held"]["key_id"], job["held"]["public_key_digest"]) == (key, old.public_key_digest)
    assert job["certificate"] is None
    assert job["officer"]["epoch"] == holder.token().officer_epoch
    assert holder.token().state is TokenState.in_ceremony


@pytest.mark.parametrize("kind", REPLACED)
def test_a_replacement_is_an_issue_on_a_blank_token(holder: Holding, kind: CaseKind) -> None:
    holder.comes(kind)
    job = holder.begin(holder.scene.serials[1])
    assert (job["kind"], job["held"], job["token"]) == ("issue", None, holder.scene.serials[1])


# Begin: exactly this token


@pytest.mark.parametrize(
    ("typed", "fault"),
    [("", "required"), ("HD01T000002", "token_not_of_case"), ("hd01t000001", "token_not_of_case"), ("1", "token_not_of_case")],
)
def test_no_other_token_than_the_holders_is_taken(holder: Holding, typed: str, fault: str) -> None:
    holder.comes(CaseKind.renewal)
    with pytest.raises(Faulty) as refused:
        begin_runs(holder.world, holder.scene.clerk, holder.scene.case_id, holder.scene.orders(typed))
    assert refused.value.fields == {"token_1": fault}
    assert holder.token().state is TokenState.handed_over


def test_the_holders_own_token_is_no_blank_one(holder: Holding) -> None:
    holder.comes(CaseKind.replacement_damaged)
    with pytest.raises(Faulty) as refused:
        holder.begin(holder.serial)
    assert refused.value.fields == {"token_1": "token_not_in_stock"}


def test_a_token_from_another_branchs_stock_is_served_at_this_counter(holder: Holding, app: Flask) -> None:
    case_id = plant_aftercare(holder.world, holder.certificate_id, CaseKind.renewal, branch="CY01")
    station = plant_station(holder.world, app, branch="CY01")
    station.insert(holder.serial)
    station.poll()
    holder.scene.clerk, holder.scene.case_id, holder.scene.station = actor_of(holder.world, Role.clerk, "CY01"), case_id, station
    holder.hand_over(holder.make(holder.begin()))
    assert holder.scene.case().state is CaseState.closed
    assert holder.scene.violations() == []


def test_a_token_that_another_case_works_on_is_busy(holder: Holding) -> None:
    holder.comes(CaseKind.renewal)
    holder.begin()
    with holder.world.writing() as session:  # no desk opens a second case about one certificate; the service holds alone, too
        session.get_one(Case, holder.scene.case_id).certificate_id = None
        session.commit()
    holder.comes(CaseKind.unlock)
    with pytest.raises(Faulty) as refused:
        holder.begin()
    assert refused.value.fields == {"token_1": "token_busy"}


@pytest.mark.parametrize(
    ("action", "refused"),
    [(CertificateAction.revoke, {*REKEYED, CaseKind.unlock}), (CertificateAction.suspend, set(REKEYED))],
)
@pytest.mark.parametrize("kind", [*REKEYED, CaseKind.unlock])
def test_a_certificate_that_was_revoked_or_suspended_meanwhile_is_not_renewed(
    holder: Holding, kind: CaseKind, action: CertificateAction, refused: set[CaseKind]
) -> None:
    holder.comes(kind)
    with holder.world.writing() as session:
        move_certificate(session, holder.world.now(), None, session.get_one(Certificate, holder.certificate_id), action)
        session.commit()
    if kind in refused:
        with pytest.raises(Faulty) as fault:
            holder.begin()
        assert fault.value.fields == {"token_1": "certificate_not_valid"}
    else:
        assert holder.begin()["kind"] == "unlock"


@pytest.mark.parametrize("kind", [CaseKind.amendment, *REPLACED])
def test_nothing_is_made_that_would_end_before_it_begins(holder: Holding, kind: CaseKind) -> None:
    holder.comes(kind)
    holder.world.clock.move(days=366)  # type: ignore[attr-defined]
    with pytest.raises(Faulty, match="certificate_lapsed"):
        begin_runs(holder.world, holder.scene.clerk, holder.scene.case_id, holder.scene.orders(holder.serial))


# Re-key: renewal and amendment


@pytest.mark.parametrize("kind", REKEYED)
def test_the_new_certificate_takes_over_when_it_is_handed_over_and_not_before(holder: Holding, kind: CaseKind) -> None:
    holder.comes(kind)
    number = holder.make(holder.begin())
    assert number == ""
    assert (holder.certificate().status, new_certificate(holder).status) == (CertificateStatus.valid, CertificateStatus.on_hold)
    assert holder.former_envelope().state is EnvelopeState.live  # the PIN is what it was
    assert holder.scene.violations() == []
    holder.hand_over("")
    assert holder.certificate().status is CertificateStatus.revoked
    assert holder.certificate().reason is KINDS[kind].reason
    assert new_certificate(holder).status is CertificateStatus.valid
    assert holder.token().state is TokenState.handed_over
    assert row(holder.world, Handover, Handover.certificate_id == new_certificate(holder).id).envelope_id is None
    assert list(published(holder)) == [holder.certificate().serial]
    assert holder.scene.violations() == []


def test_a_renewed_certificate_lasts_a_year_from_now(holder: Holding) -> None:
    holder.comes(CaseKind.renewal)
    holder.world.clock.move(days=300)  # type: ignore[attr-defined]
    holder.scene.station.poll()
    holder.make(holder.begin())
    made = new_certificate(holder)
    assert made.not_after == made.not_before.replace(year=2028)
    assert made.not_before == holder.world.now()


def test_a_certificate_is_renewed_after_its_end_and_the_dead_one_is_not_renewed_again(holder: Holding) -> None:
    holder.comes(CaseKind.renewal)
    holder.world.clock.move(days=400)  # type: ignore[attr-defined]
    holder.scene.station.poll()
    holder.make(holder.begin())
    holder.hand_over("")
    assert holder.certificate().status is CertificateStatus.revoked
    assert new_certificate(holder).status is CertificateStatus.valid
    assert holder.scene.violations() == []


def test_an_amended_certificate_bears_the_new_name_and_ends_with_the_old_one(holder: Holding) -> None:
    holder.comes(CaseKind.amendment, new_name="北京样例更名有限公司")
    holder.world.clock.move(days=100)  # type: ignore[attr-defined]
    holder.scene.station.poll()
    holder.make(holder.begin())
    made = new_certificate(holder)
    assert made.subject_name == "北京样例更名有限公司"
    assert made.not_after == holder.certificate().not_after
    assert x509.load_der_x509_certificate(made.der).not_valid_after_utc == holder.certificate().not_after.replace(microsecond=0)
    case = see_all(holder.world, lambda s: s.get_one(Case, holder.scene.case_id).applicant.name)
    assert case != made.subject_name  # until it is in the holder's hands
    holder.hand_over("")
    assert see_all(holder.world, lambda s: s.get_one(Case, holder.scene.case_id).applicant.name) == made.subject_name
    assert holder.scene.violations() == []


@pytest.mark.parametrize("typed", ["HD01T000002", "hd01t000001", "HD01E000001", ""])
def test_a_rekeyed_token_is_confirmed_by_its_own_serial(holder: Holding, typed: str) -> None:
    holder.comes(CaseKind.renewal)
    job = holder.begin()
    holder.scene.station.perform(job)
    run = holder.scene.run(job)
    with pytest.raises(Faulty) as refused:
        confirm_envelope(holder.world, holder.scene.clerk, run.id, run.version, typed)
    assert refused.value.fields == {"control_number": "token_not_of_run" if typed else "required"}
    assert holder.scene.run(job).state is RunState.awaiting_confirmation


def test_a_rekeyed_token_has_no_envelope_to_allot_or_to_spoil(holder: Holding) -> None:
    holder.comes(CaseKind.renewal)
    job = holder.begin()
    holder.scene.station.report(job, "awaiting_pin")
    holder.scene.station.certify(job)
    holder.scene.station.report(job, "proving")
    assert holder.scene.station.envelope(job, "pin").json == {"reason": "stale"}
    assert holder.scene.station.report(job, "awaiting_confirmation", envelope="HD01E000001", printed=True).status_code == 422
    answer = holder.scene.station.report(job, "awaiting_confirmation", envelope=None, printed=False, url="")
    assert answer.status_code == 200
    assert holder.scene.station.report(job, "awaiting_confirmation", envelope=None, printed=False, url="").status_code == 200
    run = holder.scene.run(job)
    with pytest.raises(OutOfTurn):
        spoil_envelope(holder.world, holder.scene.clerk, run.id, run.version, "没有信封")


def test_a_rekey_is_not_confirmed_without_its_certificate(holder: Holding) -> None:
    holder.comes(CaseKind.renewal)
    job = holder.begin()
    holder.scene.station.report(job, "proving")
    answer = holder.scene.station.report(job, "awaiting_confirmation", envelope=None, printed=False, url="")
    assert answer.status_code == 409


@pytest.mark.parametrize("stopped_at", ["queued", "awaiting_pin", "generating", "certifying", "proving", "made", "confirmed"])
def test_a_rekey_that_fails_leaves_the_holder_what_he_had(holder: Holding, stopped_at: str) -> None:
    holder.comes(CaseKind.renewal)
    job = holder.begin()
    station = holder.scene.station
    if stopped_at in ("made", "confirmed"):
        station.perform(job)
        if stopped_at == "confirmed":
            holder.scene.confirm(job, holder.serial)
    else:
        for state in workflow.RUN_STEPS_OF[RunKind.rekey][1:-1]:
            if stopped_at == "queued":
                break
            station.report(job, state.value)
            if state is RunState.certifying:
                station.certify(job)
            if state.value == stopped_at:
                break
        station.stop(job, "pin_not_given")
    run = holder.scene.run(job)
    cancel_run(holder.world, holder.scene.clerk, run.id, run.version, "持有人改日再来")
    assert holder.token().state is TokenState.handed_over
    assert holder.certificate().status is CertificateStatus.valid
    assert holder.former_envelope().state is EnvelopeState.live
    assert holder.item().state is ItemState.ordered
    dead = see_all(holder.world, lambda s: s.scalars(select(Certificate).where(Certificate.replaces_id.is_not(None))).all())
    assert all(certificate.status is CertificateStatus.revoked for certificate in dead)
    reconcile(holder.world, holder.world.now())
    assert holder.scene.violations() == []
    holder.hand_over(holder.make(holder.begin()))  # he comes again, and it goes through
    assert holder.certificate().status is CertificateStatus.revoked
    assert holder.scene.violations() == []


# Unlock


def test_an_unlock_ends_with_one_live_envelope_and_the_certificate_untouched(holder: Holding) -> None:
    before = holder.certificate()
    holder.comes(CaseKind.unlock)
    number = holder.make(holder.begin())
    assert holder.former_envelope().state is EnvelopeState.void
    assert row(holder.world, Envelope, Envelope.number == number).state is EnvelopeState.live
    holder.hand_over(number)
    after = holder.certificate()
    assert (after.status, after.version, after.der) == (before.status, before.version, before.der)
    assert row(holder.world, Handover, Handover.envelope_id != 1).certificate_id == before.id
    assert holder.scene.case().state is CaseState.closed
    assert published(holder) == {}
    assert holder.scene.violations() == []


def test_the_former_envelope_is_void_from_the_moment_the_new_pin_is_proven(holder: Holding) -> None:
    holder.comes(CaseKind.unlock)
    job = holder.begin()
    for state in ("initialising", "proving"):
        holder.scene.station.report(job, state)
        assert holder.former_envelope().state is EnvelopeState.live
    holder.scene.station.envelope(job, "pin")
    assert (holder.former_envelope().state, holder.former_envelope().void_reason) == (EnvelopeState.void, "overtaken")
    assert holder.scene.violations(settled=False) == []


def test_the_former_envelopes_number_neither_confirms_nor_hands_over(holder: Holding) -> None:
    holder.comes(CaseKind.unlock)
    job = holder.begin()
    number = holder.scene.station.perform(job)
    run = holder.scene.run(job)
    with pytest.raises(Faulty):
        confirm_envelope(holder.world, holder.scene.clerk, run.id, run.version, holder.envelope)
    holder.scene.confirm(job, number)
    with pytest.raises(Faulty) as refused:
        holder.hand_over(holder.envelope)
    assert refused.value.fields == {"envelope_1": "envelope_mismatch"}


def test_an_unlock_makes_no_certificate_and_is_never_initialised_or_keyed(holder: Holding) -> None:
    holder.comes(CaseKind.unlock)
    job = holder.begin()
    assert holder.scene.station.certify(job).json == {"reason": "stale"}
    for state in ("awaiting_pin", "generating", "certifying", "writing"):
        assert holder.scene.station.report(job, state).status_code == 409
    assert see_all(holder.world, lambda s: s.scalars(select(Certificate.id)).all()) == [holder.certificate_id]
    assert holder.scene.run(job).state is RunState.inspecting


def test_a_holders_token_is_never_initialised(holder: Holding) -> None:
    holder.comes(CaseKind.renewal)
    job = holder.begin()
    for state in ("initialising", "printing"):
        assert holder.scene.station.report(job, state).status_code == 409


# The grant


def test_without_a_grant_nothing_begins(holder: Holding) -> None:
    holder.comes(CaseKind.unlock, granted=False)
    with pytest.raises(Faulty, match="grant_needed"):
        holder.begin()
    assert holder.token().state is TokenState.handed_over
    assert holder.scene.case().state is CaseState.ready_to_issue


def test_a_grant_is_good_for_its_minutes_only(holder: Holding) -> None:
    holder.comes(CaseKind.unlock)
    holder.world.clock.move(minutes=15)  # type: ignore[attr-defined]
    holder.scene.station.poll()
    with pytest.raises(Faulty, match="grant_needed"):
        holder.begin()


def test_a_grant_for_another_token_is_none(holder: Holding) -> None:
    case_id = holder.comes(CaseKind.unlock, granted=False)
    with holder.world.writing() as session:
        other = session.scalars(select(Token).where(Token.serial == holder.scene.serials[1])).one()
        case = session.get_one(Case, case_id)
        mine, case.token_id = case.token_id, other.id
        session.commit()
    grant(holder.world, case_id)
    with holder.world.writing() as session:
        session.get_one(Case, case_id).token_id = mine
        session.commit()
    with pytest.raises(Faulty, match="grant_needed"):
        holder.begin()


def test_a_grant_is_used_once(holder: Holding) -> None:
    case_id = holder.comes(CaseKind.unlock)
    job = holder.begin()
    (used,) = grants_of(holder.world, case_id)
    assert (used.used_at, used.run_id) == (holder.world.now(), holder.scene.run(job).id)
    line = row(holder.world, JournalLine, JournalLine.subject == "supervisor_grant", JournalLine.act == "use")
    assert line.detail["token"] == holder.serial
    holder.scene.station.stop(job, "no_token")
    run = holder.scene.run(job)
    cancel_run(holder.world, holder.scene.clerk, run.id, run.version, "持有人走了")
    with pytest.raises(Faulty, match="grant_needed"):
        holder.begin()
    grant(holder.world, case_id)
    holder.hand_over(holder.make(holder.begin()))
    assert holder.scene.violations() == []


@pytest.mark.parametrize("how", ["queued", "stopped", "inspecting"])
def test_an_unlock_that_was_not_begun_in_time_is_undone(holder: Holding, how: str) -> None:
    """The holder may have left long ago: his token must not get a new PIN when the station comes back."""
    up_since = holder.world.now()
    holder.comes(CaseKind.unlock)
    begin_runs(holder.world, holder.scene.clerk, holder.scene.case_id, holder.scene.orders(holder.serial))
    run = row(holder.world, Run, Run.kind == RunKind.unlock)
    if how != "queued":
        (job,) = holder.scene.station.poll()
        if how == "stopped":
            holder.scene.station.stop(job, "no_token")
    holder.world.clock.move(minutes=16)  # type: ignore[attr-defined]
    if how == "stopped":
        run = row(holder.world, Run, Run.id == run.id)
        with pytest.raises(GrantLapsed):
            resume_run(holder.world, holder.scene.clerk, run.id, run.version)
    holder.scene.station.restart()
    assert holder.scene.station.poll() == []
    reconcile(holder.world, up_since)
    assert row(holder.world, Run, Run.id == run.id).state is RunState.cancelled
    assert (holder.token().state, holder.item().state) == (TokenState.handed_over, ItemState.ordered)
    assert holder.former_envelope().state is EnvelopeState.live
    assert reconcile(holder.world, up_since) == ()
    assert holder.scene.violations() == []


def test_an_unlock_that_has_begun_goes_on_after_its_grants_minutes(holder: Holding) -> None:
    """Nobody knows the token's PIN by now: it must come to its new one."""
    holder.comes(CaseKind.unlock)
    job = holder.begin()
    holder.scene.station.report(job, "initialising")
    holder.scene.station.stop(job, "token_removed")
    holder.world.clock.move(minutes=60)  # type: ignore[attr-defined]
    reconcile(holder.world, holder.world.now())
    run = holder.scene.run(job)
    resume_run(holder.world, holder.scene.clerk, run.id, run.version)
    (again,) = holder.scene.station.poll()
    holder.hand_over(holder.make(again))
    assert holder.scene.violations() == []


# Giving up


@pytest.mark.parametrize("fault", list(Fault))
def test_an_unlock_that_touched_nothing_gives_the_token_back(holder: Holding, fault: Fault) -> None:
    holder.comes(CaseKind.unlock)
    job = holder.begin()
    holder.scene.station.stop(job, fault.value)
    run = holder.scene.run(job)
    cancel_run(holder.world, holder.scene.clerk, run.id, run.version, "改日再来")
    assert holder.token().state is TokenState.handed_over
    assert holder.former_envelope().state is EnvelopeState.live
    assert holder.scene.violations() == []


@pytest.mark.parametrize("fault", list(Fault))
@pytest.mark.parametrize("step", ["initialising", "printing"])
def test_a_token_whose_pin_nobody_knows_is_never_given_back(holder: Holding, fault: Fault, step: str) -> None:
    """It is resumed to its new PIN; or, where the medium itself failed, it stays here."""
    holder.comes(CaseKind.unlock)
    job = holder.begin()
    station = holder.scene.station
    station.report(job, "initialising")
    if step == "printing":
        station.report(job, "proving")
        station.envelope(job, "pin")
        station.report(job, "printing")
    station.stop(job, fault.value)
    run = holder.scene.run(job)
    ways = workflow.ways_out(RunKind.unlock, run.state, run.fault, True)
    # Where its key is gone no new PIN helps, and every resumption is a login of the officer more.
    assert (RunAction.resume in ways) is (fault not in {Fault.wrong_key, Fault.key_lost})
    if RunAction.cancel in ways:
        cancel_run(holder.world, holder.scene.clerk, run.id, run.version, "介质损坏")
        assert (holder.token().state, holder.token().note) == (TokenState.returned, "介质损坏")
        assert holder.former_envelope().state is EnvelopeState.void
        assert holder.certificate().status is CertificateStatus.valid  # until it is replaced
    else:
        with pytest.raises(OutOfTurn):
            cancel_run(holder.world, holder.scene.clerk, run.id, run.version, "不办了")
    assert holder.scene.violations(settled=False) == []


@pytest.mark.parametrize("confirmed", [False, True])
def test_an_unlocked_token_is_not_given_back_without_its_envelope(holder: Holding, confirmed: bool) -> None:
    holder.comes(CaseKind.unlock)
    job = holder.begin()
    number = holder.scene.station.perform(job)
    if confirmed:
        holder.scene.confirm(job, number)
    run = holder.scene.run(job)
    with pytest.raises(OutOfTurn):
        cancel_run(holder.world, holder.scene.clerk, run.id, run.version, "不办了")
    spoil_envelope(holder.world, holder.scene.clerk, run.id, run.version, "打印不清")
    run = holder.scene.run(job)
    with pytest.raises(OutOfTurn):
        cancel_run(holder.world, holder.scene.clerk, run.id, run.version, "不办了")
    (again,) = holder.scene.station.poll()
    holder.hand_over(holder.make(again))
    assert holder.scene.violations() == []


# Replacement


@pytest.mark.parametrize("kind", REPLACED)
def test_a_replacement_ends_with_the_old_certificate_and_the_old_token_is_out_of_use(holder: Holding, kind: CaseKind) -> None:
    serial = holder.scene.serials[1]
    holder.comes(kind)
    holder.world.clock.move(days=100)  # type: ignore[attr-defined]
    holder.scene.station.poll()
    lost = kind is CaseKind.replacement_lost
    assert holder.certificate().status is (CertificateStatus.revoked if lost else CertificateStatus.valid)
    assert holder.former_envelope().state is EnvelopeState.void
    number = holder.make(holder.begin(serial))
    made = new_certificate(holder)
    assert made.not_after == holder.certificate().not_after
    assert made.not_before == holder.world.now()
    assert holder.certificate().status is (CertificateStatus.revoked if lost else CertificateStatus.valid)
    holder.hand_over(number, serial)
    assert (holder.certificate().status, holder.certificate().reason) == (CertificateStatus.revoked, KINDS[kind].reason)
    assert published(holder)[holder.certificate().serial] is x509.ReasonFlags(
        {"superseded": "superseded", "key_compromise": "keyCompromise"}[str(KINDS[kind].reason)]
    )
    assert holder.token().state is (TokenState.lost if lost else TokenState.returned)
    assert holder.scene.violations() == []


def test_a_certificate_revoked_meanwhile_keeps_its_own_reason(holder: Holding) -> None:
    holder.comes(CaseKind.replacement_damaged)
    number = holder.make(holder.begin(holder.scene.serials[1]))
    compromised = RevocationReason.key_compromise
    with holder.world.writing() as session:
        old = session.get_one(Certificate, holder.certificate_id)
        move_certificate(session, holder.world.now(), None, old, CertificateAction.revoke, reason=compromised)
        session.commit()
    holder.hand_over(number, holder.scene.serials[1])
    assert holder.certificate().reason is compromised


# The same thing again


def test_a_second_hand_over_changes_nothing(holder: Holding) -> None:
    holder.comes(CaseKind.renewal)
    holder.make(holder.begin())
    version = holder.scene.case().version
    holder.hand_over("")
    with pytest.raises((Stale, OutOfTurn, ValueError)):
        hand_all_over(holder.scene, [(holder.serial, "")])
    assert holder.scene.case().version > version


def test_year_after_year_on_one_token(holder: Holding) -> None:
    """Every renewal begins from the newest certificate; none but the newest is valid."""
    for _ in range(3):
        holder.comes(CaseKind.renewal)
        holder.world.clock.move(days=330)  # type: ignore[attr-defined]
        holder.scene.station.poll()
        holder.make(holder.begin())
        holder.hand_over("")
        holder.certificate_id = new_certificate(holder).id
    status = see_all(holder.world, lambda s: s.scalars(select(Certificate.status).order_by(Certificate.id)).all())
    assert status == [CertificateStatus.revoked] * 3 + [CertificateStatus.valid]
    assert holder.scene.violations() == []


def test_a_suspended_certificate_is_listed_as_on_hold_and_comes_off_again(holder: Holding) -> None:
    serial = holder.certificate().serial
    for action, listed in ((CertificateAction.suspend, [serial]), (CertificateAction.resume, [])):
        with holder.world.writing() as session:
            move_certificate(session, holder.world.now(), None, session.get_one(Certificate, holder.certificate_id), action)
            session.commit()
        reconcile(holder.world, holder.world.now())
        assert list(published(holder)) == listed
        assert set(published(holder).values()) <= {x509.ReasonFlags.certificate_hold}


def test_every_refusal_of_these_rooms_has_a_sentence() -> None:
    from app.desks.refusals import SENTENCES

    wanted = {"token_not_of_case", "token_busy", "certificate_not_valid", "certificate_lapsed", "grant_needed", "grant_lapsed"}
    assert wanted | {"token_not_of_run"} <= set(SENTENCES)
    assert issubclass(GrantLapsed, Refusal)
