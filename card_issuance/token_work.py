"""What an act does to the token. Runs in the child that `token_child` forks for it, and ends with it.

Each act finds its token by the serial, exactly; holds the token's lock file while it works; and may be repeated after any
end of an earlier one. Answers and requests are JSON: bytes travel as base64, key ids as hex.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Collection
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from card_issuance import der
from card_issuance.faults import DriverFailed, DriverFault, KeyLost, TokenNotBlank, TokenRemoved
from card_issuance.simulated import Cabinet
from card_issuance.statement import Statement
from card_issuance.token_driver import PROFILES, Attribute, KeyPair, Module, Session, TokenFacts
from card_issuance.token_place import Place, Seat, alone, find, serial_of

_SIGNATURE_OIDS = {"rsa_2048": "1.2.840.113549.1.1.11", "p_256": "1.2.840.10045.4.3.2"}  # with SHA-256


def perform(request: dict[str, Any]) -> dict[str, Any]:
    """One act. The answer's fields are the act's own; raises DriverFault."""
    place = Place(
        kind=request["kind"],
        module=request["module"],
        state=Path(request["state"]),
        serials={int(slot): serial for slot, serial in request["serials"].items()},
        factory_officer_pin=request["factory_officer_pin"],
    )
    if request["act"] == "slots":
        return {"slots": [_slot_view(facts, serial_of(facts, place)) for facts in Module(place.module).tokens()]}
    act: str = request["act"]
    with alone(Cabinet(place.state).lock(request["serial"]), wait=act != "glance") as mine:
        return carried_out(place, act, request) if mine else {"busy": True}


def carried_out(place: Place, act: str, request: dict[str, Any]) -> dict[str, Any]:
    """The act, by whoever holds the token's lock."""
    arguments = request["arguments"]
    only_look = act in ("glance", "holdings") or (act == "inspect" and not any(arguments.values()))
    seat = find(place, request["serial"], only_look)
    try:
        answer = _ACTS[act](seat, **arguments)
    except DriverFailed as fault:
        if not seat.stayed():
            raise TokenRemoved(str(fault)) from None
        raise
    except DriverFault as fault:
        # Whatever is said of a token that was pulled meanwhile, "its key is lost" above all, says nothing.
        if not seat.stayed():
            raise TokenRemoved(str(fault)) from None
        seat.finish()  # a wrong PIN, say, leaves its trace on the token
        raise
    if not seat.stayed():
        raise TokenRemoved("pulled before the act ended")
    seat.finish()  # before the lock is released: the next act may begin at once
    return answer


def _slot_view(facts: TokenFacts, serial: str | None) -> dict[str, Any]:
    return {
        "slot": facts.slot,
        "serial": serial,
        "label": facts.label if facts.initialised else "",
        "initialised": facts.initialised,
        "model": facts.model,
        "location": facts.description,
        "user_pin": facts.user_pin,
    }


# --- the acts -------------------------------------------------------------------------------------------------------


def _glance(seat: Seat) -> dict[str, Any]:
    """What shows to anybody who has the token in his slot."""
    seen = _slot_view(seat.facts, seat.serial)
    if seat.facts.initialised:
        with seat.anybody() as session:
            pairs = [_key_sight(pair, logged_in=False) for pair in session.keys().values()]
            seen["keys"] = [{"id": pair["id"], "digest": pair["public_key_digest"] or ""} for pair in pairs]
            seen["certificates"] = [sha256(value).hexdigest() for _, value, _ in session.certificates()]
    return seen


def _inspect(seat: Seat, pin: str | None, officer_pin: str | None) -> dict[str, Any]:
    keys: list[dict[str, Any]] = []
    certificates: list[dict[str, str]] = []
    officer_ok = None
    if seat.facts.initialised:
        with seat.user(pin) if pin else seat.anybody() as session:
            keys = [_key_sight(pair, logged_in=bool(pin)) for pair in session.keys().values()]
            certificates = [{"id": i.hex(), "digest": sha256(value).hexdigest()} for i, value, _ in session.certificates()]
        if officer_pin:
            try:
                with seat.officer(officer_pin):
                    officer_ok = True
            except DriverFault as fault:
                if getattr(fault, "role", "") != "officer":
                    raise
                officer_ok = False
        seat.look_again()
    return _sight(seat) | {"officer_ok": officer_ok, "keys": keys, "certificates": certificates}


