"""Status by serial and by bytes, and the verdict whether a certificate may be bound: what a platform is told."""

from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from flask import Flask
from sqlalchemy import update

from app.services.world import World
from models.rulebook.vocabulary import CertificateStatus, RevocationReason
from models.tables import Certificate, Token
from tests.builders.aftercare import Held, plant_held
from tests.builders.bindings import plant_bound
from tests.builders.issuance import plant_scene, row
from tests.builders.platform_calls import Caller, plant_caller
from tests.conftest import START

DER, PEM = "application/pkix-cert", "application/pem-certificate-chain"


@pytest.fixture
def real(world: World, app: Flask) -> Certificate:
    """A certificate that the authority signed; its holder does not have it yet."""
    scene = plant_scene(world, app)
    scene.make(scene.begin()[0])
    return row(world, Certificate)


def examine(caller: Caller, content: bytes, kind: str = DER, **request: Any) -> Any:
    return caller.ask("/certificates/examine", "POST", data=content, content_type=kind, **request)


def change(world: World, held: Held, **columns: Any) -> None:
    with world.writing() as session:
        session.execute(update(Certificate).where(Certificate.id == held.certificate_id).values(**columns))
        session.commit()


def in_pem(der: bytes) -> bytes:
    return x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)


def somebody_elses(name: x509.Name, serial: int = 4711) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(serial)
    built = builder.not_valid_before(START).not_valid_after(START + timedelta(days=9)).sign(key, hashes.SHA256())
    return built.public_bytes(Encoding.DER)


def test_a_good_certificate_is_told_as_it_is_and_may_be_kept_for_a_minute(inspection: Caller, held: Held, world: World) -> None:
    answer = inspection.ask(f"/certificates/{held.serial}")
    told = answer.json
    assert answer.status_code == 200
    assert (told["serial"], told["standing"], told["standing_zh"]) == (held.serial, "good", "有效")
    assert (told["organisation_name"], told["credit_code"]) == ("北京样例贸易有限公司", held.credit_code)
    assert told["reason"] is told["revoked_at"] is None
    assert answer.headers["Cache-Control"] == "private, max-age=60, must-revalidate"
    assert answer.headers["Vary"] == "Authorization"
    again = inspection.ask(f"/certificates/{held.serial}", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    change(world, held, status=CertificateStatus.suspended)
    changed = inspection.ask(f"/certificates/{held.serial}", headers={"If-None-Match": answer.headers["ETag"]})
    assert (changed.status_code, changed.json["standing"]) == (200, "suspended")


@pytest.mark.parametrize(
    ("columns", "standing"),
    [
        ({"status": CertificateStatus.on_hold}, "not_handed_over"),
        ({"status": CertificateStatus.suspended}, "suspended"),
        ({"status": CertificateStatus.revoked, "reason": RevocationReason.superseded}, "revoked"),
        ({"days_gone": 400}, "expired"),
        ({"days_gone": -400}, "not_yet_valid"),
    ],
)
def test_every_standing_has_its_word(app: Flask, world: World, held: Held, columns: dict[str, Any], standing: str) -> None:
    world.clock.move(days=columns.pop("days_gone", 0))
    caller = plant_caller(app, world)
    if columns:
        change(world, held, **columns)
    assert caller.ask(f"/certificates/{held.serial}").json["standing"] == standing


@pytest.mark.parametrize("serial", ["7" * 40, "0", "7A", "7" * 300])
def test_an_unknown_serial_is_not_found(refused: Caller, serial: str) -> None:
    for path in (f"/certificates/{serial}", f"/certificates/{serial}/verdict"):
        answer = refused.ask(path)
        assert (answer.status_code, answer.json["code"]) == (404, "certificate_unknown")


@pytest.mark.parametrize("serial", ["-1", "%00", "x", "é", "%2e%2e", "7%2f7"])
def test_what_cannot_be_a_serial_is_no_address(refused: Caller, serial: str) -> None:
    answer = refused.ask(f"/certificates/{serial}")
    assert (answer.status_code, answer.json["code"]) == (404, "address_unknown")
    assert refused.ask("/certificates/examine").headers["Allow"] == "OPTIONS, POST"


def test_a_certificate_that_was_never_signed_does_not_exist(inspection: Caller, held: Held, world: World) -> None:
    change(world, held, status=CertificateStatus.prepared)
    assert inspection.ask(f"/certificates/{held.serial}").status_code == 404
    assert inspection.ask(f"/certificates/{held.serial}/verdict").status_code == 404


def test_the_same_is_told_by_the_bytes_in_der_and_in_pem(inspection: Caller, real: Certificate) -> None:
    by_serial = inspection.ask(f"/certificates/{real.serial}").json
    chain = in_pem(real.der) + in_pem(inspection.app.extensions["world"].authority.chain()[0])
    for content, kind in (
        (real.der, DER),
        (in_pem(real.der), PEM),
        (chain, PEM),
        (in_pem(real.der).replace(b"\n", b"\r\n"), PEM),
    ):
        answer = examine(inspection, content, kind)
        assert (answer.status_code, answer.json) == (200, by_serial)
        assert answer.headers["Cache-Control"] == "no-store"


def test_strangers_forgeries_and_orphans_are_told_apart(inspection: Caller, real: Certificate, world: World) -> None:
    strange = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "某电子认证机构\n<b>")])
    answer = examine(inspection, somebody_elses(strange))
    assert (answer.status_code, answer.json["code"]) == (422, "other_issuer")
    assert "某电子认证机构<b>" in answer.json["detail_zh"]
    ours = x509.load_der_x509_certificate(world.authority.chain()[0])
    forged = examine(inspection, somebody_elses(ours.subject, int(real.serial, 16)))
    assert (forged.status_code, forged.json["code"]) == (422, "certificate_forged")
    flipped = bytearray(real.der)
    flipped[-1] ^= 1
    assert examine(inspection, bytes(flipped)).json["code"] == "certificate_forged"
    issuing = examine(inspection, world.authority.chain()[0])
    assert issuing.json["code"] == "other_issuer", "the authority itself is the root's"
    with world.writing() as session:
        session.execute(update(Certificate).where(Certificate.id == real.id).values(serial="7777"))
        session.commit()
    orphan = examine(inspection, real.der)
    assert (orphan.status_code, orphan.json["code"]) == (404, "certificate_unknown")


