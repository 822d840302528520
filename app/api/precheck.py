"""Would these papers be accepted, and what would it cost? Open to everybody, rate limited, keeps nothing.

GET /precheck is a page for people who are about to come. POST /api/precheck is for programs:
200 and the answer; 422 and the list of what is malformed, [{"pointer": …, "message": {"zh": …, "en": …}}]. Before it comes to
that: 413 too large, 415 not sent as JSON, 429 asked too often (with Retry-After), each with one {"message": {…}}.
"""

import json
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request
from flask.blueprints import BlueprintSetupState
from werkzeug.exceptions import RequestEntityTooLarge, TooManyRequests

from app.api.rate import Buckets
from app.api.self_check import check_oneself, other_kinds
from app.desks.door import public, world
from app.services.edition_at_hand import edition_on
from app.words.terms import term
from forms.precheck import PrecheckForm
from models.rulebook.precheck import examine
from models.rulebook.question import answer_json, parse
from models.rulebook.strict_json import Malformed, read

desk = Blueprint("precheck_api", __name__)

BURST, PER_SECOND = 120, 10.0  # a screen asks at every tick of a checklist; a script that wants thousands has the command
LARGEST_QUESTION = 512 * 1024  # ninety-nine sets of a dozen documents
# What programs send who do not say application/json: nothing at all, or their tool's default (curl, fetch with a text body).
_ALSO_TAKEN = frozenset({"", "text/plain", "application/x-www-form-urlencoded", "application/octet-stream"})


@desk.record_once
def hang_up_buckets(state: BlueprintSetupState) -> None:
    state.app.extensions["precheck_buckets"] = Buckets(BURST, PER_SECOND)


@desk.post("/api/precheck")
@public
def precheck() -> Response:
    wait = _seconds_to_wait()
    if wait:
        answer = _refuse(429, "询问过于频繁，请稍后再试。", "You ask too often; please wait a little.")
        answer.headers["Retry-After"] = str(wait)
        return answer
    if not _is_json() or request.content_encoding not in (None, "identity"):
        return _refuse(415, "请以 application/json 发送，不要压缩。", "Please send application/json, not compressed.")
    request.max_content_length = LARGEST_QUESTION
    try:
        question = parse(read(request.get_data(cache=False)))
    except Malformed as malformed:
        return _answer(
            [
                {"pointer": fault.pointer, "message": {"zh": fault.message_zh, "en": fault.message_en}}
                for fault in malformed.faults
            ],
            422,
        )
    return _answer(answer_json(examine(question)), 200)


@desk.get("/precheck")
@public
def page() -> str:
    wait = _seconds_to_wait()
    if wait:
        raise TooManyRequests(retry_after=wait)
    form = PrecheckForm(request.args)
    form.word(term)
    today = world().today()
    found = check_oneself(form, today)
    with world().reading() as session:
        others = other_kinds(found, edition_on(session, today))
    return render_template("precheck/page.html", form=form, found=found, others=others)


def _seconds_to_wait() -> int:
    seconds: int = current_app.extensions["precheck_buckets"].seconds_to_wait(request.remote_addr or "")
    return seconds


@desk.errorhandler(RequestEntityTooLarge)
def too_large(error: RequestEntityTooLarge) -> Response:
    return _refuse(413, "问题太大，最多 512 KB。", "The question is too large; 512 KB at most.")


def _is_json() -> bool:
    return request.mimetype in _ALSO_TAKEN or request.mimetype == "application/json" or request.mimetype.endswith("+json")


def _refuse(status: int, zh: str, en: str) -> Response:
    return _answer({"message": {"zh": zh, "en": en}}, status)


def _answer(value: Any, status: int) -> Response:
    # What a fault quotes of the question is printable, so it is never half a surrogate; names in pointers may be.
    text = json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace")
    return Response(text, status, mimetype="application/json")
