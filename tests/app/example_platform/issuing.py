"""An authority of two levels, holders' keys, and what a station would answer in a holder's name."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from app.example_platform.proof import Asked, statement

NOW = datetime.now(UTC).replace(microsecond=0)  # about now, for years; a test may run an hour after this was read
YEAR = timedelta(days=365)


def usage(**chosen: bool) -> x509.KeyUsage:
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
             "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")  # fmt: skip
    return x509.KeyUsage(**{name: chosen.get(name, False) for name in names})


@dataclass
class Authority:
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    def below(self, name: str, path_length: int | None = 0, ca: bool = True, until: datetime = NOW + YEAR) -> "Authority":
        key = ec.generate_private_key(ec.SECP256R1())
        constraints = x509.BasicConstraints(ca, path_length if ca else None)
        made = _builder(name, self.certificate.subject, key.public_key(), until).add_extension(constraints, True)
        return Authority(
            key, made.add_extension(usage(key_cert_sign=ca, digital_signature=not ca), True).sign(self.key, SHA256())
        )

    def holder(self, until: datetime = NOW + YEAR, rsa_key: bool = False, sign_in: bool = True, code: str = "CODE1") -> "Holder":
        key = rsa.generate_private_key(65537, 2048) if rsa_key else ec.generate_private_key(ec.SECP256R1())
        name = x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "北京样例协会"),
                x509.NameAttribute(x509.ObjectIdentifier("2.5.4.97"), f"NTRCN-{code}"),
            ]
        )
        purpose = ExtendedKeyUsageOID.CLIENT_AUTH if sign_in else ExtendedKeyUsageOID.EMAIL_PROTECTION
        made = x509.CertificateBuilder(
            self.certificate.subject, name, key.public_key(), x509.random_serial_number(), NOW - YEAR, until
        )
        made = made.add_extension(x509.BasicConstraints(False, None), True).add_extension(usage(digital_signature=True), True)
        return Holder(key, made.add_extension(x509.ExtendedKeyUsage([purpose]), False).sign(self.key, SHA256()), [self])


@dataclass
class Holder:
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    chain: list[Authority]

    @property
    def serial(self) -> str:
        return f"{self.certificate.serial_number:x}"

    def signs(self, text: bytes) -> bytes:
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(text, padding.PKCS1v15(), SHA256())
        return self.key.sign(text, ec.ECDSA(SHA256()))

    def answers(self, asked: Asked, at: datetime | None = None, **other: str) -> Mapping[str, str]:
        """As the station does it for him; `at`: now."""
        der, said_at = self.certificate.public_bytes(Encoding.DER), f"{at or datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        return {
            "challenge": asked.challenge,
            "at": said_at,
            "certificate": base64.b64encode(der).decode(),
            "chain": " ".join(base64.b64encode(each.der).decode() for each in self.chain),
            "signature": base64.b64encode(self.signs(statement(asked, der, said_at))).decode(),
        } | other


def root_authority() -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "样例根")])
    made = _builder("样例根", name, key.public_key(), NOW + 10 * YEAR).add_extension(x509.BasicConstraints(True, None), True)
    return Authority(key, made.add_extension(usage(key_cert_sign=True), True).sign(key, SHA256()))


def _builder(name: str, issuer: x509.Name, key: ec.EllipticCurvePublicKey, until: datetime) -> x509.CertificateBuilder:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    return x509.CertificateBuilder(issuer, subject, key, x509.random_serial_number(), NOW - 2 * YEAR, until)
