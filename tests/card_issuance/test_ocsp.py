"""Questions and answers of status, judged by openssl, cryptography and asn1crypto, none of which shares code with us."""

import json
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from asn1crypto import ocsp as other
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp as judge
from hypothesis import given
from hypothesis import strategies as st

from card_issuance import der, ocsp, profile
from card_issuance.authority import AuthorityRefused, AuthorityUnreachable, Prepared, Standing, StatusAnswer
from card_issuance.authority_founding import signer
from card_issuance.embedded_authority import SOFTHSM, EmbeddedAuthority
from card_issuance.lint import AUTHORITY, Linter
from card_issuance.ocsp import MalformedQuestion, read_question
from card_issuance.responder import LASTS, RENEWED_BEFORE
from tests.builders.orders import an_order, rsa_2048
from tests.card_issuance.openssl import openssl, pem, text_of
from tests.conftest import START

WITHIN = START + timedelta(hours=1)


@pytest.fixture
def copy(authority: EmbeddedAuthority, tmp_path: Path) -> Path:
    return Path(shutil.copytree(authority._directory, tmp_path / "authority"))


@pytest.fixture
def opened(copy: Path) -> Iterator[EmbeddedAuthority]:
    one = EmbeddedAuthority.open(copy)
    yield one
    one.close()


@pytest.fixture(scope="module")
def leaf(authority: EmbeddedAuthority) -> bytes:
    return authority.issue(authority.prepare(an_order()))


def asked_by_openssl(folder: Path, authority: EmbeddedAuthority, *options: str) -> bytes:
    issuing, root = (pem(one) for one in authority.chain())
    (folder / "issuing.pem").write_bytes(issuing)
    (folder / "root.pem").write_bytes(root)
    openssl("ocsp", "-issuer", folder / "issuing.pem", *options, "-reqout", folder / "question.der")
    return (folder / "question.der").read_bytes()


def judged_by_openssl(folder: Path, answer: bytes, *serials: str) -> str:
    (folder / "answer.der").write_bytes(answer)
    asked = [part for serial in serials for part in ("-serial", f"0x{serial}")]
    return openssl(
        "ocsp",
        *("-respin", folder / "answer.der", "-issuer", folder / "issuing.pem", *asked),
        *("-CAfile", folder / "root.pem", "-verify_other", folder / "issuing.pem"),
        # The command compares the times of the answer with the clock on the wall; what they are is asserted.
        *("-attime", str(int(WITHIN.timestamp())), "-no_nonce", "-validity_period", "2000000000"),
    )


def answered(authority: EmbeddedAuthority, question: ocsp.StatusQuestion, **answer) -> bytes:
    answers = [StatusAnswer(asked.certificate_id, **answer) for asked in question.asked]
    return authority.status_response(answers, WITHIN, WITHIN + timedelta(minutes=10), question.nonce)


def question_about(authority: EmbeddedAuthority, serial: int, algorithm=None, nonce: bytes | None = None) -> bytes:
    issuing = x509.load_der_x509_certificate(authority.chain()[0])
    digest = algorithm or hashes.SHA256()
    own = hashes.Hash(digest)
    own.update(issuing.subject.public_bytes())
    key = hashes.Hash(digest)
    info = other.Certificate.load(authority.chain()[0])["tbs_certificate"]["subject_public_key_info"]
    key.update(bytes(info["public_key"].contents[1:]))
    builder = judge.OCSPRequestBuilder().add_certificate_by_hash(own.finalize(), key.finalize(), serial, digest)
    if nonce is not None:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    return builder.build().public_bytes(Encoding.DER)


