"""Every refusal as a problem document (RFC 9457): a stable code, and the words in both languages, whichever was asked for."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, current_app, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge

from app.desks.door import world
from app.services.errors import Faulty, Refusal
from app.words.platform_problems import FAULTS, PROBLEMS, ProblemWords

PREFIX = "/api/platforms/v1"
MEDIA_TYPE = "application/problem+json"
LANGUAGES = ("zh", "en")
REALM = 'Bearer realm="platforms"'
CHALLENGE_INVALID = f'{REALM}, error="invalid_token"'
_OF_HTTP = {404: "address_unknown", 405: "method_not_allowed", 413: "too_large", 415: "media_type_unsupported"}


class Problem(Exception):
    """A call that is refused. `facts` fill the words, `members` go into the document beside the standard ones."""

    def __init__(
        self,
        code: str,
        *,
        facts: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        words: ProblemWords | None = None,
        **members: Any,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts or {}
        self.headers = headers or {}
        self.members = members
        self.words = words or PROBLEMS[code]


def language() -> str:
    """The first of ours that the reader likes, whatever its country: en-GB is English."""
    wanted = (tag.partition("-")[0].lower() for tag, weight in request.accept_languages if weight > 0)
    return next((tag for tag in wanted if tag in LANGUAGES), "zh")


def answer_problem(problem: Problem) -> Response:
    answer = Response(json.dumps(document_of(problem), ensure_ascii=False), problem.words.status, mimetype=MEDIA_TYPE)
    answer.headers.update(problem.headers)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Content-Language"] = language()
    answer.vary.update(("Accept-Language", "Authorization"))
    return answer


def document_of(problem: Problem) -> dict[str, Any]:
    """The members of RFC 9457, 3.1, and our own."""
    words, spoken = problem.words, language()
    title = {"zh": words.title_zh, "en": words.title_en}
    detail = {"zh": words.detail_zh.format(**problem.facts), "en": words.detail_en.format(**problem.facts)}
    return {
        "type": f"{world().public_url}{PREFIX}/problems/{problem.code}",
        "title": title[spoken],
        "status": words.status,
        "detail": detail[spoken],
        "code": problem.code,
        "title_zh": title["zh"],
        "title_en": title["en"],
        "detail_zh": detail["zh"],
        "detail_en": detail["en"],
        **problem.members,
    }


def faults_of(found: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    """(JSON pointer or name, code of FAULTS) as the document lists them."""
    return [{"pointer": at, "code": code, "zh": FAULTS[code][0], "en": FAULTS[code][1]} for at, code in found]


def of_refusal(refusal: Refusal) -> Problem:
    """A use case's refusal. One without words here is an error of ours, and shows nothing of it."""
    if refusal.code == "platform_disabled":  # since the token was looked at
        return Problem("token_invalid", headers={"WWW-Authenticate": CHALLENGE_INVALID})
    if isinstance(refusal, Faulty) and refusal.fields:
        return Problem("request_faulty", faults=faults_of([(f"/{name}", "wrong_form") for name in sorted(refusal.fields)]))
    if refusal.code in PROBLEMS:
        seconds = refusal.facts.get("seconds")
        return Problem(refusal.code, facts=refusal.facts, headers={"Retry-After": str(seconds)} if seconds else None)
    current_app.logger.error("no words for the refusal %s", refusal.code)
    return Problem("internal")


def of_http(error: HTTPException) -> Problem:
    """What Flask and werkzeug refuse by themselves."""
    code = _OF_HTTP.get(error.code or 500, "request_malformed" if (error.code or 500) < 500 else "internal")
    if isinstance(error, MethodNotAllowed):
        methods = ", ".join(sorted(set(error.valid_methods or ()) - {"OPTIONS"}))
        return Problem(code, facts={"methods": methods}, headers={"Allow": ", ".join(sorted(error.valid_methods or ()))})
    if isinstance(error, RequestEntityTooLarge):
        return Problem(code, facts={"limit": request.max_content_length})
    return Problem(code, facts={"wanted": "application/json"})
