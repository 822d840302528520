"""Only the office's own words are believed, lately signed and for this address; signed here by the office's own code."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.example_platform.office import OfficeAway
from app.example_platform.webhook import NotTheOffices, believe
from app.services.office_key import SigningKey
from app.services.sign_webhook import sign_post

URL = "https://platform.example.cn/office-events"
EVENT = {"id": "e" * 32, "number": 3, "type": "binding.ended", "platform": "inspection", "binding": {"id": "b"}}
KEY = SigningKey("office-1", Ed25519PrivateKey.generate())


def keys(name):
    return KEY.private.public_key().public_bytes_raw() if name == KEY.name else None


def signed(event=EVENT, url=URL, key=KEY, at=None, nonce=None):
    body = json.dumps(event).encode()
    return sign_post(key, url, body, at or datetime.now(UTC), nonce or event["id"])


def test_the_offices_word_is_believed():
    post = signed()
    assert believe(URL, post.headers, post.body, keys, "inspection") == EVENT
    lower = {name.lower(): value for name, value in post.headers.items()}
    assert believe(URL, lower, post.body, keys, "inspection") == EVENT


@pytest.mark.parametrize(
    "post",
    [
        signed(url="https://elsewhere.example.cn/office-events"),
        signed(at=datetime.now(UTC) - timedelta(minutes=10)),
        signed(at=datetime.now(UTC) + timedelta(minutes=10)),
        signed(key=SigningKey("office-1", Ed25519PrivateKey.generate())),
        signed(key=SigningKey("office-2", KEY.private)),
        signed(nonce="f" * 32),
        signed(EVENT | {"platform": "tax_hall"}),
        signed(EVENT | {"number": "3"}),
    ],
    ids=["another address", "old", "of tomorrow", "another key", "unknown key", "another event", "another platform", "no number"],
)
def test_what_is_not_the_offices_or_not_for_us_is_not(post):
    with pytest.raises(NotTheOffices):
        believe(URL, post.headers, post.body, keys, "inspection")


def test_a_changed_body_or_a_missing_signature_is_not_believed():
    post = signed()
    with pytest.raises(NotTheOffices):
        believe(URL, post.headers, post.body.replace(b"ended", b"moved"), keys, "inspection")
    for name in ("Signature", "Signature-Input", "Content-Digest", "Content-Type"):
        with pytest.raises(NotTheOffices):
            believe(URL, {k: v for k, v in post.headers.items() if k != name}, post.body, keys, "inspection")
    with pytest.raises(NotTheOffices):
        believe(URL, {}, b"", keys, "inspection")


def test_keys_that_cannot_be_fetched_are_no_verdict():
    def away(name):
        raise OfficeAway("away")

    post = signed()
    with pytest.raises(OfficeAway):
        believe(URL, post.headers, post.body, away, "inspection")
