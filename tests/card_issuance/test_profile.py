from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa

from card_issuance import der, profile
from card_issuance.public_key import spki_of
from tests.builders.orders import an_order, p_256
from tests.card_issuance.openssl import text_of
from tests.conftest import START

NAIVE = START.replace(tzinfo=None)


@pytest.fixture(scope="module")
def issuer(authority):
    return profile.Issuer.of(x509.load_der_x509_certificate(authority.chain()[0]))


def codes(order, issuer) -> set[str]:
    return {finding.code.removeprefix("profile.") for finding in profile.faults(order, issuer)}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"credit_code": "12345678X"},
        {"organisation_name": "样"},
        {"organisation_name": "北京样例（集团）有限公司·第一分公司 Sample & Co. №7"},
        {"organisation_name": "𠮷野样例商行"},  # beyond the Basic Multilingual Plane
        {"organisation_name": "样" * 120},
        {"not_after": START + timedelta(days=456)},
        {"issuer_url": "https://crl.example.com/authority/issuing.cer"},
    ],
)
def test_what_a_counter_meets_is_in_order(issuer, changes):
    assert codes(an_order(**changes), issuer) == set()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"organisation_name": ""}, "name_blank"),
        ({"organisation_name": " 样例"}, "name_blank"),
        ({"organisation_name": "样例\u3000"}, "name_blank"),
        ({"organisation_name": "样" * 121}, "name_too_long"),
        ({"organisation_name": "样\n例"}, "name_characters"),
        ({"organisation_name": "样\x00例"}, "name_characters"),
        ({"organisation_name": "样\u202e例"}, "name_characters"),
        ({"organisation_name": "样\u200b例"}, "name_characters"),
        ({"organisation_name": "样\ue000例"}, "name_characters"),
        ({"organisation_name": "样\ud800例"}, "name_characters"),
        ({"credit_code": "91110105ma01abcd7x"}, "credit_code"),
        ({"credit_code": "91110105MA01ABCD7"}, "credit_code"),
        ({"credit_code": "91110105MA01ABCD7XX"}, "credit_code"),
        ({"credit_code": "91110105MA01ABCDIO"}, "credit_code"),
        ({"credit_code": "12345678-9"}, "credit_code"),
        ({"credit_code": "91110105MA01ABCD7X\n"}, "credit_code"),
        ({"transaction": ""}, "transaction"),
        ({"transaction": "../../etc"}, "transaction"),
        ({"crl_url": "https://crl.example.com/list"}, "crl_url"),
        ({"crl_url": "http://crl.example.com/a b"}, "crl_url"),
        ({"crl_url": "http://例.cn/list"}, "crl_url"),
        ({"issuer_url": "ftp://crl.example.com/x"}, "issuer_url"),
        ({"ocsp_url": "https://crl.example.com/ocsp"}, "ocsp_url"),
        ({"not_after": START}, "validity_order"),
        ({"not_after": START - timedelta(days=1)}, "validity_order"),
        ({"not_after": START + timedelta(days=457)}, "validity_too_long"),
        ({"not_before": START - timedelta(hours=2)}, "before_issuer"),
        ({"not_before": NAIVE}, "validity_naive"),
        ({"public_key": b"no key"}, "public_key.key_unreadable"),
        ({"public_key": spki_of(rsa.generate_private_key(3, 2048).public_key())}, "public_key.rsa_exponent"),
    ],
)
def test_each_fault_has_its_code(issuer, changes, code):
    assert codes(an_order(**changes), issuer) == {code}


def test_a_certificate_may_not_outlive_its_issuer(issuer):
    end = issuer.not_after
    assert codes(an_order(not_before=end - timedelta(days=300), not_after=end), issuer) == set()
    late = an_order(not_before=end - timedelta(days=300), not_after=end + timedelta(seconds=1))
    assert codes(late, issuer) == {"outlives_issuer"}


def test_all_faults_are_told_at_once(issuer):
    order = an_order(organisation_name="", credit_code="", crl_url="", transaction="", not_after=START)
    assert codes(order, issuer) == {"name_blank", "credit_code", "crl_url", "transaction", "validity_order"}


def test_names_are_written_in_normal_form_c(authority):
    decomposed = "Cafe\u0301 样例"
    said = text_of(authority.issue(authority.prepare(an_order(organisation_name=decomposed))))
    assert "O=Caf\u00e9 样例," in said


def test_parts_of_a_second_are_cut_off(issuer):
    order = an_order(not_before=START.replace(microsecond=999_999))
    tbs = profile.legal_entity(order, issuer, profile.new_serial())
    certificate = x509.load_der_x509_certificate(profile.with_blank_signature(tbs))
    assert certificate.not_valid_before_utc == START


def test_the_same_order_and_serial_give_the_same_bytes(issuer):
    order = an_order()
    assert profile.legal_entity(order, issuer, 1 << 158) == profile.legal_entity(order, issuer, 1 << 158)


def test_what_was_prepared_is_recognised(issuer):
    serial = profile.new_serial()
    tbs = profile.legal_entity(an_order(), issuer, serial)
    assert profile.strangeness(tbs, f"{serial:x}", issuer) == []


def test_every_truncation_is_strange(issuer):
    serial = profile.new_serial()
    tbs = profile.legal_entity(an_order(), issuer, serial)
    assert all(profile.strangeness(tbs[:size], f"{serial:x}", issuer) for size in range(0, len(tbs), 7))


def test_a_certificate_of_another_issuer_is_strange(issuer):
    serial = profile.new_serial()
    other = profile.Issuer(
        profile.authority_name("样例", "另一机构"), bytes(20), issuer.public_key, START, START + timedelta(days=999)
    )
    tbs = profile.legal_entity(an_order(), other, serial)
    (finding,) = profile.strangeness(tbs, f"{serial:x}", issuer)
    assert finding.detail == "another issuer"


@pytest.mark.parametrize(
    ("part", "changed", "detail"),
    [
        ("_END_ENTITY", der.sequence(der.boolean(True)), "an authority's certificate"),
        ("_SIGNING", der.bit_string(b"\x06", unused=1), "other key usages"),
        ("POLICY", "1.3.6.1.4.1.32473.9", "another policy"),
        ("SIGNATURE_ALGORITHM", der.sequence(der.object_id("1.2.840.113549.1.1.13"), der.null()), "another algorithm"),
    ],
)
def test_a_stored_intent_that_differs_in_one_thing_is_strange_for_that_thing(issuer, monkeypatch, part, changed, detail):
    serial = profile.new_serial()
    with monkeypatch.context() as changing:
        changing.setattr(profile, part, changed)
        tbs = profile.legal_entity(an_order(), issuer, serial)
        outside = profile.SIGNATURE_ALGORITHM
    monkeypatch.setattr(profile, "SIGNATURE_ALGORITHM", outside)  # inside and outside must agree to be read at all
    assert [finding.detail for finding in profile.strangeness(tbs, f"{serial:x}", issuer)] == [detail]


def test_the_policy_stands_under_the_number_for_documentation():
    assert profile.POLICY.startswith("1.3.6.1.4.1.32473.")


def test_an_authority_with_another_kind_of_key_is_no_issuer():
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "样例")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(p_256().public_key())
    day = datetime(2026, 1, 1, tzinfo=START.tzinfo)
    made = builder.serial_number(1).not_valid_before(day).not_valid_after(START).sign(p_256(), hashes.SHA256())
    with pytest.raises(ValueError, match="RSA"):
        profile.Issuer.of(made)
