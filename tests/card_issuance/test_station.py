"""A station against an office, on real SoftHSM tokens: the undisturbed road, every fault by name, and the way out of it."""

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from card_issuance import token_acts
from card_issuance.faults import PinWrong
from card_issuance.officer import Masters
from card_issuance.pin import new_pin
from card_issuance.printer import PrintFailed
from card_issuance.station_view import Link
from models.rulebook.vocabulary import Fault, RunState
from tests.card_issuance.counter import Counter, fetch, furnish, open_envelope, opens
from tests.card_issuance.office_twin import CUT, OfficeTwin

FIRST, SECOND, THIRD = "HD01-T00001", "HD01-T00002", "HD01-T00003"
PATIENCE = 120  # seconds that a busy machine may take
WAITS, STOPPED = RunState.awaiting_confirmation, RunState.stopped


@pytest.fixture
def office():
    with OfficeTwin() as twin:
        yield twin


@pytest.fixture
def counter(tmp_path: Path, office: OfficeTwin) -> Counter:
    return furnish(tmp_path / "station", office, (FIRST, SECOND, THIRD))


def test_the_undisturbed_road_in_order_and_its_pin_opens_the_token(counter, office):
    with counter.station():
        run = office.queue(FIRST, "rsa_2048")
        office.wait(run, WAITS)
    assert run.steps == [f"1:{each}" for each in ("inspecting", "initialising", "generating", "certifying", "writing",
                                                  "proving", "printing", "awaiting_confirmation")]  # fmt: skip
    assert opens(counter, run, counter.pins[run.envelope])
    assert run.printed is False
    assert run.void == []


def test_the_office_hears_a_step_before_the_token_feels_it(counter, office):
    """Looked at from the token's side: while the report of `initialising` is unanswered, the token is still blank."""
    seen = []
    office.at("report:initialising", lambda: seen.append(token_acts.inspect(counter.where, FIRST).initialised))
    office.at("report:generating", lambda: seen.append(token_acts.inspect(counter.where, FIRST).keys))
    office.at("report:writing", lambda: seen.append(token_acts.inspect(counter.where, FIRST).certificates))
    with counter.station():
        office.wait(office.queue(FIRST), WAITS)
    assert seen == [False, (), ()]


def test_no_pin_crosses_the_wire_or_stays_in_the_directory(counter, office):
    with counter.station() as station:
        run = office.queue(FIRST)
        office.wait(run, WAITS)
        officer = station.bench.masters.officer_pin(1, FIRST, 1, counter.where.officer_pin_length).reveal().encode()
    pin = counter.pins[run.envelope].reveal().encode()
    assert len(office.bodies) > 5
    planted = [*office.bodies, b"x" + pin]
    assert [body for body in planted if pin in body or officer in body] == [b"x" + pin]
    files = [path for path in counter.store.directory.rglob("*") if path.is_file()]
    assert len(files) > 5
    assert [path for path in files if pin in path.read_bytes() or officer in path.read_bytes()] == []


def test_two_runs_at_once_on_two_tokens(counter, office):
    """The first one stands still at its gate however often the station says its word again: a busy machine may let it wait long."""
    at_the_gate, opened = threading.Event(), threading.Event()

    def stand_still() -> None:
        office.at("report:generating", stand_still, first)
        at_the_gate.set()
        opened.wait(PATIENCE)

    with counter.station():
        first = office.queue(FIRST)
        office.at("report:generating", stand_still, first)
        office.until(at_the_gate.is_set, "the first run at its gate", PATIENCE)
        second = office.queue(SECOND)
        office.wait(second, WAITS, seconds=PATIENCE)  # while the first one stands still
        assert first.state is RunState.initialising
        office.until(lambda: [each["run"] for each in office.poll["working"]] == [first.key], "one run at work", PATIENCE)
        opened.set()
        office.wait(first, WAITS, seconds=PATIENCE)
    assert opens(counter, first, counter.pins[first.envelope])
    assert opens(counter, second, counter.pins[second.envelope])


def test_no_token_in_any_slot(counter, office):
    counter.cabinet.remove(FIRST)
    counter.cabinet.remove(SECOND)
    with counter.station():
        run = office.queue(FIRST)
        office.wait(run, STOPPED)
        assert run.fault is Fault.no_token
        counter.cabinet.insert(FIRST)
        office.resume(run)
        office.wait(run, WAITS)


def test_another_token_than_the_case_asks_for(counter, office):
    with counter.station():
        run = office.queue(THIRD)
        office.wait(run, STOPPED)
    assert run.fault is Fault.wrong_token
    assert FIRST in run.detail
    assert not token_acts.inspect(counter.where, FIRST).initialised


@pytest.mark.parametrize("step", ["generating", "writing", "proving"])
def test_a_token_pulled_half_way_is_finished_when_it_is_back(counter, office, step):
    with counter.station():
        run = office.queue(FIRST)
        office.at(f"report:{step}:done", lambda: counter.cabinet.remove(FIRST))
        office.wait(run, STOPPED)
        assert run.fault in (Fault.token_removed, Fault.wrong_token)  # gone in the act, or before it began
        counter.cabinet.insert(FIRST)
        office.resume(run)
        office.wait(run, WAITS)
    assert len(run.signed) == 1
    assert opens(counter, run, counter.pins[run.envelope])


