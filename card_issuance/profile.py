"""What a legal entity's certificate says, byte by byte (RFC 5280; ETSI EN 319 412-1, -2 and -3).

Subject: C=CN, O and CN the name as registered, organizationIdentifier `NTRCN-` and the credit code (EN 319 412-1, 5.1.4:
national trade register). The name is never shortened: EN 319 412-3, LEG-4.2.1-9 lets organizationName and commonName be
longer than RFC 5280's 64 characters; 120 is as much as the office registers. It is written in Unicode's normal form C
(RFC 5280, 7.1).

The policy's identifier stands in 1.3.6.1.4.1.32473, the number that RFC 5612 sets aside for documentation: a real
authority has its own.
"""

import secrets
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from re import fullmatch

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from card_issuance import der
from card_issuance.authority import CertificateOrder, Finding
from card_issuance.public_key import PublicKey, WeakKey, read_public_key, spki_of, strong

POLICY = "1.3.6.1.4.1.32473.1.1"
NAME_LIMIT = 120
LONGEST = timedelta(days=456)  # a year, and the 90 days by which a renewal may come early
# Chinese signature servers speak RSA and SM2, rarely ECDSA; the padding of PKCS #1 v1.5 makes a repeat byte-identical.
SIGNATURE_ALGORITHM = der.sequence(der.object_id("1.2.840.113549.1.1.11"), der.null())  # sha256WithRSAEncryption

_COUNTRY, _ORGANISATION, _COMMON_NAME, _ORGANISATION_ID = "2.5.4.6", "2.5.4.10", "2.5.4.3", "2.5.4.97"
_ORGANISATION_AND_NAME = (x509.NameOID.ORGANIZATION_NAME, x509.NameOID.COMMON_NAME)
_CLIENT_AUTH = der.object_id("1.3.6.1.5.5.7.3.2")
_OCSP_SIGNING = der.object_id("1.3.6.1.5.5.7.3.9")
_ASKED_AT, _CA_ISSUERS = der.object_id("1.3.6.1.5.5.7.48.1"), der.object_id("1.3.6.1.5.5.7.48.2")
_ANY_POLICY = "2.5.29.32.0"
_CODE = r"[0-9A-HJ-NPQRTUWXY]{18}|[0-9A-Z]{8}[0-9X]"  # GB 32100; GB 11714
_SIGNING, _CERTIFYING = der.bit_string(b"\xc0", unused=6), der.bit_string(b"\x06", unused=1)
_ANSWERING = der.bit_string(b"\x80", unused=7)  # digitalSignature alone
RESPONDER_LONGEST = timedelta(days=45)  # nobody can revoke a responder's certificate, so it must not last
_END_ENTITY = der.sequence()  # cA is FALSE by default, and DER leaves defaults out


@dataclass(frozen=True)
class Issuer:
    """What of an authority's certificate enters the certificates that it issues."""

    name: bytes  # subject, DER, byte for byte
    key_identifier: bytes
    public_key: rsa.RSAPublicKey
    not_before: datetime
    not_after: datetime

    @classmethod
    def of(cls, certificate: x509.Certificate) -> "Issuer":
        key = certificate.public_key()
        if not isinstance(key, rsa.RSAPublicKey):
            raise ValueError("the authority's key must be RSA")
        identifier = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
        return cls(
            certificate.subject.public_bytes(),
            identifier,
            key,
            certificate.not_valid_before_utc,
            certificate.not_valid_after_utc,
        )


