import json
import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtensionOID, NameOID

from card_issuance import profile
from card_issuance.authority import AuthorityRefused, Finding, Prepared, RevokedEntry
from card_issuance.embedded_authority import AuthorityDamaged, EmbeddedAuthority
from tests.builders.orders import an_order, p_256, rsa_2048
from tests.card_issuance.openssl import openssl, text_of, verdict
from tests.conftest import START

WITHIN = START + timedelta(days=1)


@pytest.fixture
def copy(authority: EmbeddedAuthority, tmp_path: Path) -> Path:
    """The directory of an authority that may be damaged."""
    return Path(shutil.copytree(authority._directory, tmp_path / "authority"))


@pytest.mark.parametrize("key", [rsa_2048, p_256], ids=["rsa_2048", "p_256"])
def test_openssl_verifies_an_issued_certificate_against_chain_and_list(authority, key, tmp_path):
    der = authority.issue(authority.prepare(an_order(key())))
    crl = authority.revocation_list(1, START, START + timedelta(days=2), [])
    assert verdict(tmp_path, der, authority.chain(), WITHIN, crl).strip().endswith("leaf.pem: OK")


@pytest.mark.parametrize("reason", ["certificate_hold", "key_compromise", None])
def test_openssl_rejects_a_certificate_on_the_list(authority, reason, tmp_path):
    prepared = authority.prepare(an_order())
    der = authority.issue(prepared)
    crl = authority.revocation_list(2, START, START + timedelta(days=2), [RevokedEntry(prepared.serial, START, reason)])
    with pytest.raises(subprocess.CalledProcessError) as refused:
        verdict(tmp_path, der, authority.chain(), WITHIN, crl)
    assert "certificate revoked" in refused.value.output


def test_openssl_rejects_the_chain_of_another_authority(authority, tmp_path):
    with_other = EmbeddedAuthority.create(tmp_path / "other", START)
    try:
        der = authority.issue(authority.prepare(an_order()))
        with pytest.raises(subprocess.CalledProcessError) as refused:
            verdict(tmp_path, der, with_other.chain(), WITHIN)
        assert with_other.name != authority.name
    finally:
        with_other.close()
    assert "unable to get local issuer certificate" in refused.value.output


def test_the_certificate_says_what_the_profile_promises(authority):
    order = an_order()
    said = text_of(authority.issue(authority.prepare(order)))
    for line in (
        "Subject: C=CN, O=北京样例贸易有限公司, organizationIdentifier=NTRCN-91110105MA01ABCD7X, CN=北京样例贸易有限公司",
        "Signature Algorithm: sha256WithRSAEncryption",
        "Not Before: Nov 23 01:00:00 2026 GMT",
        "Not After : Nov 23 01:00:00 2027 GMT",
        "X509v3 Key Usage: critical\n                Digital Signature, Non Repudiation",
        "X509v3 Basic Constraints: critical\n                CA:FALSE",
        "X509v3 Extended Key Usage: \n                TLS Web Client Authentication",
        "Policy: 1.3.6.1.4.1.32473.1.1",
        "URI:http://crl.example.com/crl/issuing.crl",
        "CA Issuers - URI:http://crl.example.com/authority/issuing.cer",
        "OCSP - URI:http://crl.example.com/ocsp",
    ):
        assert line in said
    assert "qcStatements" not in said


def test_key_identifiers_link_certificate_and_issuer(authority):
    leaf = x509.load_der_x509_certificate(authority.issue(authority.prepare(an_order())))
    issuing = x509.load_der_x509_certificate(authority.chain()[0])
    own = leaf.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    assert own == x509.SubjectKeyIdentifier.from_public_key(rsa_2048().public_key())
    by = leaf.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    assert by == issuing.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest


def test_the_signed_certificate_is_the_prepared_bytes_and_nothing_else(authority):
    prepared = authority.prepare(an_order())
    certificate = x509.load_der_x509_certificate(authority.issue(prepared))
    assert certificate.tbs_certificate_bytes == prepared.to_be_signed
    assert f"{certificate.serial_number:x}" == prepared.serial


def test_issuing_twice_gives_the_same_certificate(authority):
    prepared = authority.prepare(an_order())
    assert authority.issue(prepared) == authority.issue(prepared)


def test_preparing_signs_nothing(authority):
    before = len(list(authority.signed()))
    authority.prepare(an_order())
    assert len(list(authority.signed())) == before


def test_every_signature_is_on_record_once(authority):
    last = max((line.position for line in authority.signed()), default=0)
    prepared = authority.prepare(an_order())
    authority.issue(prepared)
    authority.issue(prepared)
    (line,) = authority.signed(after=last)
    assert (line.transaction, line.serial) == (prepared.transaction, prepared.serial)
    assert line.digest == sha256(prepared.to_be_signed).hexdigest()


def test_a_transaction_never_gets_a_second_certificate(authority):
    order = an_order()
    first, second = authority.prepare(order), authority.prepare(order)
    authority.issue(first)
    with pytest.raises(AuthorityRefused) as refused:
        authority.issue(second)
    assert [finding.code for finding in refused.value.findings] == ["authority.already_signed"]


