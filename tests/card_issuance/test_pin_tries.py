"""Wrong PINs are never under-counted: through refusals, threads, kills and damaged files."""

import json
import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from card_issuance.faults import DriverHung, PinLocked, PinWrong, TokenRemoved
from card_issuance.pin_pad import PinPad
from card_issuance.pin_tries import MOST_TRIES, PinTries, Tries
from card_issuance.slots import ModuleSettings

SERIAL = "HD01-T00001"
HOUSE = Path(__file__).resolve().parents[2]


@pytest.fixture
def tries(tmp_path):
    return PinTries(tmp_path / "pin_tries")


def fail(fault):
    def login():
        raise fault

    return login


def wrong(tries, times=1, fault=None):
    for _ in range(times):
        with pytest.raises(type(fault or PinWrong())):
            tries.attempt(SERIAL, fail(fault or PinWrong()))


def test_a_try_is_on_the_disk_before_it_is_made_and_taken_back_when_it_succeeded(tries, tmp_path):
    other = PinTries(tmp_path / "pin_tries")
    wrong(tries, 3)
    seen = tries.attempt(SERIAL, lambda: other.left(SERIAL))  # what another program would read meanwhile
    assert seen == MOST_TRIES - 4
    assert other.left(SERIAL) == MOST_TRIES
    assert list((tmp_path / "pin_tries").iterdir()) == []


def test_ten_wrong_ones_lock_and_nothing_is_tried_any_more(tries):
    wrong(tries, 9)
    assert (tries.left(SERIAL), tries.locked(SERIAL)) == (1, False)
    wrong(tries)
    assert (tries.left(SERIAL), tries.locked(SERIAL)) == (0, True)
    made = []
    with pytest.raises(PinLocked):
        tries.attempt(SERIAL, lambda: made.append(1))
    assert made == []
    assert tries.left("HD01-T00002") == MOST_TRIES
    tries.forget(SERIAL)
    assert tries.left(SERIAL) == MOST_TRIES


@pytest.mark.parametrize("fault", [TokenRemoved(), DriverHung(), RuntimeError()], ids=lambda fault: type(fault).__name__)
def test_a_try_whose_end_is_not_known_is_counted(tries, fault):
    wrong(tries, 1, fault)
    assert tries.left(SERIAL) == MOST_TRIES - 1


def test_a_token_that_says_it_is_locked_is_believed_before_ten(tries):
    wrong(tries, 1)
    wrong(tries, 1, PinLocked())
    assert tries.of(SERIAL) == Tries(2, token_locked=True)
    assert tries.locked(SERIAL)
    tries.forget(SERIAL)
    tries.believe(SERIAL, "locked")
    assert tries.locked(SERIAL)
    for told in ("low", "final", "locked"):
        tries.believe(SERIAL, told)
        assert tries.locked(SERIAL)
    tries.believe(SERIAL, "ok")  # unlocked at another station
    assert tries.left(SERIAL) == MOST_TRIES


def test_a_token_that_never_locks_saying_ok_gives_no_try_back(tries):
    wrong(tries, 10)
    tries.believe(SERIAL, "ok")
    assert tries.locked(SERIAL)


def test_an_officers_refusal_is_no_word_about_the_holders_pin(tries):
    wrong(tries, 1, PinLocked("", "officer"))
    assert tries.of(SERIAL) == Tries(1)


def test_a_module_that_locks_after_fewer_is_counted_with_fewer(tmp_path):
    tries = PinTries(tmp_path, 3)
    assert tries.left(SERIAL) == 3
    wrong(tries, 3)
    assert tries.locked(SERIAL)


def test_a_token_may_say_that_it_takes_fewer_than_the_station_counts(tries):
    pad = PinPad(ModuleSettings.real("/nowhere.so", HOUSE), tries)
    assert [pad.left(SERIAL, told) for told in ("", "ok", "low", "final", "locked")] == [10, 10, 10, 1, 0]
    wrong(tries, 10)
    assert [pad.left(SERIAL, told) for told in ("ok", "final")] == [0, 0]


@pytest.mark.parametrize(
    "content", ["", "nonsense", "[]", "{}", '{"used": -1, "token_locked": false}', '{"used": true, "token_locked": 0}']
)
def test_what_cannot_be_read_counts_as_locked_until_an_unlock(tries, tmp_path, content):
    wrong(tries)
    (tmp_path / "pin_tries" / f"{SERIAL}.json").write_text(content)
    assert tries.locked(SERIAL)
    tries.forget(SERIAL)
    assert tries.left(SERIAL) == MOST_TRIES


def test_the_file_is_its_owners_alone_and_holds_numbers_only(tries, tmp_path):
    wrong(tries, 2)
    (file,) = (tmp_path / "pin_tries").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert json.loads(file.read_text()) == {"used": 2, "token_locked": False}


def test_many_threads_lose_no_count_and_never_make_an_eleventh_try(tries):
    made, told = [], []

    def login():
        made.append(1)
        raise PinWrong

    def crowd():
        try:
            tries.attempt(SERIAL, login)
        except (PinWrong, PinLocked) as fault:
            told.append(type(fault))

    threads = [threading.Thread(target=crowd) for _ in range(25)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(made) == told.count(PinWrong) == MOST_TRIES
    assert told.count(PinLocked) == 15


PROGRAM = """
import os, sys
from pathlib import Path
from card_issuance.faults import PinWrong
from card_issuance.pin_tries import PinTries
def login():
    print("trying", flush=True)
    {then}
PinTries(Path(sys.argv[1])).attempt("HD01-T00001", login)
"""


def killed(directory, then):
    """A program of its own is killed for real while it tries."""
    words = [sys.executable, "-c", PROGRAM.format(then=then), str(directory)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(HOUSE)}) as process:
        assert process.stdout.readline() == b"trying\n"
        process.kill()
        assert process.wait(10) == -signal.SIGKILL


@pytest.mark.kill
def test_whoever_is_killed_between_the_count_and_the_answer_has_used_the_try(tmp_path):
    directory = tmp_path / "pin_tries"
    for number in range(1, 6):
        killed(directory, "import time; time.sleep(60)")
        assert PinTries(directory).left(SERIAL) == MOST_TRIES - number
    for file in directory.iterdir():
        assert file.name == f"{SERIAL}.json"


@pytest.mark.kill
@pytest.mark.parametrize("call", ["fsync", "rename", "close", "openat", "unlink"])
def test_killed_before_any_call_that_writes_the_count_it_is_never_too_small(tmp_path, call):
    """Ended at the n-th such call: the token was not tried, or the try is counted."""
    import shutil

    if not shutil.which("strace"):
        pytest.skip("strace is not installed (apt-get install strace)")
    directory, made = tmp_path / "pin_tries", tmp_path / "made"
    program = PROGRAM.format(then=f"open({str(made)!r}, 'a').write('x'); raise PinWrong")
    for number in range(1, 5):
        words = ["strace", "-f", "-qq", "-o", "/dev/null", "-P", str(directory), "-P", str(directory / f"{SERIAL}.json"),
                 "-P", str(directory / f"{SERIAL}.json.new"), "-e", f"inject={call}:signal=SIGKILL:when={number}",
                 sys.executable, "-c", program, str(directory)]  # fmt: skip
        ended = subprocess.run(words, env={**os.environ, "PYTHONPATH": str(HOUSE)}, capture_output=True, check=False)
        assert number > 1 or ended.returncode == -signal.SIGKILL
        tried = len(made.read_text()) if made.exists() else 0
        assert PinTries(directory).of(SERIAL).used >= tried
