from app.bench import polling


def test_a_short_run_polls_and_every_job_is_taken(capsys):
    assert polling.main(["--stations", "3", "--seconds", "1", "--jobs", "2"]) == 0
    told = capsys.readouterr().out
    assert "3 stations" in told
    assert "2 jobs" in told
