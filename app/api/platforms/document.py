"""The OpenAPI 3.1 document: made by flask-smorest of the operations and their schemas, and finished here with what all share."""

import json
from collections.abc import Iterable
from copy import deepcopy
from typing import Any

from flask import Flask
from flask_smorest import Api

from app.api.platforms import examples
from app.api.platforms.admission import SCHEME
from app.api.platforms.bindings import IDEMPOTENCY_KEY
from app.api.platforms.certificates import BYTES, DER, PEM
from app.api.platforms.problems import MEDIA_TYPE, PREFIX
from app.api.platforms.room import room
from app.api.platforms.schemas import KEY, SERIAL
from app.api.platforms.schemas_told import ProblemDocument, TokenRequest
from app.api.platforms.wording import words_of
from app.services.prune_answers import KEPT
from app.words.platform_problems import PROBLEMS, ProblemWords
from models.rulebook.bindings import BindingCode
from models.rulebook.vocabulary import Scope

TITLE = "One-Certificate office: platforms (法人一证通平台接口)"
VERSION = "1.0.0"
OPENAPI = "3.1.0"
OAUTH_OPERATION = "giveToken"  # the one operation that answers as RFC 6749 has it
_EVERY_CALL = ("token_missing", "token_invalid", "scope_missing", "too_many_calls")
_WITH_BODY = ("request_malformed", "media_type_unsupported", "too_large")
_SCOPES = {
    Scope.read_certificates: "Status of certificates (证书状态), and whether they may be bound.",
    Scope.read_bindings: "One's own bindings (绑定).",
    Scope.write_bindings: "Bind (绑定) and end bindings (解除绑定).",
    Scope.read_events: "The feed of events (变动通知), and their acknowledgement (确认).",
}
_HEADERS = {
    "ETag": ("Send it as If-None-Match to be told whether the answer changed.", "string"),
    "Cache-Control": (
        "How long the answer may be kept. `private, no-cache`: keep it, and ask each time with If-None-Match.",
        "string",
    ),
    "RateLimit-Policy": ('How many calls a minute are free: `"calls";q=600;w=60`.', "string"),
    "RateLimit": ('How many are left, and in how many seconds one more is free: `"calls";r=598;t=60`.', "string"),
    "Retry-After": ("Seconds to wait.", "integer"),
    "WWW-Authenticate": ("How to prove oneself (RFC 6750, 3).", "string"),
    "Location": ("Address of the binding.", "string"),
    "Idempotent-Replayed": (
        "`true`: the answer to an earlier call with this Idempotency-Key, repeated; nothing was done.",
        "string",
    ),
    "Content-Language": ("Of title and detail: zh or en.", "string"),
}
_PARAMETERS = {
    "serial": (
        "path",
        True,
        "Serial number (序列号): lower-case hex without leading zeros.",
        {"type": "string", "pattern": SERIAL},
    ),
    "binding_id": ("path", True, "Name of a binding.", {"type": "string", "pattern": KEY}),
    "code": ("path", True, "A problem's code.", {"type": "string", "pattern": "^[a-z_]{1,40}$"}),
    "If-None-Match": ("header", False, "Entity tag of the answer that the client has kept.", {"type": "string"}),
    "Idempotency-Key": (
        "header",
        True,
        "Random, new for every act, the same when the act is repeated: the answer is then the first one's, and nothing happens "
        "twice. Another body under the same key is refused. It is kept with what was done, for at least "
        f"{KEPT.days} days; after that a call is a new act. A refusal is not kept.",
        {"type": "string", "pattern": IDEMPOTENCY_KEY},
    ),
}
# Where a program may go on from an answer: operation, its parameter, the place in the answer.
_LINKS = {
    "examineCertificate": (("getCertificate", "serial", "/serial"), ("getVerdict", "serial", "/serial")),
    "bindCertificate": (("getBinding", "binding_id", "/id"), ("endBinding", "binding_id", "/id")),
}