def faults(order: CertificateOrder, issuer: Issuer) -> list[Finding]:
    """Everything about an order for which no certificate is made; empty if it may go on."""
    found = [*_name_faults(order.organisation_name), *_validity_faults(order, issuer)]
    if not fullmatch(r"[0-9a-f]{8,64}", order.transaction):
        found.append(_error("transaction", "transaction", "The transaction's name must be 8 to 64 hex digits."))
    if not fullmatch(_CODE, order.credit_code):
        found.append(_error("credit_code", "subject", "Neither a credit code of 18 characters nor a code of 9."))
    if not fullmatch(r"http://[!-~]+", order.crl_url):
        found.append(_error("crl_url", "cRLDistributionPoints", "A revocation list is fetched over plain http."))
    if not fullmatch(r"https?://[!-~]+", order.issuer_url):
        found.append(_error("issuer_url", "authorityInfoAccess", "The issuer's certificate is fetched over http."))
    if not fullmatch(r"http://[!-~]+", order.ocsp_url):
        found.append(_error("ocsp_url", "authorityInfoAccess", "A status is asked over plain http: its answer is signed."))
    try:
        read_public_key(order.public_key)
    except WeakKey as weak:
        found.append(_error(f"public_key.{weak.code}", "subjectPublicKeyInfo", str(weak)))
    return found


def new_serial() -> int:
    """20 bytes, positive, 158 random bits (RFC 5280 allows no more bytes, BR 7.1 asks for 64 bits)."""
    return secrets.randbits(158) | 1 << 158


def legal_entity(order: CertificateOrder, issuer: Issuer, serial: int) -> bytes:
    """The TBSCertificate of an order without faults, DER."""
    key = read_public_key(order.public_key)
    name = unicodedata.normalize("NFC", order.organisation_name)
    subject = _name(
        (_COUNTRY, der.printable("CN")),
        (_ORGANISATION, der.utf8(name)),
        (_ORGANISATION_ID, der.utf8(f"NTRCN-{order.credit_code}")),
        (_COMMON_NAME, der.utf8(name)),
    )
    return _to_be_signed(
        serial,
        issuer.name,
        (order.not_before, order.not_after),
        subject,
        key,
        _extension("2.5.29.35", der.sequence(der.implicit(0, issuer.key_identifier))),
        _extension("2.5.29.14", der.octets(key_identifier(key))),
        _extension("2.5.29.15", _SIGNING, critical=True),
        _extension("2.5.29.32", der.sequence(der.sequence(der.object_id(POLICY)))),
        _extension("2.5.29.19", _END_ENTITY, critical=True),
        _extension("2.5.29.37", der.sequence(_CLIENT_AUTH)),
        _extension("2.5.29.31", _fetched_from(order.crl_url)),
        _extension(
            "1.3.6.1.5.5.7.1.1",
            der.sequence(der.sequence(_ASKED_AT, _url(order.ocsp_url)), der.sequence(_CA_ISSUERS, _url(order.issuer_url))),
        ),
    )


def authority_name(organisation: str, common_name: str) -> bytes:
    """Subject of an authority's own certificate, DER."""
    return _name((_COUNTRY, der.printable("CN")), (_ORGANISATION, der.utf8(organisation)), (_COMMON_NAME, der.utf8(common_name)))


def root(name: bytes, key: PublicKey, validity: tuple[datetime, datetime], serial: int) -> bytes:
    """The TBSCertificate of a root that signs itself, DER."""
    return _to_be_signed(
        serial,
        name,
        validity,
        name,
        key,
        _extension("2.5.29.14", der.octets(key_identifier(key))),
        _extension("2.5.29.15", _CERTIFYING, critical=True),
        _extension("2.5.29.19", der.sequence(der.boolean(True)), critical=True),
    )


def issuing_authority(name: bytes, key: PublicKey, validity: tuple[datetime, datetime], serial: int, issuer: Issuer) -> bytes:
    """The TBSCertificate of an authority that issues to end entities only (path length 0), DER."""
    return _to_be_signed(
        serial,
        issuer.name,
        validity,
        name,
        key,
        _extension("2.5.29.35", der.sequence(der.implicit(0, issuer.key_identifier))),
        _extension("2.5.29.14", der.octets(key_identifier(key))),
        _extension("2.5.29.15", _CERTIFYING, critical=True),
        _extension("2.5.29.32", der.sequence(der.sequence(der.object_id(_ANY_POLICY)))),
        _extension("2.5.29.19", der.sequence(der.boolean(True), der.integer(0)), critical=True),
    )


