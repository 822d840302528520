"""The real station and the real office over a token's life, on real SoftHSM tokens: issued, renewed, unlocked, replaced."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from flask import Flask

from app.services.begin_runs import RunOrder, begin_runs
from app.services.cancel_run import cancel_run
from app.services.confirm_envelope import confirm_envelope
from app.services.hand_over import Scanned, hand_over
from app.services.world import World
from card_issuance import token_acts
from card_issuance.faults import PinWrong
from card_issuance.pin import Pin
from models.rulebook.vocabulary import CaseKind, CertificateStatus, EnvelopeState, Fault, RunState, TokenState
from models.tables import Case, CaseItem, Certificate, Envelope, Run, Station, Token
from tests.app.test_station_meets_office import Hall, listening
from tests.builders.holders import plant_aftercare
from tests.builders.issuance import collector, plant_case, row, run_of
from tests.card_issuance.counter import csrf_of, fetch, open_envelope


class Life(Hall):
    """The hall, with one case at a time: `token` was handed over with `certificate`, its PIN is in `pin`."""

    pin: Pin

    def issue(self) -> None:
        """The first certificate, from a blank token to the holder's hands."""
        self.case_id = plant_case(self.world, items=1, number="HD01-20261123-0077")
        run = self.made(self.start(self.serials[0]))
        self.give(run)
        self.certificate_id = row(self.world, Certificate, Certificate.run_id == run.id).id

    def come(self, kind: CaseKind) -> None:
        self.case_id = plant_aftercare(self.world, self.certificate_id, kind)

    def start(self, serial: str) -> str:
        """Begin the case's run, once the office has seen the token; its key."""
        self.until(lambda: serial in {slot["serial"] for slot in self.slots()})
        item = row(self.world, CaseItem, CaseItem.case_id == self.case_id)
        (begun,) = begin_runs(self.world, self.clerk, self.case_id, [RunOrder(item.id, item.version, serial)])
        return begun.key

    def slots(self) -> list[dict[str, object]]:
        slots: list[dict[str, object]] = row(self.world, Station, Station.id == self.station_id).report.get("slots", [])
        return slots

    def until(self, true: object, seconds: float = 20) -> None:
        end = time.monotonic() + seconds
        while not true():  # type: ignore[operator]
            assert time.monotonic() < end
            time.sleep(0.05)

    def made(self, key: str) -> Run:
        """With an envelope: opened, confirmed, its PIN taken down."""
        run = self.wait(key)
        if run.envelope_id is None:
            confirm_envelope(self.world, self.clerk, run.id, run.version, row(self.world, Token, Token.id == run.token_id).serial)
        else:
            number = self.number(run)
            open_envelope(run.envelope_url)
            self.pin = self.counter.pins[number]
            confirm_envelope(self.world, self.clerk, run.id, run_of(self.world, key).version, number)
        return run_of(self.world, key)

    def give(self, run: Run) -> None:
        number = self.number(run) if run.envelope_id is not None else ""
        serial = row(self.world, Token, Token.id == run.token_id).serial
        case = row(self.world, Case, Case.id == self.case_id)
        hand_over(self.world, self.clerk, case.id, case.version, collector(), [Scanned(run.item_id, serial, number)])

    def types(self, serial: str, pin: Pin) -> bytes:
        """The holder, on the station's own page."""
        address = f"{row(self.world, Station, Station.id == self.station_id).report['page']}pin/{serial}/give"
        self.until(lambda: b'type="password"' in fetch(address)[1])
        return fetch(address, {"csrf": csrf_of(fetch(address)[1]), "lang": "zh", "pin": pin.reveal()})[1]

    def opens(self, certificate_id: int, pin: Pin | None = None) -> bool:
        """The token signs with this certificate's key under the PIN: asked of the token itself."""
        with self.world.reading() as session:
            held = session.get_one(Certificate, certificate_id)
            serial, key, der = held.token.serial, held.run.key, held.der
        assert der is not None
        proof = token_acts.prove(self.counter.where, serial, pin or self.pin, key, der, self.world.authority.chain())
        return proof.serial == serial

    def certificate(self, certificate_id: int | None = None) -> Certificate:
        return row(self.world, Certificate, Certificate.id == (certificate_id or self.certificate_id))

    def replacement(self) -> Certificate:
        return row(self.world, Certificate, Certificate.replaces_id == self.certificate_id)


@pytest.fixture
def life(world: World, app: Flask, tmp_path: Path) -> Iterator[Life]:
    with listening(app) as url:
        yield Life(world, app, url, tmp_path / "station")


