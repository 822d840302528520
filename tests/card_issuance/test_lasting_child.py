import gc
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from card_issuance.lasting_child import ChildFault, ChildLost, LastingChild

pytestmark = pytest.mark.kill


def a_child(
    tmp_path: Path, how: str = "well", deadline: float = 10, start_deadline: float = 30, **environment: str
) -> LastingChild:
    return LastingChild(
        "tests.card_issuance.stubborn_child",
        how,
        folder=tmp_path,
        environment=environment,
        deadline=deadline,
        start_deadline=start_deadline,
    )


@pytest.fixture
def child(tmp_path):
    with closing(a_child(tmp_path)) as one:
        yield one


def test_facts_and_bytes_go_there_and_back(child):
    assert child.ask("echo", b"\n\x00abc", word="样例") == ({"word": "样例"}, b"cba\x00\n")


def test_a_megabyte_goes_there_and_back(child):
    assert child.ask("echo", bytes(3_000_000))[1] == bytes(3_000_000)


def test_one_child_answers_many_questions_and_threads(child):
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda n: child.ask("echo", b"%d" % n, n=n), range(200)))
    assert answers == [({"n": n}, str(n)[::-1].encode()) for n in range(200)]
    assert child.greeting() == {"pid": child.pid}


def test_a_refusal_is_told_and_the_child_lives_on(child):
    before = child.greeting()
    with pytest.raises(ChildFault, match="It will not") as refused:
        child.ask("say_no")
    assert refused.value.code == "no"
    assert child.greeting() == before


def test_an_unforeseen_error_is_told_by_its_kind_only_and_a_fresh_child_follows(child):
    before = child.greeting()
    with pytest.raises(ChildFault) as broken:
        child.ask("break_down")
    assert (broken.value.code, str(broken.value)) == ("broken", "RuntimeError")
    assert child.greeting() != before


def test_a_child_that_died_is_replaced_without_notice(child):
    before = child.greeting()["pid"]
    os.kill(before, signal.SIGKILL)
    assert child.ask("echo", b"ab")[1] == b"ba"
    assert child.pid != before


@pytest.mark.parametrize("act", ["die", "half"])
def test_a_child_that_dies_of_the_same_question_twice_is_lost_and_the_next_works(child, act):
    with pytest.raises(ChildLost, match=f"died during {act}"):
        child.ask(act)
    assert child.ask("echo", b"ab")[1] == b"ba"


def test_a_hanging_child_is_killed_at_the_deadline(tmp_path):
    with closing(a_child(tmp_path, deadline=2)) as child:
        hung = child.greeting()["pid"]
        begun = time.monotonic()
        with pytest.raises(ChildLost, match="did not answer wait in time"):
            child.ask("wait", seconds=30)
        assert 1.5 < time.monotonic() - begun < 4
        with pytest.raises(ProcessLookupError):
            os.kill(hung, 0)
        assert child.ask("echo", b"ab")[1] == b"ba"


def test_who_waited_behind_a_long_act_has_the_whole_deadline_for_his_own(tmp_path):
    with closing(a_child(tmp_path, deadline=2)) as child:
        child.greeting()
        first = threading.Thread(target=child.ask, args=("wait",), kwargs={"seconds": 1.8})
        first.start()
        time.sleep(0.2)
        before = child.pid
        assert child.ask("wait", seconds=1) == ({"waited": 1}, b"")
        first.join()
        assert child.pid == before


def test_who_waits_beyond_the_deadline_gives_up_and_leaves_the_child_alone(tmp_path):
    with closing(a_child(tmp_path, deadline=1)) as child:
        before = child.greeting()["pid"]
        child._lock.acquire()
        with pytest.raises(ChildLost, match="busy"):
            child.ask("echo")
        child._lock.release()
        assert child.greeting()["pid"] == before


def test_a_child_that_refuses_to_start_says_why(tmp_path):
    with closing(a_child(tmp_path, "refuse")) as child, pytest.raises(ChildFault, match="Not today"):
        child.greeting()


def test_a_child_that_cannot_start_is_lost(tmp_path):
    with closing(a_child(tmp_path, "crash")) as child, pytest.raises(ChildLost):
        child.greeting()


def test_a_child_that_never_greets_is_lost_at_the_deadline(tmp_path):
    with closing(a_child(tmp_path, "silent", start_deadline=1)) as child, pytest.raises(ChildLost, match="in time"):
        child.greeting()


def test_a_missing_folder_is_a_lost_child(tmp_path):
    with pytest.raises(ChildLost):
        a_child(tmp_path / "nowhere").greeting()


def test_the_environment_holds_what_was_given_and_no_secret(tmp_path, monkeypatch):
    monkeypatch.setenv("OFFICE_SECRET", "do not tell")
    with closing(a_child(tmp_path, SOFTHSM2_CONF="here")) as child:
        environment, _ = child.ask("environment")
    assert environment["SOFTHSM2_CONF"] == "here"
    assert "do not tell" not in environment.values()


def test_a_launched_child_is_there_when_it_is_asked(child):
    child.launch()
    running = child.pid
    assert running is not None
    assert child.greeting() == {"pid": running}


def test_closing_ends_it_and_asking_starts_another(child):
    before = child.greeting()["pid"]
    child.close()
    with pytest.raises(ProcessLookupError):
        os.kill(before, 0)
    assert child.greeting()["pid"] != before


def test_a_forgotten_child_ends_with_its_owner(tmp_path):
    child = a_child(tmp_path)
    pid = child.greeting()["pid"]
    del child
    gc.collect()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_ctrl_c_in_the_terminal_does_not_reach_it(child):
    assert os.getsid(child.greeting()["pid"]) != os.getsid(0)


def test_a_fork_while_a_thread_asks_does_not_block_the_new_process(tmp_path):
    """In a process of its own, for pytest has threads and open ends that a fork would copy."""
    program = f"""
import os, threading, time
from pathlib import Path
from card_issuance.lasting_child import LastingChild
child = LastingChild("tests.card_issuance.stubborn_child", "well", folder=Path({str(tmp_path)!r}), deadline=10)
child.greeting()
mine = child.pid
asking = threading.Thread(target=child.ask, args=("wait",), kwargs=dict(seconds=1))
asking.start()
time.sleep(0.2)
forked = os.fork()
if forked == 0:
    os._exit(0 if child.ask("echo", b"ab")[1] == b"ba" and child.pid != mine else 1)
assert os.waitpid(forked, 0)[1] == 0
asking.join()
assert child.ask("echo", b"ab")[1] == b"ba" and child.pid == mine
child.close()
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], cwd=Path.cwd(), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
