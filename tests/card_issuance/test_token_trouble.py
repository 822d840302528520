"""Pulled tokens, hung and dead children, several hands at once: nothing hangs, every end has its name."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from card_issuance import token_acts, token_nursery, token_rehearsal
from card_issuance.faults import DriverFailed, DriverFault, DriverHung, NoToken, TokenRemoved
from card_issuance.pin import Pin
from card_issuance.slots import SlotReader, SlotState
from tests.builders.tokens import KEY, Issuer, Medium, medium_of, simulated_medium


@pytest.fixture(scope="module")
def issuer():
    return Issuer()


@pytest.fixture
def medium(tmp_path):
    return simulated_medium(tmp_path)


def children() -> set[int]:
    """Process ids of the children that the nurseries of this process have borne."""
    nurseries = {n._process.pid for n in token_nursery._nurseries.values() if n._process}
    return {pid for pid in _processes() if _parent(pid) in nurseries and _state(pid) != "Z"}


def _processes() -> list[int]:
    return [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ["?", "0"]


def _parent(pid: int) -> int:
    return int(_stat(pid)[1])


def _state(pid: int) -> str:
    return _stat(pid)[0]


@contextmanager
def held(medium: Medium):
    """Another process works on the token, as far as the lock file tells."""
    lock = medium.where.lock(medium.serial)
    lock.parent.mkdir(exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def the_working_child(medium: Medium, borne: Callable[[], set[int]] = children) -> int:
    """Of the children, the one that has the token's lock file open."""
    lock = str(medium.where.lock(medium.serial))
    until = time.monotonic() + 5
    while time.monotonic() < until:
        for pid in borne():
            with suppress(OSError):
                if lock in (os.readlink(entry) for entry in Path(f"/proc/{pid}/fd").iterdir()):
                    return pid
        time.sleep(0.002)
    raise AssertionError("no child works")


def test_a_stopped_child_is_killed_at_the_deadline(medium):
    medium.initialise()
    began = time.monotonic()
    with ThreadPoolExecutor(1) as pool, held(medium):
        act = pool.submit(medium.impatient(1).generate)
        child = the_working_child(medium)
        os.kill(child, signal.SIGSTOP)
        with pytest.raises(DriverHung, match="killed"):
            act.result(10)
    assert 0.9 < time.monotonic() - began < 4
    assert _state(child) in "Z?"
    medium.generate()


def test_a_child_that_waits_too_long_for_the_token_is_hung(medium):
    medium.initialise()
    with held(medium), pytest.raises(DriverHung):
        medium.impatient(0.3).look()
    medium.look()


def test_a_killed_child_is_a_failed_driver_that_tells_how(medium):
    medium.initialise()
    with ThreadPoolExecutor(1) as pool, held(medium):
        act = pool.submit(medium.look)
        os.kill(the_working_child(medium), signal.SIGKILL)
        with pytest.raises(DriverFailed, match="signal 9"):
            act.result(10)
    medium.look()


def test_a_child_that_died_while_it_waited_is_replaced_unnoticed(medium):
    medium.initialise()
    token_acts.warm(medium.where)
    time.sleep(0.3)
    waiting = children()
    assert len(waiting) > 2
    for pid in waiting:
        os.kill(pid, signal.SIGKILL)
    medium.look()


def test_a_nursery_that_died_is_started_again(medium):
    medium.initialise()
    for nursery in token_nursery._nurseries.values():
        if nursery._process:
            nursery._process.kill()
            nursery._process.wait()
    medium.look()
    medium.generate()


STATION = """
import sys
from pathlib import Path
from card_issuance import token_acts
from card_issuance.slots import ModuleSettings
where = ModuleSettings.simulated(Path(sys.argv[1]), deadline=0.5)
token_acts.warm(where)
print("ready", flush=True)
token_acts.inspect(where, sys.argv[2])
"""


def test_an_orphaned_child_does_not_keep_the_token_for_ever(medium):
    """The station is killed while its child hangs: the kernel's alarm ends the child soon after its deadline."""
    medium.initialise()
    project = Path(token_acts.__file__).parent.parent
    with held(medium):
        command = [sys.executable, "-c", STATION, str(medium.where.state), medium.serial]
        with subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE) as station:
            assert station.stdout
            assert station.stdout.readline() == b"ready\n"
            nursery = next(pid for pid in _processes() if _parent(pid) == station.pid)
            child = the_working_child(medium, lambda: {pid for pid in _processes() if _parent(pid) == nursery})
            station.kill()
        until = time.monotonic() + 6
        while _state(child) not in "Z?" and time.monotonic() < until:
            time.sleep(0.05)
        assert _state(child) in "Z?"
        assert _state(nursery) in "Z?"
    medium.look()


def test_a_module_that_is_no_module_is_a_failed_driver(tmp_path, medium):
    broken = tmp_path / "broken.so"
    broken.write_bytes(b"not a library")
    for module in (str(broken), "/nonexistent.so", "/lib/x86_64-linux-gnu/libm.so.6"):
        with pytest.raises(DriverFailed, match="load"):
            replace(medium, where=replace(medium.where, module=module)).look(logged_in=False)


def test_a_launcher_that_does_not_start_is_a_failed_driver(medium):
    for launcher in (("/nonexistent",), ("false",)):
        with pytest.raises(DriverFailed, match="no child"):
            replace(medium, where=replace(medium.where, launcher=launcher)).look(logged_in=False)