@pytest.mark.parametrize("digest", ["-sha1", "-sha256", "-sha384", "-sha512"])
def test_openssls_question_is_understood(authority, leaf, tmp_path, digest):
    serial = f"{x509.load_der_x509_certificate(leaf).serial_number:x}"
    read = read_question(asked_by_openssl(tmp_path, authority, digest, "-serial", f"0x{serial}", "-serial", "77"))
    assert [one.serial_if_from(authority.chain()[0]) for one in read.asked] == [serial, "4d"]
    assert read.nonce is not None


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        ({"standing": Standing.good}, ": good"),
        ({"standing": Standing.unknown}, ": unknown"),
        ({"standing": Standing.revoked, "revoked_at": START, "reason": "certificate_hold"}, "Reason: certificateHold"),
        ({"standing": Standing.revoked, "revoked_at": START, "reason": "key_compromise"}, "Reason: keyCompromise"),
        ({"standing": Standing.revoked, "revoked_at": START, "reason": None}, "Revocation Time: Nov 23 01:00:00 2026 GMT"),
    ],
)
def test_openssl_verifies_each_answer_and_reads_what_it_says(authority, leaf, tmp_path, answer, line):
    serial = f"{x509.load_der_x509_certificate(leaf).serial_number:x}"
    question = read_question(asked_by_openssl(tmp_path, authority, "-serial", f"0x{serial}"))
    said = judged_by_openssl(tmp_path, answered(authority, question, **answer), serial)
    assert "Response verify OK" in said
    assert line in said
    assert "Next Update: Nov 23 02:10:00 2026 GMT" in said


def test_an_answer_to_several_questions_says_of_each_what_is_so(authority, tmp_path):
    question = read_question(asked_by_openssl(tmp_path, authority, "-serial", "0x5", "-serial", "0x6"))
    first, second = (one.certificate_id for one in question.asked)
    answers = [StatusAnswer(first, Standing.good), StatusAnswer(second, Standing.revoked, START, "superseded")]
    made = authority.status_response(answers, WITHIN, WITHIN + timedelta(minutes=10), None)
    said = judged_by_openssl(tmp_path, made, "5", "6")
    assert "0x5: good" in said
    assert "0x6: revoked" in said
    assert "Reason: superseded" in said


def test_cryptography_reads_the_same_and_finds_the_nonce(authority, leaf):
    certificate = x509.load_der_x509_certificate(leaf)
    nonce = bytes(range(32))
    question = read_question(question_about(authority, certificate.serial_number, nonce=nonce))
    read = judge.load_der_ocsp_response(answered(authority, question, standing=Standing.good))
    assert read.response_status is judge.OCSPResponseStatus.SUCCESSFUL
    assert read.certificate_status is judge.OCSPCertStatus.GOOD
    assert read.serial_number == certificate.serial_number
    assert (read.this_update_utc, read.next_update_utc) == (WITHIN, WITHIN + timedelta(minutes=10))
    assert read.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == nonce
    (responder,) = read.certificates
    assert read.responder_key_hash == x509.SubjectKeyIdentifier.from_public_key(responder.public_key()).digest
    responder.public_key().verify(read.signature, read.tbs_response_bytes, padding.PKCS1v15(), hashes.SHA256())


def test_the_responders_certificate_may_answer_and_nothing_else(authority):
    responder = authority._responder.at(WITHIN)
    certificate = x509.load_der_x509_certificate(responder.der)
    certificate.verify_directly_issued_by(x509.load_der_x509_certificate(authority.chain()[0]))
    extension = certificate.extensions.get_extension_for_class
    assert list(extension(x509.ExtendedKeyUsage).value) == [x509.ExtendedKeyUsageOID.OCSP_SIGNING]
    assert extension(x509.OCSPNoCheck)
    assert extension(x509.BasicConstraints).value.ca is False
    usage = extension(x509.KeyUsage)
    assert usage.critical
    assert (usage.value.digital_signature, usage.value.content_commitment, usage.value.key_cert_sign) == (True, False, False)
    assert "OCSP Signing" in text_of(responder.der)


def test_the_responders_certificate_passes_the_linter(authority):
    linter = Linter(authority._directory, 20)
    try:
        findings = linter.lint(authority._responder.at(WITHIN).der, AUTHORITY)
    finally:
        linter.close()
    assert [finding for finding in findings if finding.severity not in ("info", "notice")] == []


