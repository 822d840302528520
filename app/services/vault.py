"""Personal numbers at rest: sealed with a key that lies outside the database, found again by a keyed digest."""

import hashlib
import hmac
import os
import unicodedata

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
_FORM = b"\x01"  # first byte of everything sealed, so that a later form can be told apart
_NONCE_BYTES = 12


class Unsealable(Exception):
    """The sealed value was changed, belongs to another place, or was sealed with another key."""


class Vault:
    """AES-256-GCM for secrecy, HMAC-SHA-256 for finding. Two keys, both derived from the one given.

    `place` names the row and column, e.g. "case_file.presenter_id:HD01-20261121-0042"; it is bound as associated data, so that
    a sealed value copied into another row does not open there.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"the vault's key must be {KEY_BYTES} bytes")
        self._cipher = AESGCM(_derive(key, b"seal"))
        self._digest_key = _derive(key, b"digest")

    def __repr__(self) -> str:
        return "Vault(…)"

    def __reduce__(self) -> str:
        raise TypeError("a vault is not to be pickled")

    def seal_bytes(self, clear: bytes, place: str) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return _FORM + nonce + self._cipher.encrypt(nonce, clear, place.encode())

    def open_bytes(self, sealed: bytes, place: str) -> bytes:
        """Raises Unsealable."""
        form, nonce, body = sealed[:1], sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        if form != _FORM or len(nonce) != _NONCE_BYTES:
            raise Unsealable()
        try:
            return self._cipher.decrypt(nonce, body, place.encode())
        except InvalidTag:
            raise Unsealable() from None

    def seal(self, text: str, place: str) -> bytes:
        return self.seal_bytes(text.encode(), place)

    def open(self, sealed: bytes, place: str) -> str:
        """Raises Unsealable."""
        return self.open_bytes(sealed, place).decode()

    def digest(self, text: str) -> str:
        """64 hex characters, equal for equal numbers: blanks and hyphens, width and case of letters do not count."""
        folded = unicodedata.normalize("NFKC", text).upper()
        folded = "".join(character for character in folded if not character.isspace() and character != "-")
        return hmac.new(self._digest_key, folded.encode(), hashlib.sha256).hexdigest()


def _derive(key: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"office vault " + purpose).derive(key)