@pytest.mark.parametrize("act", ["initialise", "generate", "write", "prove", "reset_pin", "inspect"])
def test_a_token_pulled_in_the_middle_of_an_act_is_named_and_the_act_succeeds_afterwards(tmp_path, issuer, act):
    """Pulled at many moments of the act; put back, the same act ends well."""
    medium = simulated_medium(tmp_path)
    cabinet = medium.where.cabinet
    certificate = medium.issue(issuer) if act != "initialise" else b""
    acts = {
        "initialise": lambda: medium.initialise(KEY),
        "generate": medium.generate,
        "write": lambda: medium.write(certificate, issuer),
        "prove": lambda: medium.prove(certificate, issuer),
        "reset_pin": medium.new_pin,
        "inspect": medium.look,
    }
    named = set()
    for moment in range(12):
        if act == "generate":  # so that there is something to do
            medium.initialise(*(c.id for c in medium.look().certificates), KEY)
        puller = threading.Timer(moment * (0.02 if act == "generate" else 0.0015), cabinet.remove, [medium.serial])
        puller.start()
        began = time.monotonic()
        try:
            acts[act]()
            named.add("done")
        except (TokenRemoved, NoToken) as fault:
            named.add(fault.code)
        puller.join()
        assert time.monotonic() - began < 5
        cabinet.insert(medium.serial)
        acts[act]()
    assert named & {"token_removed", "no_token"}
    if act not in ("initialise", "generate"):
        medium.prove(certificate, issuer)


def test_a_token_pulled_while_its_act_hangs_is_removed_rather_than_hung(medium):
    medium.initialise()
    with ThreadPoolExecutor(1) as pool, held(medium):
        act = pool.submit(medium.impatient(0.5).look)
        the_working_child(medium)
        medium.where.cabinet.remove(medium.serial)
        with pytest.raises(TokenRemoved):
            act.result(10)


def test_many_hands_on_one_token_take_turns(medium, issuer):
    certificate = medium.issue(issuer)
    with ThreadPoolExecutor(8) as pool:
        acts = [pool.submit(medium.prove, certificate, issuer) for _ in range(12)]
        acts += [pool.submit(medium.look) for _ in range(12)]
        for act in acts:
            act.result(30)


def test_many_tokens_at_once_do_not_disturb_each_other(tmp_path, issuer):
    media = [simulated_medium(tmp_path, f"BJ2600{n:04}") for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        certificates = list(pool.map(lambda medium: medium.issue(issuer, "p_256"), media))
    for medium, certificate in zip(media, certificates, strict=True):
        medium.prove(certificate, issuer)
    assert len({(key.public_key_digest) for medium in media for key in medium.look().keys}) == 8


def test_looking_into_the_slots_does_not_wait_for_an_act(medium):
    medium.initialise()
    reader = SlotReader(medium.where)
    with held(medium):
        began = time.monotonic()
        (view,) = reader.list()
        assert time.monotonic() - began < 2
    assert (view.serial, view.state) == (medium.serial, SlotState.initialised)


@pytest.mark.parametrize("kind", ["softhsm", pytest.param("opencryptoki", marks=pytest.mark.opencryptoki)])
def test_the_pin_is_in_no_argument_list_environment_or_file(tmp_path, kind, issuer):
    with medium_of(kind, tmp_path) as medium:
        medium.initialise()
        secrets = [pin.reveal().encode() for pin in (medium.pin, medium.officer_pin)]
        with ThreadPoolExecutor(1) as pool, held(medium):
            act = pool.submit(medium.initialise)
            the_working_child(medium)
            seen = [_read(f"/proc/{pid}/{part}") for pid in _processes() for part in ("cmdline", "environ")]
        act.result(20)
        certificate = medium.issue(issuer)
        medium.prove(certificate, issuer)
        written = [_read(path) for path in tmp_path.rglob("*") if path.is_file()]
        assert not [1 for content in seen + written for secret in secrets if secret in content]
        assert any(b"token_child" in content for content in seen)
        if kind == "softhsm":
            assert any(KEY.encode() in content for content in written)  # what is there is found by the same search


def _read(path: str | Path) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError:
        return b""


def test_a_fault_never_carries_a_pin(medium, issuer):
    certificate = medium.issue(issuer)
    wrong = replace(medium, pin=Pin("83920174"), officer_pin=Pin("Wrong0fficerPin4711Secret"[:24]))
    for act in (wrong.look, wrong.new_pin, wrong.initialise, wrong.generate, lambda: wrong.prove(certificate, issuer)):
        with pytest.raises(DriverFault) as told:
            act()
        text = repr(told.value) + str(told.value) + repr(told.value.__dict__)
        assert not [1 for pin in (wrong.pin, wrong.officer_pin, medium.pin) if pin.reveal() in text]


def test_what_killed_children_left_of_a_rehearsal_is_swept_away_later(monkeypatch, tmp_path):
    monkeypatch.setattr(token_rehearsal, "_stage", lambda: tmp_path)
    for name, age in (("one-certificate-rehearsal-old", 120), ("one-certificate-rehearsal-new", 5), ("another", 500)):
        (tmp_path / name / "drawer").mkdir(parents=True)
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    token_rehearsal.sweep_rehearsals()
    assert {left.name for left in tmp_path.iterdir()} == {"one-certificate-rehearsal-new", "another"}
