"""What relying parties fetch: the list follows every change of status at once, and is never older than it says."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask

from app.services.cancel_run import cancel_run
from app.services.publish_crl import RENEW_BEFORE, VALIDITY, publish_crl
from app.services.world import World
from card_issuance.authority import Authority
from models.tables import Certificate
from tests.builders.clients import OfficeClient
from tests.builders.issuance import Scene, hand_all_over, plant_scene, row


@pytest.fixture
def scene(world: World, app: Flask) -> Scene:
    return plant_scene(world, app)


def fetched(stranger: OfficeClient) -> x509.CertificateRevocationList:
    answer = stranger.get("/crl/issuing.crl")
    assert (answer.status_code, answer.mimetype) == (200, "application/pkix-crl")
    return x509.load_der_x509_crl(answer.data)


def number_of(crl: x509.CertificateRevocationList) -> int:
    return crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


def reason_of(crl: x509.CertificateRevocationList, serial: str) -> x509.ReasonFlags | None:
    entry = crl.get_revoked_certificate_by_serial_number(int(serial, 16))
    return entry.extensions.get_extension_for_class(x509.CRLReason).value.reason if entry else None


def test_a_certificate_is_on_hold_until_its_token_is_handed_over(scene: Scene, stranger: OfficeClient) -> None:
    number = scene.make(scene.begin()[0])
    serial = row(scene.world, Certificate).serial
    before = fetched(stranger)
    assert reason_of(before, serial) is x509.ReasonFlags.certificate_hold
    hand_all_over(scene, [(scene.serials[0], number)])
    after = fetched(stranger)
    assert after.get_revoked_certificate_by_serial_number(int(serial, 16)) is None
    assert number_of(after) > number_of(before)


def test_a_cancelled_runs_certificate_is_revoked_for_good(scene: Scene, stranger: OfficeClient) -> None:
    job = scene.begin()[0]
    scene.station.perform(job)
    run = scene.run(job)
    cancel_run(scene.world, scene.clerk, run.id, run.version, "介质损坏")
    serial = row(scene.world, Certificate).serial
    assert reason_of(fetched(stranger), serial) is x509.ReasonFlags.cessation_of_operation


def test_the_list_and_the_certificates_verify_under_the_chain(stranger: OfficeClient) -> None:
    root = x509.load_der_x509_certificate(stranger.get("/authority/root.cer").data)
    issuing = x509.load_der_x509_certificate(stranger.get("/authority/issuing.cer").data)
    issuing.verify_directly_issued_by(root)
    root.verify_directly_issued_by(root)
    key = issuing.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey) or hasattr(key, "verify")
    assert fetched(stranger).is_signature_valid(key)  # type: ignore[arg-type]


def test_a_cache_may_ask_whether_it_changed(stranger: OfficeClient) -> None:
    first = stranger.get("/crl/issuing.crl")
    assert first.headers["Cache-Control"] == "public, max-age=60"
    assert stranger.get("/crl/issuing.crl", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert stranger.get("/crl/issuing.crl", headers={"If-Modified-Since": first.headers["Last-Modified"]}).status_code == 304


def test_nothing_is_signed_anew_until_it_must_be(world: World, stranger: OfficeClient) -> None:
    first = number_of(fetched(stranger))
    assert publish_crl(world)
    assert number_of(fetched(stranger)) == first
    world.clock.move(VALIDITY - RENEW_BEFORE + timedelta(seconds=1))  # type: ignore[attr-defined]
    assert publish_crl(world)
    assert number_of(fetched(stranger)) == first + 1


def test_the_issuing_certificate_is_that_of_the_authority(stranger: OfficeClient, authority: Authority) -> None:
    assert stranger.get("/authority/issuing.cer").data == authority.chain()[0]
    assert stranger.get("/authority/issuing.cer").mimetype == "application/pkix-cert"
    assert stranger.get("/authority/other.cer").status_code == 404