def test_serials_are_long_random_and_positive(authority):
    serials = [int(authority.prepare(an_order()).serial, 16) for _ in range(20)]
    assert len(set(serials)) == 20
    assert all(serial.bit_length() == 159 for serial in serials)


def test_a_long_name_stands_whole_in_the_certificate(authority, tmp_path):
    name = "北京样例科技发展有限责任公司" * 8 + "朝阳分公司"
    assert len(name) == 117
    der = authority.issue(authority.prepare(an_order(organisation_name=name)))
    assert f"O={name}, organizationIdentifier=NTRCN-91110105MA01ABCD7X, CN={name}" in text_of(der)
    assert "OK" in verdict(tmp_path, der, authority.chain(), WITHIN)


def test_lint_findings_are_kept_and_errors_refuse(authority):
    kept = authority.prepare(an_order()).lint
    assert kept
    assert not {"error", "fatal"} & {finding["severity"] for finding in kept}
    with pytest.raises(AuthorityRefused) as refused:
        authority.prepare(an_order(crl_url="http://no host/"))
    assert all(finding.refuses for finding in refused.value.findings)


def test_what_only_the_linter_sees_refuses_too(authority, monkeypatch):
    """The profile's own examination is switched off, so that the linter alone stands in the way."""
    monkeypatch.setattr(profile, "faults", lambda order, issuer: [])
    with pytest.raises(AuthorityRefused) as refused:
        authority.prepare(an_order(crl_url="https://crl.example.com/list"))
    (finding,) = refused.value.findings
    assert finding.code == "etsi.en_319_412_2.gen-4.3.11-4.http_or_ldap_crldp_distribution_point_uri_missing"


def an_authority_certificate(authority: EmbeddedAuthority) -> Prepared:
    serial = profile.new_serial()
    name = profile.authority_name("样例", "样例")
    order = an_order()
    key = rsa_2048().public_key()
    to_be_signed = profile.issuing_authority(name, key, (START, order.not_after), serial, authority._issuer)
    return Prepared(order.transaction, f"{serial:x}", to_be_signed, [])


@pytest.mark.parametrize(
    "tampered",
    [
        an_authority_certificate,
        lambda authority: replace(authority.prepare(an_order()), serial="1234"),
        lambda authority: replace(authority.prepare(an_order()), to_be_signed=b"\x30\x03\x02\x01\x01"),
        lambda authority: replace(authority.prepare(an_order()), to_be_signed=b""),
        lambda authority: (p := authority.prepare(an_order())) and replace(p, to_be_signed=p.to_be_signed + b"\x05\x00"),
    ],
    ids=["an authority", "another serial", "no certificate", "nothing", "trailing bytes"],
)
def test_a_tampered_intent_is_refused_and_not_recorded(authority, tampered):
    prepared = tampered(authority)
    before = len(list(authority.signed()))
    with pytest.raises(AuthorityRefused) as refused:
        authority.issue(prepared)
    assert {finding.code for finding in refused.value.findings} == {"profile.not_prepared_here"}
    assert len(list(authority.signed())) == before


def test_the_signer_signs_no_certificate_outside_the_record(authority):
    to_be_signed = authority.prepare(an_order()).to_be_signed
    with pytest.raises(AuthorityRefused) as refused:
        authority._ask("sign", to_be_signed)
    assert [finding.code for finding in refused.value.findings] == ["authority.no_list"]


def test_many_threads_are_served(authority):
    orders = [an_order(p_256()) for _ in range(60)]
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda order: authority.issue(authority.prepare(order)), orders))
    assert len({x509.load_der_x509_certificate(der).serial_number for der in made}) == 60


def test_two_offices_may_use_one_authority(authority):
    """Two server processes on one machine: each has a signer of its own on the same token and record."""
    second = EmbeddedAuthority.open(authority._directory)
    try:
        pairs = [(one, one.prepare(an_order())) for one in [authority, second] * 20]
        with ThreadPoolExecutor(4) as threads:
            made = list(threads.map(lambda pair: pair[0].issue(pair[1]), pairs))
        assert [second.issue(prepared) for _, prepared in pairs] == made
    finally:
        second.close()


