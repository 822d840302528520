"""The process that holds one authority key: `python -m card_issuance.authority_child ROLE MODULE`, run in the folder of
the key's token.

It reads the token's PIN itself, so that the office never has it. As "issuing" it signs certificates only through the
record beside it, and otherwise nothing but revocation lists; as "ocsp" it signs answers of status and nothing else; as
"root" it signs what the founding asks for.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from card_issuance.authority_directory import ISSUING, ISSUING_CERTIFICATE, OCSP, PIN_FILE, RECORD
from card_issuance.authority_record import RESPONDER, AlreadySigned, AuthorityRecord
from card_issuance.der import tags_within
from card_issuance.lasting_child import ChildFault, answer_questions, refuse_to_start
from card_issuance.pkcs11_module import initialise_token, pkcs11

_KEY_LABEL = "authority"


class Signer:
    """One token, logged in, and its one key."""

    def __init__(self, module: str, label: str) -> None:
        self._module = module
        self._label = label
        self._library = pkcs11.lib(module)
        pin_file = Path(PIN_FILE)
        if pin_file.stat().st_mode & 0o077:
            raise ChildFault("open_to_others", f"{pin_file.resolve()} must be readable by its owner only (chmod 600).")
        self._pins: dict[str, str] = json.loads(pin_file.read_text())
        self._key: Any = None
        self.public_key = b""  # PKCS#1 RSAPublicKey, DER; empty while the token is blank
        if any(token.label == label for token in self._tokens()):
            self._log_in()

    def make_key(self, facts: dict[str, Any], _: bytes) -> tuple[dict[str, Any], bytes]:
        """Initialises the blank token and makes its key on it: never extractable, for signing only."""
        if self._key is not None:
            raise ChildFault("not_blank", "This token holds the authority's key already.")
        slot = next(slot for slot in self._library.get_slots() if not self._initialised(slot))
        answer = initialise_token(self._module, slot.slot_id, self._pins["officer"].encode(), self._label)
        if answer:
            raise ChildFault("token", f"C_InitToken answered 0x{answer:x}.")
        self._library.reinitialize()  # slots are numbered anew
        with self._token().open(rw=True, so_pin=self._pins["officer"]) as session:
            session.init_pin(self._pins["user"])
        attribute = pkcs11.Attribute
        with self._token().open(rw=True, user_pin=self._pins["user"]) as session:
            session.generate_keypair(
                pkcs11.KeyType.RSA,
                facts["bits"],
                label=_KEY_LABEL,
                store=True,
                capabilities=pkcs11.MechanismFlag.SIGN | pkcs11.MechanismFlag.VERIFY,
                private_template={attribute.SENSITIVE: True, attribute.EXTRACTABLE: False, attribute.PRIVATE: True},
            )
        self._log_in()
        return {}, self.public_key

    def sign(self, to_be_signed: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 with SHA-256: the same bytes give the same signature."""
        if self._key is None:
            raise ChildFault("no_key", "The token holds no authority key.")
        return bytes(self._key.sign(to_be_signed, mechanism=pkcs11.Mechanism.SHA256_RSA_PKCS))

    def _log_in(self) -> None:
        session = self._token().open(user_pin=self._pins["user"])
        attribute, kind = pkcs11.Attribute, pkcs11.ObjectClass
        self._key = session.get_key(object_class=kind.PRIVATE_KEY, label=_KEY_LABEL)
        for name, needed in ((attribute.SENSITIVE, True), (attribute.EXTRACTABLE, False), (attribute.LOCAL, True)):
            if self._key[name] is not needed:
                raise ChildFault("key_exposed", f"The authority's key must have {name.name} {needed}.")
        public = session.get_key(object_class=kind.PUBLIC_KEY, label=_KEY_LABEL)
        self.public_key = pkcs11.util.rsa.encode_rsa_public_key(public)

    def _token(self) -> Any:
        return self._library.get_token(token_label=self._label)

    def _tokens(self) -> list[Any]:
        return [slot.get_token() for slot in self._library.get_slots() if self._initialised(slot)]

    @staticmethod
    def _initialised(slot: Any) -> bool:
        return bool(slot.get_token().flags & pkcs11.TokenFlag.TOKEN_INITIALIZED)


def is_certificate(to_be_signed: bytes) -> bool:
    """Whether the bytes begin as a TBSCertificate of version 3 does (RFC 5280, 4.1)."""
    return tags_within(to_be_signed)[:1] == [0xA0]


def is_list(to_be_signed: bytes) -> bool:
    """Whether they begin as a TBSCertList does: version, algorithm, issuer, and a time where a certificate of version 1
    would have a sequence of two (RFC 5280, 5.1)."""
    match tags_within(to_be_signed)[:4]:
        case [0x02, 0x30, 0x30, 0x17 | 0x18]:
            return True
    return False


def is_answer(to_be_signed: bytes) -> bool:
    """Whether they begin as a ResponseData does that names its responder by key: no certificate and no list begins with
    [2] (RFC 6960, 4.2.1)."""
    return tags_within(to_be_signed)[:3] == [0xA2, 0x18, 0x30]


def is_for_responder(to_be_signed: bytes) -> bool:
    """Whether they are a certificate for the authority's own responder, byte for byte as its profile says."""
    from cryptography import x509

    from card_issuance.profile import is_responder

    return is_responder(to_be_signed, x509.load_der_x509_certificate(Path("..", ISSUING_CERTIFICATE).read_bytes()))


def run(role: str, module: str) -> None:
    os.umask(0o077)
    try:
        signer = Signer(module, f"authority-{role}")
        record = AuthorityRecord(Path("..", RECORD)) if role == ISSUING else None
    except ChildFault as fault:
        return refuse_to_start(fault.code, str(fault))
    except Exception as fault:
        return refuse_to_start("key_store", f"{type(fault).__name__}: {fault}".removesuffix(": "))

    def issue(facts: dict[str, Any], to_be_signed: bytes) -> tuple[dict[str, Any], bytes]:
        if record is None or not is_certificate(to_be_signed) or facts["transaction"].startswith(RESPONDER):
            raise ChildFault("no_certificate", "These bytes are no certificate for this key to sign.")
        return recorded(record, facts["transaction"], facts["serial"], to_be_signed)

    def delegate(facts: dict[str, Any], to_be_signed: bytes) -> tuple[dict[str, Any], bytes]:
        if record is None or not is_for_responder(to_be_signed):
            raise ChildFault("no_certificate", "These bytes are no certificate for this authority's responder.")
        return recorded(record, RESPONDER + facts["serial"], facts["serial"], to_be_signed)

    def recorded(record: AuthorityRecord, transaction: str, serial: str, to_be_signed: bytes) -> tuple[dict[str, Any], bytes]:
        try:
            return {}, record.sign_once(transaction, serial, to_be_signed, signer.sign)
        except AlreadySigned:
            raise ChildFault(
                "already_signed", "This transaction or serial number belongs to another certificate already."
            ) from None

    def sign(_: dict[str, Any], to_be_signed: bytes) -> tuple[dict[str, Any], bytes]:
        if role == ISSUING and not is_list(to_be_signed):
            raise ChildFault("no_list", "Beside certificates this key signs revocation lists only.")
        if role == OCSP and not is_answer(to_be_signed):
            raise ChildFault("no_answer", "This key signs answers of status only.")
        return {}, signer.sign(to_be_signed)

    return answer_questions(
        {"make_key": signer.make_key, "sign": sign, "issue": issue, "delegate": delegate},
        {"public_key": signer.public_key.hex()},
    )


if __name__ == "__main__":
    run(sys.argv[1], sys.argv[2])