def test_a_token_with_somebody_elses_keys_is_left_alone(counter, office):
    officer = Masters.read(counter.store.masters_file).officer_pin(1, FIRST, 1, counter.where.officer_pin_length)
    theirs = new_pin(8, FIRST)
    token_acts.initialise(counter.where, FIRST, officer, theirs)
    token_acts.generate(counter.where, FIRST, theirs, "0b" * 16, "p_256")
    with counter.station():
        run = office.queue(FIRST)
        office.wait(run, STOPPED)
    assert run.fault is Fault.token_not_blank
    assert [key.id for key in token_acts.inspect(counter.where, FIRST, pin=theirs).keys] == ["0b" * 16]


def test_a_token_under_another_officer_pin_is_named(counter, office):
    strange = Masters.read(counter.store.masters_file).officer_pin(1, FIRST, 99, counter.where.officer_pin_length)
    token_acts.initialise(counter.where, FIRST, strange, new_pin(8, FIRST))
    with counter.station():
        run = office.queue(FIRST)
        office.wait(run, STOPPED)
    assert run.fault is Fault.token_not_blank
    assert strange.reveal() not in run.detail


def test_a_key_that_vanished_after_signing_is_lost(counter, office):
    with counter.station():
        run = office.queue(FIRST)
        office.wait(run, WAITS)
        counter.cabinet.remove(FIRST)
        (counter.cabinet.root / "drawer" / FIRST).rename(counter.store.directory / "gone")
        counter.cabinet.make_blank(FIRST)
        counter.cabinet.insert(FIRST)
        office.resume(run)
        office.wait(run, STOPPED)
    assert run.fault is Fault.key_lost
    assert not token_acts.inspect(counter.where, FIRST).initialised


def test_a_driver_that_hangs_is_killed_and_named(counter, office):
    where = replace(counter.where, deadline=0.001, generate_deadline=0.001)
    with counter.station() as station:
        station.bench = replace(station.bench, where=where)
        run = office.queue(FIRST)
        office.wait(run, STOPPED)
        assert run.fault is Fault.driver_hung
        station.bench = replace(station.bench, where=counter.where)
        office.resume(run)
        office.wait(run, WAITS)
    assert opens(counter, run, counter.pins[run.envelope])


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ((422, {"fault": "authority_refused", "detail": "lint: subject too long"}), Fault.authority_refused),
        ((503, {"fault": "authority_unreachable", "detail": ""}), Fault.authority_unreachable),
    ],
)
def test_what_the_authority_says_stops_the_run_by_that_name(counter, office, answer, fault):
    with counter.station():
        office.refuse_certify = answer
        run = office.queue(FIRST)
        office.wait(run, STOPPED)
        assert (run.fault, answer[1]["detail"] in run.detail) == (fault, True)
        office.refuse_certify = None
        office.resume(run)
        office.wait(run, WAITS)
    assert len(run.signed) == 1


def test_an_empty_stock_of_envelopes_is_named_and_the_certificate_stays(counter, office):
    with counter.station():
        full, office.numbers = office.numbers, iter(())
        run = office.queue(FIRST)
        office.wait(run, STOPPED)
        assert run.fault is Fault.no_envelope
        office.numbers = full
        office.resume(run)
        office.wait(run, WAITS)
    assert len(run.signed) == 1
    assert opens(counter, run, counter.pins[run.envelope])


def test_a_page_that_cannot_be_made_is_named_without_its_text(counter, office):
    def broken(facts):
        raise ValueError(f"cannot draw {facts.pin.reveal()}")

    with counter.station() as station:
        station.bench = replace(station.bench, render_envelope=broken)
        run = office.queue(FIRST)
        office.wait(run, STOPPED)
    assert run.fault is Fault.printer_jammed
    assert "ValueError at test_station.py" in run.detail
    assert "cannot draw" not in run.detail


def test_no_detail_ever_shows_a_pin_even_if_a_part_blurts_it_out(counter, office):
    class Blurter:
        def __init__(self, shelf):
            self.shelf, self.seen = shelf, []

        def place(self, run, number, document, abandoned):
            raise PrintFailed(f"spooled {counter.pins[number].reveal()}")

        def view(self):
            return self.shelf.view()

        def withdraw(self, run):
            self.shelf.withdraw(run)

    with counter.station() as station:
        station.bench = replace(station.bench, printer=Blurter(station.shelf))
        run = office.queue(FIRST)
        office.wait(run, STOPPED)
    assert "spooled" in run.detail
    assert counter.pins[run.envelope].reveal() not in run.detail


