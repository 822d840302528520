"""PKCS#11 in the words of this trade: tokens, logins, key pairs, certificates. Runs in a child process, one act per child.

Every error of the module becomes a fault of `card_issuance.faults`. Hashing happens outside the token and signing by
CKM_RSA_PKCS or CKM_ECDSA, because not every module hashes and signs in one mechanism (opencryptoki's does not).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from card_issuance.der import integer
from card_issuance.faults import DriverFailed, PinFault, PinLocked, PinWrong, TokenRemoved
from card_issuance.pkcs11_module import initialise_token, pkcs11

Attribute, ObjectClass, Mechanism = pkcs11.Attribute, pkcs11.ObjectClass, pkcs11.Mechanism

PROFILES: Final = ("rsa_2048", "p_256")
_P256 = bytes.fromhex("06082a8648ce3d030107")  # the named curve's object identifier, DER
_SHA256_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")  # PKCS #1, 9.2, note 1
_CKR: Final = {0x30: "device error", 0x32: "removed", 0xA0: "wrong", 0xA2: "length", 0xA4: "locked", 0xE0: "removed"}


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """A token in a slot, as C_GetTokenInfo tells."""

    slot: int
    description: str
    label: str
    serial: str
    model: str
    initialised: bool
    user_pin: str  # "unset", "ok", "low", "final", "locked"
    officer_pin: str  # "unset", "ok", "low", "final", "locked"
    officer_pin_is_factory: bool  # it must be changed before use


@dataclass(frozen=True)
class KeyPair:
    """What lies under one CKA_ID: none, one or (never of our making) several public and private halves."""

    id: bytes
    public: tuple[Any, ...]
    private: tuple[Any, ...]

    @property
    def is_whole(self) -> bool:
        return len(self.public) == 1 and len(self.private) == 1

    @cached_property  # SoftHSM locks and looks at a file for every attribute that it is asked
    def kind(self) -> str:
        """The profile's name, or what the key is instead."""
        half = (*self.public, *self.private)[0]
        kind = _read(half, Attribute.KEY_TYPE)
        if kind == pkcs11.KeyType.RSA:
            return f"rsa_{len(_read(half, Attribute.MODULUS) or b'') * 8}"
        if kind == pkcs11.KeyType.EC:
            return "p_256" if _read(half, Attribute.EC_PARAMS) == _P256 else "ec"
        return str(kind)

    @cached_property
    def spki(self) -> bytes | None:
        """SubjectPublicKeyInfo in DER, from the public half; None without one or if it cannot be read."""
        if len(self.public) != 1:
            return None
        half = self.public[0]
        try:
            if self.kind.startswith("rsa_"):
                modulus, exponent = _read(half, Attribute.MODULUS), _read(half, Attribute.PUBLIC_EXPONENT)
                public: Any = rsa.RSAPublicNumbers(int.from_bytes(exponent), int.from_bytes(modulus)).public_key()
            else:
                point = _read(half, Attribute.EC_POINT)
                point = point[2:] if point[:2] == bytes((4, len(point) - 2)) else point  # in an OCTET STRING, or bare
                public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        except (TypeError, ValueError):
            return None
        return bytes(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))

    def private_fact(self, attribute: Any) -> bool | None:
        """A boolean attribute of the private half; None if it is not seen or not told."""
        return _read(self.private[0], attribute) if len(self.private) == 1 else None

    def sign(self, data: bytes) -> bytes:
        """SHA-256 with RSA PKCS #1 v1.5 or ECDSA (DER), by the one private half."""
        (private,) = self.private
        digest = sha256(data).digest()
        with translated("sign"):
            if self.kind.startswith("rsa_"):
                return bytes(private.sign(_SHA256_DIGEST_INFO + digest, mechanism=Mechanism.RSA_PKCS))
            raw = bytes(private.sign(digest, mechanism=Mechanism.ECDSA))
        half = len(raw) // 2
        return encode_dss_signature(int.from_bytes(raw[:half]), int.from_bytes(raw[half:]))


