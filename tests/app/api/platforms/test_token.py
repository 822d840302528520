"""Who gets an access token, what it is good for, when it ends; and that nothing secret is written down anywhere."""

import base64
import logging
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.services.address_delay import ADDRESS_TRIES
from app.services.admit_platform import LIVES, count_wrong_secret
from app.services.world import World
from models.rulebook.vocabulary import PlatformState, Scope
from models.tables import JournalLine, PlatformAccess
from tests.builders.platform_calls import Caller, plant_caller

ALL = " ".join(scope.value for scope in Scope)
GRANT = {"grant_type": "client_credentials"}


def post(caller: Caller, form: Any, **request: Any) -> Any:
    return caller.ask("/token", "POST", token="", data=form, **request)


def basic(text: bytes) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(text).decode()}


def test_a_token_lasts_half_an_hour_and_has_all_scopes_if_none_are_named(inspection: Caller, world: World) -> None:
    answer = inspection.fetch_token()
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert {**answer.json, "access_token": "…"} == {
        "access_token": "…", "token_type": "Bearer", "expires_in": 1800, "scope": ALL,
    }  # fmt: skip
    token = answer.json["access_token"]
    world.clock.move(LIVES - timedelta(seconds=1))
    assert inspection.ask("/bindings", token=token).status_code == 200
    world.clock.move(seconds=1)
    late = inspection.ask("/bindings", token=token)
    assert (late.status_code, late.json["code"]) == (401, "token_invalid")
    assert late.headers["WWW-Authenticate"] == 'Bearer realm="platforms", error="invalid_token"'


def test_a_platform_may_prove_itself_in_the_body_too(inspection: Caller) -> None:
    form = GRANT | {"client_id": "inspection", "client_secret": inspection.secret, "scope": "events:read"}
    answer = post(inspection, form)
    assert (answer.status_code, answer.json["scope"]) == (200, "events:read")


def test_scopes_are_at_most_the_platforms_own(app: Flask, world: World) -> None:
    reader = plant_caller(app, world, scopes=["certificates:read", "bindings:read"])
    assert reader.fetch_token().json["scope"] == "certificates:read bindings:read"
    assert reader.fetch_token("bindings:read").json["scope"] == "bindings:read"
    for scope in ("bindings:write", "bindings:read bindings:write", "everything"):
        answer = reader.fetch_token(scope)
        assert (answer.status_code, answer.json["error"]) == (400, "invalid_scope")


def test_unknown_client_wrong_secret_disabled_and_secretless_platforms_are_told_the_same(app: Flask, world: World) -> None:
    caller = plant_caller(app, world)
    plant_caller(app, world, "no_secret", signed_in=False, secret_digest=None)
    off = plant_caller(app, world, "off", signed_in=False, state=PlatformState.disabled)
    answers = [
        post(caller, GRANT, auth=("nobody", caller.secret)),
        post(caller, GRANT, auth=("inspection", "wrong")),
        post(caller, GRANT, auth=("no_secret", "")),
        post(caller, GRANT, auth=("no_secret", "wrong")),
        post(caller, GRANT, auth=("off", off.secret)),
        post(caller, GRANT | {"client_id": "inspection", "client_secret": "wrong"}),
        post(caller, GRANT | {"client_id": "nobody", "client_secret": "wrong"}),
        post(caller, GRANT | {"client_id": "inspection"}),
        post(caller, GRANT | {"client_id": "tax_hall"}, auth=("inspection", caller.secret)),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert {answer.headers["WWW-Authenticate"] for answer in answers} == {'Basic realm="platforms"'}


@pytest.mark.parametrize("header", [b"\xff\xfe:\xff", b"inspection", b"", b":", b"inspection:", "检查:密码".encode()])
def test_whatever_bytes_come_as_credentials_are_no_error_of_ours(inspection: Caller, header: bytes) -> None:
    assert post(inspection, GRANT, headers=basic(header)).status_code == 401
    assert post(inspection, GRANT, headers={"Authorization": "Basic !!"}).status_code == 401
    assert post(inspection, GRANT, headers={"Authorization": "Digest x"}).status_code == 401


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"scope": ""}, "invalid_request"),
        ({"grant_type": ""}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": 'x"\\é'}, "unsupported_grant_type"),
        (GRANT | {"audience": "x"}, "invalid_request"),
        ({"grant_type": ["client_credentials", "client_credentials"]}, "invalid_request"),
        (GRANT | {"client_id": "inspection", "client_secret": "x"}, "invalid_request"),  # and a header besides
        (GRANT | {"scope": "é"}, "invalid_scope"),
    ],
)
def test_what_rfc_6749_does_not_know_is_refused_in_its_terms(refused: Caller, form: Any, error: str) -> None:
    answer = post(refused, form, auth=("inspection", refused.secret))
    assert (answer.status_code, answer.json["error"]) == (400, error)
    assert all(0x20 <= ord(letter) < 0x7F and letter not in '"\\' for letter in answer.json["error_description"])


