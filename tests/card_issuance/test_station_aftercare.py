"""A holder comes back: a station unlocks and re-keys real tokens of both modules, told apart by configuration alone."""

import threading
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256

import pytest

from card_issuance import token_acts
from card_issuance.faults import DriverFault, PinLocked, PinWrong
from card_issuance.officer import Masters
from card_issuance.pin import Pin
from models.rulebook.vocabulary import Fault, RunKind, RunState
from tests.card_issuance.counter import csrf_of, fetch, furnish, open_envelope
from tests.card_issuance.holder import hold, page_of, settle_at, soon, spki_digest
from tests.card_issuance.office_twin import CUT, OfficeTwin
from tests.opencryptoki import software_token

FIRST, SECOND = "HD01-T00001", "HD01-T00002"
WRONG = Pin("00000000")
WAITS, STOPPED, ASKS = RunState.awaiting_confirmation, RunState.stopped, RunState.awaiting_pin
KINDS = ["softhsm", pytest.param("opencryptoki", marks=pytest.mark.opencryptoki)]


@pytest.fixture
def office():
    with OfficeTwin() as twin:
        yield twin


@contextmanager
def holder_of(kind, tmp_path, office):
    """Somebody with a live certificate on a token of that module."""
    counter = furnish(tmp_path / "station", office)
    if kind == "softhsm":
        yield hold(counter, FIRST)
        return
    with software_token(tmp_path / "judge", "OCK0001") as token:
        settle_at(counter, token)
        yield hold(counter, "OCK0001", "rsa_2048")


@pytest.fixture(params=KINDS)
def holder(request, tmp_path, office):
    with holder_of(request.param, tmp_path, office) as one:
        yield one


@pytest.fixture
def soft(tmp_path, office):
    with holder_of("softhsm", tmp_path, office) as one:
        yield one


def steps(*names):
    return [f"1:{name}" for name in names]


# Unlock


def test_an_unlock_sets_a_new_pin_and_leaves_key_and_certificate_as_they_were(holder, office):
    before, proof = holder.things(), holder.proof()
    with holder.counter.station():
        run = holder.asks_for(RunKind.unlock)
        office.wait(run, WAITS)
        open_envelope(run.url)
    assert run.steps == steps("inspecting", "initialising", "proving", "printing", "awaiting_confirmation")
    assert holder.things() == before
    after = holder.proof(holder.counter.pins[run.envelope])
    assert (after.public_key_digest, after.certificate_digest) == (proof.public_key_digest, proof.certificate_digest)
    with pytest.raises(PinWrong):
        holder.proof(holder.pin)
    assert run.signed == []
    assert "certify" not in office.moments


@pytest.mark.opencryptoki
def test_a_token_really_locked_by_wrong_pins_at_the_counter_is_unlocked(tmp_path, office):
    with holder_of("opencryptoki", tmp_path, office) as holder, holder.counter.station():
        page, before = page_of(office), holder.things()
        told = [holder.types(page, WRONG, "try").decode() for _ in range(3)]
        assert ["还可以试 2 次" in told[0], "还可以试 1 次" in told[1], "密码已锁定" in told[2]] == [True, True, True]
        assert token_acts.inspect(holder.counter.where, holder.serial).user_pin == "locked"
        with pytest.raises(PinLocked):
            holder.proof()  # the right PIN comes too late
        office.until(lambda: office.poll["slots"][0].get("locked"), "the office to hear that it is locked")
        run = holder.asks_for(RunKind.unlock)
        office.wait(run, WAITS)
        assert holder.things() == before
        holder.proof(holder.counter.pins[run.envelope])
        office.until(lambda: office.poll["slots"][0].get("tries_left") == 3, "the count to begin anew")
        assert "密码正确" in holder.types(page, holder.counter.pins[run.envelope], "try").decode()


def test_ten_wrong_pins_lock_a_token_that_cannot_lock_itself_and_an_unlock_leads_out(soft, office):
    with soft.counter.station():
        page = page_of(office)
        for left in range(9, 0, -1):
            assert f"还可以试 {left} 次" in soft.types(page, WRONG, "try").decode()
        assert "密码已锁定" in soft.types(page, WRONG, "try").decode()
        assert b'type="password"' not in fetch(f"{page}pin/{FIRST}/try")[1]
        csrf = csrf_of(fetch(f"{page}pin/{SECOND}/try")[1] + fetch(page)[1])
        answer = fetch(f"{page}pin/{FIRST}/try", {"csrf": csrf, "lang": "zh", "pin": soft.pin.reveal()})[1]
        assert "密码已锁定" in answer.decode()  # the right one too, and it is not tried
        run = soft.asks_for(RunKind.unlock)
        office.wait(run, WAITS)
        assert "密码正确" in soft.types(page, soft.counter.pins[run.envelope], "try").decode()


