import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509

from card_issuance import authority_founding
from card_issuance.authority_founding import FoundingFailed
from card_issuance.embedded_authority import SOFTHSM, EmbeddedAuthority
from card_issuance.lint import AUTHORITY, Linter
from tests.builders.orders import an_order
from tests.conftest import START

FOUND = """
import sys
from datetime import datetime
from pathlib import Path
from card_issuance.embedded_authority import EmbeddedAuthority
EmbeddedAuthority.create(Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2])).close()
"""


@pytest.mark.kill
@pytest.mark.parametrize("after", [0.1, 0.4, 0.7, 1.0, 1.4, 1.8])
def test_a_founding_killed_half_way_starts_afresh(tmp_path, after):
    directory = tmp_path / "deep" / "authority"
    founding = subprocess.Popen([sys.executable, "-c", FOUND, str(directory), START.isoformat()], cwd=Path.cwd())
    time.sleep(after)
    founding.send_signal(signal.SIGKILL)
    founding.wait()
    was_whole = directory.exists()
    authority = EmbeddedAuthority.open_or_create(directory, START)
    try:
        assert authority.issue(authority.prepare(an_order()))
        if not was_whole:
            assert [path.name for path in directory.parent.iterdir() if "building" in path.name] == []
    finally:
        authority.close()


def test_two_programs_that_start_at_once_get_one_authority(tmp_path):
    with ThreadPoolExecutor(2) as threads:
        both = list(threads.map(lambda _: EmbeddedAuthority.open_or_create(tmp_path / "authority", START), range(2)))
    for one in both:
        one.close()
    assert both[0].chain() == both[1].chain()


def test_an_authority_is_never_founded_over_another(authority):
    with pytest.raises(FileExistsError):
        EmbeddedAuthority.create(authority._directory, START)


def test_a_missing_module_fails_with_the_reason_and_leaves_nothing(tmp_path):
    with pytest.raises(FoundingFailed, match=r"/no/such/module\.so"):
        EmbeddedAuthority.create(tmp_path / "authority", START, module="/no/such/module.so")
    assert [path.name for path in tmp_path.iterdir()] == [".authority.lock"]


def test_its_certificates_pass_the_linter(authority):
    linter = Linter(authority._directory, 20)
    try:
        findings = [finding for der in authority.chain() for finding in linter.lint(der, AUTHORITY)]
    finally:
        linter.close()
    assert [finding for finding in findings if finding.severity not in ("info", "notice")] == []


def test_a_certificate_of_its_own_with_a_lint_error_is_not_accepted(tmp_path, monkeypatch):
    monkeypatch.setattr(authority_founding, "ROOT_YEARS", -1)  # it ends before it begins
    with pytest.raises(FoundingFailed, match="validity"):
        EmbeddedAuthority.create(tmp_path / "authority", START)


def test_a_leap_day_is_no_obstacle():
    assert authority_founding._later(datetime(2028, 2, 29, tzinfo=UTC), 6) == datetime(2034, 3, 1, tzinfo=UTC)


def test_the_pins_are_no_argument_and_no_environment(authority):
    pins = (authority._directory / "issuing" / "pin.json").read_text().split('"')[3::4]
    assert all(len(pin) == 32 for pin in pins)
    process = Path("/proc", str(authority._signer.pid))
    seen = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
    assert SOFTHSM.encode() in seen
    assert [pin for pin in pins if pin.encode() in seen] == []


def test_the_certificate_files_are_what_the_chain_says(authority):
    for file, der in zip(("issuing.cer", "root.cer"), authority.chain(), strict=True):
        assert (authority._directory / file).read_bytes() == der
        assert x509.load_der_x509_certificate(der).not_valid_before_utc < START


def test_children_of_a_killed_parent_leave(tmp_path, authority):
    program = f"""
import sys, time
from pathlib import Path
from card_issuance.embedded_authority import EmbeddedAuthority
authority = EmbeddedAuthority.open(Path({str(authority._directory)!r}))
authority._linter.lint(b"0")
print(authority._signer.pid, authority._linter.pid, flush=True)
time.sleep(60)
"""
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=Path.cwd())
    assert parent.stdout is not None
    children = [int(pid) for pid in parent.stdout.readline().split()]
    parent.kill()
    parent.communicate()
    assert len(children) == 2
    until = time.monotonic() + 10
    while any(_lives(pid) for pid in children) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(_lives(pid) for pid in children)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # An ended process that nobody has waited for is still listed.
    return "State:\tZ" not in Path("/proc", str(pid), "status").read_text()
