"""Judges that share no code with the product: `pkcs11-tool` opens the token with the PIN from the paper, `openssl` does the rest."""

import os
import subprocess
import urllib.request
from pathlib import Path

from card_issuance.simulated import Cabinet
from tests.journeys.desk import Made
from tests.journeys.running import RunningHouse

MODULE = "/usr/lib/softhsm/libsofthsm2.so"
CHALLENGE = b"signed by another program"


def judge_token(cabinet: Cabinet, made: Made, folder: Path, keys: int | None = 1) -> None:
    """The PIN opens it, its keys were made there and are not to be taken out, the one made signs, and its certificate is the one
    issued.

    `keys`: how many there must be; after a renewal the earlier one is still there. None: any number but none.
    """
    found = private_keys(cabinet, made)
    assert len(found) == keys if keys is not None else found, found
    for access in found:
        for word in ("sensitive", "always sensitive", "never extractable", "local"):
            assert word in access, access
        assert "extractable" not in access.replace("never extractable", ""), access
    assert _tool(cabinet, made, "--read-object", "--type", "cert", "--id", made.key) == made.certificate
    public = folder / "public.pem"
    public.write_bytes(_openssl("x509", "-inform", "DER", "-pubkey", "-noout", given=made.certificate))
    (folder / "challenge").write_bytes(CHALLENGE)
    (folder / "signature").write_bytes(_sign(cabinet, made))
    said = _openssl("dgst", "-sha256", "-verify", str(public), "-signature", str(folder / "signature"), str(folder / "challenge"))
    assert said.strip() == b"Verified OK"


def private_keys(cabinet: Cabinet, made: Made) -> list[str]:
    """What may be done with each private key that the PIN opens, in pkcs11-tool's words."""
    listed = _tool(cabinet, made, "--list-objects", "--type", "privkey").decode()
    return [line for line in listed.splitlines() if "Access:" in line]


def objects(cabinet: Cabinet, made: Made) -> tuple[bytes, bytes]:
    """The public key and the certificate of this key id, as the token gives them to anybody."""
    command = ["pkcs11-tool", "--module", MODULE, "--token-label", made.token, "--read-object", "--id", made.key, "--type"]
    environment = {"PATH": os.environ["PATH"], **cabinet.environment(made.token)}
    public, certificate = (
        subprocess.run([*command, kind], env=environment, capture_output=True, check=True, timeout=30).stdout
        for kind in ("pubkey", "cert")
    )
    return public, certificate


def opens(cabinet: Cabinet, made: Made, pin: str) -> bool:
    """Whether another PIN opens the token."""
    try:
        _tool(cabinet, made, "--list-objects", "--type", "privkey", pin=pin)
    except subprocess.CalledProcessError:
        return False
    return True


def judge_certificate(house: RunningHouse, certificate: bytes, folder: Path) -> str:
    """What `openssl verify` says of a certificate with the published chain and list: "OK", or the reason why not."""
    for name, path in (("root", "/authority/root.cer"), ("issuing", "/authority/issuing.cer")):
        (folder / f"{name}.pem").write_bytes(_openssl("x509", "-inform", "DER", given=_get(house.url + path)))
    (folder / "list.pem").write_bytes(_openssl("crl", "-inform", "DER", given=_get(house.url + "/crl/issuing.crl")))
    (folder / "leaf.pem").write_bytes(_openssl("x509", "-inform", "DER", given=certificate))
    words = ["openssl", "verify", "-x509_strict", "-purpose", "sslclient", "-crl_check", "-CRLfile", str(folder / "list.pem")]
    words += ["-CAfile", str(folder / "root.pem"), "-untrusted", str(folder / "issuing.pem"), str(folder / "leaf.pem")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return "OK" if done.returncode == 0 else done.stderr


def reason_on_list(house: RunningHouse, serial: str) -> str | None:
    """Why a serial (hex) is on the published list, in openssl's words; None: it is not on it."""
    return reasons_on_list(house).get(int(serial, 16))


def reasons_on_list(house: RunningHouse) -> dict[int, str]:
    """Every serial that is on the published list, and why."""
    text = _openssl("crl", "-inform", "DER", "-noout", "-text", given=_get(house.url + "/crl/issuing.crl")).decode()
    reasons = {}
    for entry in text.split("Serial Number: ")[1:]:
        listed, _, rest = entry.partition("\n")
        reason = rest.partition("CRL Reason Code: ")[2].strip().partition("\n")[0]
        reasons[int(listed.replace(":", ""), 16)] = reason or "unspecified"
    return reasons


def ocsp_status(house: RunningHouse, certificate: bytes, folder: Path) -> str:
    """What `openssl ocsp` is told, its answer verified against the root: "good", "revoked (reason)", "unknown"."""
    for name, path in (("root", "/authority/root.cer"), ("issuing", "/authority/issuing.cer")):
        (folder / f"{name}.pem").write_bytes(_openssl("x509", "-inform", "DER", given=_get(house.url + path)))
    (folder / "leaf.pem").write_bytes(_openssl("x509", "-inform", "DER", given=certificate))
    words = ["openssl", "ocsp", "-issuer", str(folder / "issuing.pem"), "-cert", str(folder / "leaf.pem")]
    words += ["-CAfile", str(folder / "root.pem"), "-url", f"{house.url}/ocsp"]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=30)
    assert "Response verify OK" in done.stderr, done.stderr
    assert "WARNING" not in done.stderr, done.stderr  # it would warn of a nonce that was not echoed
    status = done.stdout.partition("leaf.pem: ")[2].partition("\n")[0]
    reason = done.stdout.partition("Reason: ")[2].partition("\n")[0]
    return f"{status} ({reason})" if reason else status


def _sign(cabinet: Cabinet, made: Made) -> bytes:
    digest = _openssl("dgst", "-sha256", "-binary", given=CHALLENGE)
    if b"rsaEncryption" in _openssl("x509", "-inform", "DER", "-noout", "-text", given=made.certificate):
        info = bytes.fromhex("3031300d060960864801650304020105000420") + digest
        return _tool(cabinet, made, "--sign", "--mechanism", "RSA-PKCS", "--id", made.key, given=info)
    words = ("--sign", "--mechanism", "ECDSA", "--signature-format", "openssl", "--id", made.key)
    return _tool(cabinet, made, *words, given=digest)


def _tool(cabinet: Cabinet, made: Made, *arguments: str, given: bytes = b"", pin: str = "") -> bytes:
    environment = {"PATH": os.environ["PATH"], "TOKEN_PIN": pin or made.pin, **cabinet.environment(made.token)}
    command = ["pkcs11-tool", "--module", MODULE, "--token-label", made.token, "--login", "--pin", "env:TOKEN_PIN", *arguments]
    return subprocess.run(command, env=environment, input=given, capture_output=True, check=True, timeout=30).stdout


def _openssl(*arguments: str, given: bytes = b"") -> bytes:
    return subprocess.run(["openssl", *arguments], input=given, capture_output=True, check=True, timeout=30).stdout


def _get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=10) as answer:
        content: bytes = answer.read()
    return content
