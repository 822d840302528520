"""The holder's own acts on real tokens of both modules: trying his PIN and changing it, also killed in the middle."""

from contextlib import suppress

import pytest

from card_issuance import token_acts
from card_issuance.faults import DriverFailed, DriverFault, PinLocked, PinWrong
from card_issuance.pin import Pin, new_pin
from tests.builders.tokens import Issuer, medium_of
from tests.card_issuance.test_token_kill import doom

KINDS = ["softhsm", pytest.param("opencryptoki", marks=pytest.mark.opencryptoki)]
WRONG = Pin("00000000")


@pytest.fixture(params=KINDS)
def medium(request, tmp_path):
    with medium_of(request.param, tmp_path) as blank:
        yield blank


@pytest.fixture(scope="module")
def issuer():
    return Issuer()


def opens(medium, pin):
    try:
        token_acts.try_pin(medium.where, medium.serial, pin)
    except PinWrong:
        return False
    return True


def test_the_right_pin_opens_and_a_wrong_one_does_not(medium, issuer):
    medium.issue(issuer)
    before = medium.look()
    token_acts.try_pin(medium.where, medium.serial, medium.pin)
    with pytest.raises(PinWrong) as refused:
        token_acts.try_pin(medium.where, medium.serial, WRONG)
    assert refused.value.role == "user"
    token_acts.try_pin(medium.where, medium.serial, medium.pin)
    assert medium.look() == before


def test_a_changed_pin_opens_the_same_key_and_certificate(medium, issuer):
    certificate = medium.issue(issuer)
    before, old = medium.look(), medium.pin
    medium.pin = new_pin(8, medium.serial)
    token_acts.change_pin(medium.where, medium.serial, old, medium.pin)
    assert not opens(medium, old)
    medium.prove(certificate, issuer)
    after = medium.look()
    assert (after.keys, set(after.certificates)) == (before.keys, set(before.certificates))


def test_with_a_wrong_old_pin_nothing_changes(medium, issuer):
    medium.issue(issuer)
    with pytest.raises(PinWrong):
        token_acts.change_pin(medium.where, medium.serial, WRONG, Pin("90174628"))
    assert opens(medium, medium.pin)
    assert not opens(medium, Pin("90174628"))


def test_a_new_pin_that_the_module_would_not_take_is_refused_before_the_old_one_is_tried(medium, issuer):
    medium.issue(issuer)
    with pytest.raises(ValueError, match="user PIN"):
        token_acts.change_pin(medium.where, medium.serial, WRONG, Pin("5" + "82039174" * 4))
    assert medium.look(logged_in=False).user_pin == "ok"


@pytest.mark.kill
def test_killed_while_the_pin_is_changed_one_of_the_two_opens_the_key_unharmed(medium, issuer, monkeypatch):
    certificate = medium.issue(issuer)
    ends, killed = set(), 0
    moments = 8 if medium.inside else 16
    for moment in range(moments):
        old, new = medium.pin, new_pin(8, medium.serial)
        with monkeypatch.context() as patch:
            doom(patch, 0.03 * moment / moments)
            try:
                token_acts.change_pin(medium.where, medium.serial, old, new)
            except DriverFailed:
                killed += 1
        changed = opens(medium, new)
        ends.add(changed)
        medium.pin = new if changed else old
        with suppress(DriverFault):
            assert opens(medium, old) is not changed
        medium.prove(certificate, issuer)
    assert killed
    assert len(medium.look().keys) == 1


@pytest.mark.opencryptoki
def test_a_token_that_locks_by_itself_takes_no_change_either(tmp_path, issuer):
    with medium_of("opencryptoki", tmp_path) as medium:
        medium.issue(issuer)
        told = []
        for _ in range(3):
            with pytest.raises((PinWrong, PinLocked)) as refused:
                token_acts.change_pin(medium.where, medium.serial, WRONG, Pin("90174628"))
            told.append(type(refused.value))
        assert told == [PinWrong, PinWrong, PinLocked]
        with pytest.raises(PinLocked):
            token_acts.try_pin(medium.where, medium.serial, medium.pin)
