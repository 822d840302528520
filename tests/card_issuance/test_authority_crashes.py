"""The signer dies, hangs, or meets a full disk: nothing is signed twice, nothing is lost."""

import os
import random
import signal
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress

import pytest
from cryptography import x509

from card_issuance.authority import AuthorityUnreachable
from card_issuance.embedded_authority import EmbeddedAuthority
from tests.builders.orders import an_order, p_256

pytestmark = pytest.mark.kill


def test_a_signer_killed_between_prepare_and_issue_is_replaced(authority):
    prepared = authority.prepare(an_order())
    killed = authority._signer.pid
    os.kill(killed, signal.SIGKILL)
    certificate = x509.load_der_x509_certificate(authority.issue(prepared))
    assert certificate.tbs_certificate_bytes == prepared.to_be_signed
    assert authority._signer.pid != killed


def test_a_signer_killed_while_it_signs_is_replaced(authority):
    prepared = authority.prepare(an_order())
    os.kill(authority._signer.pid, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as thread:
        answer = thread.submit(authority.issue, prepared)
        time.sleep(0.2)
        assert not answer.done()
        os.kill(authority._signer.pid, signal.SIGKILL)
        der = answer.result()
    assert authority.issue(prepared) == der


def test_a_signer_that_hangs_is_killed_at_the_deadline_and_the_next_call_works(authority):
    with closing(EmbeddedAuthority.open(authority._directory, deadline=3)) as hasty:
        prepared = hasty.prepare(an_order())
        hung = hasty._signer.pid
        os.kill(hung, signal.SIGSTOP)
        begun = time.monotonic()
        with pytest.raises(AuthorityUnreachable, match="did not answer"):
            hasty.issue(prepared)
        assert time.monotonic() - begun < 5
        with pytest.raises(ProcessLookupError):
            os.kill(hung, 0)
        assert hasty.issue(prepared)


def test_a_linter_that_dies_is_replaced(authority):
    authority.prepare(an_order())
    os.kill(authority._linter.pid, signal.SIGKILL)
    assert authority.prepare(an_order()).lint


def test_a_busy_record_makes_the_authority_unreachable_for_a_while_only(authority):
    with closing(EmbeddedAuthority.open(authority._directory, deadline=3)) as hasty:
        prepared = hasty.prepare(an_order())
        with closing(sqlite3.connect(authority._directory / "record.sqlite", isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            with pytest.raises(AuthorityUnreachable):
                hasty.issue(prepared)
            other.execute("ROLLBACK")
        assert hasty.issue(prepared)


def test_under_a_rain_of_kills_every_transaction_has_exactly_one_certificate(authority):
    """On a busy machine a signer takes longer to start than the drops are apart: where nothing is signed between two, they come
    slower, and faster again where something is."""
    prepared = [authority.prepare(an_order(p_256())) for _ in range(60)]
    last = max((line.position for line in authority.signed()), default=0)
    over = threading.Event()
    kills, signed = [], set()

    def rain() -> None:
        chance, longest, before = random.Random(7), 0.25, 0
        while not over.wait(chance.uniform(0.01, longest)):
            longest = max(0.8 * longest, 0.25) if len(signed) > before else min(1.5 * longest, 10)
            before = len(signed)
            with suppress(ProcessLookupError):
                if pid := authority._signer.pid:
                    os.kill(pid, signal.SIGKILL)
                    kills.append(pid)

    def insist(one) -> bytes:
        """Until it is signed; and again, to the same bytes, until the rain has killed one signer for every six signed."""
        ders, until = set(), time.monotonic() + 300
        while not ders or 6 * len(set(kills)) < len(signed):
            assert time.monotonic() < until, "no answer in five minutes"
            with suppress(AuthorityUnreachable):
                ders.add(authority.issue(one))
                signed.add(one.transaction)
        [der] = ders
        return der

    cloud = threading.Thread(target=rain)
    cloud.start()
    try:
        with ThreadPoolExecutor(3) as threads:
            made = list(threads.map(insist, prepared))
    finally:
        over.set()
        cloud.join()
    assert len(set(kills)) >= 10
    lines = list(authority.signed(after=last))
    assert sorted(line.transaction for line in lines) == sorted(one.transaction for one in prepared)
    assert [authority.issue(one) for one in prepared] == made
    with closing(sqlite3.connect(authority._directory / "record.sqlite")) as record:
        assert record.execute("PRAGMA integrity_check").fetchone() == ("ok",)
