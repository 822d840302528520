"""A certificate that somebody shows: who issued it, and whether its signature is the issuing authority's. Any bytes may come."""

from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding

from card_issuance.der_reader import NotDer, integer, whole_sequence

LARGEST = 8 * 1024  # bytes; a certificate of this authority has fewer than 2,000, in PEM fewer than 3,000
_LONGEST_NAME = 120  # characters of a strange issuer's name that are worth telling


class NoCertificate(ValueError):
    """These bytes are no X.509 certificate."""


@dataclass(frozen=True)
class Shown:
    der: bytes
    serial: str  # lower-case hex, no leading zero
    issuer: str  # its name for people, printable, perhaps empty
    ours: bool  # it names the issuing authority as its issuer
    genuine: bool  # and the authority's signature verifies


def read_shown(content: bytes, issuing: bytes) -> Shown:
    """Read a certificate in DER, or the first one in PEM. `issuing`: the authority's own certificate, DER.

    Raises NoCertificate; never anything else, whatever the bytes.
    """
    if len(content) > LARGEST:
        raise NoCertificate("too large")
    try:
        der = _first_of_pem(content) if content.lstrip().startswith(b"-----BEGIN ") else content
        serial = _serial(der)
        certificate = x509.load_der_x509_certificate(der)
        authority = x509.load_der_x509_certificate(issuing)
        ours = certificate.issuer.public_bytes() == authority.subject.public_bytes()
        return Shown(der, f"{serial:x}", _name(certificate.issuer), ours, ours and _genuine(certificate, authority))
    except (ValueError, TypeError, NotDer, x509.InvalidVersion, UnsupportedAlgorithm) as fault:
        raise NoCertificate(type(fault).__name__) from None


def _first_of_pem(content: bytes) -> bytes:
    first = content[: content.index(b"-----END CERTIFICATE-----") + len(b"-----END CERTIFICATE-----")]
    return x509.load_pem_x509_certificate(first + b"\n").public_bytes(Encoding.DER)


def _serial(der: bytes) -> int:
    """Read before the library sees it, which lets numbers pass that RFC 5280, 4.1.2.2 forbids."""
    reader = whole_sequence(der).within(0x30)
    reader.take_if(0xA0)
    serial = integer(reader.take(0x02))
    if serial <= 0:
        raise NotDer("a serial number is positive")
    return serial


def _genuine(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
    except (InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return True


def _name(name: x509.Name) -> str:
    """The issuer's common name, else its organisation, else all of it."""
    for kind in (x509.NameOID.COMMON_NAME, x509.NameOID.ORGANIZATION_NAME):
        if found := name.get_attributes_for_oid(kind):
            text = str(found[0].value)
            break
    else:
        text = name.rfc4514_string()
    return "".join(letter for letter in text if letter.isprintable())[:_LONGEST_NAME]
