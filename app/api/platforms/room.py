"""The blueprint of platforms: what is the same for every operation. The operations themselves stand in files by their subject."""

from collections.abc import Callable
from copy import deepcopy
from functools import wraps
from hashlib import sha256
from typing import Any

from flask import Response, request
from flask_smorest import Blueprint
from werkzeug.exceptions import HTTPException

from app.api.platforms.admission import add_readings
from app.api.platforms.fields import StrictParser
from app.api.platforms.problems import PREFIX, Problem, answer_problem, of_http, of_refusal
from app.services.errors import Refusal

LARGEST_BODY = 32 * 1024  # bytes
View = Callable[..., Any]


class Room(Blueprint):
    ARGUMENTS_PARSER = StrictParser()


room = Room("platform_api", __name__, url_prefix=PREFIX, description="What relying platforms ask and tell.")


def kept(seconds: int, *, by_everybody: bool = False) -> Callable[[View], View]:
    """How long a client may keep an answer before he asks again; with 0 he keeps it and asks each time whether it changed.

    Every kept answer has an entity tag, and costs nothing on the wire while it is still right.
    """

    def declare(view: View) -> View:
        @wraps(view)
        def keeping(**values: Any) -> Response:
            answer: Response = view(**values)
            answer.set_etag(sha256(answer.get_data()).hexdigest())
            control = answer.cache_control
            control.public, control.private = (True, None) if by_everybody else (None, True)
            control.max_age, control.must_revalidate = (seconds, True) if seconds else (None, None)
            control.no_cache = None if seconds else True
            return answer.make_conditional(request)

        return noted(keeping, kept=seconds)

    return declare


def operation(name: str, *problems: str) -> Callable[[View], View]:
    """What an operation is called in generated clients, and which problems it may answer besides those that all have."""

    def declare(view: View) -> View:
        @wraps(view)
        def same(*args: Any, **values: Any) -> Any:
            return view(*args, **values)

        return noted(same, name=name, problems=problems)

    return declare


def noted(view: View, **notes: Any) -> View:
    """Notes that `document.py` turns into the document's own terms."""
    described = deepcopy(getattr(view, "_apidoc", {}))
    manual = described.setdefault("manual_doc", {})
    for name, value in notes.items():
        manual[f"x-{name}"] = value
    view._apidoc = described  # type: ignore[attr-defined]
    return view


@room.before_request
def limit() -> None:
    request.max_content_length = LARGEST_BODY


@room.after_request
def finish(answer: Response) -> Response:
    if not answer.cache_control.public:
        answer.vary.add("Authorization")
    answer.headers.setdefault("Cache-Control", "no-store")
    return add_readings(answer)


@room.errorhandler(Problem)
def answer_own(problem: Problem) -> Response:
    return answer_problem(problem)


@room.errorhandler(Refusal)
def answer_refusal(refusal: Refusal) -> Response:
    return answer_problem(of_refusal(refusal))


@room.errorhandler(HTTPException)
def answer_http(error: HTTPException) -> Response:
    return answer_problem(of_http(error))