def responder(issuing: x509.Certificate, key: PublicKey, validity: tuple[datetime, datetime], serial: int) -> bytes:
    """The TBSCertificate of whoever answers questions of status in the name of `issuing` (RFC 6960, 4.2.2.2), DER.

    It may sign answers and nothing else, and is itself never asked after (4.2.2.2.1, ocsp-nocheck).
    """
    issuer = Issuer.of(issuing)
    organisation, name = (str(issuing.subject.get_attributes_for_oid(kind)[0].value) for kind in _ORGANISATION_AND_NAME)
    return _to_be_signed(
        serial,
        issuer.name,
        validity,
        authority_name(organisation, f"{name} OCSP"),
        key,
        _extension("2.5.29.35", der.sequence(der.implicit(0, issuer.key_identifier))),
        _extension("2.5.29.14", der.octets(key_identifier(key))),
        _extension("2.5.29.15", _ANSWERING, critical=True),
        _extension("2.5.29.19", _END_ENTITY, critical=True),
        _extension("2.5.29.37", der.sequence(_OCSP_SIGNING)),
        _extension("1.3.6.1.5.5.7.48.1.5", der.null()),
    )


def is_responder(to_be_signed: bytes, issuing: x509.Certificate) -> bool:
    """Whether these bytes are, to the last, what `responder` makes for this issuer: key, serial and a short validity are
    read out of them, and everything else must come out the same again."""
    try:
        read = x509.load_der_x509_certificate(with_blank_signature(to_be_signed))
        key = strong(read.public_key())
        validity = (read.not_valid_before_utc, read.not_valid_after_utc)
        again = responder(issuing, key, validity, read.serial_number)
    except (ValueError, WeakKey, UnsupportedAlgorithm):
        return False
    begin, end = validity
    within = issuing.not_valid_before_utc <= begin < end <= issuing.not_valid_after_utc
    return within and end - begin <= RESPONDER_LONGEST and read.serial_number > 0 and again == to_be_signed


def key_identifier(key: PublicKey) -> bytes:
    """RFC 5280, 4.2.1.2, method 1."""
    return x509.SubjectKeyIdentifier.from_public_key(key).digest


def rsa_key(pkcs1: bytes) -> rsa.RSAPublicKey:
    """A token's RSA public key from PKCS#1 DER."""
    spki = der.sequence(der.sequence(der.object_id("1.2.840.113549.1.1.1"), der.null()), der.bit_string(pkcs1))
    key = read_public_key(spki)
    assert isinstance(key, rsa.RSAPublicKey)  # noqa: S101 - the algorithm above says so
    return key


def signed(to_be_signed: bytes, signature: bytes) -> bytes:
    """Certificate or revocation list: what was to be signed, the algorithm, the signature; DER."""
    return der.sequence(to_be_signed, SIGNATURE_ALGORITHM, der.bit_string(signature))


def with_blank_signature(to_be_signed: bytes) -> bytes:
    """A certificate for the linter: whole, and worth nothing."""
    return signed(to_be_signed, bytes(256))


