"""Which key signs and which are published: at every hour around two renewals, a withdrawal, and with the clock set back."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rulebook.signing_keys import (
    ANNOUNCED,
    ERASED_AFTER,
    LISTED_AFTER,
    PUBLISHED,
    SET_IS_KEPT,
    KeyLife,
    KeyStanding,
    listed_until,
    may_erase,
    signing,
    signs_until,
    standing,
)

DAY = datetime(2026, 11, 23, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
FIRST, SECOND = KeyLife("office-1", DAY), KeyLife("office-2", DAY + ANNOUNCED)
TWO = (FIRST, SECOND)


@pytest.mark.parametrize(
    ("at", "first", "second"),
    [
        (DAY, KeyStanding.signing, KeyStanding.announced),
        (DAY + ANNOUNCED - timedelta(seconds=1), KeyStanding.signing, KeyStanding.announced),
        (DAY + ANNOUNCED, KeyStanding.verifying, KeyStanding.signing),
        (DAY + ANNOUNCED + LISTED_AFTER - timedelta(seconds=1), KeyStanding.verifying, KeyStanding.signing),
        (DAY + ANNOUNCED + LISTED_AFTER, KeyStanding.retired, KeyStanding.signing),
    ],
)
def test_a_key_is_announced_signs_verifies_and_retires(at: datetime, first: KeyStanding, second: KeyStanding) -> None:
    assert (standing(FIRST, TWO, at), standing(SECOND, TWO, at)) == (first, second)


def test_the_only_key_signs_for_ever() -> None:
    assert standing(FIRST, (FIRST,), DAY + timedelta(days=4000)) is KeyStanding.signing
    assert signs_until(FIRST, (FIRST,)) is listed_until(FIRST, (FIRST,)) is None
    assert signing((), DAY) is None


def test_whoever_keeps_the_set_as_long_as_he_may_knows_a_key_before_it_signs() -> None:
    assert ANNOUNCED >= 2 * SET_IS_KEPT


def test_a_key_in_wrong_hands_leaves_the_set_at_once() -> None:
    taken = DAY + HOUR
    keys = (KeyLife("office-1", DAY, taken, True), KeyLife("office-2", taken))
    assert [standing(key, keys, taken) for key in keys] == [KeyStanding.withdrawn, KeyStanding.signing]
    assert signs_until(keys[0], keys) == listed_until(keys[0], keys) == taken


def test_with_the_clock_set_back_a_key_that_can_still_sign_does() -> None:
    early = DAY - timedelta(days=30)
    assert signing(TWO, early) == FIRST
    assert signing((KeyLife("office-1", DAY, None, True), SECOND), early) == SECOND


def test_a_private_half_outlives_its_last_signature_by_an_hour() -> None:
    last = SECOND.signs_from
    assert not may_erase(FIRST, TWO, last + ERASED_AFTER - timedelta(seconds=1))
    assert may_erase(FIRST, TWO, last + ERASED_AFTER)
    assert not may_erase(SECOND, TWO, last + timedelta(days=4000))
    gone = KeyLife("office-1", DAY, None, True)
    assert not may_erase(gone, (gone, SECOND), last + ERASED_AFTER)


@given(st.lists(st.tuples(st.integers(0, 400), st.booleans()), min_size=1, max_size=6), st.integers(0, 3000))
def test_whatever_was_renewed_one_key_signs_and_all_that_signed_lately_are_published(
    renewals: list[tuple[int, bool]], later: int
) -> None:
    keys, at = [KeyLife("office-1", DAY)], DAY
    for number, (hours, at_once) in enumerate(renewals, 2):
        at += hours * HOUR
        if at_once:
            keys = [KeyLife(key.name, key.signs_from, key.withdrawn_at or at, True) for key in keys]
        elif any(standing(key, keys, at) is KeyStanding.announced for key in keys):
            continue
        keys.append(KeyLife(f"office-{number}", at if at_once else at + ANNOUNCED))
    for now in (at, at + later * HOUR):
        found = [key for key in keys if standing(key, keys, now) is KeyStanding.signing]
        assert found == [signing(keys, now)]
        signed_lately = {signing(keys, now - hours * HOUR) for hours in range(int(LISTED_AFTER / HOUR))}
        assert all(standing(key, keys, now) in PUBLISHED for key in signed_lately if key is not None and key.withdrawn_at is None)
