from app.bench import issue, processor
from app.bench.bare_sequence import any_certificate, time_bare_sequence


def test_a_short_run_issues_and_prints_floor_ours_and_ratio(capsys):
    assert issue.main(["--count", "1", "--profiles", "p_256"]) == 0
    told = capsys.readouterr().out
    assert "p_256, 1 certificates" in told
    assert "bare PKCS#11 sequence" in told
    assert "ratio of the means" in told


def test_the_bare_sequence_tells_its_parts():
    timing = time_bare_sequence("p_256", any_certificate())
    assert 0 < timing.generation < timing.whole
    assert timing.rest == timing.whole - timing.generation


def test_processor_time_grows_with_work_and_is_nothing_for_who_is_gone():
    import os

    before = processor.spent(os.getpid())
    sum(number * number for number in range(3_000_000))
    assert processor.spent(os.getpid()) > before
    assert processor.spent_by_trees([os.getpid()]) >= processor.spent(os.getpid())
    assert processor.spent(2**22 + 1) == 0.0
