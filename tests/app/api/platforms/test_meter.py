"""The meter of calls: a moving minute, one for all processes of an office, and nobody is kept out for a disk's sake."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api.platforms import meter as meter_of
from app.api.platforms.meter import WINDOW, Meter, Reading


class Clock:
    def __init__(self) -> None:
        self.now = 5_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def meter(tmp_path: Path, clock: Clock) -> Meter:
    return Meter(tmp_path / "calls", clock)


def test_the_window_moves(meter: Meter, clock: Clock) -> None:
    readings = []
    for _ in range(3):
        readings.append(meter.count("a", 2))
        clock.now += 20
    assert [reading.admitted for reading in readings] == [True, True, False]
    assert [reading.left for reading in readings] == [1, 0, 0]
    assert [reading.seconds for reading in readings] == [61, 41, 21], "a call counts until its second is a minute ago"
    assert meter.count("b", 2).admitted
    clock.now = 5_061.0
    assert meter.count("a", 2) == Reading(True, 2, 0, 20)
    assert meter.count("a", 2) == Reading(False, 2, 0, 20)


def test_whoever_waits_as_long_as_he_is_told_is_let_in(meter: Meter, clock: Clock) -> None:
    assert [meter.count("a", 3).admitted for _ in range(4)] == [True, True, True, False]
    for _ in range(3):
        clock.now += meter.count("a", 3).seconds
        assert meter.count("a", 3).admitted


@given(st.lists(st.tuples(st.floats(0, 40, allow_nan=False), st.integers(1, 5)), max_size=60))
def test_no_minute_ever_holds_more_than_the_limit(
    tmp_path_factory: pytest.TempPathFactory, calls: list[tuple[float, int]]
) -> None:
    clock = Clock()
    meter, admitted = Meter(tmp_path_factory.mktemp("meter"), clock), []
    for wait, times in calls:
        clock.now += wait
        admitted += [clock.now for _ in range(times) if meter.count("a", 4).admitted]
    assert all(sum(begin <= at < begin + WINDOW for at in admitted) <= 4 for begin in admitted)


def test_a_lower_limit_counts_at_once(meter: Meter) -> None:
    assert [meter.count("a", 5).left for _ in range(4)] == [4, 3, 2, 1]
    assert meter.count("a", 2) == Reading(False, 2, 0, 61)
    assert meter.count("a", 5).left == 0


def test_a_machine_that_was_started_anew_begins_anew(meter: Meter, clock: Clock) -> None:
    assert not [meter.count("a", 1) for _ in range(2)][1].admitted
    clock.now = 3.0
    assert meter.count("a", 1).admitted


@pytest.mark.parametrize("content", [b"", b"x", b"\xff" * 252, b"\0" * 4096])
def test_a_broken_page_begins_anew(meter: Meter, tmp_path: Path, content: bytes) -> None:
    meter.count("a", 9)
    (tmp_path / "calls" / "a").write_bytes(content)
    assert [meter.count("a", 1).admitted for _ in range(2)] == [True, False]


def test_a_disk_that_cannot_be_written_keeps_nobody_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "calls").write_text("no folder")
    assert [Meter(tmp_path / "calls").count("a", 1).admitted for _ in range(3)] == [True] * 3
    assert "calls are not counted" in caplog.text


def test_a_page_is_nobody_elses_and_small(meter: Meter, tmp_path: Path) -> None:
    for _ in range(100):
        meter.count("a", 60_000)
    file = tmp_path / "calls" / "a"
    assert (file.stat().st_mode & 0o777, file.stat().st_size) == (0o600, 252)
    assert (tmp_path / "calls").stat().st_mode & 0o777 == 0o700


def test_threads_and_processes_share_one_count(tmp_path: Path) -> None:
    """Two processes of three threads ask for 600 calls of 400."""
    program = (
        "import runpy, sys; from pathlib import Path; from concurrent.futures import ThreadPoolExecutor\n"
        "meter = runpy.run_path(sys.argv[1])['Meter'](Path(sys.argv[2]), clock=lambda: 5000.0)\n"
        "with ThreadPoolExecutor(3) as pool:\n"
        "    print(sum(pool.map(lambda _: meter.count('a', 400).admitted, range(300))))\n"
    )
    command = [
        sys.executable,
        "-c",
        program,
        meter_of.__file__,
        str(tmp_path / "calls"),
    ]  # by its file: the package takes seconds
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert sum(int(one.communicate(timeout=600)[0]) for one in started) == 400