def test_no_kind_of_run_on_a_holders_token_can_initialise_it(holder, office):
    """The driver refuses what the plan never asks for."""
    officer = holder.counter.store.masters().officer_pin(1, holder.serial, 1, holder.counter.where.officer_pin_length)
    with pytest.raises(DriverFault) as refused:
        token_acts.initialise(holder.counter.where, holder.serial, officer, WRONG, {"aa" * 16})
    assert refused.value.code == "token_not_blank"
    run = office.queue(holder.serial, holder.profile)  # an issue by mistake
    with holder.counter.station():
        office.wait(run, STOPPED)
    assert run.fault is Fault.token_not_blank
    holder.proof()


def test_an_unlock_with_another_stations_masters_tries_once_and_names_the_wrong_token(soft, office):
    other = soft.counter.store.masters_file
    other.unlink()
    Masters.make(other)
    with soft.counter.station():
        run = soft.asks_for(RunKind.unlock)
        office.wait(run, STOPPED)
    assert run.fault is Fault.wrong_key
    assert "officer" in run.detail
    soft.proof()


@pytest.mark.parametrize("kind", [RunKind.unlock, RunKind.rekey])
@pytest.mark.parametrize("other", ["key", "certificate"])
def test_a_token_with_another_key_or_certificate_is_left_alone(soft, office, kind, other):
    before = soft.things()
    authority = office.authority
    if other == "key":
        held = replace(soft.held, key_id="7f" * 16)
    else:
        from cryptography import x509

        again = authority.certify(x509.load_der_x509_certificate(soft.certificate).public_key())
        held = replace(soft.held, certificate=again)
    with soft.counter.station():
        run = office.queue(FIRST, "p_256", kind, held)
        office.wait(run, STOPPED)
    assert run.fault is Fault.wrong_key
    assert soft.things() == before
    soft.proof()


def test_a_job_that_contradicts_itself_is_named_and_touches_nothing(soft, office):
    nonsense = [
        (RunKind.unlock, None),
        (RunKind.issue, soft.held),
        (RunKind.rekey, replace(soft.held, public_key_digest="0" * 64)),
        (RunKind.rekey, replace(soft.held, certificate=b"no certificate")),
    ]
    with soft.counter.station():
        for kind, held in nonsense:
            run = office.queue(FIRST, "p_256", kind, held)
            office.wait(run, STOPPED)
            assert run.fault is Fault.driver_failed
            assert "job cannot be read" in run.detail
    soft.proof()


# Rekey


def test_a_rekey_waits_for_the_holder_and_puts_a_new_key_beside_the_old_one(holder, office):
    keys, certificates = holder.things()
    with holder.counter.station() as station:
        page = page_of(office)
        run = holder.asks_for(RunKind.rekey)
        office.wait(run, ASKS)
        soon(lambda: station.view().asked_of(holder.serial))
        assert "请持有人输入密码" in fetch(page)[1].decode()
        assert "制证继续" in holder.types(page, holder.pin).decode()
        office.wait(run, WAITS)
    assert run.steps == steps(
        "inspecting", "awaiting_pin", "generating", "certifying", "writing", "proving", "awaiting_confirmation"
    )
    assert (run.envelope, run.url, run.printed, len(run.signed)) == ("", "", False, 1)
    holder.proof()  # the same PIN, the old key, the old certificate
    new = token_acts.prove(holder.counter.where, holder.serial, holder.pin, run.key, run.certificate, office.authority.chain())
    assert new.public_key_digest == run.key_digest == spki_digest(run.certificate)
    assert new.public_key_digest != holder.held.public_key_digest
    after_keys, after_certificates = holder.things()
    assert after_keys - keys == {f"{run.key}:{run.key_digest}"}
    assert after_keys > keys
    assert after_certificates == certificates | {sha256(run.certificate).hexdigest()}


def test_a_second_renewal_finds_the_keys_of_two_years_and_an_unlock_finds_three(soft, office):
    with soft.counter.station():
        page = page_of(office)
        for number in (1, 2):
            run = soft.asks_for(RunKind.rekey)
            office.wait(run, ASKS)
            soft.types(page, soft.pin)
            office.wait(run, WAITS)
            soft.proof()
            soft.key_id, soft.certificate = run.key, run.certificate
            assert len(soft.things()[0]) == number + 1
        before = soft.things()
        run = soft.asks_for(RunKind.unlock)
        office.wait(run, WAITS)
    assert soft.things() == before
    soft.proof(soft.counter.pins[run.envelope])