def test_it_is_renewed_well_before_its_end_and_kept_until_then(opened):
    first = opened._responder.at(WITHIN)
    due = first.not_after - RENEWED_BEFORE
    assert opened._responder.at(due) is first
    second = opened._responder.at(due + timedelta(seconds=1))
    assert second.der != first.der
    assert second.not_after - second.not_before == LASTS
    assert opened._responder.at(due + timedelta(days=1)) is second


def test_another_process_takes_the_certificate_that_lies_there(opened, copy):
    first = opened._responder.at(WITHIN)
    again = EmbeddedAuthority.open(copy)
    try:
        assert again._responder.at(WITHIN).der == first.der
    finally:
        again.close()


def test_while_it_cannot_be_renewed_the_old_one_serves_to_its_end(opened, monkeypatch):
    first = opened._responder.at(WITHIN)

    def unreachable(*_: object) -> bytes:
        raise AuthorityUnreachable("the signer is away")

    monkeypatch.setattr(opened._responder, "_delegate", unreachable)
    assert opened._responder.at(first.not_after - timedelta(seconds=1)).der == first.der
    with pytest.raises(AuthorityUnreachable):
        opened._responder.at(first.not_after)


def test_towards_the_end_of_its_issuer_it_ends_with_it(opened):
    end = x509.load_der_x509_certificate(opened.chain()[0]).not_valid_after_utc
    last = opened._responder.at(end - timedelta(days=3))
    assert last.not_after == end
    assert opened._responder.at(end - timedelta(days=2)) is last
    with pytest.raises(AuthorityUnreachable):
        opened._responder.at(end)


def test_an_authority_founded_without_a_responder_gets_one(copy, tmp_path):
    shutil.rmtree(copy / "ocsp")
    one = EmbeddedAuthority.open(copy)
    try:
        serial = "ab12"
        question = read_question(asked_by_openssl(tmp_path, one, "-serial", f"0x{serial}"))
        assert "Response verify OK" in judged_by_openssl(tmp_path, answered(one, question, standing=Standing.good), serial)
    finally:
        one.close()
    assert (copy / "ocsp").stat().st_mode & 0o077 == 0
    assert json.loads((copy / "ocsp/pin.json").read_text()) != json.loads((copy / "issuing/pin.json").read_text())


def test_a_certificate_for_another_key_is_not_used(opened, copy):
    first = opened._responder.at(WITHIN)
    opened.close()
    (copy / "ocsp/responder.cer").write_bytes(opened.issue(opened.prepare(an_order())))
    again = EmbeddedAuthority.open(copy)
    try:
        made = again._responder.at(WITHIN)
        assert made.key == first.key
        assert made.der != first.der
    finally:
        again.close()


def test_the_responders_certificate_is_no_stray(opened):
    last = max((line.position for line in opened.signed()), default=0)
    opened._responder.at(START + timedelta(days=200))
    assert list(opened.signed(after=last)) == []


def a_responder(authority, **changes):
    issuing = x509.load_der_x509_certificate(authority.chain()[0])
    validity = (START, START + changes.pop("lasts", timedelta(days=30)))
    return profile.responder(issuing, changes.pop("key", rsa_2048().public_key()), validity, profile.new_serial())


@pytest.mark.parametrize(
    "spoil",
    [
        lambda tbs: tbs.replace(der.object_id("1.3.6.1.5.5.7.3.9"), der.object_id("1.3.6.1.5.5.7.3.2")),
        lambda tbs: tbs.replace(b" OCSP", b" EVIL"),
        lambda tbs: tbs.replace(der.bit_string(b"\x80", 7), der.bit_string(b"\x06", 1)),
        lambda tbs: tbs + b"\x05\x00",
        lambda tbs: b"",
    ],
    ids=["another purpose", "another name", "another usage", "something after it", "nothing"],
)
def test_the_issuing_key_signs_no_other_certificate_as_a_responders(authority, spoil):
    right = a_responder(authority)
    assert spoil(right) != right
    with pytest.raises(AuthorityRefused):
        authority._delegate(spoil(right), "1234")


