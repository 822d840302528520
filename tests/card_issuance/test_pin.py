"""PINs: not obvious, evenly drawn, and never shown by accident."""

import copy
import dataclasses
import io
import json
import logging
import pickle
import traceback
from collections import Counter
from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_issuance import pin as pin_module
from card_issuance.pin import DIGITS, Pin, PolicyFault, is_obvious, least_chosen, new_pin, policy_fault

SECRET = "58203917"


@dataclasses.dataclass
class Carrier:
    pin: Pin


@pytest.mark.parametrize(
    "show",
    [
        repr,
        str,
        format,
        lambda pin: f"{pin:>20}",
        lambda pin: f"{pin!r} {pin!s}",
        lambda pin: "%s %r" % (pin, pin),  # noqa: UP031
        lambda pin: repr(Carrier(pin)),
        lambda pin: repr(dataclasses.asdict(Carrier(pin))),
        lambda pin: repr([pin, {"pin": pin}, copy.copy(pin), copy.deepcopy(pin)]),
        lambda pin: repr(dir(pin)),
    ],
)
def test_no_way_of_showing_a_value_shows_the_pin(show):
    assert SECRET not in show(Pin(SECRET))


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pin_cannot_be_pickled(protocol):
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(Pin(SECRET), protocol)
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(Carrier(Pin(SECRET)), protocol)


def test_a_pin_cannot_be_written_as_json_or_hashed_or_inspected():
    pin = Pin(SECRET)
    for attempt in (json.dumps, hash, vars, lambda p: p.__getstate__(), list, len):
        with pytest.raises(TypeError):
            attempt(pin)


def test_a_traceback_with_all_locals_does_not_show_the_pin():
    def fail(pin: Pin) -> None:
        held = {"pin": pin}
        raise RuntimeError(held)

    with pytest.raises(RuntimeError) as caught:
        fail(Pin(SECRET))
    told = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    frames = [frame for frame in told.stack if frame.name == "fail"]
    assert "Pin(" in frames[0].locals["held"]
    assert SECRET not in "".join(told.format()).replace(f'Pin("{SECRET}")', "")
    assert SECRET not in str(caught.value)


def test_a_log_line_does_not_show_the_pin():
    written = io.StringIO()
    logger = logging.Logger("pins")
    logger.addHandler(logging.StreamHandler(written))
    logger.error("opened with %s and %r", Pin(SECRET), Pin(SECRET))
    logger.error("opened with %(pin)s", {"pin": Pin(SECRET)})
    assert written.getvalue().count("opened") == 2
    assert SECRET not in written.getvalue()


@pytest.mark.parametrize("nonsense", ["123", "", "x" * 65, "12 34", "１２３４５６７８", "1234\n", b"1234", None])
def test_a_refused_text_is_not_shown_by_the_refusal(nonsense):
    with pytest.raises(ValueError, match="4 to 64") as refused:
        Pin(nonsense)
    assert not nonsense or str(nonsense) not in str(refused.value)


def test_pins_compare_by_their_text():
    assert Pin(SECRET) == Pin(SECRET)
    assert Pin(SECRET) != Pin("58203918")
    assert Pin(SECRET) != SECRET


@given(length=st.integers(4, 16), serial=st.from_regex(r"[A-Z]{2}[0-9]{4,12}", fullmatch=True))
def test_a_new_pin_is_never_obvious(length, serial):
    text = new_pin(length, serial).reveal()
    assert len(text) == length
    assert set(text) <= set(DIGITS)
    assert not is_obvious(text, serial)


@given(at=st.integers(0, 4), up=st.booleans(), first=st.integers(0, 9), rest=st.text(DIGITS, min_size=4, max_size=4))
def test_four_digits_in_a_row_are_obvious(at, up, first, rest):
    run = "".join(str((first + (i if up else -i)) % 10) for i in range(4))
    assert is_obvious(rest[:at] + run + rest[at:])


@given(digit=st.sampled_from(DIGITS), at=st.integers(0, 5), rest=st.text(DIGITS, min_size=5, max_size=5))
def test_the_same_digit_three_times_in_a_row_is_obvious(digit, at, rest):
    assert is_obvious(rest[:at] + digit * 3 + rest[at:])


@given(block=st.text(DIGITS, min_size=1, max_size=4), times=st.integers(2, 8))
def test_a_block_said_again_and_again_is_obvious(block, times):
    text = block * times
    if 4 <= len(text) <= 16:
        assert is_obvious(text)


@given(half=st.text(DIGITS, min_size=2, max_size=8))
def test_the_same_forwards_and_backwards_is_obvious(half):
    assert is_obvious(half + half[::-1])


