"""Officer PINs: derived, never stored. Who has the master file can open every token's officer side, nobody else can.

The master keys live on the stations only; the office knows a version and an epoch. A lost database loses no token,
a stolen one opens none.
"""

from __future__ import annotations

import json
import os
import secrets
import stat
import string
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from card_issuance.pin import Pin

_ALPHABET = string.ascii_letters + string.digits
_MASTER_BYTES = 32


def derive(master: bytes, serial: str, epoch: int, length: int) -> Pin:
    """The officer PIN of one token: `length` (4 to 32) letters and digits, HKDF-SHA-256 (RFC 5869) over the master key.

    `epoch` counts up whenever the office wants another officer PIN for the same token; it is recorded before it is used.
    """
    if len(master) < _MASTER_BYTES:
        raise ValueError(f"an officer master key has at least {_MASTER_BYTES} bytes")
    if not serial or epoch < 0 or not 4 <= length <= 32:
        raise ValueError("an officer PIN needs a serial, an epoch from 0 and a length from 4 to 32")
    info = json.dumps(["one-certificate officer PIN", 1, serial, epoch, length]).encode()
    stream = HKDF(algorithm=SHA256(), length=512, salt=None, info=info).derive(master)
    fair = 256 - 256 % len(_ALPHABET)  # higher bytes are skipped, else the first letters come more often
    letters = [_ALPHABET[byte % len(_ALPHABET)] for byte in stream if byte < fair]
    return Pin("".join(letters[:length]))


@dataclass(frozen=True, slots=True)
class Masters:
    """The master keys of one installation, by version. Kept in a JSON file that only its owner can read."""

    current: int
    _keys: dict[int, bytes] = field(repr=False)

    @staticmethod
    def make(path: Path) -> Masters:
        """A file with one new master key (version 1). FileExistsError rather than overwriting one: that would orphan tokens."""
        masters = Masters(1, {1: secrets.token_bytes(_MASTER_BYTES)})
        masters._write(path, os.O_EXCL)
        return masters

    @staticmethod
    def read(path: Path) -> Masters:
        """PermissionError if others could read the file, ValueError if it is not a masters file."""
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise PermissionError(f"{path} holds officer master keys and must be readable by its owner only (chmod 600)")
        try:
            content = json.loads(path.read_text())
            keys = {int(version): bytes.fromhex(key) for version, key in content["masters"].items()}
            masters = Masters(int(content["current"]), keys)
        except (KeyError, TypeError, AttributeError, ValueError):
            raise ValueError(f"{path} is not a file of officer master keys") from None
        if masters.current not in keys or any(len(key) < _MASTER_BYTES for key in keys.values()):
            raise ValueError(f"{path} is not a file of officer master keys")
        return masters

    def renewed(self, path: Path) -> Masters:
        """One version more, which becomes the current one. The older ones stay: tokens out there depend on them."""
        version = max(self._keys) + 1
        masters = Masters(version, self._keys | {version: secrets.token_bytes(_MASTER_BYTES)})
        fresh = path.with_name(path.name + ".new")
        fresh.unlink(missing_ok=True)
        masters._write(fresh, os.O_EXCL)
        fresh.replace(path)
        return masters

    def officer_pin(self, version: int, serial: str, epoch: int, length: int) -> Pin:
        """KeyError if this installation has no master key of that version."""
        if version not in self._keys:
            raise KeyError(f"no officer master key of version {version} here")
        return derive(self._keys[version], serial, epoch, length)

    def _write(self, path: Path, flags: int) -> None:
        content = {"current": self.current, "masters": {str(v): key.hex() for v, key in self._keys.items()}}
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | flags, 0o600), "w") as file:
            json.dump(content, file)
            file.flush()
            os.fsync(file.fileno())
