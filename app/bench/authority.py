"""`./office bench authority`: certificates a second through checks, lint, stored intent, record and signature.

The floor is what cannot be left out, done by the foreign libraries alone: one signature by the key in SoftHSM in a process
of its own, and pkilint, as it comes, over one certificate. Ours adds the checks of the order, the intent and the
certificate stored in SQLite (two commits, synchronous=FULL), the authority's own record (one more), and the proof that
the result verifies; the linter and the signer each run in their own process, so several requests overlap.
"""

import argparse
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex

from cryptography.hazmat.primitives.asymmetric import rsa

from app.bench.side_by_side import compare
from app.config import HOUSE
from card_issuance import lint, profile
from card_issuance.authority import CertificateOrder
from card_issuance.embedded_authority import SOFTHSM, EmbeddedAuthority
from card_issuance.public_key import spki_of

GOAL = 300.0  # certificates a second
_BARE_SIGNATURES = """
import sys, time
from card_issuance.authority_child import Signer
signer, count = Signer(sys.argv[1], "authority-issuing"), int(sys.argv[2])
signer.sign(bytes(900))
begun = time.perf_counter()
for number in range(count):
    signer.sign(number.to_bytes(900, "big"))
print(time.perf_counter() - begun)
"""


def processor_seconds(authority: EmbeddedAuthority) -> tuple[float, ...]:
    """Spent so far by the linter and by the signer: other programs on the machine do not count (proc(5), stat)."""
    ticks = os.sysconf("SC_CLK_TCK")
    spent = []
    for pid in (authority._linter.pid, authority._signer.pid):
        fields = Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()
        spent.append((int(fields[11]) + int(fields[12])) / ticks)
    return tuple(spent)


def an_order(public_key: bytes) -> CertificateOrder:
    now = datetime.now(UTC)
    return CertificateOrder(
        transaction=token_hex(16),
        organisation_name="北京样例科技发展有限责任公司",
        credit_code="91110105MA01ABCD7X",
        public_key=public_key,
        not_before=now,
        not_after=now + timedelta(days=365),
        crl_url="http://127.0.0.1:8600/crl/issuing.crl",
        issuer_url="http://127.0.0.1:8600/authority/issuing.cer",
        ocsp_url="http://127.0.0.1:8600/ocsp",
    )


def bare_signatures(directory: Path, count: int) -> float:
    """Seconds for so many signatures by the authority's key, nothing else in the process."""
    folder = directory / "issuing"
    done = subprocess.run(
        [sys.executable, "-c", _BARE_SIGNATURES, SOFTHSM, str(count)],
        cwd=folder,
        env={"SOFTHSM2_CONF": str(folder / "softhsm2.conf"), "PYTHONPATH": str(HOUSE)},
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)


def bare_lint(certificate: bytes) -> Callable[[int], float]:
    """Seconds for linting one certificate so many times with pkilint as it comes, in this process."""
    validator = lint.validators()[lint.LEGAL_ENTITY]

    def measure(count: int) -> float:
        begun = time.perf_counter()
        for _ in range(count):
            lint.findings_of(validator, certificate)
        return time.perf_counter() - begun

    return measure


class Office:
    """The office's part, bare: what is to be signed is on the disk before it is signed, the certificate after."""

    def __init__(self, file: Path) -> None:
        self._connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        self._lock = threading.Lock()
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.execute("CREATE TABLE intent (serial TEXT PRIMARY KEY, to_be_signed BLOB, lint TEXT, der BLOB)")

    def certify(self, authority: EmbeddedAuthority, order: CertificateOrder) -> None:
        prepared = authority.prepare(order)
        self._commit("INSERT INTO intent VALUES (?, ?, ?, NULL)", prepared.serial, prepared.to_be_signed, str(prepared.lint))
        der = authority.issue(prepared)
        self._commit("UPDATE intent SET der = ? WHERE serial = ?", der, prepared.serial)

    def _commit(self, statement: str, *values: object) -> None:
        with self._lock:
            self._connection.execute(statement, values)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="office bench authority", description=__doc__)
    parser.add_argument("--certificates", type=int, default=200, help="in one turn")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2, 3], help="requests under way at once")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as place:
        directory = Path(place, "authority")
        authority = EmbeddedAuthority.create(directory, datetime.now(UTC))
        try:
            return _measure(authority, directory, options)
        finally:
            authority.close()


def _measure(authority: EmbeddedAuthority, directory: Path, options: argparse.Namespace) -> int:
    count = options.certificates
    public_key = spki_of(rsa.generate_private_key(65537, 2048).public_key())
    office = Office(directory.parent / "office.db")
    linted = bare_lint(profile.with_blank_signature(authority.prepare(an_order(public_key)).to_be_signed))

    def floor() -> float:
        return bare_signatures(directory, count) + linted(count)

    def ours(threads: ThreadPoolExecutor) -> float:
        orders = [an_order(public_key) for _ in range(count)]
        begun = time.perf_counter()
        for done in threads.map(lambda order: office.certify(authority, order), orders):
            assert done is None  # noqa: S101 - brings up what a thread raised
        return time.perf_counter() - begun

    best, busy = 0.0, processor_seconds(authority)
    issued = 0
    for width in options.threads:
        with ThreadPoolExecutor(width) as threads:
            found = compare(floor, lambda pool=threads: ours(pool), options.turns)
        issued += count * (options.turns + 1)
        rate = count / statistics.median(found.ours)
        best = max(best, rate)
        print(f"{count} certificates, {width} at once: {rate:.0f} a second")
        print(found.told("  bare signature and pkilint, one after the other", "  through the authority"))
    spent = [1000 * (after - before) / issued for before, after in zip(busy, processor_seconds(authority), strict=True)]
    print("processor time for each certificate: linter {:.2f} ms, signer {:.2f} ms".format(*spent))
    reached = best >= GOAL
    print(f"goal: {GOAL:.0f} a second, {'reached' if reached else f'not reached ({best:.0f})'}")
    return 0
