"""The real station and the real office when a holder comes back: his PIN at the station's page, his key on a real SoftHSM token."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app.services.begin_runs import RunOrder, begin_runs
from app.services.cancel_run import cancel_run
from app.services.confirm_envelope import confirm_envelope
from app.services.world import World
from card_issuance import token_acts
from card_issuance.faults import PinWrong
from card_issuance.pin import Pin
from models.rulebook.vocabulary import CaseKind, CertificateStatus, Fault, RunState, TokenState
from models.tables import Case, Certificate, Run, Station, Token
from tests.app.test_station_meets_office import Hall, listening
from tests.builders.holders import plant_aftercare
from tests.builders.issuance import hand_all_over, row
from tests.card_issuance.counter import csrf_of, fetch, open_envelope

WRONG = Pin("00000000")


class Back(Hall):
    """One of the two tokens was issued by this station, for real, and is back at its counter with its holder."""

    def issue(self) -> None:
        numbers = []
        for key in self.begin():
            run = self.wait(key)
            numbers.append(self.number(run))
            open_envelope(run.envelope_url)
            confirm_envelope(self.world, self.clerk, run.id, run.version, numbers[-1])
        hand_all_over(self, list(zip(self.serials, numbers, strict=True)))  # type: ignore[arg-type]
        self.serial, self.pin = self.serials[0], self.counter.pins[numbers[0]]
        self.certificate_id = self.certificates()[-1].id

    def case(self) -> Case:
        return row(self.world, Case, Case.id == self.case_id)

    def certificates(self) -> list[Certificate]:
        """Of the holder's token, oldest first."""
        with self.world.reading() as session:
            token = session.query(Token).filter(Token.serial == self.serial).one()
            found = session.query(Certificate).filter(Certificate.token_id == token.id).order_by(Certificate.id).all()
            for each in found:
                assert each.run.key
            return found

    def comes(self, kind: CaseKind) -> str:
        """His case of this kind, begun; the run's key."""
        return self.begins(plant_aftercare(self.world, self.certificate_id, kind))

    def begins(self, case_id: int) -> str:
        """A run, perhaps not the first, for the one item of a case; its key."""
        self.case_id = case_id
        with self.world.reading() as session:
            (item,) = session.get_one(Case, case_id).items
            order = RunOrder(item.id, item.version, self.serial)
        (begun,) = begin_runs(self.world, self.clerk, case_id, [order])
        return begun.key

    def types(self, page: str, pin: Pin) -> str:
        address, end = f"{page}pin/{self.serial}/give", time.monotonic() + 10
        while b'type="password"' not in (shown := fetch(address)[1]):
            assert time.monotonic() < end, "the station does not ask"
            time.sleep(0.02)
        return fetch(address, {"csrf": csrf_of(shown), "lang": "zh", "pin": pin.reveal()})[1].decode()

    def things(self) -> tuple[set[str], set[str]]:
        seen = token_acts.inspect(self.counter.where, self.serial)
        return {f"{key.id}:{key.public_key_digest}" for key in seen.keys}, {each.digest for each in seen.certificates}

    def signs(self, certificate: Certificate, pin: Pin | None = None) -> None:
        token_acts.prove(self.counter.where, self.serial, pin or self.pin, certificate.run.key, certificate.der, ())

    def hand_back(self, run: Run, scanned: str) -> None:
        confirm_envelope(self.world, self.clerk, run.id, run.version, scanned or self.serial)
        hand_all_over(self, [(self.serial, scanned)])  # type: ignore[arg-type]


@pytest.fixture
def back(world: World, app: Flask, tmp_path: Path) -> Iterator[Back]:
    with listening(app) as url:
        yield Back(world, app, url, tmp_path / "station")


def test_a_renewal_and_then_an_unlock_of_a_token_that_this_station_issued(back: Back):
    with back.counter.station() as station:
        back.issue()
        page = station.shelf.page
        before = back.things()

        run = back.wait(back.comes(CaseKind.renewal), RunState.awaiting_pin)
        assert "还可以试 9 次" in back.types(page, WRONG)
        assert "制证继续" in back.types(page, back.pin)
        run = back.wait(run.key)
        old, new = back.certificates()
        assert (old.status, new.status) == (CertificateStatus.valid, CertificateStatus.on_hold)
        back.hand_back(run, "")
        old, new = back.certificates()
        assert (old.status, new.status) == (CertificateStatus.revoked, CertificateStatus.valid)
        back.signs(old)
        back.signs(new)
        keys, certificates = back.things()
        assert keys > before[0]
        assert certificates > before[1]
        assert len(keys) == len(before[0]) + 1

        back.certificate_id = new.id
        run = back.wait(back.comes(CaseKind.unlock))
        number = back.number(run)
        open_envelope(run.envelope_url)
        back.hand_back(run, number)
        assert back.things() == (keys, certificates)
        back.signs(new, back.counter.pins[number])
        with pytest.raises(PinWrong):
            back.signs(new)
        assert row(back.world, Token, Token.serial == back.serial).state is TokenState.handed_over
    assert back.violations() == []


def test_a_holder_who_locks_his_pin_during_a_renewal_gets_a_new_one_by_an_unlock_beside_it(back: Back):
    with back.counter.station() as station:
        back.issue()
        page = station.shelf.page
        key = back.comes(CaseKind.renewal)
        back.wait(key, RunState.awaiting_pin)
        for _ in range(10):
            answer = back.types(page, WRONG)
        assert "密码已锁定" in answer
        run = back.wait(key, RunState.stopped)
        assert run.fault is Fault.pin_locked
        assert [each.status for each in back.certificates()] == [CertificateStatus.valid]
        end = time.monotonic() + 10
        while not any(slot.get("locked") for slot in row(back.world, Station, Station.id == back.station_id).report["slots"]):
            assert time.monotonic() < end, "the office does not hear that the PIN is locked"
            time.sleep(0.05)
        cancel_run(back.world, back.clerk, run.id, run.version, "密码已锁定，先办解锁")
        assert row(back.world, Token, Token.serial == back.serial).state is TokenState.handed_over
        assert [each.status for each in back.certificates()] == [CertificateStatus.valid]

        renewal = back.case_id
        run = back.wait(back.comes(CaseKind.unlock))
        number = back.number(run)
        open_envelope(run.envelope_url)
        back.hand_back(run, number)
        key = back.begins(renewal)
        back.wait(key, RunState.awaiting_pin)
        assert "制证继续" in back.types(page, back.counter.pins[number])
        back.hand_back(back.wait(key), "")
        assert [each.status for each in back.certificates()] == [CertificateStatus.revoked, CertificateStatus.valid]
    assert back.violations() == []