def test_a_wrong_pin_is_told_with_what_remains_and_the_run_goes_on_waiting(holder, office):
    left = 2 if holder.profile == "rsa_2048" else 9
    with holder.counter.station():
        page = page_of(office)
        run = holder.asks_for(RunKind.rekey)
        office.wait(run, ASKS)
        assert f"还可以试 {left} 次" in holder.types(page, WRONG).decode()
        assert run.state is ASKS
        assert "制证继续" in holder.types(page, holder.pin).decode()
        office.wait(run, WAITS)
        office.until(lambda: office.poll["slots"][0].get("tries_left") == left + 1, "the count to begin anew")


def test_a_pin_locked_while_a_run_waits_stops_it_and_an_unlock_lets_it_go_on(holder, office):
    before = holder.things()
    with holder.counter.station():
        page = page_of(office)
        run = holder.asks_for(RunKind.rekey)
        office.wait(run, ASKS)
        for _ in range(3 if holder.profile == "rsa_2048" else 10):
            answer = holder.types(page, WRONG).decode()
        assert "密码已锁定" in answer
        office.wait(run, STOPPED)
        assert run.fault is Fault.pin_locked
        office.resume(run)
        office.wait(run, STOPPED)  # it does not even ask
        assert run.fault is Fault.pin_locked
        assert holder.things() == before
        unlock = holder.asks_for(RunKind.unlock)
        office.wait(unlock, WAITS)
        holder.pin = holder.counter.pins[unlock.envelope]
        office.resume(run)
        office.wait(run, ASKS)
        holder.types(page, holder.pin)
        office.wait(run, WAITS)
    holder.proof()


def test_nobody_comes_in_time_and_the_run_can_be_taken_up_again(soft, office):
    before = soft.things()
    with soft.counter.station(pin_patience=0.6) as station:
        run = soft.asks_for(RunKind.rekey)
        office.wait(run, STOPPED)
        assert run.fault is Fault.pin_not_given
        assert soft.things() == before
        assert station.view().asked == ()
    with soft.counter.station():
        office.resume(run)
        office.wait(run, ASKS)
        soft.types(page_of(office), soft.pin)
        office.wait(run, WAITS)


def test_a_holder_who_does_not_know_his_pin_says_so_and_need_not_wait(soft, office):
    with soft.counter.station():
        page = page_of(office)
        run = soft.asks_for(RunKind.rekey)
        office.wait(run, ASKS)
        csrf = soft.csrf(page)
        assert "已停止" in fetch(f"{page}pin/{FIRST}/decline", {"csrf": csrf, "lang": "zh"})[1].decode()
        office.wait(run, STOPPED, seconds=5)
        assert run.fault is Fault.pin_not_given
        assert soft.counter.station  # the token is as it was
    soft.proof()


def test_a_run_called_off_while_it_waits_takes_no_pin_any_more(soft, office):
    with soft.counter.station() as station:
        page = page_of(office)
        run = soft.asks_for(RunKind.rekey)
        office.wait(run, ASKS)
        form = {"csrf": soft.csrf(page), "lang": "zh", "pin": soft.pin.reveal()}
        office.cancel(run)
        newer = soft.asks_for(RunKind.unlock)
        office.wait(newer, WAITS)
        soon(lambda: not station.view().asked)
        assert "不再等待密码" in fetch(f"{page}pin/{FIRST}/give", form)[1].decode()


def test_a_token_pulled_while_the_run_waits_uses_no_run_up_and_goes_on_when_it_is_back(soft, office):
    with soft.counter.station() as station:
        page = page_of(office)
        run = soft.asks_for(RunKind.rekey)
        office.wait(run, ASKS)
        soft.counter.cabinet.remove(FIRST)
        soon(lambda: FIRST not in station.view().tries_left)
        assert "没有应答" in soft.types(page, soft.pin).decode()
        soft.counter.cabinet.insert(FIRST)
        soft.types(page, soft.pin)
        office.wait(run, WAITS)


@pytest.mark.parametrize("step", ["generating", "writing", "proving"])
def test_a_token_pulled_in_the_middle_of_a_rekey_is_finished_when_it_is_back(soft, office, step):
    with soft.counter.station():
        page = page_of(office)
        run = soft.asks_for(RunKind.rekey)
        office.at(f"report:{step}", lambda: soft.counter.cabinet.remove(FIRST))
        office.wait(run, ASKS)
        soft.types(page, soft.pin)
        office.wait(run, STOPPED)
        assert run.fault in {Fault.token_removed, Fault.wrong_token, Fault.no_token}
        soft.counter.cabinet.insert(FIRST)
        soft.proof()
        office.resume(run)
        office.wait(run, ASKS)
        soft.types(page, soft.pin)
        office.wait(run, WAITS)
    assert len(run.signed) == 1
    assert len(soft.things()[0]) == 2
    soft.proof()


