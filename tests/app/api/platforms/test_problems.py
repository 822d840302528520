"""Refusals: problem documents for programs, in both languages; pages stay pages; limits are told before they are reached."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.api.platforms import certificates as room
from app.services.errors import Unavailable
from app.services.world import World
from app.words.platform_problems import FAULTS, PROBLEMS
from models.rulebook.bindings import ALLOWED, BindingCode
from models.tables import JournalLine
from tests.builders.platform_calls import API, Caller, plant_caller

MEMBERS = {"type", "title", "status", "detail", "code", "title_zh", "title_en", "detail_zh", "detail_en"}


def test_a_problem_has_both_languages_and_speaks_the_one_asked_for(refused: Caller) -> None:
    spoken = {
        "en": "en",
        "en-GB,zh;q=0.5": "en",
        "zh-CN": "zh",
        "fr": "zh",
        "": "zh",
        "x" * 2000: "zh",
        "*": "zh",
        "zh;q=0, en;q=0.1": "en",
    }
    for asked, given in spoken.items():
        refused.language = asked
        answer = refused.ask("/bindings/" + "0" * 32)
        told = answer.json
        assert set(told) == MEMBERS
        assert (answer.status_code, told["status"], answer.mimetype) == (404, 404, "application/problem+json")
        assert (told["title"], told["detail"]) == (told[f"title_{given}"], told[f"detail_{given}"]), asked
        assert answer.headers["Content-Language"] == given
        assert {"Accept-Language", "Authorization"} <= {each.strip() for each in answer.headers["Vary"].split(",")}
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_problems_type_is_an_address_that_explains_it(refused: Caller) -> None:
    told = refused.ask("/bindings/" + "0" * 32).json
    assert told["type"] == f"http://127.0.0.1:8600{API}/problems/binding_unknown"
    meaning = refused.ask("/problems/binding_unknown", token="")
    assert (meaning.status_code, meaning.json["status"], meaning.json["title_en"]) == (200, 404, told["title_en"])
    assert meaning.headers["Cache-Control"] == "public, max-age=3600, must-revalidate"
    for code in (*PROBLEMS, *(code.value for code in BindingCode if code not in ALLOWED)):
        assert refused.ask(f"/problems/{code}", token="").status_code == 200
    for code in ("may_bind", "nothing", "../keys"):
        assert refused.ask(f"/problems/{code}", token="").status_code == 404


def test_every_word_is_there_in_both_languages() -> None:
    texts = [text for words in PROBLEMS.values() for text in (words.title_zh, words.title_en, words.detail_zh, words.detail_en)]
    assert all(texts)
    assert all(zh and en for zh, en in FAULTS.values())
    assert all(400 <= words.status < 600 for words in PROBLEMS.values())


def test_wrong_addresses_and_methods_are_problems_here_and_pages_elsewhere(app: Flask, client_of: Callable[..., Any]) -> None:
    nobody = app.test_client()
    for path, status, code in (
        (f"{API}/nothing", 404, "address_unknown"),
        (f"{API}/", 404, "address_unknown"),
        (f"{API}/bindings/x/y/z", 404, "address_unknown"),
        (f"{API}/token", 405, "method_not_allowed"),
    ):
        answer = nobody.get(path)
        assert (answer.status_code, answer.json["code"], answer.mimetype) == (status, code, "application/problem+json")
    assert nobody.get(f"{API}/token").headers["Allow"] == "OPTIONS, POST"
    for path in ("/nothing", "/api/nothing", "/api/platforms/v2/token", "/api/platforms"):
        answer = client_of().get(path)
        assert (answer.status_code, answer.mimetype) == (404, "text/html"), path
    assert client_of().post("/search").mimetype == "text/html"


def test_an_error_of_ours_shows_nothing_of_it_and_a_dead_authority_is_told(
    inspection: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    inspection.app.testing = False

    def fails(*_: Any) -> None:
        raise RuntimeError("secret-of-the-house")

    monkeypatch.setattr(room, "tell_certificate", fails)
    answer = inspection.ask("/certificates/77")
    assert (answer.status_code, answer.json["code"]) == (500, "internal")
    assert "secret-of-the-house" not in answer.text

    def dead(*_: Any) -> None:
        raise Unavailable()

    monkeypatch.setattr(room, "examine_certificate", dead)
    answer = inspection.ask("/certificates/examine", "POST", data=b"x", content_type="application/pkix-cert")
    assert (answer.status_code, answer.json["code"]) == (503, "unavailable")


def test_a_platform_that_calls_too_often_is_told_when_to_come_back_and_others_are_not(app: Flask, world: World) -> None:
    busy, calm = plant_caller(app, world, calls_a_minute=3), plant_caller(app, world, "tax_hall")
    left = []
    for _ in range(3):
        answer = busy.ask("/events")
        assert answer.headers["RateLimit-Policy"] == '"calls";q=3;w=60'
        left.append(answer.headers["RateLimit"].partition(";t=")[0])
    assert left == ['"calls";r=2', '"calls";r=1', '"calls";r=0']
    over = busy.ask("/bindings")
    assert (over.status_code, over.json["code"]) == (429, "too_many_calls")
    assert 1 <= int(over.headers["Retry-After"]) <= 61
    assert over.headers["Retry-After"] in over.json["detail"]
    assert calm.ask("/events").status_code == 200
    assert busy.ask("/keys", token="").status_code == 200
    assert busy.fetch_token().status_code == 200


def test_a_refused_call_counts_too(app: Flask, world: World) -> None:
    caller = plant_caller(app, world, calls_a_minute=2, scopes=["events:read"])
    assert [caller.ask("/bindings").status_code for _ in range(3)] == [403, 403, 429]


def test_head_and_options_tell_no_more_than_get(refused: Caller) -> None:
    head = refused.ask("/bindings", "HEAD")
    assert (head.status_code, head.data) == (200, b"")
    assert refused.ask("/bindings", "HEAD", token="").status_code == 401
    options = refused.ask("/bindings", "OPTIONS", token="")
    assert set(options.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}
    assert options.data == b""


def test_no_call_sets_a_cookie_or_is_open_to_foreign_pages(inspection: Caller, world: World) -> None:
    for path in ("/bindings", "/keys", "/openapi.json", "/nothing"):
        answer = inspection.ask(path, headers={"Origin": "https://elsewhere.example"})
        assert "Set-Cookie" not in answer.headers
        assert not [name for name, _ in answer.headers if name.lower().startswith("access-control-")]
    with world.reading() as session:
        lines = session.scalars(select(JournalLine).where(JournalLine.platform_id == inspection.platform.id)).all()
    assert [line.act for line in lines] == ["sign_in"], "looking leaves no line, a token does"
