"""`./office precheck`, run as its users run it."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from models.rulebook.precheck import examine
from models.rulebook.question import answer_json, parse
from tests.models.rulebook.questions import papers, proprietors_question, question

OFFICE = Path(__file__).parents[3] / "office"
GOOD, POOR = question(), proprietors_question(papers())


def run(*words, given=b"", folder="/", **environment):
    return subprocess.run(
        [OFFICE, "precheck", *words],
        input=given,
        capture_output=True,
        cwd=folder,
        env={"PATH": os.environ["PATH"], **environment},
    )


def answers(outcome):
    assert outcome.returncode == 0, outcome.stderr.decode()
    assert outcome.stderr == b""
    return [json.loads(line) for line in outcome.stdout.decode().splitlines()]


def bytes_of(value):
    return json.dumps(value).encode()


def expected(*questions):
    return [answer_json(examine(parse(one))) for one in questions]


@pytest.fixture
def write(tmp_path):
    def write(name, content):
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else bytes_of(content))
        return str(tmp_path / name)

    return write


def test_one_question_from_standard_input():
    assert answers(run(given=bytes_of(GOOD))) == expected(GOOD)
    assert answers(run("-", given=bytes_of(GOOD))) == expected(GOOD)


def test_answers_come_in_the_order_of_files_and_questions_one_a_line(write):
    several, none, one = write("several.json", [POOR, GOOD, POOR]), write("none.json", []), write("one.json", GOOD)
    outcome = run(several, "-", none, one, given=bytes_of([POOR]))
    assert answers(outcome) == expected(POOR, GOOD, POOR, POOR, GOOD)
    assert outcome.stdout.count(b"\n") == 5
    assert outcome.stdout.endswith(b"\n")


def test_questions_of_several_kinds_are_answered_side_by_side():
    kinds = [question(kind=kind) for kind in ("renewal", "replacement_lost", "new", "revocation")]
    outcome = run(given=bytes_of([GOOD, *kinds]))
    assert answers(outcome) == expected(GOOD, *kinds)
    assert b"P1-2026.replacement_lost.3" in outcome.stdout
    lines = outcome.stdout.splitlines()
    assert lines[0] == lines[3]


def test_an_unknown_kind_is_a_fault_at_its_place():
    outcome = run(given=bytes_of(GOOD | {"kind": "rebirth"}))
    assert (outcome.returncode, outcome.stdout) == (2, b"")
    assert b'"/kind" must be one of new, additional, renewal, ' in outcome.stderr


def test_no_question_gets_no_answer_and_that_is_all_right():
    outcome = run(given=b" [ ] ")
    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (0, b"", b"")


@pytest.mark.parametrize("environment", [{"LC_ALL": "C"}, {"PYTHONIOENCODING": "latin-1"}, {"LC_ALL": "en_US.ISO-8859-1"}])
def test_answers_are_utf_8_whatever_the_locale(environment):
    assert "申请表" in run(given=bytes_of(POOR), **environment).stdout.decode("utf-8")


def test_files_are_found_from_the_callers_folder_and_its_modules_are_not_taken_for_pythons(write, tmp_path):
    write("papers.json", GOOD)
    for name in ("json", "datetime", "enum", "models"):
        write(f"{name}.py", b"raise SystemExit('the wrong module')")
    assert answers(run("papers.json", folder=tmp_path)) == expected(GOOD)


def test_a_malformed_question_is_named_by_file_position_and_pointer_and_nothing_is_answered(write):
    bad = question(papers({"kind": "application_form"}), on="2026-02-30")
    good_file, bad_file = write("good.json", [GOOD, GOOD]), write("bad.json", [GOOD, bad, GOOD, 5])
    outcome = run(good_file, bad_file, "-", given=b"{}")
    assert outcome.returncode == 2
    assert outcome.stdout == b""
    lines = outcome.stderr.decode().splitlines()
    places = [line.split(" ", 6)[:6] for line in lines if bad_file in line]
    start = [f"{bad_file}:", "question", "2", "(position", "1):"]
    document = "/sets/0/documents/0"
    assert places == [
        [*start, '"/on"'],
        [*start, f'"{document}/complete"'],
        [*start, f'"{document}/copies"'],
        [*start, f'"{document}/mark"'],
        [f"{bad_file}:", "question", "4", "(position", "3):", '""'],
    ]
    assert sum(line.startswith("<stdin>: question 1 (position 0): ") for line in lines) == 9
    assert not any(good_file in line for line in lines)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 50_000, b"{} {}"])
def test_what_is_no_json_is_named_by_file(write, content):
    outcome = run(write("bad.json", content))
    assert (outcome.returncode, outcome.stdout) == (2, b"")
    assert b"bad.json: " in outcome.stderr
    assert b"Traceback" not in outcome.stderr


def test_a_file_that_cannot_be_read_is_named(tmp_path, write):
    outcome = run(write("good.json", GOOD), str(tmp_path / "absent.json"), str(tmp_path))
    assert (outcome.returncode, outcome.stdout) == (2, b"")
    assert b"absent.json: cannot be read" in outcome.stderr
    assert outcome.stderr.count(b"cannot be read") == 2


def test_what_stands_in_a_name_does_not_reach_the_terminal_as_a_command():
    outcome = run(given=bytes_of(GOOD | {"\x1b[2J\n\ud800": 1}))
    assert outcome.returncode == 2
    assert b"\x1b" not in outcome.stderr
    assert outcome.stderr.count(b"\n") == 1


def test_help_tells_how_and_an_unknown_option_is_no_file(write):
    assert b"FILE" in run("--help").stdout
    outcome = run("--fast")
    assert (outcome.returncode, outcome.stdout) == (2, b"")
    assert b"--fast" in outcome.stderr
    write("-odd.json", GOOD)
    assert answers(run("--", "-odd.json", folder=Path(write("x", b"")).parent)) == expected(GOOD)


def test_a_reader_that_goes_away_is_no_traceback(write):
    name = write("many.json", [POOR] * 2000)
    outcome = subprocess.run(["sh", "-c", f"'{OFFICE}' precheck '{name}' | head -n 1"], capture_output=True, cwd="/")
    assert outcome.stdout.count(b"\n") == 1
    assert outcome.stderr == b""


@pytest.mark.parametrize("out", [">&-", ">/dev/full"])
def test_answers_that_cannot_be_written_are_told_in_one_line(write, out):
    name = write("one.json", POOR)
    outcome = subprocess.run(["sh", "-c", f"'{OFFICE}' precheck '{name}' {out}"], capture_output=True, cwd="/")
    assert outcome.returncode == 1
    assert outcome.stderr.startswith(b"precheck: the answers cannot be written: ")
    assert outcome.stderr.count(b"\n") == 1


@pytest.mark.parametrize("errors", ["2>&-", "2>/dev/full"])
def test_the_exit_status_tells_even_if_nobody_listens(write, errors):
    name = write("bad.json", b"{}")
    outcome = subprocess.run(["sh", "-c", f"'{OFFICE}' precheck '{name}' {errors}"], capture_output=True, cwd="/")
    assert (outcome.returncode, outcome.stdout) == (2, b"")