def test_a_spoiled_envelope_gets_a_new_pin_and_number_and_the_old_pin_is_dead(counter, office):
    with counter.station():
        run = office.queue(FIRST)
        office.wait(run, WAITS)
        old_number, old_url = run.envelope, run.url
        office.resume(run)
        office.wait(run, WAITS)
        assert run.void == [old_number]
        assert run.envelope != old_number
        assert fetch(old_url)[0] == 410
        open_envelope(run.url)
    assert opens(counter, run, counter.pins[run.envelope])
    with pytest.raises(PinWrong):
        opens(counter, run, counter.pins[old_number])
    assert len(run.signed) == 1
    assert run.steps[-4:] == ["2:initialising", "2:proving", "2:printing", "2:awaiting_confirmation"]


def test_a_run_called_off_is_dropped_at_once(counter, office):
    with counter.station() as station:
        run = office.queue(FIRST)
        office.at("report:writing", lambda: office.cancel(run))
        office.until(lambda: run.state is RunState.cancelled, "the cancellation")
        office.until(lambda: office.poll.get("working") == [], "an idle station")
        time.sleep(0.2)
        assert office.moments[-1] == "report:writing"
        assert station.shelf.waiting() == []
        assert station.view().work == ()


def test_an_office_that_is_away_in_the_middle_is_waited_for(counter, office):
    with counter.station() as station:
        run = office.queue(FIRST)
        office.at("report:certifying:done", office.close)
        office.until(lambda: run.state is RunState.certifying, "certifying")
        deadline = time.monotonic() + 10
        while station.view().link is not Link.down and time.monotonic() < deadline:
            time.sleep(0.02)
        assert station.view().link is Link.down
        assert station.view().link_detail
        office.open()
        office.wait(run, WAITS)
        office.until(lambda: station.view().link is Link.up, "a link again, by the next poll")
    assert run.lease == 1  # the same worker went on
    assert opens(counter, run, counter.pins[run.envelope])


@pytest.mark.parametrize(
    "moment",
    ["report:initialising", "report:generating", "certify", "report:writing", "report:proving", "envelope",
     "report:printing", "report:awaiting_confirmation"],
)  # fmt: skip
def test_an_answer_lost_on_the_way_changes_nothing(counter, office, moment):
    with counter.station():
        run = office.queue(FIRST)
        office.at(f"{moment}:done", lambda: CUT)
        office.wait(run, WAITS)
        office.until(lambda: office.poll.get("working") == [], "an idle station")
        assert run.lease == 1
        assert run.void == []
        assert len(run.signed) == 1
        open_envelope(run.url)
    assert opens(counter, run, counter.pins[run.envelope])


def test_a_station_that_the_office_does_not_know_says_so_and_comes_back_when_it_does(counter, office):
    with counter.station() as station:
        office.until(lambda: office.polls > 1, "polls")
        office.disabled = True
        deadline = time.monotonic() + 5
        while station.view().link is not Link.not_enrolled and time.monotonic() < deadline:
            time.sleep(0.02)
        assert station.view().link is Link.not_enrolled
        office.disabled = False
        before = office.polls
        office.until(lambda: office.polls > before, "polls again")
        office.wait(office.queue(FIRST), WAITS)


def test_a_restarted_station_is_offered_its_run_again_and_the_forgotten_pin_is_replaced(counter, office):
    office.at("report:awaiting_confirmation", lambda: CUT)
    with counter.station():
        run = office.queue(FIRST)
        office.until(lambda: "report:awaiting_confirmation" in office.moments, "the end")
    lost = run.envelope
    with counter.station():
        office.wait(run, WAITS)
    if run.lease > 1:  # the first station was stopped before it could repeat its last word
        assert run.void == [lost]
        with pytest.raises(PinWrong):
            opens(counter, run, counter.pins[lost])
    assert opens(counter, run, counter.pins[run.envelope])
    assert len(run.signed) == 1


def test_a_poll_tells_slots_printer_page_and_boot(counter, office):
    with counter.station() as station:
        office.until(lambda: len(office.poll.get("slots", ())) == 2, "two slots")
        poll = dict(office.poll)
        assert poll["boot"] == station.boot
        assert [(slot["slot"], slot["serial"], slot["state"]) for slot in poll["slots"]] == [
            (1, FIRST, "blank"),
            (2, SECOND, "blank"),
        ]
        assert poll["printer"]["kind"] == "page"
        assert poll["page"].startswith("http://127.0.0.1:")
        counter.cabinet.remove(FIRST)
        office.until(lambda: len(office.poll["slots"]) == 1, "one slot")
    with counter.station() as again:
        assert again.boot != poll["boot"]


def test_a_fetched_envelope_is_told_to_the_office_once(counter, office):
    with counter.station():
        run = office.queue(FIRST)
        office.wait(run, WAITS)
        open_envelope(run.url)
        office.until(lambda: office.fetched, "the fetched number")
        before = office.polls
        office.until(lambda: office.polls > before + 2, "more polls")
    assert office.fetched == [run.envelope]


def test_an_idle_station_keeps_its_connection_and_asks_as_often_as_it_was_told(counter, office):
    office.poll_after = 0.2
    with counter.station():
        office.until(lambda: office.polls > 1, "polls")
        before, began = office.polls, time.monotonic()
        time.sleep(2)
        rate = (office.polls - before) / (time.monotonic() - began)
    assert rate <= 5.5
    assert office.connections == 1