def test_nothing_is_taken_from_the_address_or_from_json(refused: Caller) -> None:
    query = f"?grant_type=client_credentials&client_id=inspection&client_secret={refused.secret}"
    assert refused.ask(f"/token{query}", "POST", token="", data=GRANT).json["error"] == "invalid_request"
    answer = refused.ask("/token", "POST", token="", json=GRANT, auth=("inspection", refused.secret))
    assert (answer.status_code, answer.json["code"]) == (415, "media_type_unsupported")
    large = post(refused, GRANT | {"client_id": "x" * 40_000})
    assert (large.status_code, large.json["code"]) == (413, "too_large")


def test_an_address_that_guesses_waits_and_another_does_not(inspection: Caller, world: World) -> None:
    for _ in range(ADDRESS_TRIES):
        assert post(inspection, GRANT, auth=("inspection", "wrong")).status_code == 401
    waiting = inspection.fetch_token()
    assert (waiting.status_code, waiting.json["code"]) == (429, "too_many_tries")
    assert waiting.headers["Retry-After"] == "3"
    elsewhere = inspection.fetch_token(environ_base={"REMOTE_ADDR": "10.0.0.2"})
    assert elsewhere.status_code == 200
    assert inspection.ask("/bindings").status_code == 200, "a token that was given before stays good"
    world.clock.move(seconds=3)
    assert inspection.fetch_token().status_code == 200


def test_guesses_at_platforms_and_at_staff_are_counted_apart(inspection: Caller, world: World, stranger: Any) -> None:
    for _ in range(ADDRESS_TRIES + 1):
        count_wrong_secret(world, "127.0.0.1")
    answer = stranger.post("/login", data={"number": "C1-HD01", "password": "wrong", "code": ""})
    assert "秒后再试" not in answer.text


def test_a_disabled_platforms_tokens_end_at_once(inspection: Caller, world: World) -> None:
    assert inspection.ask("/bindings").status_code == 200
    inspection.change(world, state=PlatformState.disabled)
    assert inspection.ask("/bindings").json["code"] == "token_invalid"


def test_a_scope_that_is_taken_away_is_gone_from_tokens_too(inspection: Caller, world: World) -> None:
    inspection.change(world, scopes=["events:read"])
    answer = inspection.ask("/bindings")
    assert (answer.status_code, answer.json["code"]) == (403, "scope_missing")
    assert inspection.ask("/events").status_code == 200


def test_the_token_comes_in_the_header_only(inspection: Caller) -> None:
    nowhere = inspection.ask(f"/bindings?access_token={inspection.token}", token="")
    assert (nowhere.status_code, nowhere.json["code"]) == (401, "token_missing")
    for header in ("Bearer", "Bearer ", "bearer  ", f"Token {inspection.token}", inspection.token):
        answer = inspection.ask("/bindings", token="", headers={"Authorization": header})
        assert answer.json["code"] == "token_missing", header
    lower = inspection.ask("/bindings", token="", headers={"Authorization": f"bearer {inspection.token}"})
    assert lower.status_code == 200


def test_expired_tokens_are_cleared_away_with_the_next(inspection: Caller, world: World) -> None:
    for _ in range(3):
        world.clock.move(LIVES)
        inspection.sign_in()
    with world.reading() as session:
        assert len(session.scalars(select(PlatformAccess)).all()) == 1


def test_only_digests_are_kept_and_nothing_secret_is_logged(app: Flask, world: World, caplog: pytest.LogCaptureFixture) -> None:
    app.testing = False  # as it runs: errors are logged, not raised
    with caplog.at_level(logging.DEBUG):
        caller = plant_caller(app, world)
        post(caller, GRANT | {"client_id": "inspection", "client_secret": caller.secret})
        post(caller, GRANT, auth=("inspection", caller.secret + "x"))
        caller.bind("7" + "0" * 30, "account-4711")
        caller.ask("/bindings")
    with world.reading() as session:
        lines = [str(line.detail) for line in session.scalars(select(JournalLine).where(JournalLine.subject == "platform"))]
        kept = str([access.token_digest for access in session.scalars(select(PlatformAccess))])
    assert lines
    for text in (caplog.text, *lines, kept):
        assert caller.secret not in text
        assert caller.token not in text
        assert "account-4711" not in text
