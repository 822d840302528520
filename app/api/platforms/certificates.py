"""Status of a certificate by its serial or by its bytes, and whether it may be bound."""

from dataclasses import asdict
from typing import Any

from flask import request

from app.api.platforms.admission import admitted, caller
from app.api.platforms.fields import no_parameters
from app.api.platforms.problems import Problem
from app.api.platforms.room import kept, operation, room
from app.api.platforms.schemas import Certificate, Verdict
from app.api.platforms.wording import reasons_of
from app.desks.door import world
from app.services.examine_binding import examine_binding
from app.services.tell_certificate import LARGEST_SHOWN, CertificateTold, examine_certificate, tell_certificate
from models.rulebook.standing import STANDING_WORDS
from models.rulebook.vocabulary import Scope

AGE = 60  # seconds, as with the revocation list
DER, PEM = "application/pkix-cert", "application/pem-certificate-chain"
BYTES = "application/octet-stream"  # either of them: what generated clients send
TAG = ["Certificates"]


@room.get("/certificates/<hexadecimal:serial>", tags=TAG)
@admitted(Scope.read_certificates)
@operation("getCertificate", "certificate_unknown")
@kept(AGE)
@room.response(200, Certificate, description="How it stands.")
def certificate(serial: str) -> dict[str, Any]:
    """Status of a certificate by its serial number (证书状态)

    Expiry, suspension (挂失) and revocation (注销) in one word. The same is in the revocation list and in OCSP, for programs that
    would rather ask there.
    """
    no_parameters()
    return _told(tell_certificate(world(), serial))


@room.post("/certificates/examine", tags=TAG)
@admitted(Scope.read_certificates)
@operation(
    "examineCertificate",
    "certificate_malformed",
    "other_issuer",
    "certificate_forged",
    "certificate_unknown",
    "too_large",
    "media_type_unsupported",
    "unavailable",
)
@room.response(200, Certificate, description="It is the office's, byte for byte, and stands so.")
def examine() -> dict[str, Any]:
    """Status of a certificate by its bytes

    Send the certificate that a holder showed, DER or PEM. It is told apart whether it is somebody else's, forged, or the
    office's own; that the holder has its key, you must prove yourself by a signature.
    """
    no_parameters()
    if request.mimetype not in (BYTES, DER, PEM) or request.content_encoding not in (None, "identity"):
        raise Problem("media_type_unsupported", facts={"wanted": f"{BYTES}, {DER}, {PEM}"})
    request.max_content_length = LARGEST_SHOWN
    return _told(examine_certificate(world(), request.get_data(cache=False)))


@room.get("/certificates/<hexadecimal:serial>/verdict", tags=TAG)
@admitted(Scope.read_certificates)
@operation("getVerdict", "certificate_unknown")
@kept(0)
@room.response(200, Verdict, description="Yes or no, with every reason in words.")
def verdict(serial: str) -> dict[str, Any]:
    """May this certificate be bound here? (能否绑定)

    Ask before you show the page that binds. The words in `reasons` are meant for the holder: what is the matter and what he can
    do about it. Nothing is changed by asking.
    """
    no_parameters()
    examined = examine_binding(world(), caller().platform_id, serial)
    if examined.certificate is None:
        raise Problem("certificate_unknown")
    return {
        "certificate": examined.certificate,
        "organisation_name": examined.subject_name,
        "may_bind": examined.verdict.allowed,
        "code": examined.verdict.code.value,
        "reasons": reasons_of(examined.verdict),
    }


def _told(told: CertificateTold) -> dict[str, Any]:
    zh, en = STANDING_WORDS[told.standing]
    return asdict(told) | {"standing_zh": zh, "standing_en": en}
