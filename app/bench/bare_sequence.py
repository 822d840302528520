"""The floor under an issuance: the bare PKCS#11 sequence for one token on SoftHSM, and nothing else.

One process per token, one session per login: C_Initialize, C_InitToken, officer login, C_InitPIN, user login, key pair,
one signature, one certificate object. Process start and loading the library are not counted.
`python -m app.bench.bare_sequence [--profile rsa_2048|p_256] [--count N]` prints one JSON line per token.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from card_issuance.slots import SOFTHSM
from card_issuance.token_driver import Module

_OFFICER, _USER, _LABEL = "bench-officer-pin-24-long", "58203917", "BENCH"


@dataclass(frozen=True, slots=True)
class BareTiming:
    """Seconds."""

    whole: float
    generation: float  # the part that is the key pair: it spreads three to five times for RSA
    processor: float = 0.0  # used, key pair included

    @property
    def rest(self) -> float:
        return self.whole - self.generation


def time_bare_sequence(profile: str, certificate: bytes) -> BareTiming:
    """One token in a directory of its own, thrown away afterwards. `certificate`: DER, any; it is only written."""
    with tempfile.TemporaryDirectory() as home:
        tokens = Path(home) / "tokens"
        tokens.mkdir()
        conf = Path(home) / "softhsm2.conf"
        conf.write_text(f"directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\n")
        receiving, sending = os.pipe()
        child = os.fork()
        if child == 0:
            status = 1
            try:
                os.environ["SOFTHSM2_CONF"] = str(conf)
                os.write(sending, json.dumps(asdict(_sequence(profile, certificate))).encode())
                status = 0
            finally:
                os._exit(status)
        os.close(sending)
        with open(receiving, "rb") as answer:
            content = answer.read()
        _, status = os.waitpid(child, 0)
        if status:
            raise RuntimeError(f"the bare sequence ended with status {status}")
        return BareTiming(**json.loads(content))


def _sequence(profile: str, certificate: bytes) -> BareTiming:
    ctypes.CDLL(SOFTHSM)
    began, used = time.perf_counter(), time.process_time()
    module = Module(SOFTHSM)
    slot = module.tokens()[0].slot
    module.init_token(slot, _OFFICER, _LABEL)
    with module.session(slot, "officer", _OFFICER) as session:
        session.init_pin(_USER)
    with module.session(slot, "user", _USER) as session:
        before = time.perf_counter()
        pair = session.generate(b"bench", _LABEL, profile)
        generation = time.perf_counter() - before
        pair.sign(b"bench")
        session.put_certificate(b"bench", certificate)
    module.finish()
    return BareTiming(time.perf_counter() - began, generation, time.process_time() - used)


def any_certificate() -> bytes:
    """A self-signed one, about as long as an issued one."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "floor")])
    builder = x509.CertificateBuilder(
        name, name, key.public_key(), 1, datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    )
    padding = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), bytes(500))
    return builder.add_extension(padding, False).sign(key, SHA256()).public_bytes(Encoding.DER)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bare_sequence", description=__doc__)
    parser.add_argument("--profile", choices=["rsa_2048", "p_256"], default="rsa_2048")
    parser.add_argument("--count", type=int, default=10)
    options = parser.parse_args(arguments)
    certificate = any_certificate()
    for _ in range(options.count):
        print(json.dumps(asdict(time_bare_sequence(options.profile, certificate))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
