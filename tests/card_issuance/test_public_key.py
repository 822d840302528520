from math import prod

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from card_issuance.public_key import WeakKey, digest_of, read_public_key, spki_of
from tests.builders.orders import p_256, rsa_2048
from tests.card_issuance.openssl import openssl


def spki(modulus: int, exponent: int = 65537) -> bytes:
    return spki_of(rsa.RSAPublicNumbers(exponent, modulus).public_key())


def next_prime(start: int) -> int:
    candidate = start | 1
    while pow(2, candidate - 1, candidate) != 1:
        candidate += 2
    return candidate


def refusal(given: bytes) -> str:
    with pytest.raises(WeakKey) as weak:
        read_public_key(given)
    return weak.value.code


@pytest.mark.parametrize("key", [rsa_2048, p_256], ids=["rsa_2048", "p_256"])
def test_good_keys_pass_and_come_back_unchanged(key):
    given = spki_of(key().public_key())
    assert spki_of(read_public_key(given)) == given


def test_the_digest_is_that_of_openssl():
    given = spki_of(p_256().public_key())
    assert digest_of(given) in openssl("sha256", "-r", given=given)


@pytest.mark.parametrize("bits", [1024, 2047])
def test_a_short_rsa_key_is_refused(bits):
    assert refusal(spki_of(rsa.generate_private_key(65537, bits).public_key())) == "rsa_size"


def test_a_very_long_rsa_key_is_refused():
    assert refusal(spki((1 << 4500) + 1)) == "rsa_size"


def test_another_exponent_is_refused():
    assert refusal(spki_of(rsa.generate_private_key(3, 2048).public_key())) == "rsa_exponent"


def test_a_modulus_with_a_small_factor_is_refused():
    assert refusal(spki(751 * next_prime(1 << 2040))) == "rsa_small_factor"


def test_close_primes_are_refused():
    first = next_prime(0xC35A << 1008)
    assert refusal(spki(first * next_prime(first + 2))) == "rsa_close_primes"


def test_a_roca_modulus_is_refused():
    """Built as the weak generator builds it: primes k*M + 65537**a mod M, M the product of the first primes."""
    product = prod(p for p in range(2, 702) if all(p % q for q in range(2, p)))

    def weak_prime(power: int) -> int:
        candidate = (3 << 1022) // product * product + pow(65537, power, product)
        while pow(2, candidate - 1, candidate) != 1:
            candidate += product
        return candidate

    modulus = weak_prime(1_000_003) * weak_prime(7_000_001)
    assert modulus.bit_length() == 2048
    assert refusal(spki(modulus)) == "rsa_roca"


@pytest.mark.parametrize("curve", [ec.SECP384R1, ec.SECP256K1, ec.BrainpoolP256R1])
def test_other_curves_are_refused(curve):
    assert refusal(spki_of(ec.generate_private_key(curve()).public_key())) == "curve"


def test_a_point_beside_the_curve_is_refused():
    given = bytearray(spki_of(p_256().public_key()))
    given[-1] ^= 1
    assert refusal(bytes(given)) == "key_unreadable"


def test_other_kinds_of_keys_are_refused():
    key = ed25519.Ed25519PrivateKey.generate().public_key()
    assert refusal(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)) == "key_kind"


@pytest.mark.parametrize("junk", [b"", b"\x30\x00", b"key", bytes(400)])
def test_junk_is_refused(junk):
    assert refusal(junk) == "key_unreadable"