@given(days=st.integers(0, 73000), shape=st.sampled_from(["%Y%m%d", "%d%m%Y", "%m%d%Y"]))
def test_a_date_is_obvious(days, shape):
    day = date(1900, 1, 1) + timedelta(days)
    if day.year < 2100:
        assert is_obvious(day.strftime(shape))


@given(days=st.integers(0, 36500), shape=st.sampled_from(["%y%m%d", "%d%m%y", "%m%d%y"]))
def test_a_short_date_is_obvious_in_six_digits(days, shape):
    assert is_obvious((date(2000, 1, 1) + timedelta(days)).strftime(shape)[:6])


@given(serial=st.from_regex(r"BJ[0-9]{8}", fullmatch=True), at=st.integers(0, 3), backwards=st.booleans())
def test_the_serials_digits_are_obvious(serial, at, backwards):
    digits = serial[2:][::-1] if backwards else serial[2:]
    assert is_obvious("07" + digits[at : at + 5] + "4", serial)
    assert is_obvious(digits, serial)


@pytest.mark.parametrize("fine", ["58203917", "4071", "739964", "6038251794", "90174628"])
def test_an_ordinary_pin_is_not_obvious(fine):
    assert not is_obvious(fine, "BJ26000001")


def test_the_rules_leave_nearly_everything():
    """Every eighth of all PINs refused would be a hint, not a guard."""
    left = sum(not is_obvious(f"{(n * 7919) % 10**8:08}", "BJ26000001") for n in range(20_000))
    assert left > 20_000 * 0.87


def test_every_permitted_pin_is_drawn_equally_often(monkeypatch):
    """With a source that goes through all texts once, each permitted PIN comes exactly once: refusal, never repair."""
    source = iter("".join(f"{n:04}" for n in range(10_000)))
    monkeypatch.setattr(pin_module.secrets, "choice", lambda letters: letters[int(next(source))])
    drawn: Counter[str] = Counter()
    with suppress(RuntimeError):  # the source has run dry
        while True:
            drawn[new_pin(4).reveal()] += 1
    permitted = {f"{n:04}" for n in range(10_000) if not is_obvious(f"{n:04}")}
    assert set(drawn) == permitted
    assert set(drawn.values()) == {1}
    assert len(permitted) > 5_000


def test_the_digits_of_real_draws_are_even():
    """Chi square over ten digits in 4,000 PINs; refused patterns bend it a little, a broken source bends it far."""
    seen = Counter("".join(new_pin().reveal() for _ in range(4_000)))
    expected = 32_000 / 10
    assert sum((seen[d] - expected) ** 2 / expected for d in DIGITS) < 80


def test_a_length_beyond_reason_is_refused():
    for length in (3, 17):
        with pytest.raises(ValueError, match="4 to 16"):
            new_pin(length)


@pytest.mark.parametrize("chosen", ["k7Tq2m", "58203917", "9w4x8y", "Fuchsia7bau", "q1w2e3"])
def test_a_holder_may_choose_letters_and_digits(chosen):
    assert policy_fault(chosen, "other", "HD01-T00001", 4, 32) is None


@pytest.mark.parametrize(
    ("chosen", "fault"),
    [
        ("", PolicyFault.length),
        ("58203", PolicyFault.length),
        ("582039174", PolicyFault.length),
        ("58 20391", PolicyFault.characters),
        ("58203\n91", PolicyFault.characters),
        ("密码密码密码", PolicyFault.characters),
        ("５８２０３９", PolicyFault.characters),
        ("same42X", PolicyFault.same),
        ("abcd5820", PolicyFault.obvious),
        ("DCBA5820", PolicyFault.obvious),
        ("AaA58203", PolicyFault.obvious),
        ("xy7XY7", PolicyFault.obvious),
        ("20010101", PolicyFault.obvious),
        ("x00001y", PolicyFault.obvious),
        ("10000xyz", PolicyFault.obvious),
    ],
)
def test_what_a_holder_may_not_choose_is_told_by_name(chosen, fault):
    assert policy_fault(chosen, "same42X", "HD01-T00001", 4, 8) is fault


def test_nobody_chooses_fewer_than_six_characters_and_a_stricter_token_is_heard():
    assert [least_chosen(each) for each in (4, 6, 8)] == [6, 6, 8]
    assert policy_fault("k7Tq2m9", "other", "", 8, 16) is PolicyFault.length


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=4, max_size=16))
def test_judging_any_letters_and_digits_ends_and_capitals_make_no_difference(text):
    assert is_obvious(text) == is_obvious(text.lower()) == is_obvious(text.upper())
