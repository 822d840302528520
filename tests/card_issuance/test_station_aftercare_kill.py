"""The real station program, killed before and after everything it says in an unlock and in a rekey, and in the middle of its acts.

After a restart each run ends where the undisturbed one ends: the holder's key signs as before, his certificate is there byte
for byte, one PIN opens the token, and of a rekey one new key and one new certificate — or by a named fault with a way out.
"""

import fcntl
import json
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from hashlib import sha256
from pathlib import Path

import pytest

from card_issuance import token_acts
from card_issuance.faults import PinWrong
from models.rulebook import workflow
from models.rulebook.vocabulary import RunAction, RunKind, RunState
from tests.card_issuance.counter import fetch, open_envelope
from tests.card_issuance.holder import Holder, hold, settle_at, soon
from tests.card_issuance.office_twin import OfficeTwin, TwinRun
from tests.card_issuance.test_station_kill import TOKEN, Program, counter_with_program, pin_on
from tests.opencryptoki import software_token

pytestmark = pytest.mark.kill

UNLOCKS = ["report:initialising", "report:proving", "envelope", "report:printing", "report:awaiting_confirmation"]
REKEYS = ["report:awaiting_pin", "report:generating", "report:certifying", "certify", "report:writing", "report:proving",
          "report:awaiting_confirmation"]  # fmt: skip
SECONDS = 60


@contextmanager
def holder_with_program(directory: Path, module: str = "softhsm") -> Iterator[tuple[OfficeTwin, Holder, Program]]:
    with ExitStack() as room:
        if module == "opencryptoki":
            token = room.enter_context(software_token(directory / "judge", "OCK0001"))
        office, counter, program = room.enter_context(counter_with_program(directory))
        if module == "opencryptoki":
            settle_at(counter, token)
            holder = hold(counter, "OCK0001", "rsa_2048")
        else:
            holder = hold(counter, TOKEN)
        room.enter_context(typing(office, holder))
        yield office, holder, program


@contextmanager
def typing(office: OfficeTwin, holder: Holder) -> Iterator[None]:
    """The holder stands at the counter, and types his PIN whenever the station's page asks for it."""
    gone = threading.Event()

    def stand() -> None:
        while not gone.wait(0.05):
            if any(run.state is RunState.awaiting_pin for run in list(office.runs.values())):
                try:
                    holder.types(office.poll["page"], holder.pin)
                except (OSError, AssertionError, KeyError):
                    continue  # the station died under his fingers; he types again when it asks again

    thread = threading.Thread(target=stand, daemon=True)
    thread.start()
    try:
        yield
    finally:
        gone.set()
        thread.join(SECONDS)


def finish(office: OfficeTwin, run: TwinRun) -> None:
    """Wait for the end; take the way out that a named fault offers, as the clerk would."""
    office.wait(run, RunState.awaiting_confirmation, RunState.stopped, seconds=SECONDS)
    if run.state is RunState.stopped:
        assert run.fault is not None
        assert RunAction.resume in workflow.WAYS_OUT[run.fault], f"{run.fault}: {run.detail}"
        office.resume(run)
        office.wait(run, RunState.awaiting_confirmation, seconds=SECONDS)


def check(holder: Holder, run: TwinRun, before: tuple[frozenset[str], frozenset[str]]) -> None:
    keys, certificates = holder.things()
    if run.kind is RunKind.unlock:
        assert (keys, certificates) == before
        assert run.envelope not in run.void
        holder.proof(pin_on(open_envelope(run.url)))
        with pytest.raises(PinWrong):
            holder.proof(holder.pin)
        return
    assert run.certificate is not None
    holder.proof()
    token_acts.prove(
        holder.counter.where, holder.serial, holder.pin, run.key, run.certificate, holder.counter.office.authority.chain()
    )
    assert len(run.signed) == 1
    assert keys == before[0] | {f"{run.key}:{run.key_digest}"}
    assert certificates == before[1] | {sha256(run.certificate).hexdigest()}


def end_after_kill(office: OfficeTwin, holder: Holder, program: Program, run: TwinRun) -> None:
    """Start again and go on; where the run had finished, an unlock's page died with the station: the clerk presses «spoiled»."""
    finished, dead = run.state is RunState.awaiting_confirmation, office.boot
    program.start()
    office.until(lambda: office.boot != dead, "the new station's first poll", seconds=SECONDS)
    if finished and run.kind is RunKind.unlock:
        office.resume(run)
    finish(office, run)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("kind", "moment"), [*((RunKind.unlock, each) for each in UNLOCKS), *((RunKind.rekey, each) for each in REKEYS)]
)
@pytest.mark.parametrize("module", ["softhsm", pytest.param("opencryptoki", marks=pytest.mark.opencryptoki)])
def test_killed_around_every_word_it_says_the_run_ends_as_if_undisturbed(tmp_path, kind, moment, when, module):
    with holder_with_program(tmp_path, module) as (office, holder, program):
        before = holder.things()
        program.start()
        run = holder.asks_for(kind)
        office.at(moment if when == "before" else f"{moment}:done", program.kill)
        office.until(lambda: program.process.poll() is not None, f"the kill at {moment}", seconds=SECONDS)
        lost = run.envelope
        end_after_kill(office, holder, program, run)
        if lost:
            assert lost in run.void
        check(holder, run, before)
        assert program.end() == 0


