"""The real station and the real office, over HTTP, on real SoftHSM tokens: what each promises the other holds."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask, request
from waitress.server import create_server

from app.services.begin_runs import RunOrder, begin_runs
from app.services.confirm_envelope import confirm_envelope
from app.services.spoil_envelope import spoil_envelope
from app.services.world import World
from card_issuance import token_acts
from card_issuance.faults import PinWrong
from card_issuance.station_store import Credentials, StationStore
from models.rulebook.permissions import Actor
from models.rulebook.vocabulary import EnvelopeState, Role, RunState
from models.tables import Case, Envelope, Run, Station
from tests.builders.issuance import plant_case, plant_station, plant_stock, row, run_of
from tests.builders.people import actor_of
from tests.card_issuance.counter import Counter, fetch, open_envelope
from tests.invariants import violations


@contextmanager
def listening(app: Flask) -> Iterator[str]:
    server = create_server(app, host="127.0.0.1", port=0, threads=6)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        server.close()
        thread.join(10)


class Hall:
    """An office that listens, a station beside it, a case of two certificates."""

    def __init__(self, world: World, app: Flask, url: str, home: Path) -> None:
        self.world = world
        self.serials = plant_stock(world, tokens=2)
        planted = plant_station(world, app)
        self.station_id = planted.id
        self.case_id = plant_case(world, items=2)
        self.clerk: Actor = actor_of(world, Role.clerk, "HD01")
        store = StationStore(home)
        store.begin(url, demonstration=True)
        store.save_credentials(Credentials(url, planted.id, planted.name, "HD01", planted.secret))
        self.counter = Counter(store, SimpleNamespace())  # type: ignore[arg-type]
        for serial in self.serials:
            self.counter.cabinet.make_blank(serial)
            self.counter.cabinet.insert(serial)

    def begin(self) -> list[str]:
        """Both runs, once the office has seen both tokens in the slots; their keys, by item."""
        end = time.monotonic() + 20
        while len(row(self.world, Station, Station.id == self.station_id).report.get("slots", ())) < len(self.serials):
            assert time.monotonic() < end, "the station is not heard of"
            time.sleep(0.05)
        with self.world.reading() as session:
            items = session.get_one(Case, self.case_id).items
            orders = [RunOrder(item.id, item.version, serial) for item, serial in zip(items, self.serials, strict=True)]
        begin_runs(self.world, self.clerk, self.case_id, orders)
        with self.world.reading() as session:
            return [run.key for run in session.query(Run).order_by(Run.item_id)]

    def wait(self, key: str, state: RunState = RunState.awaiting_confirmation, lease: int = 1) -> Run:
        end = time.monotonic() + 30
        while True:
            run = run_of(self.world, key)
            if (run.state, run.lease) == (state, lease):
                return run
            assert time.monotonic() < end, f"{run.state} {run.fault} {run.fault_detail} {run.steps}"
            time.sleep(0.05)

    def number(self, run: Run) -> str:
        return row(self.world, Envelope, Envelope.id == run.envelope_id).number

    def proves(self, run: Run, number: str) -> bool:
        with self.world.reading() as session:
            held = session.get_one(Run, run.id)
            serial, der = held.token.serial, held.certificate.der
        chain = self.world.authority.chain()
        proof = token_acts.prove(self.counter.where, serial, self.counter.pins[number], run.key, der, chain)
        return proof.serial == serial

    def violations(self) -> list[str]:
        with self.world.reading() as session:
            return violations(session, settled=True)


@pytest.fixture
def hall(world: World, app: Flask, tmp_path: Path) -> Iterator[Hall]:
    with listening(app) as url:
        yield Hall(world, app, url, tmp_path / "station")


def test_two_certificates_of_one_case_are_made_and_confirmed(hall: Hall):
    with hall.counter.station():
        keys = hall.begin()
        for key in keys:
            run = hall.wait(key)
            number = hall.number(run)
            assert open_envelope(run.envelope_url).endswith(number.encode())
            assert hall.proves(run, number)
            confirm_envelope(hall.world, hall.clerk, run.id, hall.wait(key).version, number)
    assert [step["state"] for step in run.steps if "note" not in step][-7:] == [
        "initialising", "generating", "certifying", "writing", "proving", "printing", "awaiting_confirmation",
    ]  # fmt: skip
    assert hall.violations() == []


def test_a_spoiled_envelope_leads_to_a_new_pin_and_number(hall: Hall):
    with hall.counter.station():
        key = hall.begin()[0]
        run = hall.wait(key)
        old, url = hall.number(run), run.envelope_url
        spoil_envelope(hall.world, hall.clerk, run.id, run.version, "打印不清")
        run = hall.wait(key, lease=2)
        new = hall.number(run)
        assert new != old
        assert fetch(url)[0] == 410
        assert row(hall.world, Envelope, Envelope.number == old).state is EnvelopeState.void
        assert hall.proves(run, new)
        with pytest.raises(PinWrong):
            hall.proves(run, old)
        open_envelope(run.envelope_url)
    assert hall.violations() == []


@pytest.mark.parametrize("path", ["/report", "/certify", "/envelope"])
def test_answers_that_are_lost_change_nothing(app: Flask, hall: Hall, path: str):
    """The office does its part and its answer is lost, once for every different word."""
    lost: set[tuple[str, str]] = set()

    @app.after_request
    def lose(response):  # type: ignore[no-untyped-def]
        word = (request.path, request.get_data(as_text=True))
        if request.path.endswith(path) and response.status_code == 200 and word not in lost:
            lost.add(word)
            response.status_code = 502
        return response

    with hall.counter.station():
        key = hall.begin()[0]
        run = hall.wait(key)
        time.sleep(1.0)  # the last word is said again after its answer was lost
        assert run_of(hall.world, key).lease == 1
        assert len(lost) >= (6 if path == "/report" else 1)
        number = hall.number(run)
        assert open_envelope(run.envelope_url)
        assert hall.proves(run, number)
    with hall.world.reading() as session:
        assert session.query(Envelope).filter(Envelope.state == EnvelopeState.void).count() == 0
    assert hall.violations() == []