def _initialise(seat: Seat, officer_pin: str, pin: str, may_destroy: Collection[str]) -> dict[str, Any]:
    """C_InitToken only where there is no token yet. One of ours is emptied object by object instead: that can be refused at
    every object, leaves no moment without a token, and opencryptoki's officer PIN does not survive a second C_InitToken."""
    factory = seat.place.factory_officer_pin
    untouched = factory is not None and (seat.facts.officer_pin_is_factory or not seat.facts.initialised)
    if seat.facts.initialised:
        with seat.anybody() as session:
            _refuse_strangers(session, may_destroy)
    if not seat.facts.initialised or (untouched and seat.facts.label != seat.serial):
        seat.module.init_token(seat.facts.slot, factory or officer_pin, seat.serial)
        untouched = factory is not None
        seat.look_again()
    with seat.officer(factory if untouched and factory else officer_pin) as session:
        if untouched and factory:
            session.change_pin(factory, officer_pin)
        session.init_pin(pin)
    with seat.user(pin) as session:
        _refuse_strangers(session, may_destroy)  # now the private halves too
        for _, _, thing in session.objects():
            session.destroy(thing)
        if session.objects():
            raise DriverFailed("objects remain on the token after they were destroyed")
    seat.look_again()
    return _sight(seat) | {"officer_ok": True, "keys": [], "certificates": []}


def _refuse_strangers(session: Session, may_destroy: Collection[str]) -> None:
    permitted = {bytes.fromhex(key_id) for key_id in may_destroy}
    strangers = sorted({key_id.hex() or "(no id)" for _, key_id, _ in session.objects() if key_id not in permitted})
    if strangers:
        raise TokenNotBlank(f"on the token: {', '.join(strangers)}")


def _reset_pin(seat: Seat, officer_pin: str, pin: str) -> dict[str, Any]:
    with seat.officer(officer_pin) as session:
        session.init_pin(pin)
    with seat.user(pin):  # else the answer would be all that speaks for it
        return {}


def _try_pin(seat: Seat, pin: str) -> dict[str, Any]:
    with seat.user(pin):
        return {}


def _change_pin(seat: Seat, old: str, new: str) -> dict[str, Any]:
    with seat.user(old) as session:
        session.change_pin(old, new)
    with seat.user(new):
        return {}


def _generate(seat: Seat, pin: str, key_id: str, profile: str) -> dict[str, Any]:
    if profile not in PROFILES:
        raise DriverFailed(f"no such key profile: {profile}")
    wanted = bytes.fromhex(key_id)
    with seat.user(pin) as session:
        pair = session.keys().get(wanted)
        if pair and pair.is_whole and pair.kind == profile and _stays_there(pair):
            request = _request(pair, seat.serial, profile)
            if request:
                return {"request": _text(request)}
        if any(held == wanted for held, _, _ in session.certificates()):
            raise KeyLost(f"a certificate is there, its key {key_id} is not whole")
        for half in (*pair.private, *pair.public) if pair else ():
            session.destroy(half)
        request = _request(session.generate(wanted, key_id, profile), seat.serial, profile)
        if not request:
            raise DriverFailed("the new key's signature does not verify")
        return {"request": _text(request)}


def _write(seat: Seat, pin: str, key_id: str, certificate: str, chain: list[str]) -> dict[str, Any]:
    wanted, mine = bytes.fromhex(key_id), _bytes(certificate)
    placed = {mine: wanted} | {value: _key_identifier(value) for value in map(_bytes, chain)}
    with seat.user(pin) as session:
        _whole_key_of(session, wanted, mine)
        held = session.certificates()
        present = {(i, value) for i, value, _ in held}
        for value, place in placed.items():
            if (place, value) not in present:
                session.put_certificate(place, value)
        for i, value, thing in held:
            if (i == wanted and value != mine) or (i in placed.values() and not value):
                session.destroy(thing)
        after = [(i, value) for i, value, _ in session.certificates()]
        if any(after.count((place, value)) != 1 for value, place in placed.items()):
            raise DriverFailed("the certificates do not read back as written")
    return {}


def _prove(seat: Seat, pin: str, key_id: str, certificate: str, challenge: str) -> dict[str, Any]:
    """Only reads and signs; the parent judges."""
    wanted = bytes.fromhex(key_id)
    with seat.user(pin) as session:
        pair = _whole_key_of(session, wanted, _bytes(certificate))
        return {
            "signature": _text(pair.sign(_bytes(challenge))),
            "key": _key_sight(pair, logged_in=True),
            "certificates": [{"id": i.hex(), "der": _text(value)} for i, value, _ in session.certificates()],
        }


