"""For schemathesis, named in its configuration as hooks: bodies that are certificates, and keys that go with a body."""

import hashlib
import os
import re
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import strategies

KIND = "application/octet-stream"
FOLDER = Path(os.environ["CERTIFICATE_BODIES"])

bodies = strategies.sampled_from([(FOLDER / name).read_bytes() for name in ("certificate.der", "certificate.pem")])
schemathesis.openapi.media_type(KIND, bodies)


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """A key stands for one body: of two acts that are both well-formed, neither is refused because of the other's."""
    given = case.headers.get("Idempotency-Key") if case.headers else None
    if isinstance(given, str) and re.fullmatch("[!-~]{1,80}", given):
        case.headers["Idempotency-Key"] = hashlib.sha256(repr(case.body).encode("utf-8", "backslashreplace")).hexdigest()
