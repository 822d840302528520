"""The stations' API: who may call, what a repeat gives, what a late worker changes (nothing)."""

from dataclasses import replace
from typing import Any

import pytest
from cryptography import x509
from flask import Flask
from sqlalchemy import func, select

from app.services.begin_runs import begin_runs
from app.services.enrol_station import disable_station, enrol_station, invite_station
from app.services.errors import Faulty, Forbidden
from app.services.world import World
from card_issuance.authority import AuthorityUnreachable
from models.rulebook.vocabulary import CertificateStatus, EnvelopeState, Fault, Role, RunState
from models.tables import Certificate, Envelope, JournalLine, Station
from tests.builders.issuance import (
    ActedStation,
    Scene,
    certificate_in,
    new_key,
    plant_scene,
    plant_station,
    request_for,
    row,
    see_all,
)
from tests.builders.people import actor_of, branch_id_of


@pytest.fixture
def scene(world: World, app: Flask) -> Scene:
    return plant_scene(world, app)


def up_to(scene: Scene, job: dict[str, Any], *states: str) -> None:
    for state in states:
        assert scene.station.report(job, state).status_code == 200


# Who may call


@pytest.mark.parametrize("secret", ["", "wrong", "x" * 5000, "schlüssel"])
def test_a_stranger_is_told_nothing(scene: Scene, secret: str) -> None:
    for path in ("/poll", "/runs/abc/report", "/runs/abc/certify", "/runs/abc/envelope", "/runs/abc/stop"):
        client = scene.station.app.test_client()
        header = {"Authorization": f"Bearer {secret}".encode().decode("latin-1")}
        answer = client.post(f"/api/station{path}", json={}, headers=header, csrf=False)
        assert (answer.status_code, answer.json) == (401, {"reason": "unknown_station"})


def test_a_secret_of_a_disabled_station_is_worth_nothing(scene: Scene) -> None:
    station = row(scene.world, Station, Station.id == scene.station.id)
    disable_station(scene.world, actor_of(scene.world, Role.administrator), station.id, station.version, "换机")
    assert scene.station.post("/poll", {"boot": "b"}).status_code == 401


def test_a_station_sees_its_own_runs_only(scene: Scene, world: World, app: Flask) -> None:
    job = scene.begin()[0]
    other = plant_station(world, app, name="工位二")
    assert other.poll() == []
    for answer in (other.report(job, "initialising"), other.certify(job), other.envelope(job, "p"), other.stop(job, "no_token")):
        assert answer.status_code == 404
    assert scene.run(job).state is RunState.inspecting


def test_the_secret_and_the_code_are_stored_as_digests_only(world: World, app: Flask) -> None:
    invited = invite_station(world, actor_of(world, Role.administrator), branch_id_of(world), "三号")
    answer = ActedStation(app, 0, "", "").post("/enrol", {"code": invited.code.lower(), "version": "1"})
    assert answer.status_code == 200
    assert answer.json["name"] == "三号"
    station = row(world, Station, Station.id == invited.station_id)
    columns = [getattr(station, column.key) for column in Station.__table__.columns]
    assert invited.code not in columns
    assert answer.json["secret"] not in columns
    assert ActedStation(app, station.id, "", answer.json["secret"]).poll() == []


def test_a_code_works_once_and_not_for_ever(world: World, app: Flask) -> None:
    administrator = actor_of(world, Role.administrator)
    invited = invite_station(world, administrator, branch_id_of(world), "三号")
    enrol_station(world, invited.code, "1")
    again = ActedStation(app, 0, "", "").post("/enrol", {"code": invited.code, "version": "1"})
    assert (again.status_code, again.json) == (403, {"reason": "code_unknown"})
    late = invite_station(world, administrator, branch_id_of(world), "四号")
    world.clock.move(minutes=31)  # type: ignore[attr-defined]
    assert ActedStation(app, 0, "", "").post("/enrol", {"code": late.code, "version": "1"}).json == {"reason": "code_expired"}


