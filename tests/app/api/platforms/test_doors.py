"""Every operation of the OpenAPI document × every wrong key: nothing is told and nothing done; and another's things do not exist."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.services.admit_platform import LIVES
from app.services.world import World
from models.rulebook.vocabulary import PlatformState, Scope
from models.tables import Binding, IdempotentAnswer, JournalLine, PlatformEvent
from tests.builders.aftercare import Held
from tests.builders.platform_calls import API, Caller, plant_caller

OPEN = {"giveToken", "listKeys", "getProblem"}  # to everybody


@dataclass(frozen=True)
class Operation:
    name: str
    method: str
    path: str  # with the names of its parameters in braces, without what all begin with
    scope: str
    body: Any
    needs_key: bool


def operations(app: Flask) -> Iterator[Operation]:
    """As the document has them: an operation that is added is tested with the others."""
    document = app.test_client().get(f"{API}/openapi.json").json
    for path, methods in document["paths"].items():
        for method, one in methods.items():
            if one["operationId"] in OPEN:
                assert all("platform" not in way for way in one["security"])
                continue
            (security,) = one["security"]
            content = one.get("requestBody", {}).get("content", {})
            body = content.get("application/json", {}).get("example")
            refs = [parameter.get("$ref", "") for parameter in one.get("parameters", [])]
            yield Operation(
                one["operationId"],
                method.upper(),
                path.removeprefix(API),
                security["platform"][0],
                body,
                any(ref.endswith("/Idempotency-Key") for ref in refs),
            )


@dataclass
class Scene:
    app: Flask
    world: World
    inspection: Caller
    other: Caller
    held: Held
    binding: str
    event: str

    def ask(self, operation: Operation, caller: Caller, token: str | None = None, **more: Any) -> Any:
        names = {"serial": self.held.serial, "binding_id": self.binding}
        path = re.sub(r"{(\w+)}", lambda found: names[found.group(1)], operation.path)
        headers = {"Idempotency-Key": "k-door"} if operation.needs_key else {}
        request: dict[str, Any] = {}
        if operation.name == "examineCertificate":
            request = {"data": b"x", "content_type": "application/pkix-cert"}
        elif operation.body is not None:
            text = json.dumps(operation.body | ({"ids": [self.event]} if "ids" in operation.body else {}))
            request = {"data": text, "content_type": "application/json"}
        return caller.ask(path, operation.method, token=token, headers=headers | more.pop("headers", {}), **request, **more)

    def traces(self) -> list[Any]:
        """Whatever an operation may leave behind."""
        with self.world.reading() as session:
            bindings = [(each.key, each.until, each.version) for each in session.scalars(select(Binding).order_by(Binding.id))]
            events = [(each.key, each.delivery, each.acknowledged_at) for each in session.scalars(select(PlatformEvent))]
            answers = [each.key for each in session.scalars(select(IdempotentAnswer))]
            lines = [each.id for each in session.scalars(select(JournalLine).where(JournalLine.act != "sign_in"))]
            return [bindings, events, answers, lines]


@pytest.fixture
def scene(app: Flask, world: World, inspection: Caller, other: Caller, held: Held) -> Scene:
    made = inspection.bind(held.serial, key="k-first").json["id"]
    (event,) = inspection.ask("/events").json["events"]
    return Scene(app, world, inspection, other, held, made, event["id"])


def test_the_document_names_every_operation_that_there_is(app: Flask) -> None:
    described = {
        (method.upper(), path)
        for path, methods in app.test_client().get(f"{API}/openapi.json").json["paths"].items()
        for method in methods
    }
    served = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("platform_api.") and rule.endpoint != "platform_api.openapi"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert described == served
    assert len(described) == 12


def test_no_wrong_key_opens_any_operation(scene: Scene) -> None:
    world, inspection = scene.world, scene.inspection
    expired = inspection.sign_in()
    world.clock.move(LIVES)
    inspection.token = fresh = inspection.sign_in()
    disabled = plant_caller(scene.app, world, "switched_off")
    disabled.change(world, state=PlatformState.disabled)
    before = scene.traces()
    wrong = []
    for operation in operations(scene.app):
        others = [scope.value for scope in Scope if scope.value != operation.scope]
        keys = {
            "no token": ("", {}, 401, "token_missing"),
            "garbage": ("garbage", {}, 401, "token_invalid"),
            "a token cut short": (fresh[:-1], {}, 401, "token_invalid"),
            "an expired token": (expired, {}, 401, "token_invalid"),
            "a disabled platform's token": (disabled.token, {}, 401, "token_invalid"),
            "a token of every other scope": (inspection.sign_in(" ".join(others)), {}, 403, "scope_missing"),
            "the secret itself": (inspection.secret, {}, 401, "token_invalid"),
            "the session of staff": ("", {"Cookie": "office=eyJsb2dpbiI6IngifQ.x.x"}, 401, "token_missing"),
        }
        for name, (token, headers, status, code) in keys.items():
            answer = scene.ask(operation, inspection, token, headers=headers)
            challenge = answer.headers.get("WWW-Authenticate", "")
            if (answer.status_code, answer.json["code"]) != (status, code) or not challenge.startswith(
                'Bearer realm="platforms"'
            ):
                wrong.append(f"{operation.name} with {name}: {answer.status_code} {answer.json['code']} {challenge}")
            if scene.held.serial in answer.text or scene.binding in answer.text:
                wrong.append(f"{operation.name} with {name} tells something")
    assert not wrong, "\n".join(wrong)
    assert scene.traces() == before


def test_every_operation_opens_to_the_one_scope_that_it_names(scene: Scene) -> None:
    for operation in operations(scene.app):
        answer = scene.ask(operation, scene.inspection, scene.inspection.sign_in(operation.scope))
        assert answer.status_code not in {401, 403}, operation
        assert answer.headers["RateLimit-Policy"] == '"calls";q=10000;w=60'


def test_another_platforms_token_finds_nothing_of_this_ones(scene: Scene) -> None:
    before, asked = scene.traces(), []
    for operation in operations(scene.app):
        if operation.name in {"bindCertificate", "examineCertificate", "getCertificate", "getVerdict"}:
            continue  # certificates are everybody's; what binding elsewhere does is tested with bindings
        answer = scene.ask(operation, scene.other)
        asked.append(operation.name)
        if "{binding_id}" in operation.path:
            assert (answer.status_code, answer.json["code"]) == (404, "binding_unknown"), operation
            nowhere = scene.other.ask(operation.path.replace("{binding_id}", "0" * 32), operation.method, json=operation.body)
            assert nowhere.json == answer.json, "another's looks like one that does not exist"
        else:
            told = answer.text.replace(scene.event, "", 1) if operation.name == "acknowledgeEvents" else answer.text
            assert answer.status_code == 200
            assert not {scene.binding, scene.event} & {each for each in (scene.binding, scene.event) if each in told}
    assert sorted(asked) == ["acknowledgeEvents", "endBinding", "getBinding", "listBindings", "listEvents"]
    assert scene.traces() == before


def test_the_session_of_a_clerk_is_no_key(app: Flask, client_of: Any) -> None:
    clerk = client_of()
    assert clerk.get(f"{API}/bindings").status_code == 401
    assert clerk.post(f"{API}/bindings", json={}).status_code == 401


def test_a_platforms_token_is_no_key_to_the_clerks_pages(scene: Scene) -> None:
    for path in ("/intake/", "/admin/", "/search?q=x", "/api/station/poll"):
        headers = {"Authorization": f"Bearer {scene.inspection.token}"}
        answer = scene.app.test_client().open(path, method="POST" if "poll" in path else "GET", headers=headers, csrf=False)
        assert answer.status_code in {303, 302, 401, 403, 308}, path