class Module:
    """A loaded PKCS#11 library. The library's environment must be set before."""

    def __init__(self, path: str) -> None:
        self.path = path
        with translated("load"):
            self._lib: Any = pkcs11.lib(path)

    def tokens(self) -> list[TokenFacts]:
        with translated("list slots"):
            slots = self._lib.get_slots(True)
        return [facts for slot in slots if (facts := _facts(slot)) is not None]

    def token(self, slot: int) -> TokenFacts | None:
        """What is in this slot now."""
        return next((facts for facts in self.tokens() if facts.slot == slot), None)

    def init_token(self, slot: int, officer_pin: str, label: str) -> None:
        """C_InitToken. Destroys everything: the caller has made sure that there is nothing."""
        answer = initialise_token(self.path, slot, officer_pin.encode(), label)
        meaning = _CKR.get(answer, "")
        if meaning == "wrong":
            raise PinWrong("C_InitToken", "officer")
        if meaning == "locked":
            raise PinLocked("C_InitToken", "officer")
        if meaning == "removed":
            raise TokenRemoved("C_InitToken")
        if answer:
            raise DriverFailed(f"C_InitToken: {meaning} {answer:#x}")

    @contextmanager
    def session(self, slot: int, role: str = "", pin: str = "") -> Iterator[Session]:
        """A read-write session. `role`: "" (no login), "user" or "officer". PinWrong, PinLocked if the login fails."""
        with translated("open session"):
            held = next((s for s in self._lib.get_slots(True) if s.slot_id == slot), None)
            if held is None:
                raise TokenRemoved("open session: the slot is empty")
            token = held.get_token()
            login = {"user": {"user_pin": pin}, "officer": {"so_pin": pin}, "": {}}[role]
            try:
                opened = token.open(rw=True, **login)
            except (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange, pkcs11.PinLocked) as refused:
                raise self._login_fault(slot, role, refused) from None
            except pkcs11.UserPinNotInitialized:
                raise PinWrong("the token has no user PIN yet", role) from None
        try:
            yield Session(opened)
        finally:
            with suppress(pkcs11.PKCS11Error):  # the session may have gone with the token; the act has its own fault
                opened.close()

    def finish(self) -> None:
        """No call after this one."""
        with translated("C_Finalize"):
            self._lib.finalize()

    def _login_fault(self, slot: int, role: str, refused: Exception) -> PinFault:
        facts = self.token(slot)
        left = getattr(facts, f"{role}_pin", "") if facts else ""
        if isinstance(refused, pkcs11.PinLocked) or left == "locked":
            return PinLocked(f"{role} PIN", role)
        return PinWrong(f"{role} PIN; the token says of its tries: {left or 'nothing'}", role)


