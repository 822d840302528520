"""The real station program, killed before and after everything it says, and in the middle of what it does.

After a restart the run must end where the undisturbed run ends — one key, one certificate, one live envelope whose PIN, read
from the page that came out, opens the token — or stopped by a named fault that has a way out.
"""

import io
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pypdf
import pytest

from card_issuance import token_acts
from card_issuance.pin import Pin
from models.rulebook import workflow
from models.rulebook.vocabulary import RunAction, RunState
from tests.card_issuance.counter import Counter, furnish, open_envelope, opens
from tests.card_issuance.office_twin import CUT, OfficeTwin, TwinRun
from tests.standby import Started

pytestmark = pytest.mark.kill

TOKEN = "HD01-T00001"
MOMENTS = [
    "report:initialising",
    "report:generating",
    "report:certifying",
    "certify",
    "report:writing",
    "report:proving",
    "envelope",
    "report:printing",
    "report:awaiting_confirmation",
]


class Program:
    """One station program at a time; dead means dead, its helpers too where that is asked for."""

    def __init__(self, counter: Counter) -> None:
        self.counter = counter
        self.process: Started | None = None

    def start(self) -> None:
        self.process = self.counter.program()

    def kill(self, with_helpers: bool = False) -> object:
        assert self.process is not None
        helpers = descendants(self.process.pid) if with_helpers else []
        self.process.kill()
        for pid in helpers:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.wait(10)
        return CUT

    def end(self) -> int:
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(20)


def descendants(pid: int) -> list[int]:
    """Process ids of all that this process started, and what those started."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = entry.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        parents.setdefault(int(words[1]), []).append(int(entry.parent.name))
    found, todo = [], [pid]
    while todo:
        children = parents.get(todo.pop(), [])
        found += children
        todo += children
    return found


@contextmanager
def counter_with_program(directory: Path) -> Iterator[tuple[OfficeTwin, Counter, Program]]:
    with OfficeTwin() as office:
        counter = furnish(directory / "station", office)
        program = Program(counter)
        try:
            yield office, counter, program
        finally:
            if program.process is not None and program.process.poll() is None:
                program.kill(with_helpers=True)


def pin_on(page: bytes) -> Pin:
    """The PIN as an applicant reads it: its characters stand alone in their cells."""
    lines = pypdf.PdfReader(io.BytesIO(page)).pages[0].extract_text().splitlines()
    return Pin("".join(line.strip() for line in lines if len(line.strip()) == 1 and line.strip().isdigit()))


def finish(office: OfficeTwin, run: TwinRun) -> None:
    """Wait for the end; take the way out that a named fault offers, as the clerk would."""
    office.wait(run, RunState.awaiting_confirmation, RunState.stopped, seconds=60)
    if run.state is RunState.stopped:
        assert run.fault is not None
        assert RunAction.resume in workflow.WAYS_OUT[run.fault], f"{run.fault}: {run.detail}"
        office.resume(run)
        office.wait(run, RunState.awaiting_confirmation, seconds=60)


def check(office: OfficeTwin, counter: Counter, run: TwinRun) -> None:
    assert len(run.signed) == 1
    page = open_envelope(run.url)
    assert run.envelope not in run.void
    assert opens(counter, run, pin_on(page))
    assert [key.id for key in token_acts.inspect(counter.where, run.token).keys] == [run.key]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_around_every_word_it_says_the_run_ends_as_if_undisturbed(tmp_path, moment, when):
    with counter_with_program(tmp_path) as (office, counter, program):
        program.start()
        run = office.queue(TOKEN)
        office.at(moment if when == "before" else f"{moment}:done", program.kill)
        office.until(lambda: program.process.poll() is not None, f"the kill at {moment}", seconds=60)
        lost = run.envelope
        finished = run.state is RunState.awaiting_confirmation
        program.start()
        if finished:  # the page died with the station: the clerk presses «spoiled»
            office.resume(run)
        finish(office, run)
        assert run.lease == 2
        if lost:
            assert lost in run.void
        check(office, counter, run)
        assert program.end() == 0


@pytest.mark.parametrize("helpers", [False, True], ids=["station alone", "station and its helpers"])
@pytest.mark.parametrize(
    ("moment", "profile", "after"),
    [
        ("report:initialising", "p_256", 0.004),
        ("report:initialising", "p_256", 0.012),
        ("report:generating", "rsa_2048", 0.005),
        ("report:generating", "rsa_2048", 0.05),
        ("report:writing", "p_256", 0.004),
        ("report:proving", "p_256", 0.004),
    ],
)
def test_killed_in_the_middle_of_an_act_the_run_ends_well_or_by_name(tmp_path, moment, profile, after, helpers):
    with counter_with_program(tmp_path) as (office, counter, program):
        program.start()
        run = office.queue(TOKEN, profile)
        office.until(lambda: moment in office.moments, f"the report of {moment}", seconds=60)
        time.sleep(after)
        program.kill(with_helpers=helpers)
        finished = run.state is RunState.awaiting_confirmation
        program.start()
        if finished:
            office.resume(run)
        finish(office, run)
        check(office, counter, run)
        assert program.end() == 0


def test_killed_again_and_again_there_is_still_one_key_and_one_certificate(tmp_path):
    with counter_with_program(tmp_path) as (office, counter, program):
        run = office.queue(TOKEN, "rsa_2048")
        for moment in ("report:generating:done", "certify:done", "report:writing", "envelope:done", "report:printing:done"):
            office.at(moment, program.kill)
            program.start()
            office.until(lambda: program.process.poll() is not None, f"the kill at {moment}", seconds=60)
        program.start()
        finish(office, run)
        assert run.lease == 6
        check(office, counter, run)
        assert program.end() == 0