def test_of_two_tabs_with_the_right_pin_one_is_heard(soft, office):
    with soft.counter.station():
        page = page_of(office)
        run = soft.asks_for(RunKind.rekey)
        office.wait(run, ASKS)
        csrf, answers = soft.csrf(page), []
        form = {"csrf": csrf, "lang": "zh", "pin": soft.pin.reveal()}
        crowd = [threading.Thread(target=lambda: answers.append(fetch(f"{page}pin/{FIRST}/give", form)[1])) for _ in range(6)]
        for each in crowd:
            each.start()
        for each in crowd:
            each.join()
        assert sum("制证继续" in answer.decode() for answer in answers) == 1
        office.wait(run, WAITS)
    assert len(run.signed) == 1


@pytest.mark.parametrize("moment", ["report:awaiting_pin", "report:generating", "certify", "report:writing", "report:proving",
                                    "report:awaiting_confirmation"])  # fmt: skip
def test_an_answer_lost_on_the_way_changes_nothing_in_a_rekey(soft, office, moment):
    office.at(f"{moment}:done", lambda: CUT)
    with soft.counter.station():
        page = page_of(office)
        run = soft.asks_for(RunKind.rekey)
        office.wait(run, ASKS)
        soft.types(page, soft.pin)
        office.wait(run, WAITS)
        office.until(lambda: office.poll.get("working") == [], "an idle station")
    assert (run.lease, len(run.signed)) == (1, 1)
    soft.proof()


def test_no_pin_of_a_holder_crosses_the_wire_or_stays_in_the_directory(soft, office, caplog):
    caplog.set_level("DEBUG")
    changed = Pin("k7Tq2m9x")
    with soft.counter.station():
        page = page_of(office)
        assert "密码不正确" in soft.types(page, WRONG, "try").decode()
        pins = {"new": changed.reveal(), "again": changed.reveal()}
        assert "密码已更改" in soft.types(page, soft.pin, "change", **pins).decode()
        run = soft.asks_for(RunKind.rekey)
        office.wait(run, ASKS)
        soft.types(page, changed)
        office.wait(run, WAITS)
    secrets = [soft.pin.reveal().encode(), changed.reveal().encode()]
    files = [path for path in soft.counter.store.directory.rglob("*") if path.is_file()]
    found = [body for body in [*office.bodies, *(path.read_bytes() for path in files), caplog.text.encode()]
             if any(secret in body for secret in secrets)]  # fmt: skip
    assert found == []
    assert "a holder's PIN was tried" in caplog.text


# What the office is told of a slot


def test_a_poll_tells_what_a_token_shows_without_a_pin_and_looks_again_only_after_a_change(holder, office, monkeypatch):
    from card_issuance import slots

    asked = []
    act = slots.act

    def counted(settings, name, *given, **more):
        asked.append(name)
        return act(settings, name, *given, **more)

    monkeypatch.setattr(slots, "act", counted)
    with holder.counter.station():
        page = page_of(office)
        office.until(lambda: office.poll["slots"][0].get("keys"), "the slot's contents")
        slot = office.poll["slots"][0]
        assert slot["keys"] == [{"id": holder.key_id, "digest": holder.held.public_key_digest}]
        assert set(slot["certificates"]) == holder.things()[1]
        assert sha256(holder.certificate).hexdigest() in slot["certificates"]
        assert (slot["tries_left"], slot["locked"]) == (holder.counter.where.pin_tries, False)
        asked.clear()
        before = office.polls
        office.until(lambda: office.polls > before + 30, "thirty polls")
        assert asked.count("glance") <= 1
        holder.types(page, WRONG, "try")
        office.until(lambda: office.poll["slots"][0].get("tries_left") == holder.counter.where.pin_tries - 1, "one try less")
        run = holder.asks_for(RunKind.rekey)
        office.wait(run, ASKS)
        holder.types(page, holder.pin)
        office.wait(run, WAITS)
        office.until(lambda: len(office.poll["slots"][0].get("keys", ())) == 2, "the new key")
        assert {key["digest"] for key in office.poll["slots"][0]["keys"]} == {holder.held.public_key_digest, run.key_digest}


def test_a_blank_token_has_nothing_to_tell(tmp_path, office):
    counter = furnish(tmp_path / "station", office)
    with counter.station():
        office.until(lambda: len(office.poll.get("slots", ())) == 2, "two slots")
        assert [set(slot) for slot in office.poll["slots"]] == [{"slot", "serial", "label", "state", "model"}] * 2
