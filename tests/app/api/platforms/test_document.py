"""The OpenAPI document: valid, complete, in plain words, and its examples are what the schemas say."""

import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from flask import Flask

from models.rulebook.vocabulary import Scope
from tests.builders.platform_calls import API

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def document(app: Flask) -> dict[str, Any]:
    answer = app.test_client().get(f"{API}/openapi.json")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=3600, must-revalidate"
    told: dict[str, Any] = answer.json
    return told


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for methods in document["paths"].values():
        for one in methods.values():
            yield one["operationId"], one


def contents(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, one in operations(document):
        if "requestBody" in one:
            yield from ((f"{name} request", content) for content in one["requestBody"]["content"].values())
        for status, answer in one["responses"].items():
            yield from ((f"{name} {status}", content) for content in answer.get("content", {}).values())
    yield "webhook", document["webhooks"]["event"]["post"]["requestBody"]["content"]["application/json"]


def test_it_says_what_it_is(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    assert document["info"]["version"] == "1.0.0"
    assert CHINESE.search(document["info"]["title"])
    assert "POST /token" in document["info"]["description"]
    flow = document["components"]["securitySchemes"]["platform"]["flows"]["clientCredentials"]
    assert set(flow["scopes"]) == {scope.value for scope in Scope}
    assert flow["tokenUrl"] == f"http://127.0.0.1:8600{API}/token"


def test_everything_is_described(document: dict[str, Any]) -> None:
    for name, one in operations(document):
        assert one["summary"], name
        assert one["tags"][0] in {tag["name"] for tag in document["tags"]}
        for parameter in one.get("parameters", []):
            found = (
                parameter if "name" in parameter else document["components"]["parameters"][parameter["$ref"].rpartition("/")[2]]
            )
            assert found["description"], (name, found["name"])
        for status, answer in one["responses"].items():
            assert answer["description"], (name, status)
            assert answer["headers"], (name, status)
    for name, schema in document["components"]["schemas"].items():
        for member, shape in schema["properties"].items():
            assert "type" in shape or "$ref" in shape or "anyOf" in shape, (name, member)


def test_every_reference_leads_somewhere_and_nothing_is_left_over(document: dict[str, Any]) -> None:
    text = json.dumps(document)
    referred = set(re.findall(r'"#/components/(\w+)/([\w-]+)"', text))
    held = {(kind, name) for kind in ("schemas", "headers", "parameters") for name in document["components"][kind]}
    assert referred == held
    assert '"x-' not in text


def test_every_example_is_as_its_schema_says(document: dict[str, Any]) -> None:
    shown = 0
    for place, content in contents(document):
        examples = (
            [content["example"]] if "example" in content else [each["value"] for each in content.get("examples", {}).values()]
        )
        assert examples or "octet-stream" in str(document["paths"]), place
        validator = jsonschema_rs.validator_for(content["schema"] | {"components": document["components"]})
        for example in examples:
            assert not list(validator.iter_errors(example)), (place, example)
            shown += 1
    assert shown > 100


def test_every_refusal_of_a_binding_is_shown_with_its_sentence(document: dict[str, Any]) -> None:
    conflict = document["paths"][f"{API}/bindings"]["post"]["responses"]["409"]
    examples = conflict["content"]["application/problem+json"]["examples"]
    assert {"bound_to_other", "other_chosen", "suspended", "revoked", "expired", "wrong_use"} <= set(examples)
    for code in ("bound_to_other", "revoked"):
        assert examples[code]["value"]["reasons"][0]["zh"] == examples[code]["value"]["detail_zh"]
