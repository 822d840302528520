"""A judge of OCSP by GET, as relying parties ask whose answers may be cached: openssl asks, a plain fetch carries, openssl reads."""

import subprocess
import urllib.request
from base64 import b64encode
from pathlib import Path
from urllib.parse import quote

from tests.journeys.running import RunningHouse


def ocsp_status_by_get(house: RunningHouse, certificate: bytes, folder: Path) -> str:
    """What openssl reads in the answer, verified against the root: "good", "revoked (reason)", "unknown"."""
    for name, path in (("root", "/authority/root.cer"), ("issuing", "/authority/issuing.cer")):
        with urllib.request.urlopen(house.url + path, timeout=10) as answer:
            (folder / f"{name}.pem").write_bytes(_openssl("x509", "-inform", "DER", given=answer.read()).stdout)
    (folder / "leaf.pem").write_bytes(_openssl("x509", "-inform", "DER", given=certificate).stdout)
    about = ("-issuer", str(folder / "issuing.pem"), "-cert", str(folder / "leaf.pem"))
    _openssl("ocsp", *about, "-no_nonce", "-reqout", str(folder / "question.der"))
    question = quote(b64encode((folder / "question.der").read_bytes()), safe="")
    with urllib.request.urlopen(f"{house.url}/ocsp/{question}", timeout=10) as answer:
        assert answer.headers["Content-Type"] == "application/ocsp-response"
        assert "max-age" in answer.headers["Cache-Control"]  # without a nonce it may be kept a while
        (folder / "answer.der").write_bytes(answer.read())
    done = _openssl("ocsp", *about, "-CAfile", str(folder / "root.pem"), "-respin", str(folder / "answer.der"))
    assert b"Response verify OK" in done.stderr, done.stderr
    said = done.stdout.decode()
    status, reason = (said.partition(word)[2].partition("\n")[0] for word in ("leaf.pem: ", "Reason: "))
    return f"{status} ({reason})" if reason else status


def _openssl(*arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["openssl", *arguments], input=given, capture_output=True, check=True, timeout=30)
