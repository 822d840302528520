"""A holder who comes back to the counter: a token with a live certificate on it, and the PIN in his head."""

import json
from dataclasses import dataclass
from hashlib import sha256
from time import monotonic, sleep

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from card_issuance import token_acts
from card_issuance.pin import Pin, new_pin
from card_issuance.slots import ModuleSettings
from card_issuance.token_acts import Proof
from models.rulebook.vocabulary import RunKind
from tests.card_issuance.counter import Counter, csrf_of, fetch
from tests.card_issuance.office_twin import OfficeTwin, TwinHeld, TwinRun
from tests.opencryptoki import SLOT, SoftwareToken

OLD_KEY = "0d" * 16
STILL_WORKING = "该介质正在制证，请完成后再试。".encode()


@dataclass
class Holder:
    counter: Counter
    serial: str
    profile: str
    pin: Pin
    key_id: str
    certificate: bytes

    @property
    def held(self) -> TwinHeld:
        return TwinHeld(self.key_id, spki_digest(self.certificate), self.certificate)

    def asks_for(self, kind: RunKind) -> TwinRun:
        return self.counter.office.queue(self.serial, self.profile, kind, self.held)

    def proof(self, pin: Pin | None = None) -> Proof:
        """His key signs and his certificate is there, byte for byte: by an independent child, with a fresh challenge."""
        return token_acts.prove(self.counter.where, self.serial, pin or self.pin, self.key_id, self.certificate, ())

    def things(self) -> tuple[frozenset[str], frozenset[str]]:
        """Digests of all keys and certificates on the token."""
        seen = token_acts.inspect(self.counter.where, self.serial)
        keys = frozenset(f"{key.id}:{key.public_key_digest}" for key in seen.keys)
        return keys, frozenset(certificate.digest for certificate in seen.certificates)

    def types(self, page: str, pin: Pin, way: str = "give", **more: str) -> bytes:
        """At the station's own page; the answer after the redirect.

        The office hears that a run stopped a moment before the station has laid the token down. Until then the
        page tries nothing and says so, and a holder types his PIN again.
        """
        address = f"{page}pin/{self.serial}/{way}"
        answers: list[bytes] = []

        def heard() -> bool:
            form = {"csrf": self.csrf(page, way), "lang": "zh", "pin": pin.reveal()} | more
            answers.append(fetch(address, form)[1])
            return STILL_WORKING not in answers[-1]

        soon(heard)
        return answers[-1]

    def csrf(self, page: str, way: str = "give") -> str:
        """Of the page with the question on it, once it is there."""
        address = f"{page}pin/{self.serial}/{way}"
        soon(lambda: b'type="password"' in fetch(address)[1])
        return csrf_of(fetch(address)[1])


def hold(counter: Counter, serial: str, profile: str = "p_256", key_id: str = OLD_KEY) -> Holder:
    """Issued earlier, by whatever station."""
    where, authority = counter.where, counter.office.authority
    officer = counter.store.masters().officer_pin(1, serial, 1, where.officer_pin_length)
    pin = new_pin(where.pin_length, serial)
    token_acts.initialise(where, serial, officer, pin)
    request = token_acts.generate(where, serial, pin, key_id, profile)
    certificate = authority.certify(x509.load_pem_x509_csr(request).public_key())
    token_acts.write(where, serial, pin, key_id, certificate, authority.chain())
    return Holder(counter, serial, profile, pin, key_id, certificate)


def settle_at(counter: Counter, token: SoftwareToken) -> None:
    """The station's settings name opencryptoki's module; nothing else is told."""
    settings: ModuleSettings = token.settings
    assert settings.factory_officer_pin is not None
    lines = [
        f"office_url = {json.dumps(counter.office.url)}",
        "demonstration = true",
        "[token]",
        'kind = "fixed"',
        f"module = {json.dumps(settings.module)}",
        f"serials = {{ {SLOT} = {json.dumps(settings.serials[SLOT])} }}",
        f"factory_officer_pin = {json.dumps(settings.factory_officer_pin.reveal())}",
        "pin_max = 8",
        "pin_tries = 3",
        "officer_pin_length = 8",
        f"launcher = {json.dumps(list(settings.launcher))}",
    ]
    (counter.store.directory / "station.toml").write_text("\n".join(lines))


def page_of(office: OfficeTwin) -> str:
    """Where the station says that its page is."""
    office.until(lambda: office.poll.get("page"), "a poll")
    return str(office.poll["page"])


def soon(true: object, seconds: float = 10) -> None:
    end = monotonic() + seconds
    while not true():  # type: ignore[operator]
        assert monotonic() < end
        sleep(0.02)


def spki_digest(certificate: bytes) -> str:
    public = x509.load_der_x509_certificate(certificate).public_key()
    return sha256(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
