import pytest

from app.bench.precheck import question
from app.commands import bench
from models.rulebook.precheck import examine
from models.rulebook.question import parse


def test_alone_it_lists_what_can_be_measured(capsys):
    assert bench.main([]) == 0
    assert "precheck" in capsys.readouterr().out


def test_an_unknown_name_is_refused_with_the_known_ones(capsys):
    assert bench.main(["everything"]) == 2
    assert "precheck" in capsys.readouterr().err


def test_the_measured_questions_are_of_all_sorts():
    answers = [examine(parse(question(number))) for number in range(500)]
    assert 0.02 < sum(answer.accepted for answer in answers) / 500 < 0.98
    assert len({finding.code for answer in answers for finding in answer.findings}) >= 10


def test_a_short_run_prints_floor_ours_and_ratio(capsys):
    from app.bench.precheck import main

    assert main(["--questions", "50", "--turns", "1"]) == 0
    told = capsys.readouterr().out
    assert "./office precheck" in told
    assert "ratio" in told


@pytest.mark.parametrize("words", [["-h"], ["--help"]])
def test_help_lists_too(words, capsys):
    assert bench.main(words) == 0
    assert "./office bench NAME" in capsys.readouterr().out