def test_enrolling_again_ends_the_secret_before(scene: Scene) -> None:
    administrator = actor_of(scene.world, Role.administrator)
    invited = invite_station(scene.world, administrator, branch_id_of(scene.world), "工位一", scene.station.id)
    assert scene.station.post("/poll", {"boot": "b"}).status_code == 401
    secret = enrol_station(scene.world, invited.code, "1").secret
    assert scene.station.post("/poll", {"boot": "b"}, secret).status_code == 200


def test_only_the_administrator_invites(world: World) -> None:
    for role in set(Role) - {Role.administrator}:
        with pytest.raises(Forbidden):
            invite_station(world, actor_of(world, role), branch_id_of(world), "三号")


# The undisturbed run


def test_an_undisturbed_run_ends_waiting_for_its_envelope_to_be_confirmed(scene: Scene) -> None:
    job = scene.begin()[0]
    assert job["token"] == scene.serials[0]
    assert job["officer"] == {"master": 1, "epoch": 1}
    assert job["certificate"] is None
    number = scene.station.perform(job)
    run = scene.run(job)
    assert run.state is RunState.awaiting_confirmation
    assert [step["state"] for step in run.steps] == [
        "inspecting",
        "initialising",
        "generating",
        "certifying",
        "writing",
        "proving",
        "printing",
        "awaiting_confirmation",
    ]
    assert number == "HD01E000001"  # the lowest
    certificate = row(scene.world, Certificate)
    assert certificate.status is CertificateStatus.on_hold
    assert certificate.to_be_signed in certificate.der
    assert scene.violations() == []


def test_the_certificate_names_the_case_and_the_key_of_the_request(scene: Scene) -> None:
    job = scene.begin()[0]
    up_to(scene, job, "initialising", "generating")
    signed = certificate_in(scene.station.certify(job))
    assert signed.public_key() == scene.station.keys[job["run"]].public_key()
    assert signed.subject.get_attributes_for_oid(x509.NameOID.ORGANIZATION_NAME)[0].value == "北京样例科技有限公司"
    points = signed.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert points[0].full_name[0].value == "http://127.0.0.1:8600/crl/issuing.crl"  # type: ignore[index]
    assert (signed.not_valid_after_utc.date() - signed.not_valid_before_utc.date()).days in (365, 366)


# Repeats and late workers


def test_certify_again_gives_the_same_certificate(scene: Scene) -> None:
    job = scene.begin()[0]
    first, second = scene.station.certify(job), scene.station.certify(job)
    assert first.json == second.json
    assert see_all(scene.world, lambda session: session.scalar(select(func.count()).select_from(Certificate))) == 1


def test_another_key_after_the_certificate_was_signed_is_refused(scene: Scene) -> None:
    job = scene.begin()[0]
    scene.station.certify(job)
    answer = scene.station.certify(job, fresh=True)
    assert (answer.status_code, answer.json["fault"]) == (422, "key_lost")


def test_a_request_without_proof_of_possession_or_of_the_wrong_kind_is_refused(scene: Scene) -> None:
    job = scene.begin()[0]
    wrong_kind = request_for(new_key("rsa_2048"))
    for csr in (wrong_kind, "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n", ""):
        answer = scene.station.post(f"/runs/{job['run']}/certify", {"lease": job["lease"], "csr": csr})
        assert (answer.status_code, answer.json["fault"]) == (422, "authority_refused")
    assert see_all(scene.world, lambda session: session.scalar(select(func.count()).select_from(Certificate))) == 0


def test_a_late_worker_changes_nothing(scene: Scene) -> None:
    late = scene.begin()[0]
    scene.station.restart()
    (current,) = scene.station.poll()
    assert current["lease"] == late["lease"] + 1
    before = see_all(scene.world, lambda session: session.scalar(select(func.max(JournalLine.id))))
    for answer in (
        scene.station.report(late, "initialising"),
        scene.station.certify(late),
        scene.station.envelope(late, "p"),
        scene.station.stop(late, "no_token"),
    ):
        assert (answer.status_code, answer.json) == (409, {"reason": "stale"})
    assert see_all(scene.world, lambda session: session.scalar(select(func.max(JournalLine.id)))) == before
    assert scene.run(current).state is RunState.inspecting