def _holdings(seat: Seat) -> dict[str, Any]:
    """The certificates themselves, and the public keys, without a PIN."""
    if not seat.facts.initialised:
        return {"keys": [], "certificates": []}
    with seat.anybody() as session:
        pairs = [_key_sight(pair, logged_in=False) for pair in session.keys().values()]
        keys = [{"id": pair["id"], "digest": pair["public_key_digest"] or ""} for pair in pairs]
        return {"keys": keys, "certificates": [{"id": i.hex(), "der": _text(der)} for i, der, _ in session.certificates()]}


def _sign_statement(seat: Seat, pin: str, statement: dict[str, Any]) -> dict[str, Any]:
    """The text is made here, from its parts: nobody who asks this child can have other bytes signed."""
    said = Statement.from_mapping(statement)
    with seat.user(pin) as session:
        held = [(i, der) for i, der, _ in session.certificates() if sha256(der).hexdigest() == said.certificate]
        if len(held) != 1:
            raise KeyLost(f"the token holds {len(held)} certificates of that digest")
        [(key_id, certificate)] = held
        return {"signature": _text(_whole_key_of(session, key_id, certificate).sign(said.as_bytes()))}


_ACTS: dict[str, Callable[..., dict[str, Any]]] = {
    "glance": _glance,
    "inspect": _inspect,
    "initialise": _initialise,
    "reset_pin": _reset_pin,
    "try_pin": _try_pin,
    "change_pin": _change_pin,
    "generate": _generate,
    "write": _write,
    "prove": _prove,
    "holdings": _holdings,
    "sign_statement": _sign_statement,
}


# --- their parts ----------------------------------------------------------------------------------------------------


def _sight(seat: Seat) -> dict[str, Any]:
    facts = asdict(seat.facts)
    names = ("initialised", "label", "model", "user_pin", "officer_pin")
    return {"serial": seat.serial} | {name: facts[name] for name in names}


def _key_sight(pair: KeyPair, logged_in: bool) -> dict[str, Any]:
    spki = pair.spki
    return {
        "id": pair.id.hex(),
        "kind": pair.kind,
        "public_key_digest": sha256(spki).hexdigest() if spki else None,
        "private": len(pair.private) == 1 if logged_in else None,
        "local": pair.private_fact(Attribute.LOCAL),
        "sensitive": pair.private_fact(Attribute.SENSITIVE),
        "extractable": pair.private_fact(Attribute.EXTRACTABLE),
    }


def _stays_there(pair: KeyPair) -> bool:
    facts = [pair.private_fact(a) for a in (Attribute.LOCAL, Attribute.SENSITIVE, Attribute.EXTRACTABLE)]
    return facts == [True, True, False]


def _whole_key_of(session: Session, key_id: bytes, certificate: bytes) -> KeyPair:
    pair = session.keys().get(key_id)
    if pair is None or not pair.is_whole:
        raise KeyLost(f"the token does not hold the key {key_id.hex()}")
    public = x509.load_der_x509_certificate(certificate).public_key()
    if public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) != pair.spki:
        raise KeyLost(f"the certificate is not for the key {key_id.hex()} on the token")
    return pair


def _request(pair: KeyPair, serial: str, profile: str) -> bytes | None:
    """PKCS#10 (RFC 2986), DER, signed by the key; None if the signature does not verify: the halves do not belong together."""
    spki = pair.spki
    if spki is None:
        return None
    name = der.sequence(der.one_in_set(der.sequence(der.object_id("2.5.4.3"), der.utf8(serial))))
    information = der.sequence(der.integer(0), name, spki, der.element(0xA0, b""))
    null = [der.null()] if profile.startswith("rsa_") else []
    algorithm = der.sequence(der.object_id(_SIGNATURE_OIDS[profile]), *null)
    request = der.sequence(information, algorithm, der.bit_string(pair.sign(information)))
    return request if x509.load_der_x509_csr(request).is_signature_valid else None


def _key_identifier(certificate: bytes) -> bytes:
    """CKA_ID of a chain certificate: what RFC 5280, 4.2.1.2 (1), calls its key."""
    public: Any = x509.load_der_x509_certificate(certificate).public_key()
    return x509.SubjectKeyIdentifier.from_public_key(public).digest


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
