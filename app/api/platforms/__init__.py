"""What relying platforms ask and tell: status, bindings, events. OpenAPI 3.1 at /api/platforms/v1/openapi.json."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, Response, current_app, request
from flask_wtf import CSRFProtect
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import BaseConverter

# Imported for their operations.
from app.api.platforms import bindings, certificates, events, keys, meanings, token  # noqa: F401
from app.api.platforms.document import describe
from app.api.platforms.problems import PREFIX, answer_problem, of_http
from app.api.platforms.room import kept, room
from app.desks.door import public, world


class Hexadecimal(BaseConverter):
    """So that a word in its place is another address, and not a serial number."""

    regex = "[0-9A-Fa-f]+"


@public
@kept(3600, by_everybody=True)
def openapi() -> Response:
    return Response(describe(current_app, world().public_url), mimetype="application/json")


# Past flask-smorest, which would describe the description in itself.
Blueprint.add_url_rule(room, "/openapi.json", view_func=openapi)


def open_room(app: Flask, csrf: CSRFProtect, otherwise: Callable[[HTTPException], Any]) -> None:
    """Programs carry no cookie, so there is nothing that a foreign page could misuse. `otherwise`: who answers for addresses
    elsewhere that do not exist, or not with this method: such a request has no blueprint yet."""
    csrf.exempt(room)
    app.url_map.converters["hexadecimal"] = Hexadecimal
    app.register_blueprint(room)

    def answer(error: HTTPException) -> Response:
        return answer_problem(of_http(error)) if request.path.startswith(f"{PREFIX}/") else otherwise(error)

    app.register_error_handler(NotFound, answer)
    app.register_error_handler(MethodNotAllowed, answer)
