"""A platform sends a holder's browser here to sign in, or to agree to what he submits: what it asks, with which certificates it
can be answered, and the answer. Which platforms may ask is for the station's settings to say, and so is their name.

    GET /sign-in?platform=ORIGIN&return=ADDRESS&challenge=BASE64URL&purpose=sign-in&grants=organisation+certificate+terms
    GET /sign-in?platform=ORIGIN&return=ADDRESS&challenge=BASE64URL&purpose=submission&about=SHA256-HEX

The answer goes to the return address by a form of the holder's browser: challenge, at, certificate (base64 DER), chain (the same,
parted by blanks), signature (base64) over `statement.Statement`. Whoever turns back comes by a link, with `refused` in the query.
"""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from urllib.parse import urlencode, urlsplit

from cryptography import x509
from cryptography.x509.oid import NameOID

from card_issuance import token_acts
from card_issuance.faults import DriverFault
from card_issuance.pin import Pin
from card_issuance.pin_pad import Verdict
from card_issuance.statement import Grant, Purpose, Statement
from card_issuance.station import Station
from card_issuance.station_settings import AskingPlatform

NO_DIGEST = "0" * 64


class Unanswerable(StrEnum):
    """Why nobody is asked for a PIN."""

    stranger = "stranger"  # the settings do not know the platform
    malformed = "malformed"


class Amiss(StrEnum):
    """What the page says next, where no verdict of the pad says it."""

    empty = "empty"
    unchosen = "unchosen"  # no certificate was chosen, or it is not in a slot any more
    expired = "expired"


@dataclass(frozen=True, slots=True)
class SignInRequest:
    """What a platform asks."""

    platform: AskingPlatform
    back: str  # the address of the platform to which the answer goes
    statement: Statement  # without certificate and time
    given: tuple[tuple[str, str], ...]  # as it stood in the address

    @property
    def is_submission(self) -> bool:
        return self.statement.purpose is Purpose.submission

    def turned_back(self, why: str) -> str:
        return f"{self.back}?{urlencode({'refused': why, 'challenge': self.statement.challenge})}"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A certificate in one of the slots."""

    token: str
    digest: str  # SHA-256 of the DER, hex
    certificate: bytes
    chain: tuple[bytes, ...]
    organisation: str
    serial: str  # of the certificate, lower hex
    not_after: datetime
    expired: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes to the platform."""

    organisation: str
    fields: Mapping[str, str]


def read_request(platforms: Mapping[str, AskingPlatform], query: Mapping[str, str]) -> SignInRequest | Unanswerable:
    platform = platforms.get(query.get("platform", ""))
    if platform is None:
        return Unanswerable.stranger
    try:
        purpose = Purpose(query.get("purpose", Purpose.sign_in))
        grants = tuple(Grant(word) for word in query.get("grants", "").split())
        statement = Statement(
            purpose,
            platform.origin,
            query.get("challenge", ""),
            grants,
            query.get("about", ""),
            NO_DIGEST,
            "2000-01-01T00:00:00Z",
        )
        back = urlsplit(query.get("return", ""))
    except ValueError:
        return Unanswerable.malformed
    # `netloc` holds a user name too, so an address with one is another origin.
    if f"{back.scheme}://{back.netloc}" != platform.origin or back.query or back.fragment or not _is_plain(back.path):
        return Unanswerable.malformed
    names = ("platform", "return", "challenge", "purpose", "grants", "about")
    return SignInRequest(platform, back.geturl(), statement, tuple((name, query[name]) for name in names if name in query))


def _is_plain(path: str) -> bool:
    return path.startswith("/") and path.isascii() and path.isprintable() and not any(sign in path for sign in " \"'<>\\;,")


def candidates(station: Station) -> tuple[Candidate, ...]:
    """The certificates that are in the slots now; a token on which a ceremony works is left in peace."""
    return tuple(_candidates(station))


def _candidates(station: Station) -> Iterator[Candidate]:
    view, now = station.view(), datetime.now(UTC)
    for token in sorted(view.tries_left):
        if view.works_on(token):
            continue
        try:
            held = token_acts.holdings(station.bench.where, token)
        except DriverFault:  # pulled out meanwhile, or it does not answer: the station's page tells of it
            continue
        for each in held:
            read = x509.load_der_x509_certificate(each.certificate)
            names = read.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME) or read.subject.get_attributes_for_oid(
                NameOID.COMMON_NAME
            )
            yield Candidate(
                token,
                sha256(each.certificate).hexdigest(),
                each.certificate,
                each.chain,
                str(names[0].value) if names else "",
                f"{read.serial_number:x}",
                read.not_valid_after_utc,
                not read.not_valid_before_utc <= now <= read.not_valid_after_utc,
            )


def answer(station: Station, request: SignInRequest, form: Mapping[str, str]) -> Answer | Verdict | Amiss:
    """`form`: "certificate" (digest) and "pin". The PIN is counted, tried and forgotten."""
    chosen = next((each for each in candidates(station) if each.digest == form.get("certificate")), None)
    if chosen is None:
        busy = any(work.token in station.view().tries_left for work in station.view().work)
        return Verdict.busy if busy and form.get("certificate") else Amiss.unchosen
    if chosen.expired:
        return Amiss.expired
    try:
        pin = Pin(form.get("pin", ""))
    except ValueError:
        return Amiss.empty
    asked, at = request.statement, datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    said = Statement(asked.purpose, asked.platform, asked.challenge, asked.grants, asked.about, chosen.digest, at)
    verdict, signature = station.bench.pad.sign(chosen.token, pin, said, chosen.certificate)
    if verdict is not Verdict.right:
        return verdict
    fields = {
        "challenge": said.challenge,
        "at": said.at,
        "certificate": _text(chosen.certificate),
        "chain": " ".join(_text(each) for each in chosen.chain),
        "signature": _text(signature),
    }
    return Answer(chosen.organisation, fields)


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()
