"""Whether a webhook is the office's: an HTTP message signature (RFC 9421) over method, address, type and digest of the content
(RFC 9530), by a key of its published set. The one file of its library.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from http_message_signatures import HTTPMessageSignaturesException, HTTPMessageVerifier, HTTPSignatureKeyResolver
from http_message_signatures.algorithms import ED25519

from app.example_platform.office import OfficeAway

TAG = "one-certificate-event"
COVERED = ("@method", "@target-uri", "content-type", "content-digest")
NO_OLDER = timedelta(minutes=5)
LARGEST = 64 * 1024  # bytes


class NotTheOffices(Exception):
    """The request is not believed."""


@dataclass(frozen=True)
class _Message:
    method: str
    url: str
    headers: dict[str, str]


class _Keys(HTTPSignatureKeyResolver):
    def __init__(self, key: Callable[[str], bytes | None]) -> None:
        self._key = key
        self.away: OfficeAway | None = None

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey | None:
        try:
            raw = self._key(key_id)
        except OfficeAway as fault:
            self.away = fault
            raise
        return Ed25519PublicKey.from_public_bytes(raw) if raw is not None else None


def believe(
    url: str, headers: Mapping[str, str], body: bytes, key: Callable[[str], bytes | None], platform: str
) -> dict[str, Any]:
    """The event. `url`: our own address as the office has it, not what the request says of itself; `key`: name → raw public key.
    Raises NotTheOffices; OfficeAway where `key` does, for then nothing is known of the request."""
    keys = _Keys(key)
    verifier = HTTPMessageVerifier(signature_algorithm=ED25519, key_resolver=keys)
    try:
        [proof] = verifier.verify(
            _Message("POST", url, dict(headers)), max_age=NO_OLDER, expect_tag=TAG, require_components=COVERED, body=body
        )
        event = json.loads(body)
        same = event["id"] == proof.nonce and event["platform"] == platform and type(event["number"]) is int
    except (HTTPMessageSignaturesException, OfficeAway, ValueError, KeyError, TypeError) as fault:
        if keys.away is not None:
            raise keys.away from None
        raise NotTheOffices(type(fault).__name__) from None
    if not same:
        raise NotTheOffices("of another platform or event")
    return dict(event)