def test_a_forked_process_gets_children_of_its_own(authority):
    prepared = authority.prepare(an_order())
    mine = authority._signer.pid
    child = os.fork()
    if child == 0:
        os._exit(0 if authority.issue(prepared) and authority._signer.pid not in (None, mine) else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert authority._signer.pid == mine
    authority.issue(prepared)


def test_the_chain_is_the_issuing_authority_under_a_stronger_root(authority):
    issuing, root = (x509.load_der_x509_certificate(der) for der in authority.chain())
    assert (issuing.public_key().key_size, root.public_key().key_size) == (2048, 3072)
    root.verify_directly_issued_by(root)
    limits = issuing.extensions.get_extension_for_class(x509.BasicConstraints)
    assert limits.critical
    assert (limits.value.ca, limits.value.path_length) == (True, 0)
    assert issuing.not_valid_after_utc - issuing.not_valid_before_utc > timedelta(days=5 * 365)
    assert authority.name == issuing.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value


def test_the_issuing_key_cannot_be_taken_out_of_its_token(authority):
    """pkcs11-tool, an independent reader, is told the PIN by the environment and shown the key's attributes."""
    folder = authority._directory / "issuing"
    pin = json.loads((folder / "pin.json").read_text())["user"]
    listed = subprocess.run(
        ["pkcs11-tool", "--module", "/usr/lib/softhsm/libsofthsm2.so", "--login", "--pin", "env:PIN", "-O"],
        cwd=folder,
        env={**os.environ, "SOFTHSM2_CONF": str(folder / "softhsm2.conf"), "PIN": pin},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    private = listed[listed.index("Private Key Object; RSA") :].split("Object;")[1]
    assert "sensitive, always sensitive, never extractable, local" in private
    assert "Usage:      sign\n" in private.replace("sign, ", "sign")


def test_secrets_are_open_to_their_owner_only(authority):
    directory = authority._directory
    assert directory.stat().st_mode & 0o777 == 0o700
    for role in ("root", "issuing"):
        assert (directory / role).stat().st_mode & 0o777 == 0o700
        assert (directory / role / "pin.json").stat().st_mode & 0o777 == 0o600
    assert (directory / "record.sqlite").stat().st_mode & 0o777 == 0o600


def test_the_authority_works_without_its_root_and_from_another_place(copy):
    shutil.rmtree(copy / "root")
    moved = copy.rename(copy.parent / "moved")
    authority = EmbeddedAuthority.open(moved)
    try:
        assert authority.issue(authority.prepare(an_order()))
    finally:
        authority.close()


def test_an_open_directory_is_refused(copy):
    copy.chmod(0o750)
    with pytest.raises(AuthorityDamaged, match="chmod 700"):
        EmbeddedAuthority.open(copy)


def test_a_pin_file_open_to_others_is_refused(copy):
    (copy / "issuing" / "pin.json").chmod(0o640)
    with pytest.raises(AuthorityDamaged, match="chmod 600"):
        EmbeddedAuthority.open(copy)


@pytest.mark.parametrize("lost", ["issuing.cer", "root.cer", "record.sqlite", "issuing/pin.json", "issuing/tokens"])
def test_an_authority_that_lost_a_part_is_not_made_anew(copy, lost):
    path = copy / lost
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    with pytest.raises(AuthorityDamaged):
        EmbeddedAuthority.open_or_create(copy, START)
    assert not path.exists()


def test_a_certificate_that_does_not_belong_to_the_key_is_refused(copy, tmp_path):
    other = EmbeddedAuthority.create(tmp_path / "other", START)
    other.close()
    for file in ("issuing.cer", "root.cer"):
        shutil.copy(tmp_path / "other" / file, copy / file)
    with pytest.raises(AuthorityDamaged, match="does not hold"):
        EmbeddedAuthority.open(copy)


def test_it_is_no_twin(authority):
    assert authority.is_twin is False


def test_refusals_read_as_sentences():
    refused = AuthorityRefused([Finding("profile.a", "error", "subject", "One."), Finding("profile.b", "error", "x", "")])
    assert str(refused) == "profile.a: One.; profile.b"


def test_openssl_reads_the_revocation_list(authority, tmp_path):
    entries = [RevokedEntry("5a", START, "superseded"), RevokedEntry("7f00", START, "certificate_hold")]
    crl = authority.revocation_list(258, START, START + timedelta(hours=24), entries)
    (tmp_path / "issuing.pem").write_text(openssl("x509", "-inform", "DER", given=authority.chain()[0]))
    said = openssl("crl", "-inform", "DER", "-noout", "-text", "-CAfile", tmp_path / "issuing.pem", given=crl)
    for line in ("verify OK", "Version 2", "CRL Number: \n                258", "Certificate Hold", "Superseded"):
        assert line in said
    assert "Last Update: Nov 23 01:00:00 2026 GMT" in said
    assert "Next Update: Nov 24 01:00:00 2026 GMT" in said


def test_a_forged_signature_is_noticed(authority, monkeypatch):
    prepared = authority.prepare(an_order())
    monkeypatch.setattr(authority._signer, "ask", lambda *a, **k: ({}, bytes(256)))
    with pytest.raises(Exception, match="does not verify"):
        authority.issue(prepared)


def test_extensions_stand_once_and_with_the_right_criticality(authority):
    leaf = x509.load_der_x509_certificate(authority.issue(authority.prepare(an_order())))
    critical = {extension.oid for extension in leaf.extensions if extension.critical}
    assert critical == {ExtensionOID.KEY_USAGE, ExtensionOID.BASIC_CONSTRAINTS}
    assert len(leaf.extensions) == 8
    assert isinstance(leaf.signature_hash_algorithm, hashes.SHA256)
    assert isinstance(leaf.public_key(), rsa.RSAPublicKey | ec.EllipticCurvePublicKey)
