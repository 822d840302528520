"""POST /api/precheck as programs use it."""

import json

import pytest

from app.api.precheck import BURST, LARGEST_QUESTION
from models.rulebook.precheck import examine
from models.rulebook.question import answer_json, parse
from tests.models.rulebook.questions import form, papers, proprietors_question, question

POOR = proprietors_question(papers())


def ask(client, body, **how):
    return client.post("/api/precheck", data=body, **({"content_type": "application/json"} | how))


def test_a_question_is_answered_without_login_and_token(stranger):
    for asked in (question(), POOR):
        answer = ask(stranger, json.dumps(asked))
        assert answer.status_code == 200
        assert answer.mimetype == "application/json"
        assert answer.get_json() == answer_json(examine(parse(asked)))
        assert "Set-Cookie" not in answer.headers
    assert "申请表" in answer.get_data().decode("utf-8")


def test_a_question_may_name_the_kind_of_case(stranger):
    token, loss = {"kind": "token"}, {"kind": "statement_of_loss", "mark": "seal"}
    for kind in ("renewal", "replacement_lost", "new"):
        asked = question(kind=kind) if kind == "new" else question(papers(form(), token, loss), kind=kind)
        answer = ask(stranger, json.dumps(asked))
        assert answer.status_code == 200
        assert answer.get_json() == answer_json(examine(parse(asked)))
    assert ask(stranger, json.dumps(question(papers(token)))).get_json()[0]["pointer"] == "/sets/0/documents/0/kind"
    assert [fault["pointer"] for fault in ask(stranger, json.dumps(question(kind=None))).get_json()] == ["/kind"]


def test_what_is_malformed_is_listed_with_pointers(stranger):
    answer = ask(stranger, json.dumps(question(papers(form(copies=True)), on="2026-02-30") | {"x/y": 1}))
    assert answer.status_code == 422
    faults = answer.get_json()
    assert {fault["pointer"] for fault in faults} == {"/on", "/x~1y", "/sets/0/documents/0/copies"}
    assert all(set(fault["message"]) == {"zh", "en"} for fault in faults)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"NaN", b"[" * 60_000, json.dumps([question()]).encode()])
def test_what_is_no_question_is_malformed_as_a_whole(stranger, body):
    answer = ask(stranger, body)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.get_json()] == [""]


def test_half_a_surrogate_in_a_name_does_not_break_the_answer(stranger):
    answer = ask(stranger, json.dumps(question() | {"\ud800": 1}))
    assert answer.status_code == 422
    answer.get_data().decode("utf-8")
    assert len(answer.get_json()) == 1


@pytest.mark.parametrize(
    "content_type", [None, "text/plain", "application/x-www-form-urlencoded", "application/vnd.x+json; charset=utf-8"]
)
def test_a_question_sent_with_a_tools_default_type_is_answered(stranger, content_type):
    assert ask(stranger, json.dumps(question()), content_type=content_type).status_code == 200


@pytest.mark.parametrize(
    "how",
    [
        {"content_type": "multipart/form-data; boundary=x"},
        {"content_type": "text/html"},
        {"headers": {"Content-Encoding": "gzip"}},
    ],
)
def test_another_type_is_refused(stranger, how):
    answer = ask(stranger, json.dumps(question()), **how)
    assert answer.status_code == 415
    assert set(answer.get_json()["message"]) == {"zh", "en"}


def test_a_question_that_is_too_large_is_refused(stranger):
    assert ask(stranger, b" " * LARGEST_QUESTION).status_code == 422
    answer = ask(stranger, b" " * (LARGEST_QUESTION + 1))
    assert answer.status_code == 413
    assert set(answer.get_json()["message"]) == {"zh", "en"}


def test_the_largest_question_of_the_contract_fits(stranger):
    rich = papers(*(papers()["documents"] * 4), reference="S" * 80)
    assert ask(stranger, json.dumps(question(*[rich] * 99))).status_code == 200


def test_who_asks_too_often_is_told_to_wait_and_others_are_not(stranger):
    body = json.dumps(question())
    statuses = [ask(stranger, body).status_code for _ in range(BURST + 20)]
    assert statuses[:BURST] == [200] * BURST
    answer = ask(stranger, body)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) >= 1
    assert ask(stranger, body, environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 200


def test_nothing_changes_by_looking(stranger):
    assert stranger.get("/api/precheck").status_code == 405