class PlatformApi(Api):
    """Without flask-smorest's error handlers, which would turn the whole site's pages into JSON, and without its pages."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        """Problems are answered in `room.py`."""


def describe(app: Flask, public_url: str) -> bytes:
    """The whole document, JSON. Made when it is first asked for: it takes longer than the start of the office."""
    made: bytes | None = app.extensions.get("platform_document")
    if made is None:
        api = PlatformApi(
            app, spec_kwargs={"title": TITLE, "version": VERSION, "openapi_version": OPENAPI}, config_prefix="PLATFORMS"
        )
        room.register_views_in_doc(api, app, api.spec, name=room.name, parameters=None)
        for schema in (ProblemDocument, TokenRequest):
            api.spec.components.schema(schema.__name__, schema=schema)
        made = json.dumps(_finish(api.spec.to_dict(), public_url), ensure_ascii=False).encode()
        app.extensions["platform_document"] = made
    return made


def _finish(made: dict[str, Any], public_url: str) -> dict[str, Any]:
    components = made["components"]
    for flask_smorests_own in ("Error", "PaginationMetadata"):
        components["schemas"].pop(flask_smorests_own, None)
    paths = {path: _finish_path(operations) for path, operations in sorted(made["paths"].items(), key=_place)}
    return {
        "openapi": OPENAPI,
        "info": made["info"] | {"description": examples.INTRODUCTION, "summary": "Status, bindings and events for platforms."},
        "servers": [{"url": public_url}],
        "tags": [{"name": name, "description": text} for name, text in examples.TAGS.items()],
        "paths": paths,
        "webhooks": {"event": {"post": _webhook()}},
        "components": {
            "schemas": components["schemas"],
            "securitySchemes": {
                SCHEME: {
                    "type": "oauth2",
                    "description": "An access token (访问令牌) in the Authorization header: `Bearer …`.",
                    "flows": {
                        "clientCredentials": {
                            "tokenUrl": f"{public_url}{PREFIX}/token",
                            "scopes": {scope.value: text for scope, text in _SCOPES.items()},
                        }
                    },
                },
                "client": {"type": "http", "scheme": "basic", "description": "Client id and secret (RFC 6749, 2.3.1)."},
            },
            "headers": {name: {"description": text, "schema": {"type": kind}} for name, (text, kind) in _HEADERS.items()},
            "parameters": {name: _parameter(name) for name in _PARAMETERS},
        },
    }


def _place(path: tuple[str, dict[str, Any]]) -> tuple[int, str]:
    """In the order of the tags, the shorter address first."""
    tags = next(operation["tags"] for operation in path[1].values() if "tags" in operation)
    return list(examples.TAGS).index(tags[0]), path[0]


def _finish_path(operations: dict[str, Any]) -> dict[str, Any]:
    shared = [
        {"$ref": f"#/components/parameters/{one['name']}"}
        for one in operations.pop("parameters", [])
        if one["name"] in _PARAMETERS
    ]
    return {method: _finish_operation(deepcopy(operation), shared) for method, operation in operations.items()}


def _finish_operation(operation: dict[str, Any], shared: list[dict[str, str]]) -> dict[str, Any]:
    """Problems, headers, parameters and examples that every operation of its kind has."""
    name = operation["operationId"] = operation.pop("x-name")
    kept, problems = operation.pop("x-kept", None), operation.pop("x-problems", ())
    admitted = bool(operation.setdefault("security", []))
    parameters = [*shared, *operation.pop("parameters", []), *_headers_sent(kept, problems)]
    if parameters:
        operation["parameters"] = parameters
    answers = operation.pop("responses")
    codes = {*problems, "internal", *(_EVERY_CALL if admitted else ()), *_finish_request(operation, name)}
    given = {status: answer for status, answer in answers.items() if int(status) < 300 or name == OAUTH_OPERATION}
    responses = {status: _success(answer, name, admitted, kept, int(status)) for status, answer in given.items()}
    if kept is not None:
        responses["304"] = {"description": "The answer that the client has kept is still right.", "headers": _named("ETag")}
    operation["responses"] = dict(sorted((responses | _problems(codes, admitted)).items()))
    return operation


def _headers_sent(kept: int | None, problems: Iterable[str]) -> list[dict[str, str]]:
    names = [
        *(["If-None-Match"] if kept is not None else []),
        *(["Idempotency-Key"] if "idempotency_key_missing" in problems else []),
    ]
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def _finish_request(operation: dict[str, Any], name: str) -> tuple[str, ...]:
    """Bodies that flask-smorest does not read for us, and an example of each; the problems that a body may have."""
    if name == OAUTH_OPERATION:
        form = _ref("TokenRequest") | {"example": examples.REQUESTS["TokenRequest"]}
        operation["security"] = [{"client": []}, {}]
        operation["requestBody"] = {"required": True, "content": {"application/x-www-form-urlencoded": form}}
        return ()
    if name == "examineCertificate":
        operation["requestBody"] = _certificate_body()
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return ("request_faulty",)
    content["example"] = examples.REQUESTS[content["schema"]["$ref"].rpartition("/")[2]]
    return ("request_faulty", *_WITH_BODY)


def _success(answer: dict[str, Any], name: str, admitted: bool, kept: int | None, status: int) -> dict[str, Any]:
    headers = ["Cache-Control", *(["ETag"] if kept is not None else []), *(["RateLimit-Policy", "RateLimit"] if admitted else [])]
    if name == "bindCertificate":
        headers += ["Location", "Idempotent-Replayed"]
    if name in _LINKS and status < 400:
        answer["links"] = {
            target: {"operationId": target, "parameters": {parameter: f"$response.body#{pointer}"}}
            for target, parameter, pointer in _LINKS[name]
        }
    if name == OAUTH_OPERATION and status == 401:
        headers += ["WWW-Authenticate"]
    answer["headers"] = _named(*headers)
    content = answer["content"]["application/json"]
    content["example"] = examples.ANSWERS[(name, status)]
    return answer


def _problems(codes: Iterable[str], admitted: bool) -> dict[str, Any]:
    by_status: dict[int, list[str]] = {}
    for code in sorted(codes):
        by_status.setdefault(_words(code).status, []).append(code)
    return {str(status): _problem(status, found, admitted) for status, found in by_status.items()}


def _problem(status: int, codes: list[str], admitted: bool) -> dict[str, Any]:
    headers = ["Content-Language", "Cache-Control"]
    headers += ["WWW-Authenticate"] if status in (401, 403) else []
    headers += ["Retry-After"] if status == 429 else []
    headers += ["RateLimit-Policy", "RateLimit"] if admitted and status != 401 else []
    return {
        "description": "  \n".join(f"`{code}`: {_words(code).title_en} ({_words(code).title_zh})." for code in codes),
        "headers": _named(*headers),
        "content": {
            MEDIA_TYPE: {
                "schema": {"$ref": "#/components/schemas/ProblemDocument"},
                "examples": {code: {"value": examples.problem(code, _words(code))} for code in codes},
            }
        },
    }


def _words(code: str) -> ProblemWords:
    return PROBLEMS[code] if code in PROBLEMS else words_of(BindingCode(code))


def _certificate_body() -> dict[str, Any]:
    return {
        "required": True,
        "description": (
            "One certificate, 8 KB at most: DER as it is, or PEM with the holder's certificate first. "
            f"`{DER}` and `{PEM}` are taken as well; they are not listed, since few generators know them."
        ),
        "content": {BYTES: {"schema": {"type": "string", "format": "binary"}}},
    }


def _webhook() -> dict[str, Any]:
    return {
        "operationId": "event",
        "tags": ["Webhooks"],
        "summary": "An event is brought to the platform's own address",
        "description": examples.WEBHOOK,
        "parameters": [
            {"name": name, "in": "header", "required": True, "description": text, "schema": {"type": "string"}}
            for name, text in examples.WEBHOOK_HEADERS.items()
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {**_ref("Event"), "example": examples.EVENT}},
        },
        "responses": {
            "2XX": {
                "description": "Taken. Anything else, and silence for 5 seconds, is tried again later; Retry-After is heeded."
            }
        },
    }


def _parameter(name: str) -> dict[str, Any]:
    where, required, text, schema = _PARAMETERS[name]
    return {"name": name, "in": where, "required": required, "description": text, "schema": schema}


def _named(*headers: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in headers}


def _ref(schema: str) -> dict[str, Any]:
    return {"schema": {"$ref": f"#/components/schemas/{schema}"}}
