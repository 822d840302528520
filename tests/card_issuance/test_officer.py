"""Officer PINs are derived, and the master keys' file is guarded."""

import hmac
import json
import stat
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_issuance.officer import Masters, derive

MASTER = bytes(range(32))


def test_the_derivation_does_not_change():
    """Tokens out there depend on it: these values are for ever. Worked out from RFC 5869 by hand below."""
    assert derive(MASTER, "BJ26000001", 0, 24).reveal() == by_the_book(MASTER, "BJ26000001", 0, 24)
    assert derive(MASTER, "OCK0001", 3, 8).reveal() == by_the_book(MASTER, "OCK0001", 3, 8)


def by_the_book(master: bytes, serial: str, epoch: int, length: int) -> str:
    """HKDF-SHA-256, extract with a zero salt, expand; bytes below 248 modulo 62 over a–z A–Z 0–9."""
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    key = hmac.digest(bytes(32), master, sha256)
    info = f'["one-certificate officer PIN", 1, "{serial}", {epoch}, {length}]'.encode()
    block, stream = b"", b""
    for number in range(1, 17):
        block = hmac.digest(key, block + info + bytes((number,)), sha256)
        stream += block
    return "".join(letters[byte % 62] for byte in stream if byte < 248)[:length]


@given(st.from_regex(r"[A-Z0-9]{1,20}", fullmatch=True), st.integers(0, 10**6), st.integers(4, 32))
def test_every_input_counts(serial, epoch, length):
    pin = derive(MASTER, serial, epoch, length)
    assert len(pin.reveal()) == length
    assert pin == derive(MASTER, serial, epoch, length)
    others = [
        derive(MASTER, serial + "1", epoch, length + 8 if length < 20 else length),
        derive(bytes(32), serial, epoch, length),
        derive(MASTER, serial, epoch + 1, length),
    ]
    if length >= 8:
        assert pin not in others


@pytest.mark.parametrize(
    ("master", "serial", "epoch", "length"),
    [(bytes(31), "A", 0, 8), (MASTER, "", 0, 8), (MASTER, "A", -1, 8), (MASTER, "A", 0, 3), (MASTER, "A", 0, 33)],
)
def test_nonsense_is_refused(master, serial, epoch, length):
    with pytest.raises(ValueError, match="officer"):
        derive(master, serial, epoch, length)


def test_the_masters_file_is_its_owners_only_and_never_overwritten(tmp_path):
    file = tmp_path / "masters.json"
    made = Masters.make(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert Masters.read(file) == made
    with pytest.raises(FileExistsError):
        Masters.make(file)
    assert Masters.read(file) == made


def test_a_masters_file_that_others_may_read_is_refused(tmp_path):
    file = tmp_path / "masters.json"
    Masters.make(file)
    for mode in (0o640, 0o604, 0o660):
        file.chmod(mode)
        with pytest.raises(PermissionError, match="owner only"):
            Masters.read(file)


def test_a_renewed_master_keeps_the_older_ones(tmp_path):
    file = tmp_path / "masters.json"
    first = Masters.make(file)
    second = first.renewed(file)
    assert Masters.read(file) == second
    assert second.current == 2
    assert second.officer_pin(1, "A1", 0, 24) == first.officer_pin(1, "A1", 0, 24)
    assert second.officer_pin(2, "A1", 0, 24) != first.officer_pin(1, "A1", 0, 24)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(KeyError, match="version 3"):
        second.officer_pin(3, "A1", 0, 24)


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"current": 1, "masters": {}}', '{"current": 1, "masters": {"1": "00"}}', '{"current":1,"masters":[]}'],
)
def test_a_damaged_masters_file_is_refused(tmp_path, content):
    file = tmp_path / "masters.json"
    file.touch(0o600)
    file.write_text(content)
    with pytest.raises(ValueError, match="not a file of officer master keys"):
        Masters.read(file)


def test_masters_do_not_show_their_keys(tmp_path):
    file = tmp_path / "masters.json"
    made = Masters.make(file)
    key = json.loads(file.read_text())["masters"]["1"]
    assert key not in repr(made)
    assert repr(bytes.fromhex(key))[2:-1] not in repr(made)
