from datetime import UTC, datetime, timedelta, timezone

import pytest
from asn1crypto import core
from hypothesis import given
from hypothesis import strategies as st

from card_issuance import der


@given(st.integers(min_value=0, max_value=1 << 600))
def test_integers_are_written_as_another_library_writes_them(value):
    assert der.integer(value) == core.Integer(value).dump()


@given(st.integers(0, 2), st.integers(0, 39), st.lists(st.integers(0, 1 << 40), max_size=8))
def test_object_ids_are_written_as_another_library_writes_them(first, second, arcs):
    dotted = ".".join(map(str, (first, second, *arcs)))
    assert der.object_id(dotted) == core.ObjectIdentifier(dotted).dump()


@given(st.binary(max_size=400))
def test_octets_bits_and_lengths_are_written_as_another_library_writes_them(content):
    assert der.octets(content) == core.OctetString(content).dump()
    assert der.bit_string(content) == core.OctetBitString(content).dump()
    assert der.sequence(der.octets(content)) == core.SequenceOf([core.OctetString(content)], spec=core.OctetString).dump()


@pytest.mark.parametrize("size", [0, 127, 128, 255, 256, 65535, 65536])
def test_lengths_are_as_short_as_possible(size):
    assert der.octets(bytes(size)) == core.OctetString(bytes(size)).dump()


@given(st.integers(-631152000, 2524607999).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)))
def test_times_until_2049_are_utc_times(instant):
    assert der.time(instant) == core.UTCTime(instant).dump()


def test_times_from_2050_on_are_generalized_times():
    instant = datetime(2050, 1, 1, 12, 30, 59, tzinfo=UTC)
    assert der.time(instant) == core.GeneralizedTime(instant).dump() == b"\x18\x0f20500101123059Z"


def test_times_are_turned_to_utc_and_need_a_zone():
    assert der.time(datetime(2027, 1, 1, 7, tzinfo=timezone(timedelta(hours=8)))) == b"\x17\x0d261231230000Z"
    with pytest.raises(ValueError, match="zone"):
        der.time(datetime(2027, 1, 1))  # noqa: DTZ001


def test_negative_integers_are_refused():
    with pytest.raises(ValueError, match="negative"):
        der.integer(-1)


@given(st.lists(st.binary(max_size=300), max_size=5))
def test_the_tags_within_a_sequence_are_found(contents):
    assert der.tags_within(der.sequence(*map(der.octets, contents))) == [4] * len(contents)


@given(st.binary(max_size=60))
def test_walking_any_bytes_is_harmless(junk):
    assert isinstance(der.tags_within(junk), list)
