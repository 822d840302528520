"""Certificate orders with sensible defaults, and keys that are made once per run."""

from dataclasses import replace
from datetime import timedelta
from functools import cache
from secrets import token_hex
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from card_issuance.authority import CertificateOrder
from card_issuance.public_key import spki_of
from tests.conftest import START

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@cache
def rsa_2048() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@cache
def p_256() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def an_order(key: PrivateKey | None = None, **changes: Any) -> CertificateOrder:
    """A year's certificate for 北京样例贸易有限公司, under a transaction of its own."""
    order = CertificateOrder(
        transaction=token_hex(16),
        organisation_name="北京样例贸易有限公司",
        credit_code="91110105MA01ABCD7X",
        public_key=spki_of((key or rsa_2048()).public_key()),
        not_before=START,
        not_after=START + timedelta(days=365),
        crl_url="http://crl.example.com/crl/issuing.crl",
        issuer_url="http://crl.example.com/authority/issuing.cer",
        ocsp_url="http://crl.example.com/ocsp",
    )
    return replace(order, **changes)


def a_request(key: PrivateKey, algorithm: hashes.HashAlgorithm | None = None) -> bytes:
    """A PKCS#10 request in PEM, signed with the key."""
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "token")])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, algorithm or hashes.SHA256())
    return request.public_bytes(Encoding.PEM)
