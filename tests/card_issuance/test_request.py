import base64
from contextlib import suppress
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from card_issuance.public_key import spki_of
from card_issuance.request import BadRequest, read_request
from tests.builders.orders import a_request, p_256, rsa_2048
from tests.card_issuance.openssl import openssl


def refusal(csr: bytes, profile: str = "rsa_2048") -> str:
    with pytest.raises(BadRequest) as bad:
        read_request(csr, profile)
    return bad.value.code


def altered(csr: bytes, place: int) -> bytes:
    """The request with one bit turned at a place in its DER."""
    lines = csr.decode().strip().splitlines()
    der = bytearray(base64.b64decode("".join(lines[1:-1])))
    der[place] ^= 1
    return b"\n".join([lines[0].encode(), base64.encodebytes(bytes(der)).strip(), lines[-1].encode(), b""])


@pytest.mark.parametrize(("key", "profile"), [(rsa_2048, "rsa_2048"), (p_256, "p_256")])
def test_a_request_that_openssl_verifies_gives_its_key(key, profile):
    csr = a_request(key())
    assert "verify OK" in openssl("req", "-verify", "-noout", given=csr)
    facts = read_request(csr, profile)
    assert facts.spki == spki_of(key().public_key())
    assert facts.digest == sha256(facts.spki).hexdigest()


def test_a_request_made_by_openssl_is_read(tmp_path):
    openssl(
        "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", tmp_path / "key", "-subj", "/CN=x", "-out", tmp_path / "csr"
    )
    assert len(read_request((tmp_path / "csr").read_bytes(), "rsa_2048").digest) == 64


@pytest.mark.parametrize(("key", "profile"), [(rsa_2048, "rsa_2048"), (p_256, "p_256")])
def test_a_broken_proof_of_possession_is_refused_as_openssl_refuses_it(key, profile):
    csr = altered(a_request(key()), -1)
    assert "verify failure" in openssl("req", "-verify", "-noout", given=csr)  # it says so, and exits with 0
    assert refusal(csr, profile) == "proof_wrong"


def test_a_request_signed_by_another_key_is_refused():
    """The other's signature under this public key: what somebody sends who has only seen the public key."""
    mine, other = a_request(rsa_2048()), a_request(rsa.generate_private_key(65537, 2048))
    cut = [base64.b64decode(b"".join(csr.strip().splitlines()[1:-1])) for csr in (mine, other)]
    forged = base64.encodebytes(cut[0][:-256] + cut[1][-256:])
    assert refusal(b"-----BEGIN CERTIFICATE REQUEST-----\n" + forged + b"-----END CERTIFICATE REQUEST-----\n") == "proof_wrong"


def test_a_key_of_another_kind_than_ordered_is_refused():
    assert refusal(a_request(p_256()), "rsa_2048") == "wrong_key_kind"
    assert refusal(a_request(rsa_2048()), "p_256") == "wrong_key_kind"
    assert refusal(a_request(rsa.generate_private_key(65537, 3072)), "rsa_2048") == "wrong_key_kind"


@pytest.mark.parametrize("bits", [2047])
def test_weak_keys_are_refused_with_their_reason(bits):
    assert refusal(a_request(rsa.generate_private_key(65537, bits))) == "rsa_size"
    assert refusal(a_request(ec.generate_private_key(ec.SECP384R1())), "p_256") == "curve"


def test_an_unusual_hash_is_refused():
    assert refusal(a_request(p_256(), hashes.SHA224()), "p_256") == "wrong_hash"


@pytest.mark.parametrize(
    "junk", [b"", b"hello", b"-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n"]
)
def test_junk_is_refused(junk):
    assert refusal(junk) == "unreadable"


def test_a_huge_request_is_not_even_read():
    assert refusal(a_request(rsa_2048()) + b" " * 20_000) == "too_large"


def test_an_unknown_profile_is_a_mistake_of_the_program():
    with pytest.raises(ValueError, match="sm2"):
        read_request(a_request(p_256()), "sm2")


@given(st.integers(0, 560), st.integers(0, 255))
def test_no_single_changed_byte_raises_anything_but_bad_request(place, byte):
    csr = a_request(rsa_2048())
    der = bytearray(base64.b64decode(b"".join(csr.strip().splitlines()[1:-1])))
    der[place % len(der)] = byte
    pem = b"-----BEGIN CERTIFICATE REQUEST-----\n" + base64.encodebytes(bytes(der)) + b"-----END CERTIFICATE REQUEST-----\n"
    with suppress(BadRequest):
        read_request(pem, "rsa_2048")
