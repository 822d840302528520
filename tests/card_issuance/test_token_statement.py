"""The holder's key signs a platform's statement, on real tokens of both modules."""

from hashlib import sha256

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.hashes import SHA256

from card_issuance import slots, token_acts
from card_issuance.faults import KeyLost, PinWrong, TokenRemoved
from card_issuance.pin import Pin
from card_issuance.statement import Grant, Purpose, Statement
from tests.builders.tokens import Issuer, medium_of

KINDS = ["softhsm", pytest.param("opencryptoki", marks=pytest.mark.opencryptoki)]


@pytest.fixture(params=KINDS)
def medium(request, tmp_path):
    with medium_of(request.param, tmp_path) as blank:
        yield blank


@pytest.fixture(scope="module")
def issuer():
    return Issuer()


def statement_of(certificate):
    digest = sha256(certificate).hexdigest()
    return Statement(
        Purpose.sign_in, "https://platform.example.cn", "c" * 43, (Grant.organisation,), "", digest, "2026-11-22T01:02:03Z"
    )


def verify(certificate, signature, text):
    key = x509.load_der_x509_certificate(certificate).public_key()
    scheme = (ec.ECDSA(SHA256()),) if isinstance(key, ec.EllipticCurvePublicKey) else (padding.PKCS1v15(), SHA256())
    key.verify(signature, text, *scheme)


@pytest.mark.parametrize(
    ("medium", "profile"),
    [
        ("softhsm", "rsa_2048"),
        ("softhsm", "p_256"),
        pytest.param("opencryptoki", "rsa_2048", marks=pytest.mark.opencryptoki),  # its token makes RSA keys only
    ],
    indirect=["medium"],
)
def test_the_signature_verifies_under_the_certificate_and_nothing_changes(medium, issuer, profile):
    certificate = medium.issue(issuer, profile)
    before = medium.look()
    said = statement_of(certificate)
    verify(certificate, token_acts.sign_statement(medium.where, medium.serial, medium.pin, said, certificate), said.as_bytes())
    assert medium.look() == before


def test_the_certificates_and_their_chain_show_without_a_pin(medium, issuer):
    assert token_acts.holdings(medium.where, medium.serial) == ()
    certificate = medium.issue(issuer)
    assert token_acts.holdings(medium.where, medium.serial) == (token_acts.Holding(certificate, issuer.chain),)


def test_a_wrong_pin_signs_nothing(medium, issuer):
    certificate = medium.issue(issuer)
    with pytest.raises(PinWrong):
        token_acts.sign_statement(medium.where, medium.serial, Pin("00000000"), statement_of(certificate), certificate)


def test_a_certificate_that_is_not_on_the_token_is_not_signed_for(medium, issuer):
    medium.issue(issuer)
    with pytest.raises(KeyLost):
        token_acts.sign_statement(medium.where, medium.serial, medium.pin, statement_of(issuer.chain[0]), issuer.chain[0])


def test_the_child_signs_no_bytes_that_it_did_not_make(medium, issuer):
    """Whoever reaches the child itself gets no further than a statement's parts."""
    certificate = medium.issue(issuer)
    parts = statement_of(certificate).as_mapping() | {"platform": "https://platform.example.cn\npurpose: submission"}
    with pytest.raises(token_acts.slots.DriverFault, match="ValueError"):
        slots.act(medium.where, "sign_statement", medium.serial, {"pin": medium.pin.reveal(), "statement": parts})


@pytest.mark.parametrize("medium", ["softhsm"], indirect=True)
def test_a_token_that_was_pulled_out_signs_nothing(medium, issuer):
    certificate = medium.issue(issuer)
    medium.where.cabinet.remove(medium.serial)
    said = statement_of(certificate)
    with pytest.raises((TokenRemoved, token_acts.slots.NoToken)):
        token_acts.sign_statement(medium.where, medium.serial, medium.pin, said, certificate)
