"""`./office station` as a program: enrol, run, end; and what it says when it cannot."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from models.rulebook.vocabulary import RunState
from tests.card_issuance.counter import HOUSE, furnish, open_envelope
from tests.card_issuance.office_twin import ENROL_CODE, OfficeTwin


@pytest.fixture
def office():
    with OfficeTwin() as twin:
        yield twin


def station(*words: object, text: str = "", **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "app.cli", "station", *map(str, words)],
        cwd=HOUSE,
        env={**os.environ, "PYTHONPATH": str(HOUSE), "STATION_PAGE_PORT": "0", **environment},
        capture_output=True,
        text=True,
        input=text,
        timeout=60,
    )


def test_enrolled_by_a_code_it_runs_works_and_ends_when_told(tmp_path: Path, office):
    home = tmp_path / "station"
    done = station("--directory", home, "--enrol", "-", "--office", office.url, "--demonstration", text=f"{ENROL_CODE}\n")
    assert done.returncode == 0, done.stderr
    assert "1 号窗口" in done.stderr
    assert office.secret not in done.stderr
    counter = furnish(home, office)
    running = counter.program()
    run = office.queue("HD01-T00001")
    office.wait(run, RunState.awaiting_confirmation, seconds=60)
    assert b"/FontFile2" in open_envelope(run.url)
    told = station("--directory", home)
    assert (told.returncode, "another station is running" in told.stderr) == (1, True)
    running.send_signal(signal.SIGTERM)
    assert running.wait(20) == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "--enrol"),
        (("--enrol", "WRONG-CODE", "--office", "{office}", "--demonstration"), "ask an administrator for a new one"),
        (("--enrol", ENROL_CODE), "--office"),
        (("--enrol", ENROL_CODE, "--office", "http://office.example.cn"), "https"),
        (("--enrol", ENROL_CODE, "--office", "http://127.0.0.1:9", "--demonstration"), "nothing listens"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(tmp_path, office, words, said):
    done = station("--directory", tmp_path / "station", *(word.format(office=office.url) for word in words))
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert office.secret == ""  # a code that could not be used well was not used up
