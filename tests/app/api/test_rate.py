from app.api import rate
from app.api.rate import Buckets


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def buckets(burst=3, per_second=2.0):
    clock = Clock()
    return Buckets(burst, per_second, clock), clock


def test_a_full_bucket_gives_its_burst_and_then_asks_to_wait():
    some, _ = buckets()
    assert [some.seconds_to_wait("192.0.2.1") for _ in range(5)] == [0, 0, 0, 1, 1]


def test_a_bucket_fills_again_and_never_above_its_burst():
    some, clock = buckets()
    for _ in range(3):
        some.seconds_to_wait("192.0.2.1")
    clock.now = 0.5
    assert [some.seconds_to_wait("192.0.2.1") for _ in range(2)] == [0, 1]
    clock.now = 1000
    assert [some.seconds_to_wait("192.0.2.1") for _ in range(4)] == [0, 0, 0, 1]


def test_asking_in_vain_costs_nothing():
    some, clock = buckets(burst=1, per_second=1)
    some.seconds_to_wait("192.0.2.1")
    for tenth in range(1, 10):
        clock.now = tenth / 10
        assert some.seconds_to_wait("192.0.2.1") == 1
    clock.now = 1.001
    assert some.seconds_to_wait("192.0.2.1") == 0


def test_a_slow_refill_says_how_long():
    some, _ = buckets(burst=1, per_second=0.1)
    assert [some.seconds_to_wait("192.0.2.1") for _ in range(2)] == [0, 10]


def test_addresses_have_buckets_of_their_own_and_an_ipv6_subscriber_has_one():
    some, _ = buckets(burst=1)
    assert some.seconds_to_wait("192.0.2.1") == 0
    assert some.seconds_to_wait("192.0.2.2") == 0
    assert some.seconds_to_wait("::ffff:192.0.2.3") == 0
    assert some.seconds_to_wait("::ffff:192.0.2.4") == 0
    assert some.seconds_to_wait("2001:db8::1") == 0
    assert some.seconds_to_wait("2001:db8::2") > 0
    assert some.seconds_to_wait("2001:db8:0:1::1") == 0
    assert some.seconds_to_wait("") == 0


def test_memory_is_bounded_and_the_busiest_are_remembered(monkeypatch):
    monkeypatch.setattr(rate, "_MOST_ADDRESSES", 10)
    some, _ = buckets(burst=2)
    some.seconds_to_wait("192.0.2.255")
    for number in range(50):
        some.seconds_to_wait(f"198.51.100.{number}")
        some.seconds_to_wait("192.0.2.255")
    assert len(some._buckets) == 10
    assert some.seconds_to_wait("192.0.2.255") > 0
