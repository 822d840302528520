"""A relying party's view of the responder: what openssl and cryptography are told as a certificate goes its way."""

import shutil
import subprocess
import threading
from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp as judge
from flask import Flask
from werkzeug.serving import make_server

from app.api import ocsp as room
from app.api.rate import Buckets
from app.services.world import World
from card_issuance.authority import AuthorityUnreachable
from models.rulebook.vocabulary import CertificateStatus, RevocationReason
from models.tables import Certificate, StrayCertificate
from tests.builders.clients import OfficeClient
from tests.builders.issuance import Scene, hand_all_over, plant_scene, row
from tests.card_issuance.openssl import openssl, pem


@pytest.fixture
def scene(world: World, app: Flask) -> Scene:
    return plant_scene(world, app)


@pytest.fixture
def made(scene: Scene) -> tuple[Scene, x509.Certificate, str]:
    """A certificate on hold, and its envelope's number."""
    number = scene.make(scene.begin()[0])
    der = row(scene.world, Certificate).der
    assert der is not None
    return scene, x509.load_der_x509_certificate(der), number


def question(world: World, certificate: x509.Certificate, nonce: bytes | None = None, algorithm=hashes.SHA1) -> bytes:
    issuing = x509.load_der_x509_certificate(world.authority.chain()[0])
    builder = judge.OCSPRequestBuilder().add_certificate(certificate, issuing, algorithm())
    if nonce is not None:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    return builder.build().public_bytes(Encoding.DER)


def ask(stranger: OfficeClient, asked: bytes) -> judge.OCSPResponse:
    answer = stranger.post("/ocsp", data=asked, content_type="application/ocsp-request", csrf=False)
    assert (answer.status_code, answer.mimetype) == (200, "application/ocsp-response")
    assert answer.headers["Cache-Control"] == "no-store"
    return judge.load_der_ocsp_response(answer.data)


def change(world: World, **columns) -> None:
    with world.writing() as session:
        certificate = session.query(Certificate).one()
        for name, value in columns.items():
            setattr(certificate, name, value)
        session.commit()


@pytest.mark.parametrize("algorithm", [hashes.SHA1, hashes.SHA256])
def test_on_hold_until_it_is_handed_over_and_good_from_that_moment(made, stranger, algorithm):
    scene, certificate, number = made
    asked = question(scene.world, certificate, algorithm=algorithm)
    before = ask(stranger, asked)
    assert before.certificate_status is judge.OCSPCertStatus.REVOKED
    assert before.revocation_reason is x509.ReasonFlags.certificate_hold
    hand_all_over(scene, [(scene.serials[0], number)])
    after = ask(stranger, asked)
    assert after.certificate_status is judge.OCSPCertStatus.GOOD
    assert after.this_update_utc == scene.world.now()


def test_a_suspended_and_a_revoked_one_are_told_since_when_and_why(made, stranger):
    scene, certificate, _ = made
    since = scene.world.now() - timedelta(minutes=3)
    change(scene.world, status=CertificateStatus.suspended, status_since=since)
    suspended = ask(stranger, question(scene.world, certificate))
    assert (suspended.revocation_reason, suspended.revocation_time_utc) == (x509.ReasonFlags.certificate_hold, since)
    reason = RevocationReason.key_compromise
    change(scene.world, status=CertificateStatus.revoked, revoked_at=since, reason=reason)
    revoked = ask(stranger, question(scene.world, certificate))
    assert (revoked.revocation_reason, revoked.revocation_time_utc) == (x509.ReasonFlags.key_compromise, since)


def test_what_is_only_prepared_is_not_known(made, stranger):
    scene, certificate, _ = made
    change(scene.world, status=CertificateStatus.prepared)
    assert ask(stranger, question(scene.world, certificate)).certificate_status is judge.OCSPCertStatus.UNKNOWN


def test_a_stray_is_revoked(made, stranger):
    scene, certificate, _ = made
    serial, now = f"{certificate.serial_number:x}", scene.world.now()
    change(scene.world, serial="1")
    with scene.world.writing() as session:
        session.add(StrayCertificate(serial=serial, transaction="ab", signed_at=now, found_at=now))
        session.commit()
    answer = ask(stranger, question(scene.world, certificate))
    assert answer.certificate_status is judge.OCSPCertStatus.REVOKED
    assert answer.revocation_reason is None


def test_the_nonce_comes_back(made, stranger):
    scene, certificate, _ = made
    nonce = bytes(range(32))
    answer = ask(stranger, question(scene.world, certificate, nonce))
    assert answer.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == nonce


def fetch(stranger: OfficeClient, asked: bytes, **headers: str):
    return stranger.get("/ocsp/" + quote(b64encode(asked).decode(), safe=""), headers=headers)