def test_the_issuing_key_signs_no_lasting_responder(authority):
    with pytest.raises(AuthorityRefused):
        authority._delegate(a_responder(authority, lasts=timedelta(days=46)), "1234")
    with pytest.raises(AuthorityRefused):
        authority._delegate(authority.prepare(an_order()).to_be_signed, "1234")


def test_a_stored_intent_cannot_become_a_responder(authority):
    prepared = authority.prepare(an_order())
    changed = prepared.to_be_signed.replace(der.object_id("1.3.6.1.5.5.7.3.2"), der.object_id("1.3.6.1.5.5.7.3.9"))
    assert changed != prepared.to_be_signed
    with pytest.raises(AuthorityRefused, match="other purposes"):
        authority.issue(Prepared(prepared.transaction, prepared.serial, changed, []))


def test_the_responders_key_signs_neither_certificate_nor_list(authority):
    child = signer(authority._directory, "ocsp", SOFTHSM, 20)
    try:
        from card_issuance.lasting_child import ChildFault
        from card_issuance.revocation_list import revocation_list

        issuer = profile.Issuer.of(x509.load_der_x509_certificate(authority.chain()[0]))
        listed = revocation_list(issuer, 1, START, WITHIN, [])
        for unsuitable in (authority.prepare(an_order()).to_be_signed, listed, b"", a_responder(authority)):
            with pytest.raises(ChildFault) as refused:
                child.ask("sign", unsuitable)
            assert refused.value.code == "no_answer"
        with pytest.raises(ChildFault):
            child.ask("issue", a_responder(authority), transaction="ab", serial="12")
    finally:
        child.close()


def test_the_certificate_of_another_issuer_is_not_ours(authority):
    asked = read_question(question_about(authority, 5)).asked[0]
    assert asked.serial_if_from(authority.chain()[0]) == "5"
    assert asked.serial_if_from(authority.chain()[1]) is None


@pytest.mark.parametrize("size", [1, 16, 32, 128])
def test_a_nonce_of_allowed_length_comes_back(authority, size):
    question = read_question(question_about(authority, 5, nonce=b"n" * size))
    read = other.OCSPResponse.load(answered(authority, question, standing=Standing.good))
    assert read.basic_ocsp_response["tbs_response_data"]["response_extensions"][0]["extn_value"].parsed.native == b"n" * size


@pytest.mark.parametrize("size", [0, 129])
def test_a_nonce_of_another_length_is_malformed(authority, size):
    with pytest.raises(MalformedQuestion):
        read_question(question_about(authority, 5, nonce=b"n" * size))


def test_a_critical_extension_that_is_not_understood_is_malformed(authority):
    right = other.OCSPRequest.load(question_about(authority, 5))
    right["tbs_request"]["request_extensions"] = [
        {"extn_id": "1.3.6.1.5.5.7.48.1.4", "critical": True, "extn_value": other.AcceptableResponses(["basic_ocsp_response"])}
    ]
    with pytest.raises(MalformedQuestion, match="critical"):
        read_question(right.dump())
    right["tbs_request"]["request_extensions"][0]["critical"] = False
    assert read_question(right.dump()).asked[0].serial == 5


@given(st.binary(max_size=80))
def test_noise_is_malformed_and_nothing_worse(data):
    with pytest.raises(MalformedQuestion):
        read_question(data)


def test_no_question_that_was_cut_off_or_changed_does_any_harm(authority):
    right = question_about(authority, 0x1234567890, nonce=bytes(32))
    for end in range(len(right)):
        with pytest.raises(MalformedQuestion):
            read_question(right[:end])
    for place in range(len(right)):
        for flip in (0x01, 0x80, 0xFF):
            changed = bytearray(right)
            changed[place] ^= flip
            try:
                read = read_question(bytes(changed))
            except MalformedQuestion:
                continue
            read.asked[0].serial_if_from(authority.chain()[0])


@pytest.mark.parametrize("why", list(ocsp.Refused))
def test_refusals_are_read_as_what_they_are(why):
    assert judge.load_der_ocsp_response(ocsp.refusal(why)).response_status.value == why