def strangeness(to_be_signed: bytes, serial: str, issuer: Issuer) -> list[Finding]:
    """Why these bytes cannot have come from `legal_entity` for this issuer; empty if they can.

    A last look before signing, so that whoever can change a stored intent does not have an authority at his service.
    """
    try:
        certificate = x509.load_der_x509_certificate(with_blank_signature(to_be_signed))
        whole = certificate.tbs_certificate_bytes == to_be_signed
        extensions = certificate.extensions
        usage = extensions.get_extension_for_class(x509.KeyUsage)
        identifier = extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
        basic = extensions.get_extension_for_class(x509.BasicConstraints).value
        policies = extensions.get_extension_for_class(x509.CertificatePolicies).value
        purposes = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (ValueError, x509.ExtensionNotFound) as unreadable:
        return [_error("not_prepared_here", "certificate", f"{type(unreadable).__name__}: {unreadable}")]
    answers = {
        "trailing bytes": whole,
        "another serial number": f"{certificate.serial_number:x}" == serial,
        "another issuer": certificate.issuer.public_bytes() == issuer.name and identifier == issuer.key_identifier,
        "an authority's certificate": not basic.ca,
        "other key usages": usage.critical and usage.value.public_bytes() == _SIGNING,
        "another policy": [p.policy_identifier.dotted_string for p in policies] == [POLICY],
        "other purposes": list(purposes) == [ExtendedKeyUsageOID.CLIENT_AUTH],
        "another algorithm": certificate.signature_algorithm_oid == x509.SignatureAlgorithmOID.RSA_WITH_SHA256,
    }
    return [_error("not_prepared_here", "certificate", fault) for fault, right in answers.items() if not right]


def _to_be_signed(
    serial: int,
    issuer: bytes,
    validity: tuple[datetime, datetime],
    subject: bytes,
    key: PublicKey,
    *extensions: bytes,
) -> bytes:
    return der.sequence(
        der.explicit(0, der.integer(2)),
        der.integer(serial),
        SIGNATURE_ALGORITHM,
        issuer,
        der.sequence(*(der.time(instant) for instant in validity)),
        subject,
        spki_of(key),
        der.explicit(3, der.sequence(*extensions)),
    )


def _name(*attributes: tuple[str, bytes]) -> bytes:
    return der.sequence(*(der.one_in_set(der.sequence(der.object_id(kind), value)) for kind, value in attributes))


def _extension(kind: str, value: bytes, *, critical: bool = False) -> bytes:
    parts = [der.object_id(kind), *([der.boolean(True)] if critical else []), der.octets(value)]
    return der.sequence(*parts)


def _url(url: str) -> bytes:
    return der.implicit(6, url.encode("ascii"))


def _fetched_from(url: str) -> bytes:
    """CRLDistributionPoints with one point, whose full name is a URL."""
    return der.sequence(der.sequence(der.explicit(0, der.explicit(0, _url(url)))))


def _error(code: str, place: str, detail: str) -> Finding:
    return Finding(f"profile.{code}", "error", place, detail)


def _name_faults(name: str) -> list[Finding]:
    if not name or name != name.strip():
        return [_error("name_blank", "subject", "The name is empty, or begins or ends with a blank.")]
    found = []
    if len(name) > NAME_LIMIT:
        found.append(_error("name_too_long", "subject", f"The name has {len(name)} characters of {NAME_LIMIT}."))
    # Controls, invisible formatting (it can turn a name's reading round), lone surrogates, private characters.
    if strange := sorted({f"U+{ord(c):04X}" for c in name if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co")}):
        found.append(_error("name_characters", "subject", f"No reader sees these characters alike: {', '.join(strange)}."))
    return found


def _validity_faults(order: CertificateOrder, issuer: Issuer) -> list[Finding]:
    begin, end = order.not_before, order.not_after
    if begin.tzinfo is None or end.tzinfo is None:
        return [_error("validity_naive", "validity", "An instant needs its time zone.")]
    begin, end = begin.astimezone(UTC), end.astimezone(UTC)
    found = []
    if not begin < end:
        found.append(_error("validity_order", "validity", "It ends before it begins."))
    if end - begin > LONGEST:
        found.append(_error("validity_too_long", "validity", f"It lasts longer than {LONGEST.days} days."))
    if begin < issuer.not_before:
        found.append(_error("before_issuer", "validity", "It begins before the issuing authority's certificate."))
    if end > issuer.not_after:
        found.append(_error("outlives_issuer", "validity", "It ends after the issuing authority's certificate."))
    return found
