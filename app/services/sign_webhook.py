"""HTTP message signatures (RFC 9421) on what the office tells a platform, with the digest of the body (RFC 9530)."""

from dataclasses import dataclass, field
from datetime import datetime

from http_message_signatures import HTTPMessageSigner, MappingKeyResolver
from http_message_signatures.algorithms import ED25519

from app.services.office_key import SigningKey

LABEL = "office"
TAG = "one-certificate-event"  # what the signature is for: it can be mistaken for none of another use
COVERED = ("@method", "@target-uri", "content-type", "content-digest")


@dataclass
class SignedPost:
    """A POST of JSON, as the library signs it and the sender sends it."""

    url: str
    body: bytes
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    method: str = "POST"


def sign_post(key: SigningKey, url: str, body: bytes, at: datetime, nonce: str) -> SignedPost:
    """The POST with Content-Digest, Signature-Input and Signature. `nonce`: the event's key, the same in every repetition."""
    post = SignedPost(url, body)
    signer = HTTPMessageSigner(
        signature_algorithm=ED25519, key_resolver=MappingKeyResolver(public_keys={}, private_keys={key.name: key.private})
    )
    signer.sign(
        post,
        key_id=key.name,
        created=at,
        nonce=nonce,
        label=LABEL,
        tag=TAG,
        covered_component_ids=COVERED,
        body=body,
    )
    return post