def test_a_report_never_goes_back_and_may_be_repeated(scene: Scene) -> None:
    job = scene.begin()[0]
    up_to(scene, job, "initialising", "generating", "generating")
    assert scene.station.report(job, "initialising").status_code == 409
    assert scene.run(job).state is RunState.generating


def test_one_pin_has_one_envelope_and_a_new_pin_voids_the_number_before(scene: Scene) -> None:
    job = scene.begin()[0]
    up_to(scene, job, "initialising", "generating")
    scene.station.certify(job)
    up_to(scene, job, "writing", "proving")
    first = scene.station.envelope(job, "pin-a").json["number"]
    assert scene.station.envelope(job, "pin-a").json["number"] == first
    second = scene.station.envelope(job, "pin-b").json["number"]
    assert (first, second) == ("HD01E000001", "HD01E000002")
    assert row(scene.world, Envelope, Envelope.number == first).state is EnvelopeState.void
    assert scene.violations() == []


def test_no_envelope_before_the_token_is_proven(scene: Scene) -> None:
    job = scene.begin()[0]
    up_to(scene, job, "initialising", "generating")
    scene.station.certify(job)
    assert scene.station.envelope(job, "pin-a").status_code == 409
    up_to(scene, job, "writing")
    assert scene.station.envelope(job, "pin-a").status_code == 409
    assert row(scene.world, Envelope, Envelope.number == "HD01E000001").state is EnvelopeState.in_stock


def test_an_empty_drawer_is_a_named_fault(world: World, app: Flask) -> None:
    scene = plant_scene(world, app, envelopes=0)
    job = scene.begin()[0]
    up_to(scene, job, "initialising", "generating")
    scene.station.certify(job)
    up_to(scene, job, "writing", "proving")
    answer = scene.station.envelope(job, "pin-a")
    assert (answer.status_code, answer.json["fault"]) == (409, "no_envelope")


@pytest.mark.parametrize(
    ("number", "url"),
    [
        ("HD01E000002", ""),
        ("", ""),
        (None, "https://127.0.0.1/x"),
        (None, "http://office.example/x"),
        (None, "javascript:alert(1)"),
        (None, "http://127.0.0.1@office.example/"),
    ],
)
def test_a_run_waits_only_with_its_own_envelope_on_the_clerks_own_machine(scene: Scene, number: str | None, url: str) -> None:
    job = scene.begin()[0]
    own = scene.station.up_to_envelope(job)
    answer = scene.station.report(
        job, "awaiting_confirmation", envelope=own if number is None else number, printed=False, url=url
    )
    assert answer.status_code == 422
    assert scene.run(job).state is RunState.printing


# Stops and restarts


@pytest.mark.parametrize("fault", list(Fault))
def test_every_fault_stops_the_run_by_name_and_telling_it_twice_changes_nothing(scene: Scene, fault: Fault) -> None:
    job = scene.begin()[0]
    up_to(scene, job, "initialising")
    assert scene.station.stop(job, fault.value, "slot 3").status_code == 200
    assert scene.station.stop(job, fault.value, "slot 3").status_code == 200
    run = scene.run(job)
    assert (run.state, run.fault, run.stopped_at_step) == (RunState.stopped, fault, RunState.initialising)


def test_a_restarted_station_is_offered_its_runs_again_with_the_certificate_that_was_signed(scene: Scene) -> None:
    job = scene.begin()[0]
    up_to(scene, job, "initialising", "generating")
    signed = scene.station.certify(job).json
    scene.station.restart()
    (again,) = scene.station.poll()
    assert (again["run"], again["lease"]) == (job["run"], job["lease"] + 1)
    assert again["certificate"] == {"der": signed["certificate"], "chain": signed["chain"]}
    scene.make(again)
    assert scene.violations() == []


