"""The request for a certificate that a token signs with its new key (PKCS#10, RFC 2986): proof that the key is there.

Only the public key is taken from it. What the certificate says comes from the case, never from a request.
"""

from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from card_issuance.public_key import WeakKey, digest_of, spki_of, strong

_LARGEST = 16 * 1024  # characters; a request with RSA-4096 has fewer than 2,000
_HASHES = (hashes.SHA256, hashes.SHA384, hashes.SHA512)


class BadRequest(Exception):
    """This request proves nothing or asks for the wrong key.

    `code`: unreadable, too_large, wrong_hash, proof_wrong, wrong_key_kind, or a WeakKey's code.
    """

    def __init__(self, code: str, detail: str) -> None:
        self.code = code
        super().__init__(detail)


@dataclass(frozen=True)
class PublicKeyFacts:
    spki: bytes  # SubjectPublicKeyInfo, DER
    digest: str  # SHA-256 of it, lower-case hex


def read_request(csr_pem: bytes, profile: str) -> PublicKeyFacts:
    """The public key of a request whose signature proves possession. `profile` is "rsa_2048" or "p_256".

    Raises BadRequest; never anything else, whatever the bytes.
    """
    if len(csr_pem) > _LARGEST:
        raise BadRequest("too_large", f"The request has {len(csr_pem)} bytes.")
    try:
        request = x509.load_pem_x509_csr(csr_pem)
        hash_used = request.signature_hash_algorithm
        key = strong(request.public_key())
    except WeakKey as weak:
        raise BadRequest(weak.code, str(weak)) from None
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion):
        raise BadRequest("unreadable", "This is no PKCS#10 request in PEM.") from None
    if not _fits(key, profile):
        raise BadRequest("wrong_key_kind", f"The key is not of the kind {profile}.")
    if not isinstance(hash_used, _HASHES):
        raise BadRequest("wrong_hash", "The request is not signed with SHA-256, SHA-384 or SHA-512.")
    if not request.is_signature_valid:
        raise BadRequest("proof_wrong", "The request's signature does not verify under its own public key.")
    spki = spki_of(key)
    return PublicKeyFacts(spki, digest_of(spki))


def _fits(key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey, profile: str) -> bool:
    match profile:
        case "rsa_2048":
            return isinstance(key, rsa.RSAPublicKey) and key.key_size == 2048
        case "p_256":
            return isinstance(key, ec.EllipticCurvePublicKey)
        case _:
            raise ValueError(f"unknown key profile {profile!r}")
