"""The child dies at any point of any act, or the disk is full from there on: the same act again ends well.

Two ways: killed after so many milliseconds, on both modules; and, where `strace` is installed, killed before every single
system call that changes a file (on SoftHSM, whose files we can copy). By default every eleventh; KILL_STRIDE=1 tries them all.
"""

from __future__ import annotations

import os
import shutil
import signal
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from card_issuance import slots, token_acts
from card_issuance.faults import DriverFailed, DriverFault
from card_issuance.token_nursery import Child, Nursery
from tests.builders.tokens import KEY, Issuer, Medium, medium_of, simulated_medium

pytestmark = pytest.mark.kill

ACTS = ["initialise", "initialise again", "reset_pin", "generate", "write"]
STRIDE = int(os.environ.get("KILL_STRIDE", "11"))  # 1 tries every single point: some ten minutes
CHANGES = "write,pwrite64,unlink,unlinkat,mkdir,rmdir,rename,renameat,ftruncate,fallocate"


class Road:
    """A token brought to where the act begins; the act; and the rest of the sequence, which ends in a proof."""

    def __init__(self, issuer: Issuer, act: str) -> None:
        self.issuer, self.act = issuer, act
        self.certificate = b""

    def lead_up(self, medium: Medium) -> None:
        self.certificate = b""
        if self.act == "initialise":
            return  # it is about blank tokens
        held = token_acts.inspect(medium.where, medium.serial)
        medium.initialise(*(thing.id for thing in (*held.keys, *held.certificates)))
        if self.act == "generate":
            return
        request = medium.generate(profile=profile_of(medium))
        if self.act == "initialise again":
            return
        self.certificate = self.issuer.certificate(request)
        if self.act == "reset_pin":
            medium.write(self.certificate, self.issuer)

    def go(self, medium: Medium) -> None:
        acts: dict[str, Callable[[], object]] = {
            "initialise": lambda: medium.initialise(KEY),
            "initialise again": lambda: medium.initialise(KEY),
            "generate": lambda: medium.generate(profile=profile_of(medium)),
            "reset_pin": medium.new_pin,
            "write": lambda: medium.write(self.certificate, self.issuer),
        }
        acts[self.act]()

    def finish(self, medium: Medium) -> None:
        certificate = self.certificate or self.issuer.certificate(medium.generate(profile=profile_of(medium)))
        medium.write(certificate, self.issuer)
        medium.prove(certificate, self.issuer)
        assert len(medium.look().keys) == 1
        assert len(medium.look().certificates) == 3


def profile_of(medium: Medium) -> str:
    return "rsa_2048" if medium.inside else "p_256"


@pytest.fixture(scope="module")
def issuer():
    return Issuer()


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("kind", ["softhsm", pytest.param("opencryptoki", marks=pytest.mark.opencryptoki)])
def test_an_act_killed_at_any_moment_ends_well_when_repeated(tmp_path, monkeypatch, issuer, kind, act):
    span = 0.25 if act == "generate" and kind == "opencryptoki" else 0.02
    moments = 4 if kind == "opencryptoki" else 10
    road = Road(issuer, act)
    killed = 0
    with ExitStack() as tokens:
        for moment in range(moments):
            if moment == 0 or act == "initialise":
                tokens.close()
                medium = tokens.enter_context(medium_of(kind, tmp_path / str(moment)))
            road.lead_up(medium)
            with monkeypatch.context() as patch:
                doom(patch, span * moment / moments)
                try:
                    road.go(medium)
                except DriverFailed as fault:
                    killed += "signal 9" in fault.detail
            road.go(medium)
            road.finish(medium)
    assert killed


def doom(patch: pytest.MonkeyPatch, seconds: float) -> None:
    """Every child is killed so long after it got its request."""
    hand_over = Nursery._hand_over

    def doomed(nursery: Nursery, request: dict[str, object], deadline: float) -> Child:
        child = hand_over(nursery, request, deadline)
        handle = os.dup(child.handle)  # the act closes its own

        def kill() -> None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(handle, signal.SIGKILL)
            os.close(handle)

        threading.Timer(seconds, kill).start()
        return child

    patch.setattr(Nursery, "_hand_over", doomed)


@pytest.mark.parametrize("trouble", ["signal=SIGKILL", "error=ENOSPC"])
@pytest.mark.parametrize("act", ACTS)
def test_an_act_that_ends_before_any_change_of_a_file_ends_well_when_repeated(tmp_path, issuer, act, trouble):
    if not shutil.which("strace"):
        pytest.skip("strace is not installed (apt-get install strace)")
    road, origin = Road(issuer, act), simulated_medium(tmp_path / "origin")
    road.lead_up(origin)
    ends = []
    for number in range(1, 500, STRIDE):
        state = Path(shutil.copytree(tmp_path / "origin", tmp_path / str(number), symlinks=True))
        medium = replace(origin, where=replace(origin.where, state=state))
        ends.append(fate(road, medium, trouble, number))
        if ends[-1] == "untroubled":
            break
        if ends[-1] != "done":
            assert ends[-1] == "driver_failed"
            road.go(medium)
        road.finish(medium)
        shutil.rmtree(state)
    assert ends[-1] == "untroubled", "there are more points than were tried"
    assert "driver_failed" in ends


def fate(road: Road, medium: Medium, trouble: str, number: int) -> str:
    """Run the act with the trouble at its `number`th change of a file (a full disk stays full). A fault's code; or "done" in
    spite of the trouble; or "untroubled" if the act has fewer changes."""
    when = f"{number}" if "signal" in trouble else f"{number}+"
    log = medium.where.state / "trace"
    launcher = ("strace", "-f", "-qq", "-o", str(log), "-e", f"trace={CHANGES}")
    launcher += ("-e", f"inject={CHANGES}:{trouble}:when={when}")
    healthy = medium.where
    medium.where = replace(healthy, launcher=launcher, environment={"PYTHONDONTWRITEBYTECODE": "1"}, rehearse=False)
    try:
        road.go(medium)
    except DriverFault as fault:
        return fault.code
    finally:
        slots.nursery(medium.where).close()
        medium.where = healthy
    return "done" if "INJECTED" in log.read_text() or "killed" in log.read_text() else "untroubled"
