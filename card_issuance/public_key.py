"""Which public keys may be certified: RSA of 2048 to 4096 bits and P-256, and none that is known to be weak.

Sources: NIST SP 800-89, 5.3.3 (RSA: odd modulus without small factors); CVE-2017-15361 (ROCA: keys of certain token chips
can be factored, and are recognised by their modulus); CA/Browser Forum BR 6.1.1.3 (close primes fall to Fermat in 100
rounds); SP 800-56A, 5.6.2.3.3 (the point lies on the curve: checked while reading).
"""

from functools import lru_cache
from hashlib import sha256
from math import gcd, isqrt, prod

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

RSA_BITS = range(2048, 4097)
RSA_EXPONENT = 65537
_FERMAT_ROUNDS = 100
_SMALL_PRIMES = tuple(p for p in range(3, 752, 2) if all(p % q for q in range(3, isqrt(p) + 1, 2)))
_PRIMORIAL = prod(_SMALL_PRIMES)
# Moduli of the weak generator are powers of 65537 modulo each of these primes; of other keys one in 2**30 is.
_ROCA_RESIDUES = tuple((p, frozenset(pow(RSA_EXPONENT, k, p) for k in range(p - 1))) for p in _SMALL_PRIMES if p <= 167)

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey


class WeakKey(Exception):
    """This key is not certified. `code` says why: key_unreadable, key_kind, rsa_size, rsa_exponent, rsa_small_factor,
    rsa_roca, rsa_close_primes, curve."""

    def __init__(self, code: str, detail: str) -> None:
        self.code = code
        super().__init__(detail)


@lru_cache(maxsize=64)  # a key is looked at when it is requested, prepared and signed
def read_public_key(spki: bytes) -> PublicKey:
    """A key fit to be certified, from its SubjectPublicKeyInfo in DER; raises WeakKey."""
    try:
        key = load_der_public_key(spki)
    except (ValueError, UnsupportedAlgorithm):
        raise WeakKey("key_unreadable", "The public key cannot be read.") from None
    return strong(key)


def strong(key: object) -> PublicKey:
    """The same key, if it is fit to be certified; raises WeakKey."""
    if isinstance(key, rsa.RSAPublicKey):
        _examine_rsa(key)
        return key
    if isinstance(key, ec.EllipticCurvePublicKey):
        if not isinstance(key.curve, ec.SECP256R1):
            raise WeakKey("curve", f"The curve is {key.curve.name}; only P-256 is certified.")
        return key
    raise WeakKey("key_kind", "The key is neither RSA nor on P-256.")


def spki_of(key: PublicKey) -> bytes:
    """SubjectPublicKeyInfo, DER, in its one canonical form."""
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def digest_of(spki: bytes) -> str:
    return sha256(spki).hexdigest()


def _examine_rsa(key: rsa.RSAPublicKey) -> None:
    numbers = key.public_numbers()
    modulus = numbers.n
    if key.key_size not in RSA_BITS:
        raise WeakKey("rsa_size", f"The modulus has {key.key_size} bits; {RSA_BITS[0]} to {RSA_BITS[-1]} are certified.")
    if numbers.e != RSA_EXPONENT:
        raise WeakKey("rsa_exponent", f"The exponent is {numbers.e}; only {RSA_EXPONENT} is certified.")
    if modulus % 2 == 0 or gcd(modulus, _PRIMORIAL) != 1:
        raise WeakKey("rsa_small_factor", "The modulus has a small factor.")
    if all(modulus % p in residues for p, residues in _ROCA_RESIDUES):
        raise WeakKey("rsa_roca", "The key comes from a chip with the ROCA weakness (CVE-2017-15361).")
    if _falls_to_fermat(modulus):
        raise WeakKey("rsa_close_primes", "The two primes of the modulus are too close together.")


def _falls_to_fermat(modulus: int) -> bool:
    middle = isqrt(modulus - 1) + 1
    for _ in range(_FERMAT_ROUNDS):
        rest = middle * middle - modulus
        # A square ends in 0, 1, 4 or 9 modulo 16: three quarters of the roots need not be taken.
        if rest & 15 in (0, 1, 4, 9) and isqrt(rest) ** 2 == rest:
            return True
        middle += 1
    return False