@pytest.mark.parametrize("helpers", [False, True], ids=["station alone", "station and its helpers"])
@pytest.mark.parametrize(
    ("kind", "moment", "after"),
    [
        (RunKind.unlock, "report:initialising", 0.004),
        (RunKind.unlock, "report:initialising", 0.02),
        (RunKind.unlock, "report:proving", 0.01),
        (RunKind.rekey, "report:awaiting_pin", 0.1),
        (RunKind.rekey, "report:generating", 0.01),
        (RunKind.rekey, "report:generating", 0.05),
        (RunKind.rekey, "report:writing", 0.01),
        (RunKind.rekey, "report:proving", 0.02),
    ],
)
def test_killed_in_the_middle_of_an_act_the_run_ends_well_or_by_name(tmp_path, kind, moment, after, helpers):
    with holder_with_program(tmp_path) as (office, holder, program):
        before = holder.things()
        program.start()
        run = holder.asks_for(kind)
        office.until(lambda: moment in office.moments, f"the report of {moment}", seconds=SECONDS)
        time.sleep(after)
        program.kill(with_helpers=helpers)
        end_after_kill(office, holder, program, run)
        check(holder, run, before)
        assert program.end() == 0


@pytest.mark.parametrize(("kind", "moments"), [(RunKind.unlock, UNLOCKS), (RunKind.rekey, REKEYS)], ids=["unlock", "rekey"])
def test_killed_again_and_again_it_still_ends_as_if_undisturbed(tmp_path, kind, moments):
    """At every word in turn, of one and the same run. What a later lease has no need to say is passed over."""
    with holder_with_program(tmp_path) as (office, holder, program):
        before = holder.things()
        run = holder.asks_for(kind)
        for moment in moments[:-1]:
            office.at(f"{moment}:done", program.kill)
            program.start()
            office.until(
                lambda: program.process.poll() is not None or run.state is RunState.awaiting_confirmation, moment, seconds=SECONDS
            )
            if program.process.poll() is None:
                break
        else:
            program.start()
        finish(office, run)
        assert run.lease >= len(moments) - 1 if kind is RunKind.unlock else run.lease > 3
        check(holder, run, before)
        assert program.end() == 0


@pytest.mark.parametrize("helpers", [False, True], ids=["station alone", "station and its helpers"])
def test_killed_between_the_count_and_the_try_the_station_comes_back_with_one_try_less(tmp_path, helpers):
    with counter_with_program(tmp_path) as (office, counter, program):
        holder = hold(counter, TOKEN)
        program.start()
        for left in (9, 8, 7):
            office.until(lambda: "tries_left" in slot_of(office), "the slot", seconds=SECONDS)
            dead = office.boot
            kill_before_the_try(holder, program, office.poll["page"], 10 - left, helpers)
            program.start()
            await_another(office, dead)
            assert slot_of(office)["tries_left"] == left
        holder.types(office.poll["page"], holder.pin, "try")
        office.until(lambda: slot_of(office).get("tries_left") == 10, "all tries back", seconds=SECONDS)
        assert program.end() == 0


def kill_before_the_try(holder: Holder, program: Program, page: str, used: int, helpers: bool) -> None:
    """The driver's child waits at the token's lock, which is held here: the try is counted, and not made yet."""
    counter = holder.counter
    count = counter.store.directory / "pin_tries" / f"{TOKEN}.json"
    form = {"csrf": holder.csrf(page, "try"), "lang": "zh", "pin": "00000000"}
    with open(counter.where.lock(TOKEN), "r+b") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        typist = threading.Thread(target=answered, args=(f"{page}pin/{TOKEN}/try", form), daemon=True)
        typist.start()
        soon(lambda: count.exists() and json.loads(count.read_text())["used"] == used)
        program.kill(with_helpers=helpers)
    typist.join(20)


def await_another(office: OfficeTwin, dead: str) -> None:
    office.until(lambda: office.boot != dead and "tries_left" in slot_of(office), "a new station", seconds=SECONDS)


def slot_of(office: OfficeTwin) -> dict[str, object]:
    return next((slot for slot in office.poll.get("slots", ()) if slot["serial"] == TOKEN), {})


def answered(address: str, form: dict[str, str]) -> None:
    with suppress(OSError):  # the station dies before it answers
        fetch(address, form)