@contextmanager
def counter_open(life: Life) -> Iterator[None]:
    """A station runs, and the holder has his first certificate."""
    with life.counter.station():
        life.issue()
        yield


def test_a_renewed_token_signs_with_the_new_key_under_the_same_pin(life: Life) -> None:
    with counter_open(life):
        life.come(CaseKind.renewal)
        key = life.start(life.serials[0])
        life.wait(key, RunState.awaiting_pin)
        life.types(life.serials[0], life.pin)
        run = life.made(key)
        assert life.opens(life.certificate_id)  # the old one is as good as before
        assert life.certificate().status is CertificateStatus.valid
        life.give(run)
        new = life.replacement()
        assert (life.certificate().status, new.status) == (CertificateStatus.revoked, CertificateStatus.valid)
        assert life.opens(new.id)
        assert new.public_key_digest != life.certificate().public_key_digest
        assert x509.load_der_x509_certificate(new.der).subject == x509.load_der_x509_certificate(life.certificate().der).subject
    assert life.violations() == []


def test_an_unlocked_token_opens_with_the_new_pin_only_and_its_key_is_unharmed(life: Life) -> None:
    with counter_open(life):
        old_pin, before = life.pin, token_acts.inspect(life.counter.where, life.serials[0])
        life.come(CaseKind.unlock)
        run = life.made(life.start(life.serials[0]))
        life.give(run)
        after = token_acts.inspect(life.counter.where, life.serials[0])
        assert (before.keys, before.certificates) == (after.keys, after.certificates)
        assert life.opens(life.certificate_id)
        with pytest.raises(PinWrong):
            life.opens(life.certificate_id, old_pin)
        assert row(life.world, Envelope, Envelope.number == "HD01E000001").state is EnvelopeState.void
    assert life.violations() == []


def test_a_holder_who_forgot_his_pin_has_it_unlocked_and_then_renews(life: Life) -> None:
    with counter_open(life):
        life.come(CaseKind.renewal)
        renewal = life.case_id
        key = life.start(life.serials[0])
        life.wait(key, RunState.awaiting_pin)
        page = row(life.world, Station, Station.id == life.station_id).report["page"]
        address = f"{page}pin/{life.serials[0]}/give"
        life.until(lambda: b"/decline" in fetch(address)[1])
        fetch(f"{page}pin/{life.serials[0]}/decline", {"csrf": csrf_of(fetch(address)[1]), "lang": "zh"})
        run = life.wait(key, RunState.stopped)
        assert run.fault is Fault.pin_not_given
        cancel_run(life.world, life.clerk, run.id, run.version, "持有人忘记密码")
        assert row(life.world, Token, Token.serial == life.serials[0]).state is TokenState.handed_over
        with life.world.writing() as session:  # a certificate has one open case at a time: this one waits
            session.get_one(Case, renewal).certificate_id = None
            session.commit()
        life.come(CaseKind.unlock)
        life.give(life.made(life.start(life.serials[0])))
        with life.world.writing() as session:
            session.get_one(Case, renewal).certificate_id = life.certificate_id
            session.commit()
        life.case_id = renewal
        key = life.start(life.serials[0])
        life.wait(key, RunState.awaiting_pin)
        life.types(life.serials[0], life.pin)
        life.give(life.made(key))
        assert life.opens(life.replacement().id)
    assert life.violations() == []


def test_a_damaged_token_is_replaced_by_a_new_one_that_ends_with_it(life: Life) -> None:
    with counter_open(life):
        life.come(CaseKind.replacement_damaged)
        run = life.made(life.start(life.serials[1]))
        life.give(run)
        new = life.replacement()
        assert new.not_after == life.certificate().not_after
        assert life.certificate().status is CertificateStatus.revoked
        assert life.opens(new.id)
    assert life.violations() == []


def test_a_pin_is_tried_on_no_other_token_than_the_holders(life: Life) -> None:
    """He pulls his token and types: nothing is tried, nothing counted, until it is back."""
    with counter_open(life):
        life.come(CaseKind.renewal)
        key = life.start(life.serials[0])
        life.wait(key, RunState.awaiting_pin)
        life.counter.cabinet.remove(life.serials[0])
        life.types(life.serials[0], life.pin)
        assert run_of(life.world, key).state is RunState.awaiting_pin
        life.counter.cabinet.insert(life.serials[0])
        life.types(life.serials[0], life.pin)
        life.give(life.made(key))
        assert life.opens(life.replacement().id)
    assert life.violations() == []