def test_a_run_its_station_dropped_without_a_word_is_offered_again_after_five_seconds(scene: Scene) -> None:
    job = scene.begin()[0]
    scene.world.clock.move(seconds=30)  # type: ignore[attr-defined]
    assert scene.station.poll() == []  # it says that it works on it
    scene.station.working.clear()
    (again,) = scene.station.poll()
    assert again["lease"] == job["lease"] + 1


def test_a_crash_between_storing_and_signing_is_finished_before_the_run_is_offered_again(scene: Scene) -> None:
    job = scene.begin()[0]
    up_to(scene, job, "initialising", "generating")
    whole = scene.station.app.extensions["world"]
    scene.station.app.extensions["world"] = replace(whole, authority=CannotSign(whole.authority))
    assert scene.station.certify(job).json["fault"] == "authority_unreachable"
    assert row(scene.world, Certificate).status is CertificateStatus.prepared
    scene.station.restart()
    assert scene.station.poll() == []
    assert scene.run(job).fault is Fault.authority_unreachable
    scene.station.app.extensions["world"] = whole


class CannotSign:
    """An authority that prepares, and is gone when it should sign."""

    is_twin = True

    def __init__(self, real: Any) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def issue(self, prepared: Any) -> bytes:
        raise AuthorityUnreachable("gone")


def test_an_envelope_shown_once_is_not_offered_twice_and_a_restart_loses_it(scene: Scene) -> None:
    job = scene.begin()[0]
    number = scene.station.up_to_envelope(job)
    scene.station.report(job, "awaiting_confirmation", envelope=number, printed=False, url="http://127.0.0.1:8601/e/1")
    before = scene.run(job)
    assert before.envelope_url
    scene.station.poll(fetched=[number])
    run = scene.run(job)
    assert (run.envelope_url, run.steps[-1]["note"]) == ("", "envelope_fetched")
    assert run.version == before.version, "the page on which the clerk is about to type the number is not outdated by it"
    scene.station.restart()
    scene.station.poll()
    assert scene.run(job).state is RunState.awaiting_confirmation


# What is read at the edge


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ([], "/"),
        ({}, "/boot"),
        ({"boot": "b", "slots": {}}, "/slots"),
        ({"boot": "b", "slots": [{"slot": "0", "serial": "x" * 41, "state": "blank"}]}, "/slots/0/serial"),
        ({"boot": "b", "working": [{"run": "r", "lease": "1"}]}, "/working/0/lease"),
        ({"boot": "b", "page": "http://elsewhere.example/"}, "/page"),
        ({"boot": "b" * 41}, "/boot"),
    ],
)
def test_a_malformed_poll_is_refused_with_its_place(scene: Scene, body: Any, place: str) -> None:
    answer = scene.station.post("/poll", body)
    assert (answer.status_code, answer.json) == (400, {"reason": "malformed", "at": place})


def test_a_body_has_a_limit(scene: Scene) -> None:
    assert scene.station.post("/poll", {"boot": "b", "padding": "x" * 70_000}).status_code == 413


def test_an_idle_poll_writes_nothing(scene: Scene) -> None:
    scene.world.clock.move(seconds=1)  # type: ignore[attr-defined]
    before = row(scene.world, Station, Station.id == scene.station.id).seen_at
    scene.station.poll()
    assert row(scene.world, Station, Station.id == scene.station.id).seen_at == before
    scene.world.clock.move(seconds=5)  # type: ignore[attr-defined]
    scene.station.poll()
    assert row(scene.world, Station, Station.id == scene.station.id).seen_at == scene.world.now()


def test_a_station_that_is_not_heard_of_gets_no_work(scene: Scene) -> None:
    scene.world.clock.move(seconds=16)  # type: ignore[attr-defined]
    with pytest.raises(Faulty) as refused:
        begin_runs(scene.world, scene.clerk, scene.case_id, scene.orders(scene.serials[0]))
    assert refused.value.fields == {"station_1": "token_in_no_slot"}