def test_bytes_that_are_no_certificate_are_refused_calmly(inspection: Caller, real: Certificate) -> None:
    der = real.der
    for content in (
        b"",
        b"hello",
        b"\x30\x80",
        b"\x30\x82\xff\xff",
        der[:-1],
        der + b"\x00",
        bytes(len(der)),
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        b"-----BEGIN CERTIFICATE-----\n",
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        somebody_elses(x509.Name([]), 1).replace(b"\x02\x01\x01", b"\x02\x01\xff", 1),  # a negative serial number
    ):
        answer = examine(inspection, content)
        assert (answer.status_code, answer.json["code"]) == (422, "certificate_malformed"), content[:40]
    for cut in range(0, len(der), 7):
        assert examine(inspection, der[:cut] + bytes([der[cut] ^ 0xFF]) + der[cut + 1 :]).status_code in {404, 422}


def test_only_certificates_of_a_certificates_size_are_read(inspection: Caller, real: Certificate) -> None:
    large = examine(inspection, bytes(8 * 1024 + 1))
    assert (large.status_code, large.json["code"]) == (413, "too_large")
    for kind in ("application/json", "text/plain", "multipart/form-data", ""):
        answer = examine(inspection, real.der, kind)
        assert (answer.status_code, answer.json["code"]) == (415, "media_type_unsupported")
    squeezed = examine(inspection, real.der, headers={"Content-Encoding": "gzip"})
    assert squeezed.status_code == 415


def test_the_verdict_says_yes_and_changes_nothing(inspection: Caller, held: Held) -> None:
    answer = inspection.ask(f"/certificates/{held.serial}/verdict")
    assert answer.status_code == 200
    assert (answer.json["may_bind"], answer.json["code"]) == (True, "may_bind")
    assert answer.json["organisation_name"] == "北京样例贸易有限公司"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert inspection.ask("/bindings").json["bindings"] == []


def test_the_verdict_says_no_with_every_reason_clause_and_both_languages(
    inspection: Caller, other: Caller, world: World, held: Held
) -> None:
    change(world, held, status=CertificateStatus.suspended)
    second = plant_held(world)
    with world.writing() as session:
        session.execute(update(Certificate).where(Certificate.id == second.certificate_id).values(applicant_id=held.applicant_id))
        session.execute(update(Token).where(Token.serial == second.token_serial).values(note="样例"))
        session.commit()
    plant_bound(world, inspection.platform, second)
    told = inspection.ask(f"/certificates/{held.serial}/verdict").json
    assert (told["may_bind"], told["code"]) == (False, "suspended")
    assert [reason["code"] for reason in told["reasons"]] == ["suspended", "bound_to_other"]
    assert all(reason["zh"] and reason["en"] and reason["clause"] for reason in told["reasons"])
    assert [reason["code"] for reason in other.ask(f"/certificates/{held.serial}/verdict").json["reasons"]] == ["suspended"]