class Session:
    """What can be done on a token while it is open."""

    def __init__(self, opened: Any) -> None:
        self._opened = opened
        self._seen: list[tuple[Any, bytes, Any]] | None = None

    def change_pin(self, old: str, new: str) -> None:
        """Of the role that is logged in (C_SetPIN)."""
        with translated("C_SetPIN"):
            self._opened.set_pin(old, new)

    def init_pin(self, pin: str) -> None:
        """A new user PIN, by the officer (C_InitPIN); also unlocks."""
        with translated("C_InitPIN"):
            self._opened.init_pin(pin)

    def objects(self) -> list[tuple[Any, bytes, Any]]:
        """Everything on the token that this login sees: (class or None if unreadable, CKA_ID, object)."""
        if self._seen is None:
            with translated("find objects"):
                found = list(self._opened.get_objects({Attribute.TOKEN: True}))
            self._seen = [
                (getattr(thing, "object_class", None), bytes(_read(thing, Attribute.ID) or b""), thing) for thing in found
            ]
        return self._seen

    def keys(self) -> dict[bytes, KeyPair]:
        """Key pairs, whole or not, by CKA_ID."""
        halves: dict[bytes, tuple[list[Any], list[Any]]] = {}
        for kind, key_id, thing in self.objects():
            if kind in (ObjectClass.PUBLIC_KEY, ObjectClass.PRIVATE_KEY):
                halves.setdefault(key_id, ([], []))[kind == ObjectClass.PRIVATE_KEY].append(thing)
        return {key_id: KeyPair(key_id, tuple(public), tuple(private)) for key_id, (public, private) in halves.items()}

    def certificates(self) -> list[tuple[bytes, bytes, Any]]:
        """(CKA_ID, DER, object); the DER is empty if it cannot be read."""
        return [
            (key_id, bytes(_read(thing, Attribute.VALUE) or b""), thing)
            for kind, key_id, thing in self.objects()
            if kind == ObjectClass.CERTIFICATE
        ]

    def generate(self, key_id: bytes, label: str, profile: str) -> KeyPair:
        """A pair that is born on the token and stays there; for signing only."""
        private = {Attribute.PRIVATE: True, Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False}
        use = pkcs11.MechanismFlag.SIGN | pkcs11.MechanismFlag.VERIFY
        common = {"id": key_id, "label": label, "store": True, "capabilities": use, "private_template": private}
        self._seen = None
        with translated(f"generate {profile}"):
            if profile == "rsa_2048":
                halves = self._opened.generate_keypair(pkcs11.KeyType.RSA, 2048, **common)
            elif profile == "p_256":
                curve = self._opened.create_domain_parameters(pkcs11.KeyType.EC, {Attribute.EC_PARAMS: _P256}, local=True)
                halves = curve.generate_keypair(**common)
            else:
                raise DriverFailed(f"no such key profile: {profile}")
        return KeyPair(key_id, (halves[0],), (halves[1],))

    def destroy(self, thing: Any) -> None:
        self._seen = None
        with translated("destroy object"):
            thing.destroy()

    def put_certificate(self, key_id: bytes, der: bytes) -> None:
        certificate = x509.load_der_x509_certificate(der)
        self._seen = None
        with translated("write certificate"):
            self._opened.create_object(
                {
                    Attribute.CLASS: ObjectClass.CERTIFICATE,
                    Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
                    Attribute.TOKEN: True,
                    Attribute.PRIVATE: False,
                    Attribute.ID: key_id,
                    Attribute.LABEL: _name_of(certificate),
                    Attribute.SUBJECT: certificate.subject.public_bytes(),
                    Attribute.ISSUER: certificate.issuer.public_bytes(),
                    Attribute.SERIAL_NUMBER: integer(certificate.serial_number),
                    Attribute.VALUE: der,
                }
            )


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """The module's errors as ours. `doing` names the call for the technician."""
    try:
        yield
    except (pkcs11.DeviceRemoved, pkcs11.TokenNotPresent, pkcs11.SlotIDInvalid) as gone:
        raise TokenRemoved(f"{doing}: {type(gone).__name__}") from None
    except pkcs11.PKCS11Error as error:
        raise DriverFailed(f"{doing}: {type(error).__name__} {error}".strip()) from None


def _facts(slot: Any) -> TokenFacts | None:
    try:
        token = slot.get_token()
    except (pkcs11.TokenNotPresent, pkcs11.TokenNotRecognised, pkcs11.DeviceRemoved):
        return None
    except pkcs11.PKCS11Error as error:
        raise DriverFailed(f"read token: {type(error).__name__}") from None
    flags, flag = token.flags, pkcs11.TokenFlag
    initialised = bool(flags & flag.TOKEN_INITIALIZED)

    def tries(locked: Any, final: Any, low: Any) -> str:
        return "locked" if flags & locked else "final" if flags & final else "low" if flags & low else "ok"

    user = tries(flag.USER_PIN_LOCKED, flag.USER_PIN_FINAL_TRY, flag.USER_PIN_COUNT_LOW)
    return TokenFacts(
        slot=int(slot.slot_id),
        description=slot.slot_description.strip(),
        label=token.label.strip(),
        serial=token.serial.decode("ascii", "replace").strip(" \0"),
        model=token.model.strip(),
        initialised=initialised,
        user_pin=user if flags & flag.USER_PIN_INITIALIZED else "unset",
        # SoftHSM calls the officer PIN of a slot without a token locked.
        officer_pin=tries(flag.SO_PIN_LOCKED, flag.SO_PIN_FINAL_TRY, flag.SO_PIN_COUNT_LOW) if initialised else "unset",
        officer_pin_is_factory=bool(flags & flag.SO_PIN_TO_BE_CHANGED),
    )


def _read(thing: Any, attribute: Any) -> Any:
    """An attribute, or None where the token does not tell it; half-written objects lack some."""
    try:
        return thing[attribute]
    except (pkcs11.AttributeTypeInvalid, pkcs11.AttributeSensitive, pkcs11.FunctionFailed, ValueError, LookupError):
        return None
    except pkcs11.PKCS11Error as error:
        raise DriverFailed(f"read {attribute.name}: {type(error).__name__}") from None


def _name_of(certificate: x509.Certificate) -> str:
    names = [a for oid in ("2.5.4.10", "2.5.4.3") for a in certificate.subject if a.oid.dotted_string == oid]
    return str(names[0].value) if names else ""
