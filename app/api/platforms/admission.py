"""The door of platforms: an access token, good for what is asked, and not too often. The door of people does not stand here."""

from collections.abc import Callable
from copy import deepcopy
from functools import wraps
from typing import Any

from flask import Response, current_app, g, request

from app.api.platforms.meter import Meter
from app.api.platforms.problems import CHALLENGE_INVALID, REALM, Problem
from app.desks.door import public, world
from app.services.admit_platform import Caller, recognise_platform
from models.rulebook.vocabulary import Scope

SCHEME = "platform"  # the security scheme's name in the OpenAPI document
View = Callable[..., Any]


def admitted(scope: Scope) -> Callable[[View], View]:
    """Open to an active platform whose token has this scope. Goes directly under the route."""

    def declare(view: View) -> View:
        @public
        @wraps(view)
        def checked(**values: Any) -> Any:
            g.caller = found = _recognise()
            _count(found)
            if scope not in found.scopes:
                challenge = f'{REALM}, error="insufficient_scope", scope="{scope.value}"'
                raise Problem("scope_missing", facts={"scope": scope.value}, headers={"WWW-Authenticate": challenge})
            return view(**values)

        described = deepcopy(getattr(checked, "_apidoc", {}))
        described.setdefault("manual_doc", {})["security"] = [{SCHEME: [scope.value]}]
        checked._apidoc = described  # type: ignore[attr-defined]
        return checked

    return declare


def caller() -> Caller:
    """The platform that this call comes from. Only behind `admitted`."""
    found: Caller = g.caller
    return found


def meter() -> Meter:
    found: Meter = current_app.extensions["platform_meter"]
    return found


def add_readings(answer: Response) -> Response:
    """Every answer to an admitted platform says how many calls are left."""
    if "reading" in g:
        answer.headers.update(g.reading.headers)
    return answer


def _recognise() -> Caller:
    """RFC 6750: the token comes in the Authorization header, and nowhere else."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise Problem("token_missing", headers={"WWW-Authenticate": REALM})
    found = recognise_platform(world(), token.strip())
    if found is None:
        raise Problem("token_invalid", headers={"WWW-Authenticate": CHALLENGE_INVALID})
    return found


def _count(found: Caller) -> None:
    g.reading = reading = meter().count(found.code, found.calls_a_minute)
    if not reading.admitted:
        raise Problem("too_many_calls", facts={"limit": reading.limit, "seconds": reading.seconds})
