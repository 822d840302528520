"""For schemathesis, named in its configuration as hooks: bodies that are certificates, and keys that go with a body."""

import hashlib
import os
import re
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import strategies

KINDS = {"application/pkix-cert": "certificate.der", "application/pem-certificate-chain": "certificate.pem"}
FOLDER = Path(os.environ["CERTIFICATE_BODIES"])


for kind, name in KINDS.items():
    schemathesis.openapi.media_type(kind, strategies.just((FOLDER / name).read_bytes()))


@schemathesis.serializer(*KINDS)
def as_it_is(context: Any, value: Any) -> bytes:
    """What is no bytes was made to be refused."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "backslashreplace")


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """A key stands for one body: of two acts that are both well-formed, neither is refused because of the other's."""
    given = case.headers.get("Idempotency-Key") if case.headers else None
    if isinstance(given, str) and re.fullmatch("[!-~]{1,80}", given):
        case.headers["Idempotency-Key"] = hashlib.sha256(repr(case.body).encode("utf-8", "backslashreplace")).hexdigest()
