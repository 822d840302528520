from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from pkilint import loader, pkix
from pkilint.pkix import crl as pkix_crl
from pkilint.pkix import extension, name

from card_issuance.authority import RevokedEntry, RevokedReason
from card_issuance.profile import new_serial
from tests.card_issuance.openssl import openssl
from tests.conftest import START

NEXT = START + timedelta(hours=24)


def made(authority, entries, number=1, begin=START, end=NEXT) -> x509.CertificateRevocationList:
    return x509.load_der_x509_crl(authority.revocation_list(number, begin, end, entries))


@pytest.mark.parametrize("reason", [*RevokedReason, None])
def test_every_reason_is_read_back(authority, reason):
    (entry,) = made(authority, [RevokedEntry("5a5a", START - timedelta(days=1), reason)])
    assert entry.serial_number == 0x5A5A
    assert entry.revocation_date_utc == START - timedelta(days=1)
    if reason in (None, RevokedReason.unspecified):
        assert len(entry.extensions) == 0
    else:
        assert entry.extensions[0].value.reason.name == reason
        assert not entry.extensions[0].critical


def test_its_number_times_and_issuer_are_as_given(authority):
    crl = made(authority, [], number=(1 << 70) + 5)
    issuing = x509.load_der_x509_certificate(authority.chain()[0])
    assert crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number == (1 << 70) + 5
    assert (crl.last_update_utc, crl.next_update_utc) == (START, NEXT)
    assert crl.issuer == issuing.subject
    assert crl.is_signature_valid(issuing.public_key())
    by = crl.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    assert by == issuing.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest


def test_an_empty_list_has_no_empty_sequence(authority):
    crl = authority.revocation_list(1, START, NEXT, [])
    assert "No Revoked Certificates." in openssl("crl", "-inform", "DER", "-noout", "-text", given=crl)


def test_the_linter_of_another_house_finds_no_error(authority):
    entries = [RevokedEntry(f"{new_serial():x}", START, reason) for reason in RevokedReason]
    document = loader.load_der_crl(authority.revocation_list(9, START, NEXT, entries))
    validator = pkix_crl.create_pkix_crl_validator_container(
        [
            pkix.create_attribute_decoder(name.ATTRIBUTE_TYPE_MAPPINGS),
            pkix.create_extension_decoder(extension.EXTENSION_MAPPINGS),
        ],
        [
            pkix_crl.create_issuer_validator_container([]),
            pkix_crl.create_validity_validator_container([]),
            pkix_crl.create_extensions_validator_container([]),
        ],
    )
    found = {
        described.finding.code
        for result in validator.validate(document.root)
        for described in result.finding_descriptions
        if described.finding.severity.name in ("FATAL", "ERROR", "WARNING")
    }
    assert found == set()


def test_the_order_of_the_entries_does_not_change_the_list(authority):
    entries = [RevokedEntry(serial, START, None) for serial in ("1", "ff00", "80", "7f")]
    assert authority.revocation_list(1, START, NEXT, entries) == authority.revocation_list(1, START, NEXT, entries[::-1])


def test_ten_thousand_entries_are_listed(authority):
    serials = {new_serial() for _ in range(10_000)}
    crl = made(authority, [RevokedEntry(f"{serial:x}", START, "certificate_hold") for serial in serials])
    assert {entry.serial_number for entry in crl} == serials


def test_dates_beyond_2049_are_generalized(authority):
    late = datetime(2051, 1, 1, tzinfo=UTC)
    assert made(authority, [], begin=late, end=late + timedelta(days=1)).last_update_utc == late


@pytest.mark.parametrize(
    ("number", "begin", "end", "entries"),
    [
        (-1, START, NEXT, []),
        (1 << 159, START, NEXT, []),
        (1, START, START, []),
        (1, START, NEXT, [RevokedEntry("5a", START, None), RevokedEntry("005A", START, None)]),
        (1, START, NEXT, [RevokedEntry("5a", START, "boredom")]),
        (1, START, NEXT, [RevokedEntry("xy", START, None)]),
    ],
)
def test_mistakes_of_the_caller_are_refused(authority, number, begin, end, entries):
    with pytest.raises(ValueError, match=r".+"):
        authority.revocation_list(number, begin, end, entries)
