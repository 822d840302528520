"""A real software token of opencryptoki, alone in mount and IPC namespaces of its own.

opencryptoki keeps one daemon, fixed directories and shared memory per machine; in namespaces each test gets a fresh token that
nobody else sees, and nothing of it stays. Needs root (it mounts) and Debian's package `opencryptoki`.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from card_issuance.pin import Pin
from card_issuance.slots import ModuleSettings

LIBRARY = "/usr/lib/x86_64-linux-gnu/libopencryptoki.so.0"
DAEMON = "/usr/sbin/pkcsslotd"
SLOT = 3  # of the software token, in Debian's configuration
FACTORY_OFFICER_PIN = "87654321"  # opencryptoki's documentation
_START = 10.0  # seconds

_PREPARE = """
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /dev/shm
mount -t tmpfs tmpfs /var/lib/opencryptoki
mkdir -p /run/lock /var/lib/opencryptoki/swtok/TOK_OBJ /var/lock/opencryptoki/swtok
chown -R root:pkcs11 /var/lib/opencryptoki /var/lock/opencryptoki
chmod -R 770 /var/lib/opencryptoki /var/lock/opencryptoki
trap '' PIPE  # as a service manager does; a client killed while it is answered would end the daemon
exec pkcsslotd -f
"""


@dataclass(frozen=True)
class SoftwareToken:
    """`settings` is all that the product is told; `inside` are the words before a judge's command line."""

    settings: ModuleSettings
    inside: tuple[str, ...] = field(default=())


@contextmanager
def software_token(state: Path, serial: str = "OCK0001", **more: object) -> Iterator[SoftwareToken]:
    """A factory-new token in slot 3 under a daemon of its own. `state`: a directory for the product's lock files."""
    why_not = missing()
    if why_not:
        pytest.skip(why_not)
    daemon = subprocess.Popen(
        ["unshare", "--mount", "--ipc", "bash", "-c", _PREPARE], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(daemon)
        inside = ("nsenter", f"--target={daemon.pid}", "--mount", "--ipc", "--")
        options: dict[str, object] = {
            "factory_officer_pin": Pin(FACTORY_OFFICER_PIN),
            "pin_max": 8,
            "officer_pin_length": 8,
            "launcher": inside,
        }
        yield SoftwareToken(ModuleSettings.fixed(LIBRARY, state, {SLOT: serial}, **(options | more)), inside)
    finally:
        daemon.kill()  # it is slow to leave by itself, and its namespaces go with it
        daemon.wait(10)


def missing() -> str:
    """Why this machine cannot run such a token; empty if it can."""
    if not Path(LIBRARY).exists() or not Path(DAEMON).exists():
        return "opencryptoki is not installed (apt-get install opencryptoki)"
    if os.geteuid() != 0:
        return "opencryptoki's token needs namespaces, and those need root"
    try:
        subprocess.run(["unshare", "--mount", "--ipc", "true"], check=True, capture_output=True)
    except (subprocess.CalledProcessError, FileNotFoundError):
        return "this machine does not allow namespaces"
    return ""


def _wait_for(daemon: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _START
    socket = Path(f"/proc/{daemon.pid}/root/run/pkcsslotd.socket")
    while not socket.exists():
        if daemon.poll() is not None or time.monotonic() > until:
            raise RuntimeError("pkcsslotd did not start")
        time.sleep(0.02)