def test_an_answer_to_get_may_be_cached_for_a_minute(made, stranger):
    scene, certificate, _ = made
    answer = fetch(stranger, question(scene.world, certificate))
    assert judge.load_der_ocsp_response(answer.data).certificate_status is judge.OCSPCertStatus.REVOKED
    kept = answer.headers["Cache-Control"]
    assert all(part in kept for part in ("max-age=60", "public", "no-transform", "must-revalidate"))
    assert answer.last_modified == scene.world.now()
    assert answer.expires == scene.world.now() + timedelta(minutes=10)
    assert fetch(stranger, question(scene.world, certificate), **{"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_an_answer_with_a_nonce_is_for_nobody_else(made, stranger):
    scene, certificate, _ = made
    answer = fetch(stranger, question(scene.world, certificate, bytes(16)))
    assert judge.load_der_ocsp_response(answer.data).response_status is judge.OCSPResponseStatus.SUCCESSFUL
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("safe", ["", "/+="])
def test_slashes_in_the_base64_stay(world, stranger, safe):
    """Two in a row too, which a web server likes to make one of."""
    issuing = x509.load_der_x509_certificate(world.authority.chain()[0])
    digest = b"\xff" * 20  # /////// in base64
    builder = judge.OCSPRequestBuilder().add_certificate_by_hash(digest, digest, 5, hashes.SHA1())  # noqa: S303 - as clients do
    asked = builder.build().public_bytes(Encoding.DER)
    assert "//" in b64encode(asked).decode()
    answer = stranger.get("/ocsp/" + quote(b64encode(asked).decode(), safe=safe))
    assert answer.status_code == 200
    assert judge.load_der_ocsp_response(answer.data).certificate_status is judge.OCSPCertStatus.UNKNOWN
    assert issuing.serial_number != 5


def test_no_question_gets_the_answer_that_it_is_malformed(stranger):
    assert ask(stranger, b"0\x03\x02\x01\x00").response_status is judge.OCSPResponseStatus.MALFORMED_REQUEST
    assert ask(stranger, b"").response_status is judge.OCSPResponseStatus.MALFORMED_REQUEST
    for path in ("%21", "MAo", "A" * 5, "A" * 20_000):
        answer = stranger.get(f"/ocsp/{path}")
        assert judge.load_der_ocsp_response(answer.data).response_status is judge.OCSPResponseStatus.MALFORMED_REQUEST
        assert answer.headers["Cache-Control"] == "no-store"


def test_what_is_too_large_or_another_kind_is_not_read(stranger):
    large = stranger.post("/ocsp", data=b"0" * 8193, content_type="application/ocsp-request", csrf=False)
    assert large.status_code == 413
    assert stranger.post("/ocsp", data=b"0", content_type="text/plain", csrf=False).status_code == 415
    assert stranger.get("/ocsp").status_code == 405


def test_whoever_asks_too_often_is_asked_to_come_later(app, stranger):
    app.extensions["ocsp_buckets"] = Buckets(1, 0.1)
    ask(stranger, b"")
    answer = stranger.post("/ocsp", data=b"", content_type="application/ocsp-request", csrf=False)
    assert judge.load_der_ocsp_response(answer.data).response_status is judge.OCSPResponseStatus.TRY_LATER
    assert int(answer.headers["Retry-After"]) > 0


def test_an_authority_that_gives_no_answer_means_later(made, stranger, monkeypatch):
    scene, certificate, _ = made

    def unreachable(*_: object) -> bytes:
        raise AuthorityUnreachable("away")

    monkeypatch.setattr(type(scene.world.authority), "status_response", unreachable)
    assert ask(stranger, question(scene.world, certificate)).response_status is judge.OCSPResponseStatus.TRY_LATER


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}{'/ocsp'}"
    server.shutdown()
    thread.join()


def asked_over_the_wire(folder: Path, world: World, address: str, *serials: str, options: tuple[str, ...] = ()) -> str:
    issuing, root = (pem(one) for one in world.authority.chain())
    (folder / "issuing.pem").write_bytes(issuing)
    (folder / "root.pem").write_bytes(root)
    asked = [part for serial in serials for part in ("-serial", f"0x{serial}")]
    return openssl(
        "ocsp",
        *("-url", address, "-issuer", folder / "issuing.pem", *options, *asked),
        *("-CAfile", folder / "root.pem", "-verify_other", folder / "issuing.pem"),
        *("-attime", str(int(world.now().timestamp())), "-validity_period", "2000000000"),
    )


def test_openssl_asks_over_the_wire_with_a_nonce_about_several_at_once(made, address, tmp_path):
    scene, certificate, number = made
    serial = f"{certificate.serial_number:x}"
    said = asked_over_the_wire(tmp_path, scene.world, address, serial, "abcdef")
    assert "Response verify OK" in said
    assert "no nonce in response" not in said
    assert f"0x{serial}: revoked" in said
    assert "certificateHold" in said
    assert "0xabcdef: unknown" in said
    hand_all_over(scene, [(scene.serials[0], number)])
    assert f"0x{serial}: good" in asked_over_the_wire(tmp_path, scene.world, address, serial, options=("-sha256",))


def test_the_certificate_itself_says_where_to_ask(made, stranger):
    scene, certificate, _ = made
    access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    asked_at = [one.access_location.value for one in access if one.access_method == x509.AuthorityInformationAccessOID.OCSP]
    assert asked_at == [scene.world.public_url + "/ocsp"]


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl")
def test_a_real_server_takes_the_question_in_the_path(made, address, tmp_path):
    scene, certificate, _ = made
    path = quote(b64encode(question(scene.world, certificate)).decode(), safe="")
    done = subprocess.run(["curl", "-sS", "--fail", f"{address}/{path}"], capture_output=True, check=True, timeout=20)
    assert judge.load_der_ocsp_response(done.stdout).certificate_status is judge.OCSPCertStatus.REVOKED
    assert room.AGE == 60
