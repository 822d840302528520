"""The judge that shares no code with us: the openssl command."""

import subprocess
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding


def openssl(*arguments: str | Path, given: bytes = b"") -> str:
    """What the command says on both channels; raises CalledProcessError with it when openssl is not content."""
    command = ["openssl", *map(str, arguments)]
    done = subprocess.run(command, input=given, capture_output=True, check=False, timeout=30)
    said = (done.stdout + done.stderr).decode()
    if done.returncode:
        raise subprocess.CalledProcessError(done.returncode, command, said)
    return said


def text_of(certificate: bytes) -> str:
    return openssl("x509", "-inform", "DER", "-noout", "-text", "-nameopt", "utf8,sep_comma_plus_space,sname", given=certificate)


def verdict(folder: Path, certificate: bytes, chain: tuple[bytes, ...], at: datetime, crl: bytes | None = None) -> str:
    """`openssl verify`, strict, for a client certificate at an instant; raises when it does not verify."""
    issuing, root = (pem(der) for der in chain)
    (folder / "root.pem").write_bytes(root)
    (folder / "issuing.pem").write_bytes(issuing)
    (folder / "leaf.pem").write_bytes(pem(certificate))
    options: list[str | Path] = ["-x509_strict", "-purpose", "sslclient", "-attime", str(int(at.timestamp()))]
    if crl is not None:
        (folder / "crl.pem").write_bytes(x509.load_der_x509_crl(crl).public_bytes(Encoding.PEM))
        options += ["-crl_check", "-CRLfile", folder / "crl.pem"]
    return openssl("verify", *options, "-CAfile", folder / "root.pem", "-untrusted", folder / "issuing.pem", folder / "leaf.pem")


def pem(certificate: bytes) -> bytes:
    return x509.load_der_x509_certificate(certificate).public_bytes(Encoding.PEM)
