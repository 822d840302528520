"""Asking after a certificate's status and answering, byte by byte (RFC 6960; the nonce as in RFC 9654)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from card_issuance import der
from card_issuance.authority import Standing, StatusAnswer
from card_issuance.der_reader import NotDer, Reader, integer, whole_sequence
from card_issuance.profile import SIGNATURE_ALGORITHM
from card_issuance.revocation_list import reason_code

_NONCE = der.object_id("1.3.6.1.5.5.7.48.1.2")
_BASIC = der.object_id("1.3.6.1.5.5.7.48.1.1")
_NONCE_OCTETS = range(1, 129)  # RFC 9654, 2.1: a question with none, or with more than 128, is malformed
# By the OBJECT IDENTIFIER as it is written. SHA-1 only finds out which issuer is meant: nothing rests on its strength.
_DIGESTS = {
    der.object_id("1.3.14.3.2.26"): "sha1",
    der.object_id("2.16.840.1.101.3.4.2.1"): "sha256",
    der.object_id("2.16.840.1.101.3.4.2.2"): "sha384",
    der.object_id("2.16.840.1.101.3.4.2.3"): "sha512",
}


class Refused(IntEnum):
    """OCSPResponseStatus, without success: answers that carry no signature (RFC 6960, 2.3)."""

    malformed_request = 1
    internal_error = 2
    try_later = 3


class MalformedQuestion(ValueError):
    """These bytes are no OCSPRequest."""


@dataclass(frozen=True)
class Asked:
    """One certificate that is asked after."""

    certificate_id: bytes  # CertID, DER
    digest: bytes  # OBJECT IDENTIFIER of the hash algorithm, DER
    name_digest: bytes
    key_digest: bytes
    serial: int  # a stranger's: perhaps negative

    def serial_if_from(self, issuing: bytes) -> str | None:
        """The serial as the office writes it, lower-case hex, if the certificate is this issuer's (DER); None if another's."""
        if self.digest not in _DIGESTS or self.serial <= 0:
            return None
        ours = _digests_of(issuing, self.digest)
        return f"{self.serial:x}" if (self.name_digest, self.key_digest) == ours else None


@dataclass(frozen=True)
class StatusQuestion:
    asked: tuple[Asked, ...]  # one at least
    nonce: bytes | None


def read_question(data: bytes) -> StatusQuestion:
    """An OCSPRequest, DER. Whoever signs his question is answered like everybody else: the signature is not looked at.

    Raises MalformedQuestion, for a critical extension that is not understood too.
    """
    try:
        whole = whole_sequence(data)
        question = whole.within(0x30)
        whole.take_if(0xA0)  # optionalSignature
        whole.end()
        if version := question.take_if(0xA0):
            _version_1(version.content)
        question.take_if(0xA1)  # requestorName
        listed, asked = question.within(0x30), []
        while listed.more():
            asked.append(_asked(listed.within(0x30)))
        nonce = _nonce(question)
        question.end()
    except NotDer as fault:
        raise MalformedQuestion(str(fault)) from None
    if not asked:
        raise MalformedQuestion("no certificate is asked after")
    return StatusQuestion(tuple(asked), nonce)


def _version_1(content: bytes) -> None:
    reader = Reader(content)
    if integer(reader.take(0x02)) != 0:
        raise NotDer("another version")
    reader.end()


def _asked(reader: Reader) -> Asked:
    identified = reader.take(0x30)
    if further := reader.take_if(0xA0):
        for _ in _extensions(Reader(further.content)):
            pass
    reader.end()
    inner = Reader(identified.content)
    algorithm = inner.within(0x30)
    digest = algorithm.take(0x06).whole
    algorithm.take_if(0x05)
    algorithm.end()
    name_digest, key_digest = inner.take(0x04).content, inner.take(0x04).content
    serial = integer(inner.take(0x02))
    inner.end()
    return Asked(identified.whole, digest, name_digest, key_digest, serial)


def _nonce(question: Reader) -> bytes | None:
    further = question.take_if(0xA2)
    found = [value for kind, value in _extensions(Reader(further.content)) if kind == _NONCE] if further else []
    if not found:
        return None
    if len(found) > 1:
        raise NotDer("more than one nonce")
    reader = Reader(found[0])
    nonce = reader.take(0x04).content
    reader.end()
    if len(nonce) not in _NONCE_OCTETS:
        raise NotDer("a nonce of no allowed length")
    return nonce


def _extensions(outer: Reader) -> list[tuple[bytes, bytes]]:
    """Kind (DER) and value of each; raises NotDer for a critical one that is not the nonce."""
    listed, found = outer.within(0x30), []
    outer.end()
    while listed.more():
        one = listed.within(0x30)
        kind = one.take(0x06).whole
        critical = one.take_if(0x01)
        value = one.take(0x04).content
        one.end()
        if critical is not None and critical.content != b"\x00" and kind != _NONCE:
            raise NotDer("a critical extension that is not understood")
        found.append((kind, value))
    return found


@lru_cache(maxsize=16)
def _digests_of(issuing: bytes, algorithm: bytes) -> tuple[bytes, bytes]:
    """Of the issuer's name, and of its public key's bits without tag and length (RFC 6960, 4.1.1)."""
    certificate = x509.load_der_x509_certificate(issuing)
    info = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    reader = whole_sequence(info)
    reader.take(0x30)
    bits = reader.take(0x03).content[1:]
    name = _DIGESTS[algorithm]
    by_name, by_key = (
        hashlib.new(name, data, usedforsecurity=False).digest() for data in (certificate.subject.public_bytes(), bits)
    )
    return by_name, by_key


def response_data(
    key_identifier: bytes,
    answers: Sequence[StatusAnswer],
    this_update: datetime,
    next_update: datetime,
    nonce: bytes | None,
) -> bytes:
    """ResponseData, DER: to be signed by the key that has this identifier (the responder is named by key)."""
    singles = (_single(answer, this_update, next_update) for answer in answers)
    further = []
    if nonce is not None:
        further = [der.explicit(1, der.sequence(der.sequence(_NONCE, der.octets(der.octets(nonce)))))]
    return der.sequence(
        der.explicit(2, der.octets(key_identifier)),
        der.generalized_time(this_update),
        der.sequence(*singles),
        *further,
    )


def _single(answer: StatusAnswer, this_update: datetime, next_update: datetime) -> bytes:
    return der.sequence(
        answer.certificate_id,
        _standing(answer),
        der.generalized_time(this_update),
        der.explicit(0, der.generalized_time(next_update)),
    )


def _standing(answer: StatusAnswer) -> bytes:
    match answer.standing:
        case Standing.good:
            return der.implicit(0, b"")
        case Standing.unknown:
            return der.implicit(2, b"")
        case Standing.revoked:
            if answer.revoked_at is None:
                raise ValueError("revoked, and it is not said since when")
            code = reason_code(answer.reason)
            because = b"" if code is None else der.explicit(0, der.enumerated(code))
            return der.explicit(1, der.generalized_time(answer.revoked_at) + because)


def response(signed_data: bytes, signature: bytes, responder_certificate: bytes) -> bytes:
    """A successful OCSPResponse, DER, with the certificate that proves the responder's right to answer."""
    basic = der.sequence(
        signed_data,
        SIGNATURE_ALGORITHM,
        der.bit_string(signature),
        der.explicit(0, der.sequence(responder_certificate)),
    )
    return der.sequence(der.enumerated(0), der.explicit(0, der.sequence(_BASIC, der.octets(basic))))


def refusal(why: Refused) -> bytes:
    """An OCSPResponse that only says why there is no answer; DER, unsigned as all of its kind."""
    return der.sequence(der.enumerated(why))
