import pytest

from app.commands import check, lock


def test_what_is_longer_than_its_budget_is_noticed(tmp_path):
    for room in ("app/desks", "app/services", "app/templates/x"):
        (tmp_path / room).mkdir(parents=True)
    (tmp_path / "app/desks/long_view.py").write_text("def page():\n" + "    pass\n" * 20)
    (tmp_path / "app/desks/short_view.py").write_text("def page():\n" + "    pass\n" * 19)
    (tmp_path / "app/services/long_case.py").write_text("def open_case():\n" + "    pass\n" * 60)
    (tmp_path / "app/long_file.py").write_text("x = 1\n" * 301)
    (tmp_path / "app/templates/x/page.html").write_text("<p>\n" * 121)
    assert sorted(check.long_things(tmp_path)) == [
        "app/desks/long_view.py:1 page has 21 lines (budget 20)",
        "app/long_file.py has 301 lines (budget 300)",
        "app/services/long_case.py:1 open_case has 61 lines (budget 60)",
        "app/templates/x/page.html has 121 lines (budget 120)",
    ]


def test_every_check_runs_even_after_one_failed_and_one_failure_fails_all(monkeypatch, capsys):
    run = []
    monkeypatch.setattr(check, "_run", lambda words: run.append(words) or (1 if words[0] == "mypy" else 0))
    monkeypatch.setattr(check, "long_things", lambda house: iter(()))
    assert check.main([]) == 1
    assert run == list(check.CHECKS.values())
    assert "failed: types" in capsys.readouterr().out


@pytest.mark.parametrize("command", [check, lock])
def test_an_unknown_option_is_refused(command, capsys):
    assert command.main(["--quickly"]) == 2
    assert "only option" in capsys.readouterr().err


def test_a_lock_that_names_a_host_is_noticed(tmp_path):
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.write_text("flask==3.1.3 \\\n    --hash=sha256:00\n")
    bad.write_text("--index-url https://example.org/simple\nflask==3.1.3\n")
    assert not lock._names_a_host(good)
    assert lock._names_a_host(bad)
